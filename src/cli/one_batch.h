/* SPDX-License-Identifier: MIT */
/*
 * A network and one batch of pictures, with which dump and gradcheck begin: the weights
 * of a file or random ones, the first pictures of a data set or random ones.
 */
#ifndef IC_CLI_ONE_BATCH_H
#define IC_CLI_ONE_BATCH_H

#include "cli/options.h"
#include "cli/shared_options.h"
#include "model/engine.h"
#include "score/trained_model.h"

struct ic_one_batch_options {
    struct ic_model_source source; /* path is NULL: random weights */
    const char *data;              /* NULL: random pictures */
    int classes, batch;
    uint64_t seed;
};

/* The rows, but for --batch. `arch_` and `size_` are those of random weights. */
#define IC_ONE_BATCH_OPTIONS(structure, field, arch_, size_)                           \
    IC_OPTION(structure, "model", field.source.path, .value = "FILE",                  \
              .unset = "random weights", .help = "weights of the network"),            \
        IC_OPTION(structure, "arch", field.source.arch, .choices = ic_words_arch,      \
                  .unset = "from FILE, or " arch_, .help = "the network"),             \
        IC_OPTION(structure, "head", field.source.head, .choices = ic_words_head,      \
                  .unset = "from FILE, or plain",                                      \
                  .help = "the network's last layers"),                                \
        IC_OPTION(structure, "classes", field.classes, .value = "N", .fallback = "2",  \
                  .min = 1, .max = 65536,                                              \
                  .help = "outputs of a network with random weights"),                 \
        IC_OPTION(structure, "size", field.source.size, .value = "N", .fallback = "0", \
                  .or_zero = true, .min = 32, .max = 4096,                             \
                  .help = "side of the pictures in pixels; 0: from FILE, or " size_),  \
        IC_OPTION(structure, "data", field.data, .value = "DIR",                       \
                  .unset = "random pictures",                                          \
                  .help = "takes the first pictures of this data set"),                \
        IC_OPTION(structure, "labels", field.source.labels,                            \
                  .value = "species|breed|folder|FILE",                                \
                  .unset = "as in training; species for random weights",               \
                  .help = "how the classes of DIR are read; FILE: a CSV file of "      \
                          "pictures and their classes")

/* All zero means closed. */
struct ic_one_batch {
    struct ic_trained_model file; /* of random weights: the model alone */
    struct ic_engine engine;
    uint8_t *rgb;
    int32_t *labels;
    int count;
};

/* Opens the network, reads or draws the pictures, and gives them to it. `arch` and
 * `size` are those of random weights. `options` tells whether --classes was given,
 * which a file's own number of classes refuses. */
ic_status ic_one_batch_open(struct ic_one_batch *one,
                            const struct ic_one_batch_options *asked, const char *arch,
                            int size, const struct ic_options *options,
                            const struct ic_compute *compute,
                            const struct ic_plan_options *plan, struct ic_error *error);
void ic_one_batch_close(struct ic_one_batch *one);

#endif
