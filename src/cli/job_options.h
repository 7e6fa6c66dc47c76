/*
 * The options that all commands on jobs take, as rows of options tables.
 *
 * Job files are `train`'s: they may hold every option of its table, and a command that
 * has no such option passes over it (see ic_options_read_job).
 */
#ifndef IC_CLI_JOB_OPTIONS_H
#define IC_CLI_JOB_OPTIONS_H

#include "cli/shared_options.h"
#include "train/job.h"
#include "train/words.h"

/* `job` is the field of `structure` that is a struct ic_job. */

/* What learns, and from what. */
#define IC_JOB_OPTIONS_NETWORK(structure, job)                                         \
    IC_OPTION(structure, "data", job.data, .value = "DIR", .required = true,           \
              .help = "folder of the pictures: images/ and annotations/ as the "       \
                      "Oxford-IIIT Pet data set has them, or a folder a class"),       \
        IC_OPTION(structure, "labels", job.labels, .choices = ic_labels_names,         \
                  .fallback = "species",                                               \
                  .help = "what the classes are: cat or dog, or the breed (both read " \
                          "off Oxford names), or the folder that holds the picture"),  \
        IC_OPTION(structure, "arch", job.arch, .choices = ic_words_arch,               \
                  .fallback = "resnet34", .help = "the network"),                      \
        IC_OPTION(structure, "head", job.head, .choices = ic_words_head,               \
                  .unset = "fastai with --pretrained, else plain",                     \
                  .help = "its last layers; plain: one linear layer; fastai: two, "    \
                          "with batch norm and dropout"),                              \
        IC_OPTION(structure, "pretrained", job.pretrained, .value = "FILE",            \
                  .fallback = "none",                                                  \
                  .help = "weights to start from: safetensors, or a PyTorch "          \
                          "checkpoint; the head is drawn anew where it does not fit"), \
        IC_OPTION(structure, "recipe", job.recipe, .choices = ic_words_recipe,         \
                  .unset = "fine-tune with --pretrained, else one-cycle",              \
                  .help = "course of the learning rate; one-cycle: up, then down, "    \
                          "once; fine-tune: that for the head alone, then for all "    \
                          "layers, lower ones more slowly")

#define IC_OPTION_FREEZE(structure, job)                                              \
    IC_OPTION(structure, "freeze", job.freeze, .choices = ic_words_freeze,            \
              .fallback = "weights",                                                  \
              .help = "what of the body is frozen in the first epochs; weights: its " \
                      "batch norm learns on, as in fastai; bn: batch norm too, so "   \
                      "that a step needs the body's forward pass alone")

/* What a step sees and does. */
#define IC_JOB_OPTIONS_STEP(structure, job)                                            \
    IC_OPTION(structure, "batch", job.batch, .value = "N", .fallback = "64", .min = 1, \
              .max = 65536, .help = "pictures a step"),                                \
        IC_OPTION(                                                                     \
            structure, "micro-batch", job.micro_batch, .value = "N", .fallback = "0",  \
            .min = 0, .max = 65536,                                                    \
            .help = "pictures that are computed at once, their gradients added up to " \
                    "a step's, where the memory is too small for --batch; 0: all"),    \
        IC_OPTION(structure, "size", job.size, .value = "N", .fallback = "224",        \
                  .min = 32, .max = 4096,                                              \
                  .help = "side of the pictures that the network sees, in pixels"),    \
        IC_OPTION(                                                                     \
            structure, "resize", job.resize, .choices = ic_fit_names,                  \
            .fallback = "crop",                                                        \
            .help =                                                                    \
                "how a picture becomes square: cut, its edges mirrored, or squeezed"), \
        IC_OPTION(structure, "augment", job.augment, .choices = ic_augment_names,      \
                  .fallback = "none",                                                  \
                  .help =                                                              \
                      "how training pictures vary; flip: half of them are mirrored; "  \
                      "fastai: flip, rotation, zoom, perspective, crop and lighting"), \
        IC_OPTION(                                                                     \
            structure, "presize", job.presize, .value = "N", .fallback = "0",          \
            .min = 0, .max = 16384,                                                    \
            .help =                                                                    \
                "side of the square that a picture becomes before it is augmented "    \
                "and reduced to --size; 0: none, but 460/224 of --size for fastai"),   \
        IC_OPTION_DECODE(structure, job.decode),                                       \
        IC_OPTION(structure, "valid-pct", job.valid_pct, .value = "X",                 \
                  .fallback = "0.2", .min = 0.001, .max = 0.999,                       \
                  .help = "part of the pictures that validates, for split random"),    \
        IC_OPTION(structure, "split", job.split, .value = "random|official|FILE",      \
                  .fallback = "random",                                                \
                  .help = "which pictures validate: drawn by the seed, the data "      \
                          "set's own lists, or those that FILE names, one a line"),    \
        IC_OPTION(structure, "seed", job.seed, .value = "N", .fallback = "42",         \
                  .min = 0, .max = 4294967295,                                         \
                  .help = "of all random numbers; the same job gives the same model"), \
        IC_OPTION_BAD_IMAGES(structure, job.bad_images),                               \
        IC_OPTION(structure, "optimizer", job.optimizer,                               \
                  .choices = ic_words_optimizer, .fallback = "adam",                   \
                  .help = "Adam, or stochastic gradient descent with momentum"),       \
        IC_OPTION(structure, "weight-decay", job.weight_decay, .value = "X",           \
                  .fallback = "0.01", .min = 0, .max = 100,                            \
                  .help =                                                              \
                      "pull of the weights towards zero, times the learning rate"),    \
        IC_OPTION(structure, "label-smoothing", job.label_smoothing, .value = "X",     \
                  .fallback = "0", .min = 0, .max = 0.99,                              \
                  .help = "part of the target that all classes share"),                \
        IC_OPTION(structure, "clip-norm", job.clip_norm, .value = "X",                 \
                  .fallback = "0", .min = 0, .max = 1e9,                               \
                  .help = "gradients whose norm over all weights exceeds X are "       \
                          "scaled to it; 0: never"),                                   \
        IC_OPTION(structure, "mixup", job.mixup, .value = "X", .fallback = "0",        \
                  .min = 0, .max = 100,                                                \
                  .help = "pictures and their losses are mixed in pairs, by shares "   \
                          "of the distribution Beta(X, X), such as 0.4; 0: not"),      \
        IC_COMPUTE_OPTIONS(structure, job.compute),                                    \
        IC_OPTION(structure, "workers", job.workers, .value = "N", .fallback = "0",    \
                  .min = 0, .max = 4096,                                               \
                  .help = "threads that read pictures; 0: as many as threads, since "  \
                          "they mostly wait")

/* `field` is of type const char *. */
#define IC_OPTION_JOB_FILE(structure, field)                       \
    IC_OPTION(                                                     \
        structure, "job", field, .value = "FILE", .unset = "none", \
        .command_line_only = true,                                 \
        .help =                                                    \
            "reads options from a file of `key = value` lines; those given here win")

#endif
