/* SPDX-License-Identifier: MIT */
/*
 * Makes a run's model for MLflow. See run_model.h.
 */
#include "track/run_model.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "export/mlflow_model.h"
#include "model/engine.h"
#include "score/trained_model.h"

static ic_status make(const char *from, const char *to, struct ic_error *error)
{
    const struct ic_engine_options options = {
        .compute = ic_compute_default, .plan = {.batch = 1, .part = IC_PLAN_WEIGHTS}};
    const struct ic_model_source source = {.path = from};
    struct ic_trained_model file = {0};
    struct ic_engine engine = {0};
    struct stat about;
    ic_status status = IC_OK;

    if (stat(from, &about) != 0)
        status = ic_fail_errno(error, "cannot read %s", from);
    if (status == IC_OK)
        status = ic_trained_model_open(&file, &source, error);
    if (status == IC_OK)
        status = ic_engine_open(&engine, &file.model, &options, error);
    if (status == IC_OK)
        status = ic_trained_model_load(&file, engine.net, NULL, error);
    ic_trained_model_forget_weights(&file);
    if (status == IC_OK)
        status = ic_mlflow_model_save(to, &file.model, engine.net, IC_ONNX_UINT8,
                                      about.st_mtime, error);
    ic_engine_close(&engine);
    ic_trained_model_close(&file);
    return status;
}

ic_status ic_run_model_make(const char *folder, struct ic_error *error)
{
    char *from = ic_file_join(folder, "model.safetensors");
    char *to = ic_file_join(folder, IC_RUN_MODEL_FOLDER);
    ic_status status = IC_OK;

    if (from == NULL || to == NULL)
        status = ic_fail_memory(error, "a path", 0);
    else if (!ic_file_exists(to))
        status = make(from, to, error);
    free(from);
    free(to);
    return status;
}
