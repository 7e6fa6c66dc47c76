/* SPDX-License-Identifier: MIT */
/*
 * Writes MLflow models: folders that mlflow loads and serves without im2cat.
 *
 *   MLmodel            its flavours, onnx and python_function, and its signature
 *   model.onnx         see onnx.h
 *   requirements.txt, python_env.yaml, conda.yaml
 *                      the packages that Python needs to serve it
 *
 * Source: https://mlflow.org/docs/latest/ml/model (the format) and mlflow.onnx, which
 * loads it.
 */
#ifndef IC_EXPORT_MLFLOW_MODEL_H
#define IC_EXPORT_MLFLOW_MODEL_H

#include "export/onnx.h"

/* Makes the folder `path`, as a whole or not at all; refuses an existing folder that is
 * not empty. The same weights give the same bytes: the model's number (model_uuid)
 * follows from model.onnx. `created` is the model's time, in seconds since 1970; the
 * other arguments are ic_onnx_save's. */
ic_status ic_mlflow_model_save(const char *path, const struct ic_model *model,
                               struct ic_net *net, enum ic_onnx_input input,
                               int64_t created, struct ic_error *error);

#endif
