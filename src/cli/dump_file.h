/* SPDX-License-Identifier: MIT */
/*
 * Writes a batch and what a network makes of it as a safetensors file:
 *
 *   input                          the normalised pictures
 *   labels, losses, logits         the batch's classes and its outcome
 *   activation.NODE                each node's output
 *   NAME                           running statistics after the pass
 *   gradient.NODE                  the mean loss's gradient there, and
 *   NAME.grad                      with respect to a parameter (training alone)
 *
 * Arrays have PyTorch's layout: NCHW, OIHW; two axes where a picture is one pixel.
 */
#ifndef IC_CLI_DUMP_FILE_H
#define IC_CLI_DUMP_FILE_H

#include "graph/net.h"

/* Takes the loss of `count` pictures that went forward through `net` (whose plan keeps
 * everything), goes backward when `training`, and writes the arrays. */
ic_status ic_dump_write(const char *path, struct ic_net *net, const int32_t *labels,
                        int count, bool training, struct ic_error *error);

#endif
