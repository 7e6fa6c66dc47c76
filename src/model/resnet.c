/*
 * Residual networks of basic blocks: ResNet-18 and ResNet-34, on one page.
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table
 * 1 and section 4.1 (projection shortcuts where the shape changes), with torchvision's
 * names. A picture of 224 x 224 becomes 112 x 112 x 64 in the stem, 56 x 56 x 64 after
 * pooling, and 56 x 56 x 64, 28 x 28 x 128, 14 x 14 x 256, 7 x 7 x 512 in the stages.
 */
#include "model/resnet.h"

#include <stdio.h>
#include <string.h>

#include "graph/ops.h"

static const struct stage {
    int channels, stride;
    int group; /* parameter group, for discriminative learning rates */
} stages[4] = {{64, 1, 0}, {128, 2, 0}, {256, 2, 1}, {512, 2, 1}};

static const struct arch {
    const char *name;
    int blocks[4]; /* in each stage */
} archs[] = {{"resnet18", {2, 2, 2, 2}}, {"resnet34", {3, 4, 6, 3}}};

/* "prefix.module", for the moment. */
struct name {
    char text[64];
};
static const char *join(const char *prefix, const char *module, struct name *name)
{
    snprintf(name->text, sizeof name->text, "%s.%s", prefix, module);
    return name->text;
}

/* out = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), the shortcut being x
 * itself or, where the shape changes, a 1x1 convolution with its own batch norm. */
static int basic_block(struct ic_graph *g, const char *prefix, int x, int channels,
                       int stride)
{
    struct name name;
    int y, shortcut = x;

    y = ic_conv2d(g, join(prefix, "conv1", &name), x, channels, 3, stride, 1);
    y = ic_batchnorm(g, join(prefix, "bn1", &name), y, IC_NO_RESIDUAL, true);
    y = ic_conv2d(g, join(prefix, "conv2", &name), y, channels, 3, 1, 1);
    if (stride != 1) {
        shortcut = ic_conv2d(g, join(prefix, "downsample.0", &name), x, channels, 1,
                             stride, 0);
        shortcut = ic_batchnorm(g, join(prefix, "downsample.1", &name), shortcut,
                                IC_NO_RESIDUAL, false);
    }
    return ic_batchnorm(g, join(prefix, "bn2", &name), y, shortcut, true);
}

/* The features: everything before the head. Returns the last node. */
static int body(struct ic_graph *g, const struct arch *arch)
{
    char prefix[32];
    int x = 0;

    g->group = 0;
    x = ic_conv2d(g, "conv1", x, 64, 7, 2, 3);
    x = ic_batchnorm(g, "bn1", x, IC_NO_RESIDUAL, true);
    x = ic_maxpool(g, "maxpool", x, 3, 2, 1);
    for (int s = 0; s < 4; s++) {
        g->group = stages[s].group;
        for (int b = 0; b < arch->blocks[s]; b++) {
            snprintf(prefix, sizeof prefix, "layer%d.%d", s + 1, b);
            x = basic_block(g, prefix, x, stages[s].channels,
                            b == 0 ? stages[s].stride : 1);
        }
    }
    return x;
}

/* torchvision's head: average pool and one linear layer. */
static int plain_head(struct ic_graph *g, int x, int classes)
{
    g->group = 2;
    x = ic_avgpool(g, "avgpool", x);
    return ic_linear(g, "fc", x, classes);
}

/* fastai's head, with the names that it has as the second part of a Sequential: module
 * 1.0 pools, 1.1 flattens, 1.2 ... 1.8 stand here. */
static int fastai_head(struct ic_graph *g, int x, int classes)
{
    g->group = 2;
    g->norm_bias = IC_INIT_THOUSANDTH;
    x = ic_concatpool(g, "1.0", x);
    x = ic_batchnorm(g, "1.2", x, IC_NO_RESIDUAL, false);
    x = ic_dropout(g, "1.3", x, 0.25);
    x = ic_linear_unbiased(g, "1.4", x, 512);
    x = ic_relu(g, "1.5", x);
    x = ic_batchnorm(g, "1.6", x, IC_NO_RESIDUAL, false);
    x = ic_dropout(g, "1.7", x, 0.5);
    return ic_linear_unbiased(g, "1.8", x, classes);
}

static const struct head {
    const char *name;
    int (*build)(struct ic_graph *graph, int x, int classes);
    const char *last; /* the matrix whose rows are the classes */
} heads[] = {{"fastai", fastai_head, "1.8.weight"}, {"plain", plain_head, "fc.weight"}};

static const struct head *find_head(const char *name)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (strcmp(heads[i].name, name) == 0)
            return &heads[i];
    return NULL;
}

bool ic_resnet_head_known(const char *head)
{
    return find_head(head) != NULL;
}

const char *ic_resnet_last_weight(const char *head)
{
    return find_head(head)->last;
}

bool ic_resnet_known(const char *arch)
{
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        if (strcmp(archs[i].name, arch) == 0)
            return true;
    return false;
}

void ic_resnet(struct ic_graph *graph, const char *arch, const char *head, int classes)
{
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
        if (strcmp(archs[i].name, arch) == 0)
            find_head(head)->build(graph, body(graph, &archs[i]), classes);
}
