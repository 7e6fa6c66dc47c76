/* SPDX-License-Identifier: MIT */
/*
 * The metadata of a dump: the model's description, as in model files, and how the batch
 * was computed. docs/check-an-engine.md lists the keys.
 */
#include <stdlib.h>

#include "cli/dump_file.h"
#include "model/weights.h"
#include "report/node_list.h"

static void set_number(struct ic_safetensors_writer *writer, const char *key,
                       double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.9g", value);
    ic_safetensors_set_metadata(writer, key, text);
}

static void describe_step(const struct ic_dump_step *step,
                          struct ic_safetensors_writer *writer)
{
    ic_safetensors_set_metadata(writer, "optimizer", step->optimizer);
    set_number(writer, "lr", step->lr);
    set_number(writer, "momentum", step->momentum);
    set_number(writer, "weight-decay", step->weight_decay);
    set_number(writer, "beta2", IC_ADAM_BETA2);
    set_number(writer, "optimizer-epsilon", IC_ADAM_EPSILON);
}

ic_status ic_dump_describe(const struct ic_dump *dump,
                           struct ic_safetensors_writer *writer, struct ic_error *error)
{
    char *nodes = ic_node_list_text(ic_net_graph(dump->one->engine.net));
    ic_status status;

    if (nodes == NULL)
        return ic_fail_memory(error, "the list of nodes", 0);
    status = ic_model_to_metadata(&dump->one->file.model, writer, error);
    ic_safetensors_set_metadata(writer, "program", "im2cat " PACKAGE_VERSION);
    ic_safetensors_set_metadata(writer, "mode", dump->training ? "train" : "eval");
    ic_safetensors_set_metadata(writer, "device", dump->compute->device);
    ic_safetensors_set_metadata(writer, "precision", dump->compute->precision);
    ic_safetensors_set_metadata(writer, "conv", dump->compute->conv);
    ic_safetensors_set_metadata(writer, "loss", "cross-entropy");
    set_number(writer, "seed", (double)dump->seed);
    set_number(writer, "label-smoothing", dump->label_smoothing);
    if (dump->step != NULL)
        describe_step(dump->step, writer);
    ic_safetensors_set_metadata(writer, "nodes", nodes);
    free(nodes);
    return status;
}
