/*
 * A classifier from a weights file, ready to run: what eval, predict and dump begin
 * with, and the options that commands have in common.
 */
#ifndef IC_CLI_CLASSIFIER_H
#define IC_CLI_CLASSIFIER_H

#include "cli/options.h"
#include "data/dataset.h"
#include "train/engine.h"
#include "train/words.h"

struct ic_classifier_options {
    const char *model;  /* the weights file */
    const char *arch;   /* of a file that does not say it itself; else NULL */
    const char *head;   /* the same; NULL for plain */
    const char *labels; /* the same; NULL for folder */
    int size;           /* the same; 0 for 224 */
    const char *device, *conv, *precision;
    int threads; /* 0 for all cores */
};

/* All zero is closed. Not to be moved while open. */
struct ic_classifier {
    struct ic_model model;
    struct ic_engine engine;
    int64_t batches_tracked; /* by its batch norms, as the file says */
    bool numbered;           /* its classes have no names but numbers */
};

/* Reads the file and opens its network with its weights. A file without im2cat's
 * metadata is taken for a torchvision network of options->arch with numbered classes.
 * To fold batch norms into convolutions is for who only wants logits. */
ic_status ic_classifier_open(struct ic_classifier *classifier,
                             const struct ic_classifier_options *options,
                             const struct ic_plan_options *plan, enum ic_fold fold,
                             struct ic_error *error);

/* The data set in a folder, labelled as the model was trained. Numbered classes are the
 * data set's own, in their order, as many as the model has. */
ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *path, const char *folder,
                                  struct ic_dataset *ret_dataset,
                                  struct ic_error *error);
void ic_classifier_close(struct ic_classifier *classifier);

/* `threads`, or the machine's cores where it is 0. */
int ic_classifier_threads(int threads);

/* --- rows of options tables ---------------------------------------------------- */

#define IC_OPTION_DEVICE(structure, field)                            \
    IC_OPTION(structure, "device", field, .choices = ic_words_device, \
              .fallback = "cpu", .help = "what computes")
#define IC_OPTION_CONV(structure, field)                                              \
    IC_OPTION(structure, "conv", field, .choices = ic_words_conv, .fallback = "auto", \
              .help = "algorithm of the convolutions; auto: by their shape")
#define IC_OPTION_PRECISION(structure, field)                                     \
    IC_OPTION(structure, "precision", field, .choices = ic_words_precision,       \
              .fallback = "fp32",                                                 \
              .help = "what convolutions and the last layers multiply; tf32 and " \
                      "bf16 are rounded, faster and need --device cuda")
#define IC_OPTION_THREADS(structure, field)                                         \
    IC_OPTION(structure, "threads", field, .value = "N", .fallback = "0", .min = 0, \
              .max = 4096, .help = "threads that compute; 0: one a physical core")
#define IC_OPTION_WORKERS(structure, field)                                         \
    IC_OPTION(structure, "workers", field, .value = "N", .fallback = "0", .min = 0, \
              .max = 4096, .help = "threads that read pictures; 0: one a core")
#define IC_OPTION_DECODE(structure, field)                                           \
    IC_OPTION(                                                                       \
        structure, "decode", field, .choices = ic_words_decode, .fallback = "exact", \
        .help = "how JPEGs are decoded; exact: whole; fast: at 1/2, 1/4 or 1/8, "    \
                "where that leaves the pixels that the size needs")
#define IC_OPTION_BATCH(structure, field, fallback_)                          \
    IC_OPTION(structure, "batch", field, .value = "N", .fallback = fallback_, \
              .min = 1, .max = 65536, .help = "pictures at a time")

/* The rows for all fields of a struct ic_classifier_options. */
#define IC_CLASSIFIER_OPTIONS(structure, field)                                       \
    IC_OPTION(structure, "model", field.model, .value = "FILE", .required = true,     \
              .help = "weights, as train writes them (model.safetensors)"),           \
        IC_OPTION(structure, "arch", field.arch, .choices = ic_words_arch,            \
                  .unset = "what FILE says",                                          \
                  .help = "the network, for weights that do not name it themselves"), \
        IC_OPTION(structure, "head", field.head, .choices = ic_words_head,            \
                  .unset = "what FILE says, or plain",                                \
                  .help = "its last layers, for the same"),                           \
        IC_OPTION(structure, "size", field.size, .value = "N", .fallback = "0",       \
                  .or_zero = true, .min = 32, .max = 4096,                            \
                  .help = "side of the pictures in pixels, for the same; 0: 224"),    \
        IC_OPTION_DEVICE(structure, field.device),                                    \
        IC_OPTION_CONV(structure, field.conv),                                        \
        IC_OPTION_PRECISION(structure, field.precision),                              \
        IC_OPTION_THREADS(structure, field.threads)

#endif
