/*
 * ResNet-18 and ResNet-34 as graphs; see resnet.c, the page to read.
 */
#ifndef IC_MODEL_RESNET_H
#define IC_MODEL_RESNET_H

#include "graph/graph.h"

/* "resnet18" or "resnet34". */
bool ic_resnet_known(const char *arch);

/* "fastai" or "plain". */
bool ic_resnet_head_known(const char *head);

/* The name of that head's last weight, which has a row a class. */
const char *ic_resnet_last_weight(const char *head);

/* Appends the network, ending in `classes` logits, to a graph that holds its input
 * alone. `arch` and `head` are known ones. Errors stick to the graph. */
void ic_resnet(struct ic_graph *graph, const char *arch, const char *head, int classes);

#endif
