/* SPDX-License-Identifier: MIT */
/*
 * Writes a batch and its network's arrays to a file. See dump_file.h.
 */
#include "cli/dump_file.h"

#include <string.h>

#include "backend/bf16.h"
#include "model/weights.h"

/* The file, and the memory of its contents. */
struct dump {
    struct ic_net *net;
    int count; /* pictures */
    struct ic_safetensors_writer *writer;
    struct ic_arena arena; /* owns the arrays until the file is written */
};

/* Widens an array of `count` elements to fp32 in place. It starts at the end, since an
 * element of the result lies no earlier than its source. */
static void widen(float *array, size_t count, enum ic_type type)
{
    if (type == IC_TYPE_FP32)
        return;
    while (count-- > 0) {
        const float value = ic_load(array, count, type);

        memcpy(&array[count], &value, sizeof value);
    }
}

/* Adds a device array of `type` as fp32, turned from NHWC or OHWI to the file's order.
 */
static ic_status add(struct dump *dump, const char *name, const void *data,
                     enum ic_type type, const struct ic_array *array,
                     struct ic_error *error)
{
    const size_t bytes = array->count * sizeof(float);
    float *memory = ic_arena_alloc(&dump->arena, array->count, sizeof(float));
    float *file = ic_arena_alloc(&dump->arena, array->count, sizeof(float));
    int64_t shape[4];

    if (memory == NULL || file == NULL || name == NULL)
        return ic_fail_memory(error, "an array of the network", bytes);
    ic_net_backend(dump->net)->download(ic_net_device(dump->net), memory, data,
                                        array->count * ic_type_bytes(type));
    widen(memory, array->count, type);
    ic_weights_to_file_layout(file, memory, array);
    ic_weights_file_shape(shape, array);
    ic_safetensors_add(dump->writer, name, IC_F32, array->rank, shape, file);
    return IC_OK;
}

/* Describes the output of a node for the whole batch as an array. */
static struct ic_array batch_of(struct ic_shape shape, int count)
{
    const bool pixel = shape.height == 1 && shape.width == 1;

    return (struct ic_array){
        .rank = pixel ? 2 : 4,
        .dims = {count, pixel ? shape.channels : shape.height, shape.width,
                 shape.channels},
        .count = (size_t)count * (size_t)shape.height * (size_t)shape.width *
                 (size_t)shape.channels,
    };
}

static ic_status add_nodes(struct dump *dump, struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(dump->net);
    ic_status status = IC_OK;

    for (int i = 0; i < graph->count && status == IC_OK; i++) {
        const struct ic_array array = batch_of(graph->nodes[i].out, dump->count);
        const char *name = i == 0 ? "input"
                                  : ic_arena_format(&dump->arena, "activation.%s",
                                                    graph->nodes[i].name);
        status = add(dump, name, ic_net_output(dump->net, i), graph->nodes[i].type,
                     &array, error);
    }
    for (int i = graph->count - 1; i > 0 && status == IC_OK; i--) {
        const struct ic_array array = batch_of(graph->nodes[i].out, dump->count);
        const void *gradient = ic_net_output_gradient(dump->net, i);
        if (gradient != NULL)
            status =
                add(dump,
                    ic_arena_format(&dump->arena, "gradient.%s", graph->nodes[i].name),
                    gradient, graph->nodes[i].type, &array, error);
    }
    return status;
}

static ic_status add_arrays(struct dump *dump, bool training, struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(dump->net);
    ic_status status = IC_OK;

    for (int i = 0; i < graph->state_count && status == IC_OK; i++) {
        const struct ic_array *array = &graph->states[i];
        status = add(dump, array->name, ic_net_states(dump->net) + array->offset,
                     IC_TYPE_FP32, array, error);
    }
    for (int i = 0; i < graph->param_count && status == IC_OK && training; i++) {
        const struct ic_array *array = &graph->params[i];
        status =
            add(dump, ic_arena_format(&dump->arena, "%s.grad", array->name),
                ic_net_grads(dump->net) + array->offset, IC_TYPE_FP32, array, error);
    }
    return status;
}

/* Adds the loss, and the backward pass. */
static ic_status add_loss(struct dump *dump, const int32_t *labels, bool training,
                          struct ic_error *error)
{
    const struct ic_graph *graph = ic_net_graph(dump->net);
    const int64_t shape[2] = {dump->count, graph->nodes[graph->count - 1].out.channels};
    float *losses = ic_arena_alloc(&dump->arena, (size_t)shape[0], sizeof *losses);
    float *logits =
        ic_arena_alloc(&dump->arena, (size_t)(shape[0] * shape[1]), sizeof *logits);

    if (losses == NULL || logits == NULL)
        return ic_fail_memory(error, "the logits", (size_t)shape[0] * sizeof *losses);
    ic_net_loss(dump->net, labels, 0, training, losses);
    ic_net_logits(dump->net, logits);
    if (training)
        ic_net_backward(dump->net);
    ic_safetensors_add(dump->writer, "labels", IC_I32, 1, shape, labels);
    ic_safetensors_add(dump->writer, "losses", IC_F32, 1, shape, losses);
    ic_safetensors_add(dump->writer, "logits", IC_F32, 2, shape, logits);
    return ic_net_backend(dump->net)->sync(ic_net_device(dump->net), error);
}

ic_status ic_dump_write(const char *path, struct ic_net *net, const int32_t *labels,
                        int count, bool training, struct ic_error *error)
{
    struct dump dump = {
        .net = net, .count = count, .writer = ic_safetensors_writer_new()};
    ic_status status;

    if (dump.writer == NULL)
        return ic_fail_memory(error, path, 0);
    status = add_loss(&dump, labels, training, error);
    if (status == IC_OK)
        status = add_nodes(&dump, error);
    if (status == IC_OK)
        status = add_arrays(&dump, training, error);
    if (status == IC_OK)
        status = ic_safetensors_commit(dump.writer, path, error);
    ic_safetensors_writer_free(dump.writer);
    ic_arena_free(&dump.arena);
    return status;
}
