/* SPDX-License-Identifier: MIT */
/*
 * The table of heads. See head.h.
 */
#include "model/head.h"

#include <string.h>

#include "graph/ops.h"

/* torchvision's head: average pool and one linear layer. */
static int plain(struct ic_graph *g, int x, int classes)
{
    x = ic_avgpool(g, "avgpool", x);
    return ic_linear(g, "fc", x, classes);
}

/* fastai's head, with its names as the second part of a Sequential: module 1.0 pools,
 * 1.1 flattens, and 1.2 to 1.8 are built here. */
static int fastai(struct ic_graph *g, int x, int classes)
{
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

#define HEADS(ROW) ROW(fastai, "1.8.weight") ROW(plain, "fc.weight")

#define WORD(name, last) #name,
#define HEAD(name, last) {#name, name, last},

const char *const ic_words_head[] = {HEADS(WORD) NULL};
static const struct ic_head heads[] = {HEADS(HEAD)};

const struct ic_head *ic_head_find(const char *name)
{
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (strcmp(heads[i].name, name) == 0)
            return &heads[i];
    return NULL;
}
