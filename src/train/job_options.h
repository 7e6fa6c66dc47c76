/*
 * The options of a job: every fact of each of them, in one place (base/option.h says
 * what the facts are).
 *
 * The rows are macros, because a command's structure holds a job somewhere and has
 * options besides: `at` is a macro that makes a field of `structure` of a field of
 * struct ic_job, such as `#define AT(field) job.field`. What a job itself needs, its
 * defaults, checks and text, comes from ic_job_options.
 */
#ifndef IC_TRAIN_JOB_OPTIONS_H
#define IC_TRAIN_JOB_OPTIONS_H

#include "backend/registry.h"
#include "base/option.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/square.h"
#include "train/job.h"
#include "train/job_words.h"

/* All rows, the fields being those of struct ic_job, in the order of job.conf; ends
 * with {0}. */
extern const struct ic_option ic_job_options[];

/* --- rows that other commands have, too ---------------------------------------- */

/* `compute` is a field that is a struct ic_compute. */
#define IC_OPTION_DEVICE(structure, compute)                                    \
    IC_OPTION(structure, "device", compute.device, .choices = ic_backend_names, \
              .fallback = "cpu", .defining = true, .help = "what computes")

#define IC_OPTION_CONV(structure, compute)                                         \
    IC_OPTION(structure, "conv", compute.conv, .choices = ic_conv_algorithm_names, \
              .fallback = "auto", .defining = true,                                \
              .help = "algorithm of the convolutions; auto: by their shape")

#define IC_OPTION_PRECISION(structure, compute)                                       \
    IC_OPTION(                                                                        \
        structure, "precision", compute.precision, .choices = ic_precision_names,     \
        .fallback = "fp32", .defining = true,                                         \
        .help = "what is rounded; bf16: the body's activations, which take half the " \
                "memory; tf32: what a GPU multiplies",                                \
        .more = "With bf16 the activations of the network's body and their "          \
                "gradients are stored with 7 bits of mantissa. With tf32, which "     \
                "needs --device cuda, a GPU rounds what it multiplies to 10 bits. "   \
                "Sums, weights, their gradients, the head and files are fp32 in "     \
                "any case.")

#define IC_OPTION_THREADS(structure, compute)                                         \
    IC_OPTION(structure, "threads", compute.threads, .value = "N", .fallback = "0",   \
              .min = 0, .max = 4096,                                                  \
              .help =                                                                 \
                  "threads that compute; 0: OMP_NUM_THREADS, or else one a physical " \
                  "core. The result is the same")

#define IC_COMPUTE_OPTIONS(structure, compute)                                \
    IC_OPTION_DEVICE(structure, compute), IC_OPTION_CONV(structure, compute), \
        IC_OPTION_PRECISION(structure, compute), IC_OPTION_THREADS(structure, compute)

#define IC_OPTION_DECODE(structure, field)                                           \
    IC_OPTION(                                                                       \
        structure, "decode", field, .choices = ic_decode_names, .fallback = "exact", \
        .defining = true,                                                            \
        .help =                                                                      \
            "how JPEGs are decoded; exact: whole; fast: at 1/2, 1/4 or 1/8, where "  \
            "that leaves the pixels that the size needs",                            \
        .more =                                                                      \
            "The pixels of fast differ a little, so the weights do. The choice is "  \
            "not kept with the weights: eval and predict decode exactly, unless "    \
            "they are asked, too.")

#define IC_OPTION_BAD_IMAGES(structure, field)                                \
    IC_OPTION(structure, "bad-images", field, .choices = ic_words_bad_images, \
              .fallback = "fail", .defining = true,                           \
              .help = "what a picture that cannot be read does",              \
              .more = "It ends the run or is left out; each is named.")

/* The facts that do not depend on the command; it adds .help, and .fallback. */
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

/* --- rows of jobs -------------------------------------------------------------- */

/* What learns, and from what. */
#define IC_JOB_OPTIONS_START(structure, at)                                            \
    IC_OPTION(                                                                         \
        structure, "data", at(data), .value = "DIR", .required = true,                 \
        .help = "folder of the pictures: images/ and annotations/ as the Oxford-IIIT " \
                "Pet data set has them, or a folder a class",                          \
        .more = "The pictures lie in DIR/images, named Breed_12.jpg as in the "        \
                "Oxford-IIIT Pet data set; or in DIR/CLASS; or in DIR/train/CLASS "    \
                "and DIR/valid/CLASS (or val, validation). Files are recognised by "   \
                "content: JPEG, PNG, GIF."),                                           \
        IC_OPTION(structure, "labels", at(labels), .choices = ic_labels_names,         \
                  .unset = "species for images/, else folder", .defining = true,       \
                  .help = "what the classes are: cat or dog, or the breed (both read " \
                          "off Oxford "                                                \
                          "names), or the class folder that holds the picture"),       \
        IC_OPTION(structure, "arch", at(arch), .choices = ic_words_arch,               \
                  .fallback = "resnet34", .defining = true, .help = "the network"),    \
        IC_OPTION(structure, "head", at(head), .choices = ic_words_head,               \
                  .unset = "fastai with --pretrained, else plain", .defining = true,   \
                  .help = "its last layers; plain: one linear layer; fastai: two, "    \
                          "with batch norm "                                           \
                          "and dropout"),                                              \
        IC_OPTION(structure, "pretrained", at(pretrained), .value = "FILE",            \
                  .fallback = "none",                                                  \
                  .help = "weights to start from: safetensors, or a PyTorch "          \
                          "checkpoint; a head that does not fit starts from random "   \
                          "weights"),                                                  \
        IC_OPTION(                                                                     \
            structure, "recipe", at(recipe), .choices = ic_words_recipe,               \
            .unset = "fine-tune with --pretrained, else one-cycle", .defining = true,  \
            .help =                                                                    \
                "course of the learning rate; one-cycle: up, then down, once; fine-"   \
                "tune: that for the head alone, then for all layers, lower ones more " \
                "slowly")

/* How long it learns. */
#define IC_JOB_OPTIONS_EPOCHS(structure, at)                                      \
    IC_OPTION(structure, "epochs", at(epochs), .value = "N", .fallback = "1",     \
              .min = 1, .max = 100000, .defining = true,                          \
              .help = "epochs of training; of fine-tune, those with all layers"), \
        IC_OPTION_FREEZE_EPOCHS(                                                  \
            structure, at(freeze_epochs),                                         \
            .help =                                                               \
                "epochs in which fine-tune trains the head alone, before the others")

/* What is frozen at first. */
#define IC_JOB_OPTIONS_FREEZE(structure, at)                                          \
    IC_OPTION(                                                                        \
        structure, "freeze", at(freeze), .choices = ic_words_freeze,                  \
        .fallback = "weights", .defining = true,                                      \
        .help =                                                                       \
            "what of the body is frozen in the first epochs; weights: its batch "     \
            "norm learns on, as in fastai; bn: batch norm too, so that a step needs " \
            "the body's forward pass alone",                                          \
        .more =                                                                       \
            "With bn, --resize squish and without augmentation, where a picture "     \
            "looks the same in every epoch, the body's forward pass is done once a "  \
            "picture.")

/* How fast it learns, and when it ends early. */
#define IC_JOB_OPTIONS_RATE(structure, at)                                             \
    IC_OPTION(structure, "patience", at(patience), .value = "N", .fallback = "0",      \
              .min = 0, .max = 100000, .defining = true,                               \
              .help =                                                                  \
                  "a phase ends when N epochs in a row validate no better; 0: never",  \
              .more = "No better means no better than the best epoch of that phase."), \
        IC_OPTION(structure, "lr", at(lr), .value = "X", .fallback = "2e-3",           \
                  .min = 1e-9, .max = 1000, .defining = true,                          \
                  .help = "highest learning rate")

/* What a step sees and does. */
#define IC_JOB_OPTIONS_STEP(structure, at)                                             \
    IC_OPTION_BATCH(structure, at(batch), .fallback = "64",                            \
                    .help = "pictures a step"),                                        \
        IC_OPTION_MICRO_BATCH(                                                         \
            structure, at(micro_batch), .fallback = "0",                               \
            .help =                                                                    \
                "pictures that are computed at once, their gradients added up to a "   \
                "step's, where the memory is too small for --batch; 0: all",           \
            .more = "Batch norm sees N pictures at a time."),                          \
        IC_OPTION(structure, "size", at(size), .value = "N", .fallback = "224",        \
                  .min = 32, .max = 4096, .defining = true,                            \
                  .help = "side of the pictures that the network sees, in pixels"),    \
        IC_OPTION(                                                                     \
            structure, "resize", at(resize), .choices = ic_fit_names,                  \
            .fallback = "crop", .defining = true,                                      \
            .help =                                                                    \
                "how a picture becomes square: cut, its edges mirrored, or squeezed"), \
        IC_OPTION(structure, "augment", at(augment), .choices = ic_augment_names,      \
                  .fallback = "none", .defining = true,                                \
                  .help = "how training pictures vary; flip: half of them are "        \
                          "mirrored; fastai: "                                         \
                          "flip, rotation, zoom, perspective, crop and lighting",      \
                  .more = "The ranges of these are fastai's."),                        \
        IC_OPTION(structure, "presize", at(presize), .value = "N", .fallback = "0",    \
                  .min = 0, .max = 16384, .defining = true,                            \
                  .help =                                                              \
                      "side of the square that a picture becomes before it is "        \
                      "augmented and "                                                 \
                      "reduced to --size; 0: none, but 460/224 of --size for fastai"), \
        IC_OPTION_DECODE(structure, at(decode)),                                       \
        IC_OPTION(structure, "valid-pct", at(valid_pct), .value = "X",                 \
                  .fallback = "0.2", .min = 0.001, .max = 0.999, .defining = true,     \
                  .help = "part of the pictures that validates, for split random"),    \
        IC_OPTION(structure, "split", at(split), .value = "random|official|FILE",      \
                  .fallback = "random",                                                \
                  .help = "which pictures validate: drawn by the seed, the data "      \
                          "set's own lists, "                                          \
                          "or those that FILE names, one a line"),                     \
        IC_OPTION_SEED(structure, at(seed), .fallback = "42",                          \
                       .help =                                                         \
                           "of all random numbers; the same job gives the same model", \
                       .more = "It does so for any number of threads."),               \
        IC_OPTION_BAD_IMAGES(structure, at(bad_images)),                               \
        IC_OPTION(structure, "optimizer", at(optimizer),                               \
                  .choices = ic_words_optimizer, .fallback = "adam", .defining = true, \
                  .help = "Adam, or stochastic gradient descent with momentum"),       \
        IC_OPTION(structure, "weight-decay", at(weight_decay), .value = "X",           \
                  .fallback = "0.01", .min = 0, .max = 100, .defining = true,          \
                  .help =                                                              \
                      "pull of the weights towards zero, times the learning rate"),    \
        IC_OPTION(structure, "label-smoothing", at(label_smoothing), .value = "X",     \
                  .fallback = "0", .min = 0, .max = 0.99, .defining = true,            \
                  .help = "part of the target that all classes share")

/* What is validated and saved. */
#define IC_JOB_OPTIONS_EMA(structure, at)                                              \
    IC_OPTION_EMA(                                                                     \
        structure, at(ema), .fallback = "0",                                           \
        .help = "validates and saves a moving average of the weights; 0: the weights", \
        .more =                                                                        \
            "After each step the average of weights and running statistics is DECAY "  \
            "of itself and 1 - DECAY of them. Validation measures it, and model "      \
            "files hold it.")

/* What becomes of gradients. */
#define IC_JOB_OPTIONS_GRADIENT(structure, at)                                        \
    IC_OPTION(                                                                        \
        structure, "clip-norm", at(clip_norm), .value = "X", .fallback = "0",         \
        .min = 0, .max = 1e9, .defining = true,                                       \
        .help =                                                                       \
            "gradients whose norm over all weights exceeds X are scaled to it; 0: "   \
            "never"),                                                                 \
        IC_OPTION(                                                                    \
            structure, "mixup", at(mixup), .value = "X", .fallback = "0", .min = 0,   \
            .max = 100, .defining = true,                                             \
            .help = "pictures and their losses are mixed in pairs, by shares of the " \
                    "distribution Beta(X, X), such as 0.4; 0: not")

/* What computes. */
#define IC_JOB_OPTIONS_COMPUTE(structure, at)                                         \
    IC_OPTION_CONV(structure, at(compute)), IC_OPTION_DEVICE(structure, at(compute)), \
        IC_OPTION_PRECISION(structure, at(compute)),                                  \
        IC_OPTION_THREADS(structure, at(compute)),                                    \
        IC_OPTION_WORKERS(structure, at(workers), .fallback = "0",                    \
                          .help = "threads that read pictures; 0: as many as "        \
                                  "threads, since they mostly "                       \
                                  "wait")

/* The run. */
#define IC_JOB_OPTIONS_RUN(structure, at)                                             \
    IC_OPTION(structure, "out", at(out), .value = "DIR",                              \
              .unset = "runs/DATA-ARCH, then -2, -3 ...",                             \
              .help = "the run folder; it must be new"),                              \
        IC_OPTION(                                                                    \
            structure, "resume", at(resume), .command_line_only = true,               \
            .help =                                                                   \
                "goes on where the run in --out was stopped or killed; its job.conf " \
                "says the other options; with --job a run that is not there begins",  \
            .more = "The result is the same as without the interruption."),           \
        IC_OPTION(structure, "max-steps", at(max_steps), .value = "N",                \
                  .fallback = "0", .min = 0, .max = 1e9, .defining = true,            \
                  .help = "ends after so many steps; 0: no limit"),                   \
        IC_OPTION(structure, "checkpoint-every", at(checkpoint_every), .value = "N",  \
                  .fallback = "100", .min = 0, .max = 1e9,                            \
                  .help = "steps from checkpoint to checkpoint; 0: only after epochs")

#endif
