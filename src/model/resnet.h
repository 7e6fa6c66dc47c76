/*
 * ResNet-18 and ResNet-34 as graphs; see resnet.c, the page to read.
 */
#ifndef IC_MODEL_RESNET_H
#define IC_MODEL_RESNET_H

#include "graph/graph.h"

/* "resnet18" or "resnet34". */
bool ic_resnet_known(const char *arch);

/* Appends the network, ending in `classes` logits, to a graph that holds its input
 * alone. `arch` is a known one. Errors stick to the graph. */
void ic_resnet(struct ic_graph *graph, const char *arch, int classes);

#endif
