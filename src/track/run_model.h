/* SPDX-License-Identifier: MIT */
/*
 * The model of a finished run in MLflow's layout, in the run's folder.
 */
#ifndef IC_TRACK_RUN_MODEL_H
#define IC_TRACK_RUN_MODEL_H

#include "base/error.h"

/* The folder of the run folder that gets it. */
#define IC_RUN_MODEL_FOLDER "mlflow-model"

/* Makes it of model.safetensors, as `im2cat convert --mlflow-model` does, unless the
 * folder is there. */
ic_status ic_run_model_make(const char *folder, struct ic_error *error);

#endif
