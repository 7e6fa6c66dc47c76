/* SPDX-License-Identifier: MIT */
/*
 * Graphs: shapes, torchvision's names and order of arrays, and errors that stick.
 */
#include "check.h"
#include "graph/op.h"
#include "graph/ops.h"
#include "model/arch.h"

static struct ic_error error;

static void check_shape(const struct ic_graph *graph, const char *name, int height,
                        int width, int channels)
{
    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (strcmp(node->name, name) != 0)
            continue;
        CHECK_INT(node->out.height, height);
        CHECK_INT(node->out.width, width);
        CHECK_INT(node->out.channels, channels);
        return;
    }
    CHECK_FAIL("no node is called %s", name);
}

static const struct ic_array *find(const struct ic_array *arrays, int count,
                                   const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(arrays[i].name, name) == 0)
            return &arrays[i];
    CHECK_FAIL("no array is called %s", name);
    return NULL;
}

static uint64_t count_params(const struct ic_graph *graph)
{
    uint64_t sum = 0;

    for (int i = 0; i < graph->param_count; i++)
        sum += graph->params[i].count;
    return sum;
}

static uint64_t count_macs(const struct ic_graph *graph)
{
    uint64_t sum = 0;

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        if (node->op->gemm) {
            const struct ic_gemm_size size =
                node->op->gemm(node, graph->nodes[node->inputs[0]].out);
            sum += size.m * size.n * size.k;
        }
    }
    return sum;
}

/* Every array has its own cache lines within its block. */
static void check_offsets(const struct ic_array *arrays, int count, size_t floats)
{
    size_t end = 0;

    for (int i = 0; i < count; i++) {
        CHECK(arrays[i].offset >= end);
        CHECK(arrays[i].offset % 16 == 0);
        end = arrays[i].offset + arrays[i].count;
    }
    CHECK(end <= floats);
}

static void test_resnet34(void)
{
    struct ic_graph graph;
    const struct ic_array *array;

    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet34", "plain", 1000);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_shape(&graph, "conv1", 112, 112, 64);
    check_shape(&graph, "maxpool", 56, 56, 64);
    check_shape(&graph, "layer1.2.bn2", 56, 56, 64);
    check_shape(&graph, "layer2.0.downsample.1", 28, 28, 128);
    check_shape(&graph, "layer3.5.conv2", 14, 14, 256);
    check_shape(&graph, "layer4.2.bn2", 7, 7, 512);
    check_shape(&graph, "avgpool", 1, 1, 512);
    check_shape(&graph, "fc", 1, 1, 1000);
    check_offsets(graph.params, graph.param_count, graph.param_floats);
    check_offsets(graph.states, graph.state_count, graph.state_floats);

    array = find(graph.params, graph.param_count, "layer2.0.downsample.0.weight");
    if (array) {
        CHECK_INT(array->rank, 4);
        CHECK_INT(array->dims[0], 128);
        CHECK_INT(array->dims[1], 1);
        CHECK_INT(array->dims[3], 64);
        CHECK_INT(array->role, IC_WEIGHT);
        CHECK_INT(array->group, 0);
    }
    array = find(graph.params, graph.param_count, "layer4.0.bn1.bias");
    if (array) {
        CHECK_INT(array->role, IC_NORM);
        CHECK_INT(array->group, 1);
    }
    array = find(graph.params, graph.param_count, "fc.weight");
    if (array)
        CHECK_INT(array->group, 2);
    array = find(graph.params, graph.param_count, "fc.bias");
    if (array)
        CHECK_INT(array->role, IC_BIAS);
    array = find(graph.states, graph.state_count, "bn1.running_mean");
    if (array)
        CHECK_INT(array->role, IC_NORM);
    find(graph.states, graph.state_count, "layer3.5.bn2.running_var");
    ic_graph_free(&graph);
}

/* Parameters and GFLOPS (multiply-adds) as torchvision's documentation gives them. */
static const struct {
    const char *name;
    int params, macs; /* in units of 1e7 */
    int features, blocks;
} networks[] = {{"resnet18", 11689512, 181, 512, 8},
                {"resnet34", 21797672, 366, 512, 16},
                {"resnet50", 25557032, 408, 2048, 16},
                {"resnet101", 44549160, 780, 2048, 33},
                {"resnet152", 60192808, 1151, 2048, 50}};

static void test_table(void)
{
    const size_t count = sizeof networks / sizeof *networks;

    for (size_t i = 0; i < count; i++) {
        const struct ic_arch *arch = ic_arch_find(networks[i].name);
        struct ic_graph graph;
        int blocks = 0;

        CHECK(arch != NULL && strcmp(arch->name, networks[i].name) == 0);
        CHECK_STRING(ic_words_arch[i], networks[i].name);
        CHECK_INT(arch->features, networks[i].features);
        ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
        ic_arch_build(&graph, networks[i].name, "plain", 1000);
        CHECK_OK(ic_graph_finish(&graph, &error));
        CHECK_INT(count_params(&graph), networks[i].params);
        CHECK_INT(count_macs(&graph) / 10000000, networks[i].macs);
        for (int k = 0; k < graph.count; k++)
            blocks += graph.nodes[k].input_count == 2;
        CHECK_INT(blocks, networks[i].blocks);
        ic_graph_free(&graph);
    }
    CHECK(ic_words_arch[count] == NULL);
    CHECK(ic_arch_find("resnet51") == NULL && ic_arch_find("resnet") == NULL);
}

/* torchvision's v1.5: the 3x3 convolution has the stride, and the first stage has a
 * projection, although only the channels change. */
static void test_bottleneck(void)
{
    struct ic_graph graph;

    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet50", "fastai", 5);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_shape(&graph, "layer1.0.conv1", 56, 56, 64);
    check_shape(&graph, "layer1.0.conv3", 56, 56, 256);
    check_shape(&graph, "layer1.0.downsample.1", 56, 56, 256);
    check_shape(&graph, "layer2.0.conv1", 56, 56, 128);
    check_shape(&graph, "layer2.0.conv2", 28, 28, 128);
    check_shape(&graph, "layer2.0.bn3", 28, 28, 512);
    check_shape(&graph, "layer4.2.bn3", 7, 7, 2048);
    check_shape(&graph, "1.0", 1, 1, 4096);
    check_shape(&graph, "1.4", 1, 1, 512);
    for (int i = 0; i < graph.count; i++)
        CHECK(strcmp(graph.nodes[i].name, "layer1.1.downsample.0") != 0);
    ic_graph_free(&graph);

    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet18", "plain", 5);
    for (int i = 0; i < graph.count; i++)
        CHECK(strcmp(graph.nodes[i].name, "layer1.0.downsample.0") != 0);
    ic_graph_free(&graph);
}

/* fastai's cut into groups: before m[0][6], from there on, and m[1]. */
static void test_groups(void)
{
    static const char *const places[] = {"0.0", "0.1", "0.4", "0.5", "0.6", "0.7"};

    for (size_t i = 0; ic_words_arch[i] != NULL; i++) {
        const struct ic_arch *arch = ic_arch_find(ic_words_arch[i]);
        const struct ic_arch_part *part;
        struct ic_graph graph;

        for (part = arch->parts; part->name != NULL; part++)
            CHECK_STRING(part->fastai, places[part - arch->parts]);
        CHECK_INT(part - arch->parts, 6);
        ic_graph_init(&graph, 64, 64, 3, IC_CONV_AUTO);
        ic_arch_build(&graph, arch->name, i % 2 ? "fastai" : "plain", 5);
        CHECK_OK(ic_graph_finish(&graph, &error));
        for (int k = 0; k < graph.param_count; k++) {
            const char *name = graph.params[k].name;
            const bool head =
                strncmp(name, "fc.", 3) == 0 || strncmp(name, "1.", 2) == 0;
            const bool high =
                strncmp(name, "layer3", 6) == 0 || strncmp(name, "layer4", 6) == 0;

            part = ic_arch_part_of(arch, name);
            CHECK((part == NULL) == head);
            CHECK_INT(graph.params[k].group, head ? 2 : high);
            CHECK(part == NULL || (int)part->group == graph.params[k].group);
        }
        ic_graph_free(&graph);
    }
    CHECK(ic_arch_part_of(ic_arch_find("resnet50"), "layer11.0.conv1.weight") == NULL);
    CHECK(ic_arch_part_of(ic_arch_find("resnet50"), "conv1") == NULL);
}

/* An odd size, and errors that come before the network. */
static void test_odd_sizes(void)
{
    struct ic_graph graph;

    ic_graph_init(&graph, 33, 47, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet18", "plain", 1000);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_shape(&graph, "layer4.1.bn2", 2, 2, 512);
    ic_graph_free(&graph);
    ic_graph_init(&graph, 0, 47, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet50", "plain", 1000);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE, "0x47x3");
    ic_graph_free(&graph);
}

static void test_first_error_sticks(void)
{
    struct ic_graph graph;
    int x;

    ic_graph_init(&graph, 8, 8, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "a", 0, 4, 3, 2, 1);
    x = ic_batchnorm(&graph, "b", x, 0, true); /* 4x4x4 against 8x8x3 */
    x = ic_conv2d(&graph, "c", x, 4, 99, 1, 0);
    ic_linear(&graph, "d", x, 2);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE,
                "b: 4x4x4 against a residual of 8x8x3");
    ic_graph_free(&graph);
}

static void test_what_does_not_fit(void)
{
    struct ic_graph graph;

    ic_graph_init(&graph, 2, 5, 1, IC_CONV_AUTO);
    ic_conv2d(&graph, "tall", 0, 4, 5, 1, 1);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE,
                "tall: a 5x5 kernel does not fit in 2x5 pixels");
    ic_graph_free(&graph);

    ic_graph_init(&graph, 4, 4, 1, IC_CONV_AUTO);
    ic_conv2d(&graph, "wide", 0, 4, 5, 2, 0); /* one pixel short, of a stride of two */
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE,
                "wide: a 5x5 kernel does not fit in 4x4 pixels");
    ic_graph_free(&graph);

    ic_graph_init(&graph, 4, 4, 1, IC_CONV_AUTO);
    ic_maxpool(&graph, "pool", 0, 3, 1, 2);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE, "padding 2");
    ic_graph_free(&graph);

    ic_graph_init(&graph, 0, 4, 1, IC_CONV_AUTO);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE, "0x4x1");
    ic_graph_free(&graph);

    ic_graph_init(&graph, 30000, 30000, 3, IC_CONV_AUTO);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_LIMIT, "too large");
    ic_graph_free(&graph);

    ic_graph_init(&graph, 4, 4, 1, IC_CONV_AUTO);
    ic_linear(&graph, "fc", 0, 0);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE, "fc: 0 outputs");
    ic_graph_free(&graph);
}

static void test_odd_extents(void)
{
    struct ic_graph graph;

    ic_graph_init(&graph, 7, 6, 2, IC_CONV_AUTO);
    ic_conv2d(&graph, "a", 0, 5, 3, 2, 1);
    ic_conv2d(&graph, "b", 0, 5, 1, 3, 0);
    ic_conv2d(&graph, "c", 0, 5, 8, 1, 2);
    ic_maxpool(&graph, "d", 0, 3, 2, 1);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_shape(&graph, "a", 4, 3, 5);
    check_shape(&graph, "b", 3, 2, 5);
    check_shape(&graph, "c", 4, 3, 5);
    check_shape(&graph, "d", 4, 3, 2);
    ic_graph_free(&graph);
}

int main(void)
{
    test_resnet34();
    test_table();
    test_bottleneck();
    test_groups();
    test_odd_sizes();
    test_first_error_sticks();
    test_what_does_not_fit();
    test_odd_extents();
    return check_result();
}
