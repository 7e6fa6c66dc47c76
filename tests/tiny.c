/* SPDX-License-Identifier: MIT */
/*
 * The table of networks (model/arch.c) with one more, "tiny": 4, 6, 6 and 8 channels. A
 * program that is linked with this file in place of the table trains two steps in a few
 * hundredths of a second. Tests of runs, files and options take it, since they need
 * many runs and any network; the campaign can try each allocation and each system call
 * of a run with it.
 */
#include "graph/ops.h"
#include "model/resnet.h"

/* conv1 and layer1 are the lower half of the body; layer2 adds its input. */
static const struct ic_arch_part parts[] = {
    {"conv1", "0.0", IC_GROUP_LOW},   {"bn1", "0.1", IC_GROUP_LOW},
    {"layer1", "0.4", IC_GROUP_LOW},  {"layer2", "0.5", IC_GROUP_HIGH},
    {"layer3", "0.6", IC_GROUP_HIGH}, {NULL, NULL, IC_GROUPS}};

static int body(struct ic_graph *g, const struct ic_arch *arch)
{
    int x = 0, y;

    g->group = IC_GROUP_LOW;
    x = ic_conv2d(g, "conv1", x, 4, 7, 2, 3);
    x = ic_batchnorm(g, "bn1", x, IC_NO_RESIDUAL, true);
    x = ic_maxpool(g, "maxpool", x, 3, 2, 1);
    x = ic_conv2d(g, "layer1.conv", x, 6, 3, 1, 1);
    x = ic_batchnorm(g, "layer1.bn", x, IC_NO_RESIDUAL, true);
    g->group = IC_GROUP_HIGH;
    y = ic_conv2d(g, "layer2.conv", x, 6, 3, 1, 1);
    x = ic_batchnorm(g, "layer2.bn", y, x, true);
    x = ic_conv2d(g, "layer3.conv", x, 8, 3, 2, 1);
    return ic_batchnorm(g, "layer3.bn", x, IC_NO_RESIDUAL, true);
}

static const struct ic_arch ic_tiny = {
    .name = "tiny", .build = body, .parts = parts, .features = 8};

#define RESNETS(ROW) \
    ROW(resnet18) ROW(resnet34) ROW(resnet50) ROW(resnet101) ROW(resnet152)
#undef IC_RESNETS
#define IC_RESNETS(ROW) RESNETS(ROW) ROW(tiny)
#include "model/arch.c"
