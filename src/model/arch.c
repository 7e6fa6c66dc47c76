/* SPDX-License-Identifier: MIT */
/*
 * The table of networks. See arch.h.
 */
#include "model/arch.h"

#include <assert.h>
#include <string.h>

#include "model/head.h"
#include "model/resnet.h"

#define WORD(name) #name,
#define ARCH(name) &ic_##name,

const char *const ic_words_arch[] = {IC_RESNETS(WORD) NULL};
static const struct ic_arch *const archs[] = {IC_RESNETS(ARCH) NULL};

const struct ic_arch *ic_arch_find(const char *name)
{
    for (size_t i = 0; archs[i] != NULL; i++)
        if (strcmp(archs[i]->name, name) == 0)
            return archs[i];
    return NULL;
}

const struct ic_arch_part *ic_arch_part_of(const struct ic_arch *arch,
                                           const char *array)
{
    for (const struct ic_arch_part *part = arch->parts; part->name != NULL; part++) {
        const size_t length = strlen(part->name);

        if (strncmp(array, part->name, length) == 0 && array[length] == '.')
            return part;
    }
    return NULL;
}

void ic_arch_build(struct ic_graph *graph, const char *arch, const char *head,
                   int classes)
{
    const struct ic_arch *body = ic_arch_find(arch);
    const int x = body->build(graph, body);

    assert(graph->error.status != IC_OK ||
           graph->nodes[x].out.channels == body->features);
    graph->group = IC_GROUP_HEAD;
    ic_head_find(head)->build(graph, x, classes);
}
