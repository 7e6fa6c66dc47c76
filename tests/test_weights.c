/* SPDX-License-Identifier: MIT */
/*
 * Weights between networks and files: layouts, torchvision's names and order,
 * snapshots, loading, and refusals.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#include "check.h"
#include "folder.h"
#include "golden.h"
#include "graph/ops.h"
#include "host_memory.h"
#include "model/init.h"
#include "model/misfit.h"
#include "model/names.h"
#include "model/pretrained.h"
#include "model/weights.h"

static char *path;
static struct ic_error error;

/* --- layouts ---------------------------------------------------------------------- */

static void check_layout(int o, int h, int w, int i)
{
    const size_t count = (size_t)o * (size_t)h * (size_t)w * (size_t)i;
    const struct ic_array array = {.rank = 4, .dims = {o, h, w, i}, .count = count};
    float *memory = check_alloc(count, sizeof *memory);
    float *file = check_alloc(count, sizeof *file);
    float *back = check_alloc(count, sizeof *back);
    int64_t shape[4];
    size_t at = 0;

    for (size_t k = 0; k < count; k++)
        memory[k] = (float)k;
    ic_weights_to_file_layout(file, memory, &array);
    for (int a = 0; a < o; a++)
        for (int b = 0; b < i; b++)
            for (int c = 0; c < h; c++)
                for (int d = 0; d < w; d++, at++)
                    CHECK(file[at] == (float)(((a * h + c) * w + d) * i + b));
    ic_weights_from_file_layout(back, file, &array);
    CHECK(memcmp(back, memory, count * sizeof *memory) == 0);
    ic_weights_file_shape(shape, &array);
    CHECK(shape[0] == o && shape[1] == i && shape[2] == h && shape[3] == w);
    free(memory);
    free(file);
    free(back);
}

static void test_layouts(void)
{
    const struct ic_array matrix = {.rank = 2, .dims = {2, 3}, .count = 6};
    const float values[6] = {1, 2, 3, 4, 5, 6};
    float copy[6] = {0};
    int64_t shape[4];

    check_layout(1, 1, 1, 1);
    check_layout(5, 3, 3, 7);
    check_layout(2, 7, 7, 3);
    check_layout(3, 2, 5, 4); /* not square, so that rows and columns stay distinct */
    check_layout(4, 1, 1, 9);
    ic_weights_to_file_layout(copy, values, &matrix);
    CHECK(memcmp(copy, values, sizeof copy) == 0);
    memset(copy, 0, sizeof copy);
    ic_weights_from_file_layout(copy, values, &matrix);
    CHECK(memcmp(copy, values, sizeof copy) == 0);
    ic_weights_file_shape(shape, &matrix);
    CHECK(shape[0] == 2 && shape[1] == 3);
}

/* --- names ------------------------------------------------------------------------ */

/* Names, types, shapes and order are torchvision's, and for the head fastai's. */
static void check_names(const char *arch, const char *head, const char *golden_name)
{
    struct ic_arena arena = {0};
    struct ic_weight_name *names;
    struct ic_model model;
    struct ic_graph graph;
    size_t count, i = 0;
    char name[64], kind[8];
    FILE *golden;
    int rank;

    snprintf(name, sizeof name, "state-dict-%s.txt", golden_name);
    golden = golden_open_body(name);
    CHECK_OK(ic_model_init(&model, arch, head, NULL, 1000, "none", 224, IC_FIT_CROP,
                           &error));
    CHECK_OK(ic_model_build(&model, IC_CONV_AUTO, IC_TYPE_FP32, &graph, &error));
    CHECK_OK(ic_weight_names(&graph, &arena, &names, &count, &error));
    for (; fscanf(golden, "%63s %7s %d", name, kind, &rank) == 3 && i < count; i++) {
        int64_t shape[4] = {0}, expected;

        CHECK_STRING(names[i].name, name);
        CHECK((names[i].array == NULL) == (strcmp(kind, "I64") == 0));
        if (names[i].array == NULL)
            continue;
        CHECK_STRING(names[i].array->name, name);
        CHECK(names[i].is_state == (strstr(name, ".running_") != NULL));
        CHECK_INT(names[i].array->rank, rank);
        ic_weights_file_shape(shape, names[i].array);
        for (int k = 0; k < rank; k++) {
            CHECK(fscanf(golden, "%" SCNd64, &expected) == 1);
            CHECK_INT(shape[k], expected);
        }
    }
    CHECK(i == count && feof(golden));
    ic_arena_free(&arena);
    ic_graph_free(&graph);
    ic_model_free(&model);
    fclose(golden);
}

/* --- a small network -------------------------------------------------------------- */

/* A stem, one block with a shortcut of its own, one without, and a head. */
static void build_small(struct ic_graph *graph, int classes)
{
    int x, y, shortcut;

    ic_graph_init(graph, 8, 8, 3, IC_CONV_AUTO);
    x = ic_conv2d(graph, "conv1", 0, 5, 3, 1, 1);
    x = ic_batchnorm(graph, "bn1", x, IC_NO_RESIDUAL, true);
    y = ic_conv2d(graph, "layer1.0.conv1", x, 7, 3, 2, 1);
    shortcut = ic_conv2d(graph, "layer1.0.downsample.0", x, 7, 1, 2, 0);
    shortcut =
        ic_batchnorm(graph, "layer1.0.downsample.1", shortcut, IC_NO_RESIDUAL, false);
    x = ic_batchnorm(graph, "layer1.0.bn1", y, shortcut, true);
    y = ic_conv2d(graph, "layer1.1.conv1", x, 7, 3, 1, 1);
    x = ic_batchnorm(graph, "layer1.1.bn1", y, x, true);
    x = ic_avgpool(graph, "avgpool", x);
    ic_linear(graph, "fc", x, classes);
    CHECK_OK(ic_graph_finish(graph, &error));
}

struct small {
    struct ic_graph graph;
    struct ic_net *net;
};

static void open_small(struct small *small, int classes)
{
    const struct ic_plan_options options = {.batch = 1};

    build_small(&small->graph, classes);
    CHECK_OK(
        ic_net_open(&small->graph, &host_memory, NULL, &options, &small->net, &error));
    if (small->net == NULL)
        exit(99);
}

static void close_small(struct small *small)
{
    ic_net_close(small->net);
    ic_graph_free(&small->graph);
}

/* Distinct numbers everywhere, multiples of 1/2 that every type can represent. */
static void number_arrays(const struct small *small, float first)
{
    for (int i = 0; i < small->graph.param_count; i++)
        for (size_t k = 0; k < small->graph.params[i].count; k++)
            ic_net_params(small->net)[small->graph.params[i].offset + k] =
                first + (float)(i + 1) * 0.5f - (float)(k % 50);
    for (int i = 0; i < small->graph.state_count; i++)
        for (size_t k = 0; k < small->graph.states[i].count; k++)
            ic_net_states(small->net)[small->graph.states[i].offset + k] =
                first + (float)i + (float)k * 0.25f;
}

static bool same_arrays(const struct small *a, const struct small *b)
{
    return memcmp(ic_net_params(a->net), ic_net_params(b->net),
                  a->graph.param_floats * sizeof(float)) == 0 &&
           memcmp(ic_net_states(a->net), ic_net_states(b->net),
                  a->graph.state_floats * sizeof(float)) == 0;
}

static ic_status try_to_save(const struct small *small, int64_t batches,
                             const char *prefix, const char *other)
{
    static const int64_t one[] = {1};
    static const float value = 1;
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_weights *weights;
    ic_status status;

    CHECK_OK(ic_weights_collect(small->net, batches, &weights, &error));
    if (other != NULL)
        ic_safetensors_add(writer, other, IC_F32, 1, one, &value);
    ic_weights_add(weights, writer, prefix);
    status = ic_safetensors_commit(writer, path, &error);
    ic_weights_free(weights);
    ic_safetensors_writer_free(writer);
    return status;
}

static void save(const struct small *small, int64_t batches, const char *prefix,
                 const char *other)
{
    CHECK_OK(try_to_save(small, batches, prefix, other));
}

static ic_status load(const struct small *small, const char *prefix, int64_t *batches)
{
    struct ic_safetensors *file;
    ic_status status = ic_safetensors_open(path, &file, &error);

    if (status == IC_OK)
        status = ic_weights_load(small->net, ic_safetensors_tensors(file), prefix, path,
                                 batches, &error);
    ic_safetensors_close(file);
    return status;
}

/* --- round trip ------------------------------------------------------------------- */

static void test_round_trip(void)
{
    static const char *const order[] = {"conv1.weight",
                                        "bn1.weight",
                                        "bn1.bias",
                                        "bn1.running_mean",
                                        "bn1.running_var",
                                        "layer1.0.conv1.weight",
                                        "layer1.0.bn1.weight",
                                        "layer1.0.bn1.bias",
                                        "layer1.0.bn1.running_mean",
                                        "layer1.0.bn1.running_var",
                                        "layer1.0.downsample.0.weight",
                                        "layer1.0.downsample.1.weight",
                                        "layer1.0.downsample.1.bias",
                                        "layer1.0.downsample.1.running_mean",
                                        "layer1.0.downsample.1.running_var",
                                        "layer1.1.conv1.weight"};
    struct ic_safetensors *file;
    struct small a, b;
    int64_t batches = -1;

    open_small(&a, 2);
    open_small(&b, 2);
    number_arrays(&a, 1);
    save(&a, 77, "", NULL);
    CHECK_OK(load(&b, "", &batches));
    CHECK(same_arrays(&a, &b));
    CHECK_INT(batches, 77);

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_INT(ic_safetensors_count(file), 22 + 4);
    CHECK_STRING(ic_safetensors_at(file, 0)->name, "bn1.num_batches_tracked");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        CHECK_STRING(ic_safetensors_at(file, 4 + i)->name, order[i]);
    CHECK_INT(ic_safetensors_find(file, "conv1.weight")->shape[1], 3);
    CHECK_INT(ic_safetensors_find(file, "bn1.num_batches_tracked")->rank, 0);
    ic_safetensors_close(file);

    /* With a prefix, beside tensors of other networks. */
    number_arrays(&a, 3);
    save(&a, 5, "model.", "adam.mean");
    CHECK_OK(load(&b, "model.", &batches));
    CHECK(same_arrays(&a, &b));
    CHECK_INT(batches, 5);
    close_small(&a);
    close_small(&b);
}

/* Writes the network's tensors in another type, without num_batches_tracked. */
static void save_as(const struct small *small, enum ic_dtype dtype)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    unsigned char *converted[64];
    struct ic_safetensors *file;
    size_t count;

    save(small, 1, "", NULL);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    count = ic_safetensors_count(file);
    for (size_t i = 0; i < count; i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        float value;

        converted[i] = check_alloc(tensor->count, 8);
        for (size_t k = 0; tensor->dtype == IC_F32 && k < tensor->count; k++) {
            memcpy(&value, (const char *)tensor->data + 4 * k, 4);
            if (dtype == IC_F64)
                memcpy(converted[i] + 8 * k, &(double){value}, 8);
            else
                memcpy(converted[i] + 2 * k, (char *)&value + 2, 2); /* BF16 */
        }
        if (tensor->dtype == IC_F32)
            ic_safetensors_add(writer, tensor->name, dtype, tensor->rank, tensor->shape,
                               converted[i]);
    }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    for (size_t i = 0; i < count; i++)
        free(converted[i]);
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
}

static void test_types(void)
{
    struct small a, b;
    int64_t batches = -1;

    open_small(&a, 2);
    open_small(&b, 2);
    number_arrays(&a, 1);
    save_as(&a, IC_F64);
    CHECK_OK(load(&b, "", &batches));
    CHECK(same_arrays(&a, &b));
    CHECK_INT(batches, 0);
    number_arrays(&a, 2); /* halves up to 50 have fewer than 8 binary digits */
    save_as(&a, IC_BF16);
    CHECK_OK(load(&b, "", &batches));
    CHECK(same_arrays(&a, &b));
    close_small(&a);
    close_small(&b);
}

/* --- what does not fit ------------------------------------------------------------ */

/* A change of one tensor of a good file. */
struct change {
    const char *name; /* of the tensor that changes */
    const char *to;   /* its new name; NULL: it is left out */
    enum ic_dtype dtype;
    int rank;
    int64_t shape[4];
    int64_t first; /* bits of its first element, -1: as it was */
};

/* Writes a good file with one tensor changed. */
static void save_changed(const struct small *small, const struct change *change)
{
    static unsigned char data[8 * 4096];
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file;

    save(small, 9, "", NULL);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    memset(data, 0, sizeof data);
    for (size_t i = 0; i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);

        if (strcmp(tensor->name, change->name) != 0) {
            ic_safetensors_add(writer, tensor->name, tensor->dtype, tensor->rank,
                               tensor->shape, tensor->data);
            continue;
        }
        if (change->first != -1)
            memcpy(data, &change->first, 8);
        if (change->to != NULL)
            ic_safetensors_add(writer, change->to, change->dtype, change->rank,
                               change->shape, data);
    }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
}

static const char fc[] = "fc.weight", tracked[] = "bn1.num_batches_tracked";

static const struct {
    struct change change;
    ic_status status; /* IC_OK: the file fits */
    const char *text;
} changes[] = {
    {{fc, fc, IC_F32, 2, {2, 7}, -1}, IC_OK, ""},
    {{fc, NULL, 0, 0, {0}, -1}, IC_ERR_USAGE, "missing fc.weight"},
    {{fc, "fc.w", IC_F32, 2, {2, 7}, -1},
     IC_ERR_USAGE,
     "missing fc.weight; surplus fc.w"},
    {{fc, "bad\n\033[2J", IC_F32, 2, {2, 7}, -1},
     IC_ERR_USAGE,
     "missing fc.weight; surplus bad??[2J"},
    {{fc, fc, IC_F32, 2, {7, 2}, -1},
     IC_ERR_USAGE,
     "wrong fc.weight is [7, 2], expected [2, 7]"},
    {{fc, fc, IC_F32, 1, {14}, -1},
     IC_ERR_USAGE,
     "wrong fc.weight is [14], expected [2, 7]"},
    {{fc, fc, IC_F32, 0, {0}, -1}, IC_ERR_USAGE, "is [], expected [2, 7]"},
    {{fc, fc, IC_F32, 4, {2, 7, 1, 1}, -1}, IC_ERR_USAGE, "is [2, 7, 1, 1], expected"},
    {{fc, fc, IC_F32, 2, {0, 7}, -1}, IC_ERR_USAGE, "is [0, 7], expected [2, 7]"},
    {{fc, fc, IC_I32, 2, {2, 7}, -1}, IC_ERR_USAGE, "wrong fc.weight holds integers"},
    {{fc, fc, IC_I64, 2, {2, 7}, -1}, IC_ERR_USAGE, "wrong fc.weight holds integers"},
    {{fc, fc, IC_U8, 2, {2, 7}, -1}, IC_ERR_USAGE, "wrong fc.weight holds integers"},
    {{fc, fc, IC_F32, 2, {2, 7}, 0x7fc00000},
     IC_ERR_NUMERIC,
     "fc.weight holds a value that is not finite"},
    {{fc, fc, IC_F16, 2, {2, 7}, 0x7c00}, IC_ERR_NUMERIC, "not finite"},
    {{fc, fc, IC_BF16, 2, {2, 7}, 0xff80}, IC_ERR_NUMERIC, "not finite"},
    {{fc, fc, IC_F64, 2, {2, 7}, 0x7e00000000000000}, IC_ERR_NUMERIC, "not finite"},
    {{fc, fc, IC_F64, 2, {2, 7}, 0x3f80000000000000}, IC_OK, ""},
    {{"bn1.running_var", "bn1.running_var", IC_F32, 1, {5}, 0x7f800000},
     IC_ERR_NUMERIC,
     "bn1.running_var holds a value that is not finite"},
    {{tracked, NULL, 0, 0, {0}, -1}, IC_OK, ""},
    {{tracked, tracked, IC_I64, 1, {1}, 9}, IC_OK, ""},
    {{tracked, tracked, IC_I64, 1, {2}, 9}, IC_ERR_USAGE, "is not one I64"},
    {{tracked, tracked, IC_F32, 0, {0}, 0}, IC_ERR_USAGE, "is not one I64"},
    {{tracked, tracked, IC_I64, 0, {0}, -5},
     IC_ERR_FORMAT,
     "num_batches_tracked is -5"},
    {{tracked, tracked, IC_I64, 0, {0}, INT64_MAX},
     IC_ERR_FORMAT,
     "num_batches_tracked is 9223372036854775807"},
    {{tracked, "fc.num_batches_tracked", IC_I64, 0, {0}, 9},
     IC_ERR_USAGE,
     "surplus fc.num_batches_tracked"},
};

static void test_changes(void)
{
    struct small a, b, before;
    int64_t batches;

    open_small(&a, 2);
    number_arrays(&a, 1);
    open_small(&before, 2);
    number_arrays(&before, 7);
    open_small(&b, 2);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        number_arrays(&b, 7);
        save_changed(&a, &changes[i].change);
        if (changes[i].status == IC_OK) {
            CHECK_OK(load(&b, "", &batches));
            CHECK_INT(batches, 9);
        } else {
            CHECK_FAILS(load(&b, "", &batches), changes[i].status, changes[i].text);
            CHECK(strstr(error.message, path) != NULL);
            CHECK(same_arrays(&b, &before)); /* unchanged */
        }
    }
    close_small(&a);
    close_small(&b);
    close_small(&before);
}

/* Many complaints are counted. */
static void test_another_network(void)
{
    struct small a, b;
    int64_t batches;

    open_small(&a, 2);
    open_small(&b, 3);
    save(&a, 0, "", NULL);
    CHECK_FAILS(load(&b, "", &batches), IC_ERR_USAGE,
                "does not fit the network: wrong fc.weight is [2, 7], expected [3, 7], "
                "fc.bias is [2], expected [3]");
    save(&a, 0, "module.", NULL);
    CHECK_FAILS(load(&a, "", &batches), IC_ERR_USAGE,
                "missing conv1.weight, bn1.weight and 20 more; surplus ");
    CHECK(strstr(error.message, " and 24 more") != NULL);
    CHECK_FAILS(load(&a, "other.", &batches), IC_ERR_USAGE,
                "missing conv1.weight, bn1.weight and 20 more");
    CHECK(strstr(error.message, "surplus") == NULL);
    close_small(&a);
    close_small(&b);
}

static void test_device_fault(void)
{
    struct small a;
    int64_t batches;

    open_small(&a, 2);
    save(&a, 5, "", NULL);
    host_memory_fault = true;
    CHECK_FAILS(try_to_save(&a, 0, "", NULL), IC_ERR_DEVICE, "fault");
    CHECK_FAILS(load(&a, "", &batches), IC_ERR_DEVICE, "fault");
    host_memory_fault = false;
    CHECK_OK(load(&a, "", &batches)); /* the file is unchanged */
    CHECK_INT(batches, 5);
    ic_weights_free(NULL);
    close_small(&a);
}

/* --- a start for training -------------------------------------------------------- */

/* All arrays but the head's are the same; the head's weight too, if `head`. */
static bool same_body(const struct small *a, const struct small *b, bool head)
{
    bool same = memcmp(ic_net_states(a->net), ic_net_states(b->net),
                       a->graph.state_floats * sizeof(float)) == 0;

    for (int i = 0; i < a->graph.param_count; i++) {
        const struct ic_array *x = &a->graph.params[i], *y = &b->graph.params[i];
        const size_t count = x->count < y->count ? x->count : y->count;
        const bool equal =
            memcmp(ic_net_params(a->net) + x->offset, ic_net_params(b->net) + y->offset,
                   count * sizeof(float)) == 0;

        same = same && equal == (head || strncmp(x->name, "fc.", 3) != 0);
    }
    return same;
}

/* A model of these classes; its network is the small one, whatever its name. */
static struct ic_model model_of(const char *arch, const char *const *classes, int count)
{
    struct ic_model model;

    CHECK_OK(ic_model_init(&model, arch, "plain", classes, count, "folder", 64,
                           IC_FIT_CROP, &error));
    return model;
}

/* Saves the network as mmpretrain does: body and last layer in modules of their own. */
static void save_mmpretrain(const struct small *small)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_weights *weights = NULL;
    char name[100];

    CHECK_OK(ic_weights_collect(small->net, 1, &weights, &error));
    for (size_t i = 0; i < ic_weights_count(weights); i++) {
        const struct ic_array_source *source = ic_weights_at(weights, i);

        if (source == NULL)
            continue;
        snprintf(name, sizeof name, "%s%s",
                 strncmp(source->array->name, "fc.", 3) == 0 ? "head." : "backbone.",
                 source->array->name);
        ic_weights_add_array(writer, name, source);
    }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    ic_weights_free(weights);
}

/* Saves the network twice in one file. */
static void save_two(const struct small *small, const char *first, const char *second)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_weights *weights = NULL;

    CHECK_OK(ic_weights_collect(small->net, 1, &weights, &error));
    ic_weights_add(weights, writer, first);
    ic_weights_add(weights, writer, second);
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    ic_weights_free(weights);
}

/* Two names are shown, and how many more there are. */
static void test_misfits(void)
{
    struct ic_misfit misfit = {0};
    char sentence[200] = "";

    ic_misfit_add(&misfit, "missing ", "a", "");
    ic_misfit_add(&misfit, "missing ", "b", "");
    ic_misfit_tell(sentence, sizeof sentence, &misfit);
    CHECK_STRING(sentence, "missing a, b");
    ic_misfit_add(&misfit, "missing ", "c", "");
    sentence[0] = '\0';
    ic_misfit_tell(sentence, sizeof sentence, &misfit);
    CHECK_STRING(sentence, "missing a, b and 1 more");
}

/* A linear layer begins with numbers on both sides of zero, within 1 / sqrt(inputs). */
static void test_first_weights(void)
{
    struct small small;
    const struct ic_graph *graph;
    int found = 0;

    open_small(&small, 40);
    CHECK_OK(ic_init_weights(small.net, 3, &error));
    graph = ic_net_graph(small.net);
    for (int i = 0; i < graph->param_count; i++) {
        const struct ic_array *array = &graph->params[i];
        const float *values = ic_net_params(small.net) + array->offset;
        const double most = 1 / sqrt(array->fan);
        int low = 0, high = 0;

        if (array->init != IC_INIT_UNIFORM_FAN_IN)
            continue;
        found++;
        for (size_t k = 0; k < array->count; k++) {
            CHECK(fabs(values[k]) <= most);
            low += values[k] < -most / 2;
            high += values[k] > most / 2;
        }
        CHECK(low > 0 && high > 0);
    }
    CHECK(found > 0);
    close_small(&small);
}

static void test_pretrained(void)
{
    static const char *const prefixes[] = {"", "module.", "model.", "module.model."};
    struct ic_pretrained_report report;
    struct ic_model two = model_of("resnet18", NULL, 2);
    struct ic_model three = model_of("resnet18", NULL, 3);
    struct small a, same, other;

    open_small(&a, 2);
    open_small(&same, 2);
    open_small(&other, 3);
    number_arrays(&a, 1);
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        save(&a, 1, prefixes[i], NULL);
        number_arrays(&same, 100);
        number_arrays(&other, 100);
        CHECK_OK(ic_weights_load_pretrained(same.net, &two, path, &report, &error));
        CHECK(!report.head_replaced && same_body(&a, &same, true));
        CHECK_OK(ic_weights_load_pretrained(other.net, &three, path, &report, &error));
        CHECK(report.head_replaced && same_body(&a, &other, false));
    }
    number_arrays(&same, 100);
    save(&a, 1, "encoder.", "extra"); /* only a part of the saved network */
    CHECK_OK(ic_weights_load_pretrained(same.net, &two, path, &report, &error));
    CHECK(!report.head_replaced && same_body(&a, &same, true));
    number_arrays(&same, 100);
    number_arrays(&other, 100);
    save_mmpretrain(&a);
    CHECK_OK(ic_weights_load_pretrained(same.net, &two, path, &report, &error));
    CHECK(!report.head_replaced && same_body(&a, &same, true));
    CHECK_OK(ic_weights_load_pretrained(other.net, &three, path, &report, &error));
    CHECK(report.head_replaced && same_body(&a, &other, false));
    save_two(&a, "student.", "teacher."); /* which one is meant? */
    CHECK_FAILS(ic_weights_load_pretrained(same.net, &two, path, &report, &error),
                IC_ERR_USAGE, "missing conv1.weight, bn1.weight and");
    save_changed(&a, &(struct change){"conv1.weight", NULL, 0, 0, {0}, -1});
    CHECK_FAILS(ic_weights_load_pretrained(other.net, &three, path, &report, &error),
                IC_ERR_USAGE, "missing conv1.weight");
    CHECK(same_body(&a, &other, false)); /* it keeps its arrays */
    save_changed(&a, &(struct change){"fc.weight", "1.8.weight", IC_F32, 1, {3}, -1});
    CHECK_OK(ic_weights_load_pretrained(same.net, &two, path, &report, &error));
    CHECK(report.head_replaced);
    /* fastai's Sequential: its first child is conv1. */
    save_changed(&a, &(struct change){
                         "conv1.weight", "0.0.weight", IC_F32, 4, {5, 3, 3, 3}, -1});
    CHECK_OK(ic_weights_load_pretrained(same.net, &two, path, &report, &error));
    close_small(&a);
    close_small(&same);
    close_small(&other);
    ic_model_free(&two);
    ic_model_free(&three);
}

/* Saves the network as a model of two classes. */
static void save_model(struct small *small, const char *const *classes)
{
    struct ic_model model = model_of("resnet18", classes, 2);
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_weights *weights = NULL;

    CHECK_OK(ic_weights_collect(small->net, 1, &weights, &error));
    ic_weights_add(weights, writer, "");
    CHECK_OK(ic_model_to_metadata(&model, writer, &error));
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    ic_weights_free(weights);
    ic_model_free(&model);
}

/* Row i of the last layer, with its bias, is row k of the other network's; for -1 it is
 * that of a network that number_arrays has numbered from 100. */
static bool same_row(const struct small *a, int i, const struct small *b, int k)
{
    struct small fresh;
    bool same = true;

    open_small(&fresh, a->graph.params[a->graph.param_count - 1].dims[0]);
    number_arrays(&fresh, 100);
    for (int p = a->graph.param_count - 2; p < a->graph.param_count; p++) {
        const struct ic_array *own = &a->graph.params[p];
        const struct ic_array *other = k < 0 ? own : &b->graph.params[p];
        const size_t length = own->count / (size_t)own->dims[0];
        const struct small *source = k < 0 ? &fresh : b;

        same = same && memcmp(ic_net_params(a->net) + own->offset + (size_t)i * length,
                              ic_net_params(source->net) + other->offset +
                                  (size_t)(k < 0 ? i : k) * length,
                              length * sizeof(float)) == 0;
    }
    close_small(&fresh);
    return same;
}

/* The head's rows are matched by the names of the classes. */
static void test_class_rows(void)
{
    static const char *const saved[] = {"cat", "dog"};
    static const struct {
        const char *classes[3];
        int count, known;
        bool replaced;
        int rows[3]; /* of the file, or -1 */
    } cases[] = {
        {{"cat", "dog"}, 2, 2, false, {0, 1}},
        {{"dog", "cat"}, 2, 2, false, {1, 0}},
        {{"bird", "dog", "cat"}, 3, 2, false, {-1, 1, 0}},
        {{"cat", "emu"}, 2, 1, false, {0, -1}},
        {{"apple", "pear"}, 2, 0, true, {-1, -1}},
        {{"apple", "pear", "plum"}, 3, 0, true, {-1, -1, -1}},
    };
    struct ic_model deeper = model_of("resnet34", NULL, 2);
    struct ic_pretrained_report asked;
    struct small a;

    open_small(&a, 2);
    number_arrays(&a, 1);
    save_model(&a, saved);
    CHECK_FAILS(ic_weights_load_pretrained(a.net, &deeper, path, &asked, &error),
                IC_ERR_USAGE, "is a resnet18, but the network is a resnet34");
    ic_model_free(&deeper);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ic_model model = model_of("resnet18", cases[i].classes, cases[i].count);
        struct ic_pretrained_report report;
        struct small b;

        open_small(&b, cases[i].count);
        number_arrays(&b, 100);
        CHECK_OK(ic_weights_load_pretrained(b.net, &model, path, &report, &error));
        CHECK_INT(report.known, cases[i].known);
        CHECK(report.head_replaced == cases[i].replaced);
        for (int k = 0; k < cases[i].count; k++)
            CHECK(same_row(&b, k, &a, cases[i].rows[k]));
        close_small(&b);
        ic_model_free(&model);
    }
    close_small(&a);
}

/* Writes the network's tensors under fastai's names. */
static void save_fastai(const struct small *small)
{
    static const char *const places[][2] = {
        {"conv1.", "0.0."}, {"bn1.", "0.1."}, {"layer1.", "0.4."}, {"fc.", "1.8."}};
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file;
    char name[100];

    save(small, 1, "", NULL);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    for (size_t i = 0; i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);

        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            const size_t length = strlen(places[k][0]);

            if (strncmp(tensor->name, places[k][0], length) == 0)
                snprintf(name, sizeof name, "%s%s", places[k][1],
                         tensor->name + length);
        }
        ic_safetensors_add(writer, name, tensor->dtype, tensor->rank, tensor->shape,
                           tensor->data);
    }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
}

static void test_fastai_names(void)
{
    struct ic_pretrained_report report;
    struct ic_weights_file *file;
    struct ic_model model = model_of("resnet152", NULL, 2);
    struct small a, b;

    open_small(&a, 2);
    open_small(&b, 2);
    number_arrays(&a, 1);
    number_arrays(&b, 100);
    save_fastai(&a);
    CHECK_OK(ic_weights_load_pretrained(b.net, &model, path, &report, &error));
    ic_model_free(&model);
    CHECK(report.head_replaced && same_body(&a, &b, false));
    CHECK_OK(ic_weights_file_open(path, NULL, &file, &error)); /* an unknown network */
    CHECK(ic_tensor_find(ic_weights_file_tensors(file), "0.4.0.conv1.weight") != NULL);
    ic_weights_file_close(file);
    close_small(&a);
    close_small(&b);
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "weights.safetensors");
    test_layouts();
    check_names("resnet18", "plain", "resnet18");
    check_names("resnet34", "plain", "resnet34");
    check_names("resnet50", "plain", "resnet50");
    check_names("resnet18", "fastai", "fastai");
    test_round_trip();
    test_misfits();
    test_first_weights();
    test_pretrained();
    test_class_rows();
    test_fastai_names();
    test_types();
    test_changes();
    test_another_network();
    test_device_fault();
    free(path);
    folder_remove(folder);
    return check_result();
}
