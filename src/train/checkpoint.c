/* SPDX-License-Identifier: MIT */
/*
 * Writes and reads checkpoints. See checkpoint.h.
 */
#include "train/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/safetensors.h"
#include "model/weights.h"
#include "train/job.h"
#include "train/numeric.h"

#define CHECKPOINT_VERSION "3"

/* Each set's tensors have names with this prefix. */
static const char *const set_prefix[IC_NET_SETS] = {
    [IC_NET_WEIGHTS] = "model.",
    [IC_NET_AVERAGE] = "average.",
};

static int set_count(const struct ic_net *net)
{
    return ic_net_plan(net)->options.average ? IC_NET_SETS : 1;
}

/* --- the optimiser's state ----------------------------------------------------- */

/* "optimizer.mean.conv1.weight" */
static void slot_name(char *text, size_t size, enum ic_optimizer_kind kind, int slot,
                      const struct ic_array *array)
{
    snprintf(text, size, "optimizer.%s.%s", ic_optimizer_slot_name(kind, slot),
             array->name);
}

/* Adds all slots to the writer; `sources` has one element for each array of each slot.
 */
static void add_slots(const struct ic_checkpoint *checkpoint,
                      struct ic_safetensors_writer *writer,
                      struct ic_array_source *sources)
{
    struct ic_net *net = checkpoint->net;
    const struct ic_graph *graph = ic_net_graph(net);

    for (int slot = 0; slot < ic_optimizer_slots(checkpoint->kind); slot++)
        for (int i = 0; i < graph->param_count; i++, sources++) {
            const struct ic_array *array = &graph->params[i];
            char name[200];

            *sources = (struct ic_array_source){
                net, ic_net_slot(net, slot) + array->offset, array};
            slot_name(name, sizeof name, checkpoint->kind, slot, array);
            ic_weights_add_array(writer, name, sources);
        }
}

/* Loads one array of one slot; `values` and `staging` have room for the largest array.
 */
static ic_status load_slot_array(const struct ic_checkpoint *checkpoint,
                                 const struct ic_safetensors *file, const char *path,
                                 int slot, const struct ic_array *array, float *values,
                                 float *staging, struct ic_error *error)
{
    struct ic_net *net = checkpoint->net;
    const struct ic_tensor *tensor;
    char name[200];

    slot_name(name, sizeof name, checkpoint->kind, slot, array);
    tensor = ic_safetensors_find(file, name);
    if (tensor == NULL)
        return ic_fail(error, IC_ERR_FORMAT, "%s has no tensor %s", path, name);
    if (tensor->dtype != IC_F32 || tensor->count != array->count)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s holds %zu numbers of type %s as %s, expected %zu of F32",
                       path, tensor->count, ic_dtype_name(tensor->dtype), name,
                       array->count);
    ic_tensor_to_float(values, tensor);
    for (size_t i = 0; i < array->count; i++)
        if (!isfinite(values[i]))
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s holds numbers that are not finite as %s", path, name);
    ic_weights_from_file_layout(staging, values, array);
    ic_net_backend(net)->upload(ic_net_device(net),
                                ic_net_slot(net, slot) + array->offset, staging,
                                array->count * sizeof *staging);
    return IC_OK;
}

static ic_status load_slots(const struct ic_checkpoint *checkpoint,
                            const struct ic_safetensors *file, const char *path,
                            struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(checkpoint->net);
    const size_t largest = ic_net_plan(checkpoint->net)->largest_bytes;
    float *values = malloc(largest);
    float *staging = malloc(largest);
    ic_status status = IC_OK;

    if (values == NULL || staging == NULL)
        status = ic_fail_memory(error, "the optimiser's state", 2 * largest);
    for (int slot = 0; slot < ic_optimizer_slots(checkpoint->kind); slot++)
        for (int i = 0; i < graph->param_count && status == IC_OK; i++)
            status = load_slot_array(checkpoint, file, path, slot, &graph->params[i],
                                     values, staging, error);
    free(values);
    free(staging);
    return status;
}

/* --- the sets of weights ---------------------------------------------------------- */

/* Collects the arrays of each set of the net. Numbers that are not finite are refused.
 * The caller frees `weights` also after a failure. */
static ic_status collect_sets(const struct ic_checkpoint *checkpoint,
                              struct ic_weights *weights[IC_NET_SETS],
                              struct ic_error *error)
{
    struct ic_net *net = checkpoint->net;
    ic_status status = IC_OK;

    for (int set = 0; set < set_count(net) && status == IC_OK; set++) {
        ic_net_select(net, (enum ic_net_set)set);
        status = ic_numeric_check_weights(net, error);
        if (status == IC_OK)
            status = ic_weights_collect(net, checkpoint->position->step, &weights[set],
                                        error);
    }
    ic_net_select(net, IC_NET_WEIGHTS);
    return status;
}

static ic_status load_sets(struct ic_net *net, const struct ic_safetensors *file,
                           const char *path, struct ic_error *error)
{
    int64_t batches_tracked;
    ic_status status = IC_OK;

    for (int set = 0; set < set_count(net) && status == IC_OK; set++) {
        ic_net_select(net, (enum ic_net_set)set);
        status = ic_weights_load(net, ic_safetensors_tensors(file), set_prefix[set],
                                 path, &batches_tracked, error);
    }
    ic_net_select(net, IC_NET_WEIGHTS);
    return status;
}

/* --- the whole file ------------------------------------------------------------ */

ic_status ic_checkpoint_save(const struct ic_checkpoint *checkpoint, const char *path,
                             struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(checkpoint->net);
    const size_t slot_arrays =
        (size_t)ic_optimizer_slots(checkpoint->kind) * (size_t)graph->param_count;
    struct ic_safetensors_writer *writer = NULL;
    struct ic_weights *weights[IC_NET_SETS] = {NULL};
    struct ic_array_source *sources = NULL;
    ic_status status = collect_sets(checkpoint, weights, error);

    if (status != IC_OK)
        goto out;
    writer = ic_safetensors_writer_new();
    sources = calloc(slot_arrays + 1, sizeof *sources);
    if (writer == NULL || sources == NULL) {
        status =
            ic_fail_memory(error, "a checkpoint", (slot_arrays + 1) * sizeof *sources);
        goto out;
    }
    ic_safetensors_set_metadata(writer, "checkpoint.version", CHECKPOINT_VERSION);
    ic_safetensors_set_metadata(writer, "checkpoint.job", checkpoint->job);
    ic_safetensors_set_metadata(writer, "checkpoint.data", checkpoint->data);
    ic_run_position_put(checkpoint->position, writer);
    for (int set = 0; set < set_count(checkpoint->net); set++)
        ic_weights_add(weights[set], writer, set_prefix[set]);
    add_slots(checkpoint, writer, sources);
    status = ic_safetensors_commit_with_checksums(writer, path, error);
out:
    ic_safetensors_writer_free(writer);
    for (int set = 0; set < IC_NET_SETS; set++)
        ic_weights_free(weights[set]);
    free(sources);
    return status;
}

/* Refuses data whose fingerprint differs. Each begins with the number of pictures. */
static ic_status refuse_data(const char *old_data, const char *new_data,
                             const char *path, struct ic_error *error)
{
    const unsigned long long before = strtoull(old_data, NULL, 10);
    const unsigned long long now = strtoull(new_data, NULL, 10);
    char counts[80] = "its pictures, labels or split are different";

    if (before != now)
        snprintf(counts, sizeof counts, "%llu pictures then, %llu now", before, now);
    return ic_fail(error, IC_ERR_USAGE,
                   "the data set changed since %s was written (%s): restore it, or use "
                   "another --out for a new run",
                   path, counts);
}

/* Whether the file is an undamaged checkpoint of this job on this data. */
static ic_status compare_run(const struct ic_checkpoint *checkpoint,
                             const struct ic_safetensors *file, const char *path,
                             struct ic_error *error)
{
    const char *version = ic_safetensors_metadata(file, "checkpoint.version");
    const char *job = ic_safetensors_metadata(file, "checkpoint.job");
    const char *data = ic_safetensors_metadata(file, "checkpoint.data");
    ic_status status;

    if (version == NULL || job == NULL || data == NULL)
        return ic_fail(error, IC_ERR_FORMAT, "%s is not a checkpoint of im2cat", path);
    if (strcmp(version, CHECKPOINT_VERSION) != 0)
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s is a checkpoint of version %.40s, expected " CHECKPOINT_VERSION, path,
            version);
    status = ic_safetensors_verify(file, path, error);
    if (status == IC_OK)
        status = ic_job_compare(job, checkpoint->job, path, error);
    if (status == IC_OK && strcmp(data, checkpoint->data) != 0)
        status = refuse_data(data, checkpoint->data, path, error);
    return status;
}

ic_status ic_checkpoint_load(const struct ic_checkpoint *checkpoint, const char *path,
                             struct ic_error *error)
{
    struct ic_safetensors *file = NULL;
    struct ic_run_position position = {0};
    ic_status status = ic_safetensors_open(path, &file, error);

    if (status == IC_OK)
        status = compare_run(checkpoint, file, path, error);
    if (status == IC_OK)
        status = ic_run_position_get(&position, file, path, error);
    if (status == IC_OK)
        status = load_sets(checkpoint->net, file, path, error);
    if (status == IC_OK)
        status = load_slots(checkpoint, file, path, error);
    if (status == IC_OK)
        *checkpoint->position = position;
    ic_safetensors_close(file);
    return status;
}
