/* SPDX-License-Identifier: MIT */
/*
 * Rows of options that a job shares with other commands (job_options.h has the others).
 * A row takes the field of the command's structure, and the facts that differ.
 */
#ifndef IC_TRAIN_COMMON_OPTIONS_H
#define IC_TRAIN_COMMON_OPTIONS_H

#include "backend/registry.h"
#include "base/option.h"
#include "data/dataset.h"
#include "train/job.h"
#include "train/job_words.h"

/* `compute` is a field of type struct ic_compute. */
#define IC_OPTION_DEVICE(structure, compute)                                    \
    IC_OPTION(structure, "device", compute.device, .choices = ic_backend_names, \
              .fallback = "cpu", .defining = true,                              \
              .help = "the device to compute on; reference: plain loops in "    \
                      "double precision, slow, to compare the others with")

#define IC_OPTION_CONV(structure, compute)                                         \
    IC_OPTION(structure, "conv", compute.conv, .choices = ic_conv_algorithm_names, \
              .fallback = "auto", .defining = true,                                \
              .help = "convolution algorithm; auto: chosen by shape")

#define IC_OPTION_PRECISION(structure, compute)                                        \
    IC_OPTION(                                                                         \
        structure, "precision", compute.precision, .choices = ic_precision_names,      \
        .fallback = "fp32", .defining = true,                                          \
        .help = "numeric precision; bf16: stores the body's activations in bf16, in "  \
                "half the memory; tf32: rounds a GPU's factors to TF32",               \
        .more = "With bf16 the activations of the network's body and their gradients " \
                "are stored with 7 bits of mantissa. With tf32, which needs --device " \
                "cuda, the GPU rounds the factors of its products to 10 bits. Sums, "  \
                "weights, weight gradients, the head and files are always fp32.")

#define IC_OPTION_THREADS(structure, compute)                                          \
    IC_OPTION(structure, "threads", compute.threads, .value = "N", .fallback = "0",    \
              .min = 0, .max = 4096,                                                   \
              .help = "compute threads; 0: OMP_NUM_THREADS, or else one per physical " \
                      "core. The result does not depend on it")

#define IC_COMPUTE_OPTIONS(structure, compute)                                \
    IC_OPTION_DEVICE(structure, compute), IC_OPTION_CONV(structure, compute), \
        IC_OPTION_PRECISION(structure, compute), IC_OPTION_THREADS(structure, compute)

#define IC_OPTION_DECODE(structure, field)                                             \
    IC_OPTION(structure, "decode", field, .choices = ic_decode_names,                  \
              .fallback = "exact", .defining = true,                                   \
              .help = "how JPEGs are decoded; exact: at full size; fast: at 1/2, 1/4 " \
                      "or 1/8 size where this is large enough",                        \
              .more =                                                                  \
                  "With fast the pixels differ slightly, and so do the trained "       \
                  "weights. The model file does not record the choice: eval and "      \
                  "predict decode exactly unless they are given --decode fast, too.")

#define IC_OPTION_BAD_IMAGES(structure, field)                                         \
    IC_OPTION(structure, "bad-images", field, .choices = ic_words_bad_images,          \
              .fallback = "fail", .defining = true,                                    \
              .help = "what to do about unreadable pictures: stop, or leave them out", \
              .more = "Every unreadable picture is named.")

/* The facts that do not depend on the command; the caller adds .help and .fallback. */
#define IC_OPTION_BATCH(structure, field, ...)                                 \
    IC_OPTION(structure, "batch", field, .value = "N", .min = 1, .max = 65536, \
              .defining = true, __VA_ARGS__)

#define IC_OPTION_MICRO_BATCH(structure, field, ...)                                 \
    IC_OPTION(structure, "micro-batch", field, .value = "N", .min = 0, .max = 65536, \
              .defining = true, __VA_ARGS__)

#define IC_OPTION_SEED(structure, field, ...)                                      \
    IC_OPTION(structure, "seed", field, .value = "N", .min = 0, .max = 4294967295, \
              .defining = true, __VA_ARGS__)

#define IC_OPTION_WORKERS(structure, field, ...)                                \
    IC_OPTION(structure, "workers", field, .value = "N", .min = 0, .max = 4096, \
              __VA_ARGS__)

#define IC_OPTION_EMA(structure, field, ...)                                        \
    IC_OPTION(structure, "ema", field, .value = "DECAY", .min = 0, .max = 0.999999, \
              .defining = true, __VA_ARGS__)

#define IC_OPTION_FREEZE_EPOCHS(structure, field, ...)                          \
    IC_OPTION(structure, "freeze-epochs", field, .value = "N", .fallback = "1", \
              .min = 0, .max = 100000, .defining = true, __VA_ARGS__)

#define IC_OPTION_LR(structure, field, ...)                                          \
    IC_OPTION(structure, "lr", field, .value = "X", .fallback = "2e-3", .min = 1e-9, \
              .max = 1000, .defining = true, __VA_ARGS__)

#define IC_OPTION_OPTIMIZER(structure, field, ...)                          \
    IC_OPTION(structure, "optimizer", field, .choices = ic_words_optimizer, \
              .fallback = "adam", .defining = true,                         \
              .help = "Adam, or stochastic gradient descent with momentum", \
              __VA_ARGS__)

#define IC_OPTION_WEIGHT_DECAY(structure, field)                                  \
    IC_OPTION(structure, "weight-decay", field, .value = "X", .fallback = "0.01", \
              .min = 0, .max = 100, .defining = true,                             \
              .help = "decoupled weight decay, scaled by the learning rate")

#define IC_OPTION_LABEL_SMOOTHING(structure, field)                               \
    IC_OPTION(structure, "label-smoothing", field, .value = "X", .fallback = "0", \
              .min = 0, .max = 0.99, .defining = true,                            \
              .help = "fraction of the target that is spread over all classes")

#endif
