/* SPDX-License-Identifier: MIT */
/*
 * Writes model files. See model_file.h.
 */
#include "train/model_file.h"

#include "format/safetensors.h"
#include "model/weights.h"
#include "train/numeric.h"

ic_status ic_model_file_save(const char *path, const struct ic_model *model,
                             struct ic_net *net, int64_t steps, struct ic_error *error)
{
    struct ic_safetensors_writer *writer = NULL;
    struct ic_weights *weights = NULL;
    ic_status status = ic_numeric_check_weights(net, error);

    if (status == IC_OK)
        status = ic_weights_collect(net, steps, &weights, error);
    if (status != IC_OK)
        return status;
    writer = ic_safetensors_writer_new();
    if (writer != NULL) {
        ic_weights_add(weights, writer, "");
        status = ic_model_to_metadata(model, writer, error);
        if (status == IC_OK)
            status = ic_safetensors_commit(writer, path, error);
    } else
        status = ic_fail_memory(error, "a model file", 0);
    ic_safetensors_writer_free(writer);
    ic_weights_free(weights);
    return status;
}
