/* SPDX-License-Identifier: MIT */
/*
 * ONNX files, read by the wire format alone. Every weight has the same bytes as under
 * the same name in a model file, every node reads only earlier results, and inputs,
 * outputs and metadata describe the model. tests/onnx.sh checks what runtimes compute
 * from such a file.
 */
#include <signal.h>
#include <sys/resource.h>

#include "check.h"
#include "export/onnx.h"
#include "folder.h"
#include "format/safetensors.h"
#include "model/engine.h"
#include "protobuf_reader.h"
#include "train/model_file.h"

static char *folder, *onnx_path, *model_path;
static struct ic_error error;

/* Field numbers of onnx/onnx.proto. */
enum {
    MODEL_GRAPH = 7,
    GRAPH_NODE = 1,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12
};

/* --- a file in memory ------------------------------------------------------------- */

struct file {
    uint8_t *bytes;
    struct message model, graph;
};

static struct file read_file(const char *path)
{
    struct file file = {0};
    size_t size = 0;

    CHECK_OK(ic_file_read(path, (size_t)1 << 30, &file.bytes, &size, &error));
    file.model = (struct message){file.bytes, file.bytes + size};
    file.graph = message_find(file.model, MODEL_GRAPH).content;
    return file;
}

/* --- a network of distinct numbers ------------------------------------------------ */

static void fill(const struct ic_engine *engine, float *block, size_t count, float sign)
{
    float *values = check_alloc(count, sizeof *values);

    for (size_t i = 0; i < count; i++)
        values[i] = sign * (float)(i + 1);
    engine->backend->upload(engine->device, block, values, count * sizeof *values);
    CHECK_OK(engine->backend->sync(engine->device, &error));
    free(values);
}

static void open_engine(struct ic_engine *engine, const struct ic_model *model)
{
    const struct ic_engine_options options = {
        .compute = ic_compute_default, .plan = {.batch = 1, .part = IC_PLAN_WEIGHTS}};

    CHECK_OK(ic_engine_open(engine, model, &options, &error));
    if (check_failures)
        exit(1);
    fill(engine, ic_net_params(engine->net), engine->graph.param_floats, 1);
    fill(engine, ic_net_states(engine->net), engine->graph.state_floats, -1);
}

/* --- weights ---------------------------------------------------------------------- */

/* The next initializer that does not belong to the normalisation of bytes. */
static bool next_weight(struct message *graph, struct message *tensor)
{
    struct field field;

    while (message_next(graph, &field))
        if (field.number == GRAPH_INITIALIZER &&
            memcmp(message_find(field.content, 8).content.at, "image.", 6) != 0) {
            *tensor = field.content;
            return true;
        }
    return false;
}

static void check_weight(struct message tensor, const struct ic_tensor *expected)
{
    const struct message raw = message_find(tensor, 9).content;
    struct field field;
    int rank = 0;

    CHECK(message_is(message_find(tensor, 8).content, expected->name));
    CHECK_INT(message_find(tensor, 2).number_value, 1); /* FLOAT */
    while (message_next(&tensor, &field))
        if (field.number == 1) {
            CHECK(rank < expected->rank &&
                  (int64_t)field.number_value == expected->shape[rank]);
            rank++;
        }
    CHECK_INT(rank, expected->rank);
    CHECK_INT(message_size(raw), expected->size);
    if (message_size(raw) != expected->size ||
        memcmp(raw.at, expected->data, expected->size) != 0)
        CHECK_FAIL("%s has other values", expected->name);
}

/* A file's header lists tensors in the order of the state dict. All are float and in
 * that order except num_batches_tracked, whose data comes first. */
static void check_weights(const struct file *file)
{
    struct ic_safetensors *own = NULL;
    struct message graph = file->graph, tensor;

    CHECK_OK(ic_safetensors_open(model_path, &own, &error));
    for (size_t i = 0; own != NULL && i < ic_safetensors_count(own); i++) {
        const struct ic_tensor *expected = ic_safetensors_at(own, i);

        if (expected->dtype != IC_F32)
            continue;
        if (!next_weight(&graph, &tensor)) {
            CHECK_FAIL("%s is missing", expected->name);
            break;
        }
        check_weight(tensor, expected);
    }
    CHECK(!next_weight(&graph, &tensor));
    ic_safetensors_close(own);
}

/* --- nodes ------------------------------------------------------------------------ */

/* Names that a node may read. */
struct names {
    struct message list[2000];
    int count;
};

static bool has(const struct names *names, struct message name)
{
    for (int i = 0; i < names->count; i++)
        if (message_size(names->list[i]) == message_size(name) &&
            memcmp(names->list[i].at, name.at, message_size(name)) == 0)
            return true;
    return false;
}

static void add(struct names *names, struct message name)
{
    char text[256];

    if (has(names, name) || message_size(name) == 0 || names->count == 2000)
        CHECK_FAIL("\"%s\" is there twice, or too much", message_text(name, text));
    else
        names->list[names->count++] = name;
}

static void check_node(struct message node, struct names *names)
{
    struct field field;
    char text[256];

    while (message_next(&node, &field))
        if (field.number == 1 && !has(names, field.content))
            CHECK_FAIL("a node reads \"%s\", which is not there",
                       message_text(field.content, text));
        else if (field.number == 2)
            add(names, field.content);
}

/* No weight is there in vain. */
static void check_reads(const struct file *file)
{
    struct names *read = check_alloc(1, sizeof *read);
    struct message graph = file->graph, node;
    struct field field, part;
    char text[256];

    while (message_next(&graph, &field))
        if (field.number == GRAPH_NODE)
            for (node = field.content; message_next(&node, &part);)
                if (part.number == 1 && !has(read, part.content))
                    add(read, part.content);
    graph = file->graph;
    while (message_next(&graph, &field))
        if (field.number == GRAPH_INITIALIZER &&
            !has(read, message_find(field.content, 8).content))
            CHECK_FAIL("no node reads \"%s\"",
                       message_text(message_find(field.content, 8).content, text));
    free(read);
}

/* Walks the graph as a runtime does. */
static void check_order(const struct file *file)
{
    struct names *names = check_alloc(1, sizeof *names);
    struct message graph = file->graph;
    struct field field;
    char text[256];

    while (message_next(&graph, &field)) /* the names available at first */
        if (field.number == GRAPH_INITIALIZER)
            add(names, message_find(field.content, 8).content);
        else if (field.number == GRAPH_INPUT)
            add(names, message_find(field.content, 1).content);
    graph = file->graph;
    while (message_next(&graph, &field))
        if (field.number == GRAPH_NODE)
            check_node(field.content, names);
    graph = file->graph;
    while (message_next(&graph, &field))
        if (field.number == GRAPH_OUTPUT &&
            !has(names, message_find(field.content, 1).content))
            CHECK_FAIL("nobody gives \"%s\"",
                       message_text(message_find(field.content, 1).content, text));
    free(names);
}

static int count_nodes(const struct file *file, const char *operation)
{
    struct message graph = file->graph;
    struct field field;
    int count = 0;

    while (message_next(&graph, &field))
        count += field.number == GRAPH_NODE &&
                 message_is(message_find(field.content, 4).content, operation);
    return count;
}

struct expectation {
    const char *operation;
    int count;
};

static void check_counts(const struct file *file, const struct expectation *list)
{
    for (; list->operation != NULL; list++)
        if (count_nodes(file, list->operation) != list->count)
            CHECK_FAIL("%d nodes %s, expected %d", count_nodes(file, list->operation),
                       list->operation, list->count);
}

/* --- input, output, metadata ------------------------------------------------------ */

/* ValueInfoProto: "image uint8 N 32 32 3", in `out`. */
static const char *value_text(struct message value, char out[256])
{
    const struct message type = message_find(message_find(value, 2).content, 1).content;
    struct message shape = message_find(type, 2).content;
    struct field dim;
    char name[256], text[256];
    size_t used = (size_t)snprintf(out, 256, "%.40s %s",
                                   message_text(message_find(value, 1).content, name),
                                   message_find(type, 1).number_value == 2   ? "uint8"
                                   : message_find(type, 1).number_value == 1 ? "float"
                                                                             : "?");

    while (message_next(&shape, &dim)) {
        const struct field size = message_find(dim.content, 1);

        if (size.type == 0)
            snprintf(text, sizeof text, "%d", (int)size.number_value);
        else
            message_text(message_find(dim.content, 2).content, text);
        used += (size_t)snprintf(out + used, 256 - used, " %.20s", text);
    }
    return out;
}

static void check_value(const struct file *file, int number, const char *expected)
{
    char text[256];

    CHECK_STRING(value_text(message_find(file->graph, number).content, text), expected);
}

static void check_metadata(const struct file *file, const char *key, const char *text)
{
    struct message model = file->model;
    struct field field;

    while (message_next(&model, &field))
        if (field.number == 14 &&
            message_is(message_find(field.content, 1).content, key)) {
            if (!message_is(message_find(field.content, 2).content, text))
                CHECK_FAIL("the metadata's %s is not %s", key, text);
            return;
        }
    CHECK_FAIL("the metadata has no %s", key);
}

static void check_head_of_file(const struct file *file)
{
    const struct message operators = message_find(file->model, 8).content;

    CHECK_INT(message_find(file->model, 1).number_value, 8);
    CHECK_INT(message_find(operators, 2).number_value, 13);
    CHECK_INT(message_find(operators, 1).type, -1);
    CHECK(message_is(message_find(file->model, 2).content, "im2cat"));
    CHECK(message_is(message_find(file->model, 3).content, PACKAGE_VERSION));
}

/* --- all of a file ---------------------------------------------------------------- */

static void save(const struct ic_engine *engine, const struct ic_model *model,
                 enum ic_onnx_input input, struct file *file)
{
    CHECK_OK(ic_onnx_save(onnx_path, model, engine->net, input, &error));
    *file = read_file(onnx_path);
    check_head_of_file(file);
    check_weights(file);
    check_order(file);
    check_reads(file);
}

static void test_plain(void)
{
    static const char *const classes[] = {"cat", "dog \"q\"", "z\xc3\xbc"};
    struct ic_model model;
    struct ic_engine engine;
    struct file file, again;

    CHECK_OK(ic_model_init(&model, "resnet18", "plain", classes, 3, "folder", 64,
                           IC_FIT_SQUISH, &error));
    model.mean[0] = 0.5f;
    model.presize = 96;
    open_engine(&engine, &model);
    CHECK_OK(ic_model_file_save(model_path, &model, engine.net, 7, &error));
    save(&engine, &model, IC_ONNX_UINT8, &file);
    check_value(&file, GRAPH_INPUT, "image uint8 N 64 64 3");
    check_value(&file, GRAPH_OUTPUT, "probabilities float N 3");
    check_counts(&file, (const struct expectation[]){{"Conv", 20},
                                                     {"BatchNormalization", 20},
                                                     {"Relu", 17},
                                                     {"Add", 8},
                                                     {"MaxPool", 1},
                                                     {"GlobalAveragePool", 1},
                                                     {"GlobalMaxPool", 0},
                                                     {"Gemm", 1},
                                                     {"Transpose", 1},
                                                     {"Softmax", 1},
                                                     {NULL, 0}});
    check_metadata(&file, "arch", "resnet18");
    check_metadata(&file, "head", "plain");
    check_metadata(&file, "classes", "[\"cat\", \"dog \\\"q\\\"\", \"z\xc3\xbc\"]");
    check_metadata(&file, "size", "64");
    check_metadata(&file, "presize", "96");
    check_metadata(&file, "resize", "squish");
    check_metadata(&file, "mean", "[0.5, 0.456, 0.406]");
    check_metadata(&file, "std", "[0.229, 0.224, 0.225]");

    save(&engine, &model, IC_ONNX_UINT8, &again); /* again gives the same bytes */
    CHECK(message_size(file.model) == message_size(again.model) &&
          memcmp(file.bytes, again.bytes, message_size(file.model)) == 0);
    free(again.bytes);
    free(file.bytes);

    save(&engine, &model, IC_ONNX_FLOAT, &file);
    check_value(&file, GRAPH_INPUT, "image float N 3 64 64");
    check_value(&file, GRAPH_OUTPUT, "logits float N 3");
    check_counts(&file, (const struct expectation[]){
                            {"Conv", 20}, {"Transpose", 0}, {"Softmax", 0}, {NULL, 0}});
    free(file.bytes);
    ic_engine_close(&engine);
    ic_model_free(&model);
}

/* The float form with another network and head. */
static void test_other(const char *arch, const char *head,
                       const struct expectation *counts)
{
    struct ic_model model;
    struct ic_engine engine;
    struct file file;

    CHECK_OK(
        ic_model_init(&model, arch, head, NULL, 5, "folder", 32, IC_FIT_CROP, &error));
    open_engine(&engine, &model);
    CHECK_OK(ic_model_file_save(model_path, &model, engine.net, 7, &error));
    save(&engine, &model, IC_ONNX_FLOAT, &file);
    check_value(&file, GRAPH_OUTPUT, "logits float N 5");
    check_counts(&file, counts);
    free(file.bytes);
    ic_engine_close(&engine);
    ic_model_free(&model);
}

/* --- a disk that is full ---------------------------------------------------------- */

static void test_full_disk(void)
{
    const struct rlimit limit = {1 << 20, RLIM_INFINITY};
    struct rlimit before;
    struct ic_model model;
    struct ic_engine engine;

    CHECK(unlink(onnx_path) == 0 && unlink(model_path) == 0);
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", NULL, 2, "folder", 32,
                           IC_FIT_CROP, &error));
    open_engine(&engine, &model);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &limit);
    CHECK_FAILS(ic_onnx_save(onnx_path, &model, engine.net, IC_ONNX_UINT8, &error),
                IC_ERR_IO, onnx_path);
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK_INT(folder_entries(folder), 0);
    ic_engine_close(&engine);
    ic_model_free(&model);
}

int main(void)
{
    folder = folder_make();
    onnx_path = folder_path(folder, "net.onnx");
    model_path = folder_path(folder, "net.safetensors");
    test_plain();
    test_other("resnet18", "fastai",
               (const struct expectation[]){{"BatchNormalization", 22},
                                            {"Relu", 18},
                                            {"GlobalMaxPool", 1},
                                            {"GlobalAveragePool", 1},
                                            {"Concat", 1},
                                            {"Gemm", 2},
                                            {"Dropout", 0},
                                            {NULL, 0}});
    test_other("resnet50", "plain",
               (const struct expectation[]){{"Conv", 53},
                                            {"BatchNormalization", 53},
                                            {"Relu", 49},
                                            {"Add", 16},
                                            {NULL, 0}});
    test_full_disk();
    free(onnx_path);
    free(model_path);
    folder_remove(folder);
    return check_result();
}
