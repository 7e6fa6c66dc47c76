/* SPDX-License-Identifier: MIT */
/*
 * Makes the model of a finished run in MLflow's layout, in the run's folder.
 */
#ifndef IC_TRACK_RUN_MODEL_H
#define IC_TRACK_RUN_MODEL_H

#include "base/error.h"

/* The subfolder of the run folder that gets the model. */
#define IC_RUN_MODEL_FOLDER "mlflow-model"

/* Makes the model from model.safetensors, as `im2cat convert --mlflow-model` does,
 * unless its folder exists. */
ic_status ic_run_model_make(const char *folder, struct ic_error *error);

#endif
