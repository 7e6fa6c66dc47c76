/* SPDX-License-Identifier: MIT */
/*
 * Writes a batch and its network's arrays to a file. See dump_file.h.
 */
#include "cli/dump_file.h"

#include <string.h>

#include "backend/bf16.h"
#include "model/weights.h"

/* The file, and the memory of its contents. */
struct file {
    const struct ic_dump *dump;
    struct ic_net *net;
    const struct ic_graph *graph;
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
static ic_status add(struct file *file, const char *name, const void *data,
                     enum ic_type type, const struct ic_array *array,
                     struct ic_error *error)
{
    const size_t bytes = array->count * sizeof(float);
    float *memory = ic_arena_alloc(&file->arena, array->count, sizeof(float));
    float *turned = ic_arena_alloc(&file->arena, array->count, sizeof(float));
    int64_t shape[4];

    if (memory == NULL || turned == NULL || name == NULL)
        return ic_fail_memory(error, "an array of the network", bytes);
    ic_net_backend(file->net)->download(ic_net_device(file->net), memory, data,
                                        array->count * ic_type_bytes(type));
    widen(memory, array->count, type);
    ic_weights_to_file_layout(turned, memory, array);
    ic_weights_file_shape(shape, array);
    ic_safetensors_add(file->writer, name, IC_F32, array->rank, shape, turned);
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

/* Adds node number i: its output, or the gradient with respect to it, where there is
 * one. */
static ic_status add_node(struct file *file, int i, bool gradient,
                          struct ic_error *error)
{
    const struct ic_node *node = &file->graph->nodes[i];
    const struct ic_array array = batch_of(node->out, file->count);
    const void *data =
        gradient ? ic_net_output_gradient(file->net, i) : ic_net_output(file->net, i);

    if (data == NULL)
        return IC_OK;
    return add(file,
               i == 0
                   ? "input"
                   : ic_arena_format(&file->arena, "%s.%s",
                                     gradient ? "gradient" : "activation", node->name),
               data, node->type, &array, error);
}

/* Adds the arrays of a block of the network, each as its name between the two words. */
static ic_status add_block(struct file *file, const char *before, const char *after,
                           const float *block, bool states, struct ic_error *error)
{
    const struct ic_graph *graph = file->graph;
    const struct ic_array *arrays = states ? graph->states : graph->params;
    const int count = states ? graph->state_count : graph->param_count;
    ic_status status = IC_OK;

    for (int i = 0; i < count && status == IC_OK; i++)
        status =
            add(file,
                ic_arena_format(&file->arena, "%s%s%s", before, arrays[i].name, after),
                block + arrays[i].offset, IC_TYPE_FP32, &arrays[i], error);
    return status;
}

/* Adds the picture as bytes, NCHW. */
static ic_status add_pixels(struct file *file, struct ic_error *error)
{
    const int64_t side = file->dump->one->file.model.size;
    const int64_t shape[4] = {file->count, 3, side, side}, area = side * side;
    const uint8_t *rgb = file->dump->one->rgb;
    uint8_t *planes =
        ic_arena_alloc(&file->arena, (size_t)(file->count * area), 3 * sizeof *planes);

    if (planes == NULL)
        return ic_fail_memory(error, "the pictures", (size_t)(file->count * area * 3));
    for (int64_t n = 0; n < file->count; n++)
        for (int64_t c = 0; c < 3; c++)
            for (int64_t i = 0; i < area; i++)
                planes[(n * 3 + c) * area + i] = rgb[(n * area + i) * 3 + c];
    ic_safetensors_add(file->writer, "pixels", IC_U8, 4, shape, planes);
    return IC_OK;
}

/* Adds the batch and the network as the batch finds it. */
static ic_status add_start(struct file *file, struct ic_error *error)
{
    const int64_t shape[1] = {file->count};
    ic_status status = add_pixels(file, error);

    if (status == IC_OK)
        status = add_node(file, 0, false, error);
    ic_safetensors_add(file->writer, "labels", IC_I32, 1, shape,
                       file->dump->one->labels);
    if (status == IC_OK)
        status = add_block(file, "", "", ic_net_params(file->net), false, error);
    if (status == IC_OK)
        status = add_block(file, "", "", ic_net_states(file->net), true, error);
    return status;
}

/* Goes forward, and adds all that this computes. */
static ic_status add_forward(struct file *file, struct ic_error *error)
{
    const struct ic_graph *graph = file->graph;
    const int64_t shape[2] = {file->count, graph->nodes[graph->count - 1].out.channels};
    float *losses = ic_arena_alloc(&file->arena, (size_t)shape[0] + 1, sizeof *losses);
    float *logits =
        ic_arena_alloc(&file->arena, (size_t)(shape[0] * shape[1]), sizeof *logits);
    double sum = 0;
    ic_status status = IC_OK;

    if (losses == NULL || logits == NULL)
        return ic_fail_memory(error, "the logits", (size_t)shape[0] * sizeof *losses);
    ic_net_forward(file->net, file->dump->training);
    ic_net_loss(file->net, file->dump->one->labels, (float)file->dump->label_smoothing,
                file->dump->training, losses);
    ic_net_logits(file->net, logits);
    for (int i = 1; i < graph->count && status == IC_OK; i++)
        status = add_node(file, i, false, error);
    for (int i = 0; i < file->count; i++)
        sum += losses[i];
    losses[file->count] = (float)(sum / file->count);
    ic_safetensors_add(file->writer, "logits", IC_F32, 2, shape, logits);
    ic_safetensors_add(file->writer, "losses", IC_F32, 1, shape, losses);
    ic_safetensors_add(file->writer, "loss", IC_F32, 0, NULL, losses + file->count);
    if (status == IC_OK && file->dump->training)
        status = add_block(file, "updated.", "", ic_net_states(file->net), true, error);
    return status;
}

/* Goes backward, and adds all that this computes. */
static ic_status add_backward(struct file *file, struct ic_error *error)
{
    ic_status status = IC_OK;

    ic_net_backward(file->net);
    for (int i = file->graph->count - 1; i > 0 && status == IC_OK; i--)
        status = add_node(file, i, true, error);
    if (status == IC_OK)
        status = add_block(file, "", ".grad", ic_net_grads(file->net), false, error);
    return status;
}

/* Takes a step with the gradients, and adds what it leaves. */
static ic_status add_step(struct file *file, const struct ic_dump_step *step,
                          struct ic_error *error)
{
    const struct ic_freeze nothing = {0};
    struct ic_rates rates = {.momentum = step->momentum};
    struct ic_optimizer optimizer = {0};
    enum ic_optimizer_kind kind;
    ic_status status = ic_optimizer_find(step->optimizer, &kind, error);

    for (int group = 0; group < IC_GROUPS; group++)
        rates.lr[group] = step->lr;
    if (status == IC_OK)
        status = ic_optimizer_open(&optimizer, file->graph, kind, step->weight_decay,
                                   nothing, error);
    if (status != IC_OK)
        return status;
    ic_optimizer_step(&optimizer, file->net, &rates, 1);
    ic_optimizer_close(&optimizer);
    for (int slot = 0; slot < ic_optimizer_slots(kind) && status == IC_OK; slot++) {
        const char *before = ic_arena_format(&file->arena, "optimizer.%s.",
                                             ic_optimizer_slot_name(kind, slot));
        status = before == NULL ? ic_fail_memory(error, "the optimiser's state", 0)
                                : add_block(file, before, "",
                                            ic_net_slot(file->net, slot), false, error);
    }
    if (status == IC_OK)
        status =
            add_block(file, "updated.", "", ic_net_params(file->net), false, error);
    return status;
}

ic_status ic_dump_write(const char *path, const struct ic_dump *dump,
                        struct ic_error *error)
{
    struct ic_net *net = dump->one->engine.net;
    struct file file = {.dump = dump,
                        .net = net,
                        .graph = ic_net_graph(net),
                        .count = dump->one->count,
                        .writer = ic_safetensors_writer_new()};
    ic_status status;

    if (file.writer == NULL)
        return ic_fail_memory(error, path, 0);
    status = ic_dump_describe(dump, file.writer, error);
    if (status == IC_OK)
        status = add_start(&file, error);
    if (status == IC_OK)
        status = add_forward(&file, error);
    if (status == IC_OK && dump->training)
        status = add_backward(&file, error);
    if (status == IC_OK && dump->step != NULL)
        status = add_step(&file, dump->step, error);
    if (status == IC_OK)
        status = ic_net_backend(net)->sync(ic_net_device(net), error);
    if (status == IC_OK)
        status = ic_safetensors_commit(file.writer, path, error);
    ic_safetensors_writer_free(file.writer);
    ic_arena_free(&file.arena);
    return status;
}
