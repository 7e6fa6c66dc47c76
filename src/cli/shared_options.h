/*
 * The options that several commands take, as rows of options tables.
 */
#ifndef IC_CLI_SHARED_OPTIONS_H
#define IC_CLI_SHARED_OPTIONS_H

#include "backend/compute.h"
#include "cli/options.h"
#include "data/square.h"
#include "train/words.h"

/* --- what computes ------------------------------------------------------------- */

/* `field` is the field of `structure` that is a struct ic_compute. */

#define IC_OPTION_DEVICE(structure, field)                                    \
    IC_OPTION(structure, "device", field.device, .choices = ic_backend_names, \
              .fallback = "cpu", .help = "what computes")
#define IC_OPTION_CONV(structure, field)                                         \
    IC_OPTION(structure, "conv", field.conv, .choices = ic_conv_algorithm_names, \
              .fallback = "auto",                                                \
              .help = "algorithm of the convolutions; auto: by their shape")
#define IC_OPTION_PRECISION(structure, field)                                         \
    IC_OPTION(structure, "precision", field.precision, .choices = ic_precision_names, \
              .fallback = "fp32",                                                     \
              .help =                                                                 \
                  "what is rounded; bf16: the body's activations, which take half "   \
                  "the memory; tf32: what a GPU multiplies")
#define IC_OPTION_THREADS(structure, field)                                          \
    IC_OPTION(structure, "threads", field.threads, .value = "N", .fallback = "0",    \
              .min = 0, .max = 4096,                                                 \
              .help = "threads that compute; 0: one a physical core. The result is " \
                      "the same")

/* The rows for all of them. */
#define IC_COMPUTE_OPTIONS(structure, field)                              \
    IC_OPTION_DEVICE(structure, field), IC_OPTION_CONV(structure, field), \
        IC_OPTION_PRECISION(structure, field), IC_OPTION_THREADS(structure, field)

/* --- pictures ------------------------------------------------------------------ */

#define IC_OPTION_WORKERS(structure, field)                                         \
    IC_OPTION(structure, "workers", field, .value = "N", .fallback = "0", .min = 0, \
              .max = 4096, .help = "threads that read pictures; 0: one a core")
#define IC_OPTION_DECODE(structure, field)                                           \
    IC_OPTION(                                                                       \
        structure, "decode", field, .choices = ic_decode_names, .fallback = "exact", \
        .help = "how JPEGs are decoded; exact: whole; fast: at 1/2, 1/4 or 1/8, "    \
                "where that leaves the pixels that the size needs")
#define IC_OPTION_BATCH(structure, field, fallback_)                          \
    IC_OPTION(structure, "batch", field, .value = "N", .fallback = fallback_, \
              .min = 1, .max = 65536, .help = "pictures at a time")
#define IC_OPTION_BAD_IMAGES(structure, field)                                \
    IC_OPTION(structure, "bad-images", field, .choices = ic_words_bad_images, \
              .fallback = "fail", .help = "what a picture that cannot be read does")

/* --- a weights file ------------------------------------------------------------ */

/* The rows for all fields of a struct ic_model_source but `labels`. */
#define IC_MODEL_OPTIONS(structure, field)                                            \
    IC_OPTION(structure, "model", field.path, .value = "FILE", .required = true,      \
              .help = "weights, as train writes them (model.safetensors)"),           \
        IC_OPTION(structure, "arch", field.arch, .choices = ic_words_arch,            \
                  .unset = "what FILE says",                                          \
                  .help = "the network, for weights that do not name it themselves"), \
        IC_OPTION(structure, "head", field.head, .choices = ic_words_head,            \
                  .unset = "what FILE says, or plain",                                \
                  .help = "its last layers, for the same"),                           \
        IC_OPTION(structure, "size", field.size, .value = "N", .fallback = "0",       \
                  .or_zero = true, .min = 32, .max = 4096,                            \
                  .help = "side of the pictures in pixels, for the same; 0: 224")

#endif
