/* SPDX-License-Identifier: MIT */
/*
 * Defines the residual networks, ResNet-18 to ResNet-152, on one page.
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table
 * 1 and section 4.1 (projection shortcuts where the shape changes), with torchvision's
 * names. A picture of 224 x 224 becomes 112 x 112 x 64 in the stem, 56 x 56 x 64 after
 * pooling, and 56, 28, 14 and 7 pixels wide in the stages, whose 3x3 convolutions have
 * 64, 128, 256 and 512 channels.
 *
 * The stride of a bottleneck is in its 3x3 convolution, as in torchvision (and not in
 * its first 1x1 convolution, as in the paper): the variant known as v1.5.
 */
#include "model/resnet.h"

#include <stdio.h>

#include "graph/ops.h"

/* Room for the temporary name "prefix.module". */
struct name {
    char text[64];
};
static const char *join(const char *prefix, const char *module, struct name *name)
{
    snprintf(name->text, sizeof name->text, "%s.%s", prefix, module);
    return name->text;
}

/* A convolution, padded so that only its stride makes pictures smaller. */
static int conv(struct ic_graph *g, const char *prefix, const char *module, int x,
                int channels, int kernel, int stride)
{
    struct name name;

    return ic_conv2d(g, join(prefix, module, &name), x, channels, kernel, stride,
                     kernel / 2);
}

static int norm(struct ic_graph *g, const char *prefix, const char *module, int x,
                int residual, bool relu)
{
    struct name name;

    return ic_batchnorm(g, join(prefix, module, &name), x, residual, relu);
}

/* out = relu(bn(y) + shortcut(x)), the shortcut being x itself or, where the shapes of
 * x and y differ, a 1x1 convolution with its own batch norm. */
static int add_shortcut(struct ic_graph *g, const char *prefix, const char *bn, int y,
                        int x, int channels, int stride)
{
    if (!ic_graph_same_shape(g, x, y)) {
        x = conv(g, prefix, "downsample.0", x, channels, 1, stride);
        x = norm(g, prefix, "downsample.1", x, IC_NO_RESIDUAL, false);
    }
    return norm(g, prefix, bn, y, x, true);
}

/* relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)). */
static int basic_block(struct ic_graph *g, const char *prefix, int x, int channels,
                       int stride)
{
    int y = conv(g, prefix, "conv1", x, channels, 3, stride);

    y = norm(g, prefix, "bn1", y, IC_NO_RESIDUAL, true);
    y = conv(g, prefix, "conv2", y, channels, 3, 1);
    return add_shortcut(g, prefix, "bn2", y, x, channels, stride);
}

/* relu(bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))) + shortcut(x)): the 3x3
 * convolution has a quarter of the block's channels. */
static int bottleneck(struct ic_graph *g, const char *prefix, int x, int channels,
                      int stride)
{
    int y = conv(g, prefix, "conv1", x, channels, 1, 1);

    y = norm(g, prefix, "bn1", y, IC_NO_RESIDUAL, true);
    y = conv(g, prefix, "conv2", y, channels, 3, stride);
    y = norm(g, prefix, "bn2", y, IC_NO_RESIDUAL, true);
    y = conv(g, prefix, "conv3", y, 4 * channels, 1, 1);
    return add_shortcut(g, prefix, "bn3", y, x, 4 * channels, stride);
}

struct resnet {
    int (*block)(struct ic_graph *g, const char *prefix, int x, int channels,
                 int stride);
    int blocks[4]; /* in each stage */
};

/* fastai makes a Sequential of torchvision's modules, where 0.2 is the ReLU and 0.3 the
 * max pool, and splits the groups before 0.6. */
static const struct ic_arch_part parts[] = {
    {"conv1", "0.0", IC_GROUP_LOW},   {"bn1", "0.1", IC_GROUP_LOW},
    {"layer1", "0.4", IC_GROUP_LOW},  {"layer2", "0.5", IC_GROUP_LOW},
    {"layer3", "0.6", IC_GROUP_HIGH}, {"layer4", "0.7", IC_GROUP_HIGH},
    {NULL, NULL, IC_GROUPS}};

enum { STEM_PARTS = 2 };

static int body(struct ic_graph *g, const struct ic_arch *arch)
{
    const struct resnet *resnet = arch->config;
    char prefix[32];
    int x = 0;

    g->group = IC_GROUP_LOW;
    x = ic_conv2d(g, "conv1", x, 64, 7, 2, 3);
    x = ic_batchnorm(g, "bn1", x, IC_NO_RESIDUAL, true);
    x = ic_maxpool(g, "maxpool", x, 3, 2, 1);
    for (int s = 0; s < 4; s++) {
        const struct ic_arch_part *stage = &parts[STEM_PARTS + s];

        g->group = stage->group;
        for (int b = 0; b < resnet->blocks[s]; b++) {
            const int stride = s > 0 && b == 0 ? 2 : 1;

            snprintf(prefix, sizeof prefix, "%s.%d", stage->name, b);
            x = resnet->block(g, prefix, x, 64 << s, stride);
        }
    }
    return x;
}

/* Name, block, features, and the blocks in each stage. */
#define RESNET(NAME, BLOCK, FEATURES, ...)                      \
    const struct ic_arch ic_##NAME = {                          \
        .name = #NAME,                                          \
        .build = body,                                          \
        .config = &(const struct resnet){BLOCK, {__VA_ARGS__}}, \
        .parts = parts,                                         \
        .features = FEATURES,                                   \
    };

RESNET(resnet18, basic_block, 512, 2, 2, 2, 2)
RESNET(resnet34, basic_block, 512, 3, 4, 6, 3)
RESNET(resnet50, bottleneck, 2048, 3, 4, 6, 3)
RESNET(resnet101, bottleneck, 2048, 3, 4, 23, 3)
RESNET(resnet152, bottleneck, 2048, 3, 8, 36, 3)
