/* SPDX-License-Identifier: MIT */
/*
 * Writes a model as an ONNX file: input, network, output, weights, metadata. See
 * onnx.h.
 *
 * The file is built in memory, except for the weights, which go from the device to the
 * disk piece by piece.
 */
#include "export/onnx.h"

#include "export/onnx_messages.h"
#include "model/weights.h"

/* Versions of format and operators: old enough for all runtimes still in use, and new
 * enough for Softmax and Cast to have today's meaning. */
enum { FORMAT_VERSION = 8, OPERATORS_VERSION = 13 };

const char *const ic_onnx_input_names[] = {
    [IC_ONNX_UINT8] = "uint8", [IC_ONNX_FLOAT] = "float", NULL};

/* --- before and after the network ------------------------------------------------- */

/* x = (rgb / 255 - mean) / std of NHWC bytes, as in picture.c of the backends. */
static void add_normalisation(struct ic_protobuf *out, const char *picture)
{
    ic_onnx_begin_node(out, "Transpose", "image.planes",
                       (const char *[]){"image", NULL});
    ic_onnx_add_ints(out, "perm", 4, (int[]){0, 3, 1, 2});
    ic_protobuf_end(out);
    ic_onnx_begin_node(out, "Cast", "image.float",
                       (const char *[]){"image.planes", NULL});
    ic_onnx_add_int(out, "to", IC_ONNX_TYPE_FLOAT);
    ic_protobuf_end(out);
    ic_onnx_add_node(out, "Div", "image.unit", "image.float", "image.white");
    ic_onnx_add_node(out, "Sub", "image.centred", "image.unit", "image.mean");
    ic_onnx_add_node(out, "Div", picture, "image.centred", "image.std");
}

static void add_normalisation_values(struct ic_protobuf *out,
                                     const struct ic_model *model)
{
    static const int64_t one[] = {1}, channels[] = {3, 1, 1};

    ic_onnx_add_floats(out, "image.white", 1, one, &(const float){255});
    ic_onnx_add_floats(out, "image.mean", 3, channels, model->mean);
    ic_onnx_add_floats(out, "image.std", 3, channels, model->std);
}

static void add_softmax(struct ic_protobuf *out)
{
    ic_onnx_begin_node(out, "Softmax", "probabilities",
                       (const char *[]){"logits", NULL});
    ic_onnx_add_int(out, "axis", 1);
    ic_protobuf_end(out);
}

/* --- the graph -------------------------------------------------------------------- */

static void add_weights(struct ic_protobuf *out, const struct ic_weights *weights)
{
    for (size_t i = 0; i < ic_weights_count(weights); i++) {
        const struct ic_array_source *array = ic_weights_at(weights, i);
        struct ic_source source;
        int64_t shape[4];

        if (array == NULL)
            continue; /* a num_batches_tracked, which inference does not read */
        source = ic_weights_source(array);
        ic_weights_file_shape(shape, array->array);
        ic_onnx_add_source(out, array->array->name, array->array->rank, shape, &source);
    }
}

static void add_values(struct ic_protobuf *out, const struct ic_model *model,
                       enum ic_onnx_input input)
{
    const int64_t size = model->size;
    const bool bytes = input == IC_ONNX_UINT8;

    if (bytes)
        ic_onnx_add_value(out, IC_ONNX_GRAPH_INPUT, "image", IC_ONNX_TYPE_UINT8, 4,
                          (int64_t[]){0, size, size, 3});
    else
        ic_onnx_add_value(out, IC_ONNX_GRAPH_INPUT, "image", IC_ONNX_TYPE_FLOAT, 4,
                          (int64_t[]){0, 3, size, size});
    ic_onnx_add_value(out, IC_ONNX_GRAPH_OUTPUT, bytes ? "probabilities" : "logits",
                      IC_ONNX_TYPE_FLOAT, 2, (int64_t[]){0, model->class_count});
}

static void add_graph(struct ic_protobuf *out, const struct ic_model *model,
                      const struct ic_graph *graph, const struct ic_weights *weights,
                      enum ic_onnx_input input)
{
    const bool bytes = input == IC_ONNX_UINT8;
    const char *picture = bytes ? "image.normalised" : "image";

    ic_protobuf_begin(out, IC_ONNX_MODEL_GRAPH);
    if (bytes)
        add_normalisation(out, picture);
    ic_onnx_add_nodes(out, graph, picture, "logits");
    if (bytes)
        add_softmax(out);
    ic_protobuf_text(out, IC_ONNX_GRAPH_NAME, model->arch);
    if (bytes)
        add_normalisation_values(out, model);
    add_weights(out, weights);
    add_values(out, model, input);
    ic_protobuf_end(out);
}

static void set_metadata(void *context, const char *key, const char *text)
{
    ic_onnx_add_metadata(context, key, text);
}

ic_status ic_onnx_save(const char *path, const struct ic_model *model,
                       struct ic_net *net, enum ic_onnx_input input,
                       struct ic_error *error)
{
    struct ic_protobuf *out = NULL;
    struct ic_weights *weights = NULL;
    ic_status status = ic_weights_collect(net, 0, &weights, error);

    if (status != IC_OK)
        return status;
    out = ic_protobuf_new();
    if (out != NULL) {
        ic_onnx_add_versions(out, FORMAT_VERSION, OPERATORS_VERSION);
        ic_protobuf_text(out, IC_ONNX_MODEL_PRODUCER, PACKAGE_NAME);
        ic_protobuf_text(out, IC_ONNX_MODEL_PRODUCER_VERSION, PACKAGE_VERSION);
        add_graph(out, model, ic_net_graph(net), weights, input);
        status = ic_model_describe(model, set_metadata, out, error);
        if (status == IC_OK)
            status = ic_protobuf_commit(out, path, error);
    } else
        status = ic_fail_memory(error, path, 0);
    ic_protobuf_free(out);
    ic_weights_free(weights);
    return status;
}
