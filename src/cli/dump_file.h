/* SPDX-License-Identifier: MIT */
/*
 * Writes a batch and what a network makes of it as a safetensors file, in the order of
 * computation. docs/check-an-engine.md says what each name means:
 *
 *   pixels, input, labels          the batch: 8-bit RGB, the same normalised, classes
 *   NAME                           parameters and running statistics before the pass
 *   activation.NODE                each node's output
 *   logits, losses, loss           the outcome; the loss is the mean of the losses
 *   updated.NAME                   running statistics after the pass,
 *   gradient.NODE                  the loss's gradient with respect to the output, and
 *   NAME.grad                      with respect to a parameter (training alone)
 *   optimizer.SLOT.NAME            the optimiser's state and
 *   updated.NAME                   the parameters after one step (where asked for)
 *
 * Arrays have PyTorch's layout: NCHW, OIHW; two axes where a picture is one pixel.
 */
#ifndef IC_CLI_DUMP_FILE_H
#define IC_CLI_DUMP_FILE_H

#include "cli/one_batch.h"
#include "train/optimizer.h"

/* One step of an optimiser whose state is zero. */
struct ic_dump_step {
    const char *optimizer; /* a word of ic_words_optimizer */
    double lr, momentum, weight_decay;
};

struct ic_dump {
    const struct ic_one_batch *one; /* whose plan keeps everything */
    const struct ic_compute *compute;
    uint64_t seed;
    bool training; /* goes backward */
    double label_smoothing;
    const struct ic_dump_step *step; /* whose slots the plan has; NULL: no step */
};

/* Sends the batch through the network and writes the file. */
ic_status ic_dump_write(const char *path, const struct ic_dump *dump,
                        struct ic_error *error);

/* Adds the metadata: what computed the file, and how. */
ic_status ic_dump_describe(const struct ic_dump *dump,
                           struct ic_safetensors_writer *writer,
                           struct ic_error *error);

#endif
