/* SPDX-License-Identifier: MIT */
/*
 * The options of a job: every fact about each of them, in one place (base/option.h
 * lists the facts). The rows that other commands share are in common_options.h.
 *
 * The rows are macros, because a command's structure holds a job somewhere and has
 * other options, too. `at` is a macro that turns a field of struct ic_job into a field
 * of `structure`, such as `#define AT(field) job.field`. The job's own needs, that is
 * its defaults, checks and text, are derived from ic_job_options.
 */
#ifndef IC_TRAIN_JOB_OPTIONS_H
#define IC_TRAIN_JOB_OPTIONS_H

#include "data/augment.h"
#include "data/square.h"
#include "train/common_options.h"

/* All rows, with the fields of struct ic_job, in the order of job.conf; ends with {0}.
 */
extern const struct ic_option ic_job_options[];

/* --- rows of jobs -------------------------------------------------------------- */

/* What is trained, and on what data. */
#define IC_JOB_OPTIONS_START(structure, at)                                           \
    IC_OPTION(                                                                        \
        structure, "data", at(data), .group = "data and network", .value = "DIR",     \
        .required = true,                                                             \
        .help = "folder of the pictures: images/ and annotations/ as in the "         \
                "Oxford-IIIT Pet data set, or one folder per class",                  \
        .more =                                                                       \
            "The pictures are in DIR/images, named Breed_12.jpg as in the "           \
            "Oxford-IIIT Pet data set; or in DIR/CLASS; or in DIR/train/CLASS and "   \
            "DIR/valid/CLASS (or val, validation). Files are recognised by content: " \
            "JPEG, PNG, GIF, BMP, and where im2cat was built with their libraries "   \
            "WebP "                                                                   \
            "and TIFF."),                                                             \
        IC_OPTION(                                                                    \
            structure, "labels", at(labels), .value = "species|breed|folder|FILE",    \
            .unset = "species for images/, else folder", .defining = true,            \
            .help = "classes: cat and dog, or the breeds (both read from Oxford "     \
                    "file names), the class folders that hold the pictures, or a "    \
                    "CSV file of pictures and their classes",                         \
            .more =                                                                   \
                "A row of the CSV file names a picture below DIR, its class and, if " \
                "there is a third column, its side: train, valid or test. "           \
                "Pictures that it does not name are left out."),                      \
        IC_OPTION(structure, "arch", at(arch), .choices = ic_words_arch,              \
                  .fallback = "resnet34", .defining = true, .help = "the network"),   \
        IC_OPTION(structure, "head", at(head), .choices = ic_words_head,              \
                  .unset = "fastai with --pretrained, else plain", .defining = true,  \
                  .help = "the network's last layers; plain: one linear layer; "      \
                          "fastai: two, with batch norm and dropout"),                \
        IC_OPTION(structure, "pretrained", at(pretrained), .value = "FILE",           \
                  .fallback = "none",                                                 \
                  .help =                                                             \
                      "weights to start from: safetensors, or a PyTorch checkpoint; " \
                      "a head that does not fit starts from random weights"),         \
        IC_OPTION(structure, "recipe", at(recipe), .choices = ic_words_recipe,        \
                  .unset = "fine-tune with --pretrained, else one-cycle",             \
                  .defining = true,                                                   \
                  .help = "learning-rate schedule; one-cycle: rises once, then "      \
                          "falls; fine-tune: one cycle for the head, then one for "   \
                          "all layers, earlier layers at lower rates")

/* How long the training is. */
#define IC_JOB_OPTIONS_EPOCHS(structure, at)                                         \
    IC_OPTION(structure, "epochs", at(epochs), .group = "schedule", .value = "N",    \
              .fallback = "1", .min = 1, .max = 100000, .defining = true,            \
              .help = "epochs (fine-tune: epochs that train all layers)"),           \
        IC_OPTION_FREEZE_EPOCHS(structure, at(freeze_epochs),                        \
                                .help = "epochs in which fine-tune trains only the " \
                                        "head, before it trains all layers")

/* The parts of --augment, with fastai's names. */
#define IC_JOB_OPTIONS_AUGMENT(structure, at)                                         \
    IC_OPTION(structure, "p-flip", at(parts.flip), .value = "X", .fallback = "0.5",   \
              .min = 0, .max = 1, .defining = true,                                   \
              .help = "--augment flip, fastai: chance that a picture is mirrored"),   \
        IC_OPTION(structure, "max-rotate", at(parts.max_rotate), .value = "X",        \
                  .fallback = "10", .min = 0, .max = 180, .defining = true,           \
                  .help = "--augment fastai: largest rotation, in degrees"),          \
        IC_OPTION(structure, "max-zoom", at(parts.max_zoom), .value = "X",            \
                  .fallback = "1.1", .min = 1, .max = 10, .defining = true,           \
                  .help = "--augment fastai: largest zoom; 1: none"),                 \
        IC_OPTION(structure, "max-warp", at(parts.max_warp), .value = "X",            \
                  .fallback = "0.2", .min = 0, .max = 0.5, .below_max = true,         \
                  .defining = true,                                                   \
                  .help = "--augment fastai: strongest change of perspective"),       \
        IC_OPTION(structure, "p-affine", at(parts.affine_chance), .value = "X",       \
                  .fallback = "0.75", .min = 0, .max = 1, .defining = true,           \
                  .help =                                                             \
                      "--augment fastai: chance of rotation, zoom and warp, each"),   \
        IC_OPTION(structure, "max-lighting", at(parts.max_lighting), .value = "X",    \
                  .fallback = "0.2", .min = 0, .max = 1, .below_max = true,           \
                  .defining = true,                                                   \
                  .help =                                                             \
                      "--augment fastai: largest change of brightness and contrast"), \
        IC_OPTION(structure, "p-lighting", at(parts.light_chance), .value = "X",      \
                  .fallback = "0.75", .min = 0, .max = 1, .defining = true,           \
                  .help = "--augment fastai: chance of a change of brightness, and "  \
                          "of contrast"),                                             \
        IC_OPTION(structure, "min-scale", at(parts.min_scale), .value = "X",          \
                  .fallback = "0.75", .min = 0.01, .max = 1, .defining = true,        \
                  .help = "--augment fastai: smallest part of the area that the "     \
                          "random crop keeps"),                                       \
        IC_OPTION(structure, "p-erase", at(parts.erase), .value = "X",                \
                  .fallback = "0", .min = 0, .max = 1, .defining = true,              \
                  .help = "chance that a rectangle of a training picture, up to 0.3 " \
                          "of its area, is replaced by noise")

/* What is frozen in the first phase. */
#define IC_JOB_OPTIONS_FREEZE(structure, at)                                          \
    IC_OPTION(                                                                        \
        structure, "freeze", at(freeze), .choices = ic_words_freeze,                  \
        .fallback = "weights", .defining = true,                                      \
        .help = "which parts of the body are frozen in the first epochs; weights: "   \
                "all but batch norm, as in fastai; bn: batch norm too, so no "        \
                "backward pass runs through the body",                                \
        .more =                                                                       \
            "With bn, --resize squish and no augmentation, a picture looks the same " \
            "in every epoch, so the body's forward pass runs only once per picture.")

/* The learning rate, and early stopping. */
#define IC_JOB_OPTIONS_RATE(structure, at)                                            \
    IC_OPTION(                                                                        \
        structure, "patience", at(patience), .value = "N", .fallback = "0", .min = 0, \
        .max = 100000, .defining = true,                                              \
        .help = "ends a phase after N epochs in a row without improvement; 0: never", \
        .more = "An epoch is an improvement if it validates better than the best "    \
                "epoch of its phase so far."),                                        \
        IC_OPTION_LR(structure, at(lr), .help = "highest learning rate")

/* A step's pictures and how they are seen. */
#define IC_JOB_OPTIONS_STEP(structure, at)                                             \
    IC_OPTION_BATCH(structure, at(batch), .fallback = "64",                            \
                    .help = "pictures per step"),                                      \
        IC_OPTION_MICRO_BATCH(                                                         \
            structure, at(micro_batch), .fallback = "0",                               \
            .help = "pictures computed at a time, with gradients accumulated over "    \
                    "the step, if --batch does not fit into memory; 0: all",           \
            .more = "Batch norm sees N pictures at a time."),                          \
        IC_OPTION(structure, "size", at(size), .group = "pictures", .value = "N",      \
                  .fallback = "224", .min = 32, .max = 4096, .defining = true,         \
                  .help = "side of the pictures that the network sees, in pixels"),    \
        IC_OPTION(structure, "resize", at(resize), .choices = ic_fit_names,            \
                  .fallback = "crop", .defining = true,                                \
                  .help = "how pictures become square: cropped, padded with their "    \
                          "mirrored edges, or squeezed"),                              \
        IC_OPTION(structure, "exif-orientation", at(exif_orientation),                 \
                  .choices = ic_words_exif, .fallback = "ignore", .defining = true,    \
                  .help = "EXIF orientation of JPEGs; apply: turns them as it says; "  \
                          "ignore: takes them as stored, as in fastai"),               \
        IC_OPTION_DECODE(structure, at(decode)),                                       \
        IC_OPTION(                                                                     \
            structure, "augment", at(augment), .group = "augmentation",                \
            .choices = ic_augment_names, .fallback = "none", .defining = true,         \
            .help =                                                                    \
                "random augmentation of training pictures; flip: mirrors half of "     \
                "them; fastai: flip, rotation, zoom, perspective, crop and lighting",  \
            .more = "Unless the options below say otherwise, their ranges are those "  \
                    "of fastai."),                                                     \
        IC_JOB_OPTIONS_AUGMENT(structure, at),                                         \
        IC_OPTION(                                                                     \
            structure, "presize", at(presize), .value = "N", .fallback = "0",          \
            .min = 0, .max = 16384, .defining = true,                                  \
            .help =                                                                    \
                "side of the square that a picture is resized to before augmentation " \
                "and --size; 0: none, or 460/224 of --size with --augment fastai"),    \
        IC_OPTION(                                                                     \
            structure, "sampling", at(sampling), .group = "sampling and validation",   \
            .choices = ic_words_sampling, .fallback = "shuffle", .defining = true,     \
            .help = "order of an epoch; shuffle: each picture once; balanced: each "   \
                    "class equally often, pictures of small classes several times"),   \
        IC_OPTION(                                                                     \
            structure, "class-weights", at(class_weights),                             \
            .choices = ic_words_class_weights, .fallback = "none", .defining = true,   \
            .help = "weights of the classes in the training loss; balanced: a class "  \
                    "with fewer training pictures weighs more, in proportion",         \
            .more =                                                                    \
                "A class of n pictures has the weight N / (C n), where N pictures "    \
                "of C classes train. The validation loss has no weights."),            \
        IC_OPTION(structure, "valid-pct", at(valid_pct), .value = "X",                 \
                  .fallback = "0.2", .min = 0.001, .max = 0.999, .defining = true,     \
                  .help =                                                              \
                      "fraction of the pictures to validate on, with --split random"), \
        IC_OPTION(structure, "split", at(split), .value = "random|official|FILE",      \
                  .fallback = "random",                                                \
                  .help =                                                              \
                      "which pictures to validate on: drawn by the seed, the data "    \
                      "set's own lists, or those that FILE names, one per line"),      \
        IC_OPTION_SEED(structure, at(seed), .fallback = "42",                          \
                       .help =                                                         \
                           "random seed; the same job always gives the same model",    \
                       .more = "The number of threads makes no difference."),          \
        IC_OPTION_BAD_IMAGES(structure, at(bad_images)),                               \
        IC_OPTION_OPTIMIZER(structure, at(optimizer), .group = "optimizer"),           \
        IC_OPTION_WEIGHT_DECAY(structure, at(weight_decay)),                           \
        IC_OPTION_LABEL_SMOOTHING(structure, at(label_smoothing))

/* The average of the weights, which is validated and saved. */
#define IC_JOB_OPTIONS_EMA(structure, at)                                            \
    IC_OPTION_EMA(structure, at(ema), .fallback = "0",                               \
                  .help = "validates and saves an exponential moving average (EMA) " \
                          "of the weights; 0: no EMA",                               \
                  .more =                                                            \
                      "After each step the EMA of weights and running statistics "   \
                      "becomes DECAY times itself plus 1 - DECAY times their new "   \
                      "values. Validation measures the EMA, and model files hold it.")

/* What is done to gradients. */
#define IC_JOB_OPTIONS_GRADIENT(structure, at)                                        \
    IC_OPTION(structure, "clip-norm", at(clip_norm), .value = "X", .fallback = "0",   \
              .min = 0, .max = 1e9, .defining = true,                                 \
              .help = "clips the global gradient norm to X; 0: no clipping"),         \
        IC_OPTION(structure, "mixup", at(mixup), .value = "X", .fallback = "0",       \
                  .min = 0, .max = 100, .defining = true,                             \
                  .help = "mixes pairs of pictures and their losses, with shares "    \
                          "from Beta(X, X), for instance X = 0.4; 0: no mixup"),      \
        IC_OPTION(structure, "cutmix", at(cutmix), .value = "X", .fallback = "0",     \
                  .min = 0, .max = 100, .defining = true,                             \
                  .help = "replaces a rectangle of each picture by that of another, " \
                          "its area drawn from Beta(X, X), for instance 1; 0: no "    \
                          "CutMix")

/* Which threads and instructions compute. */
#define IC_JOB_OPTIONS_COMPUTE(structure, at)                                         \
    IC_OPTION_WORKERS(structure, at(workers), .group = "computing", .fallback = "0",  \
                      .help = "threads that read pictures; 0: as many as --threads"), \
        IC_OPTION_CONV(structure, at(compute)),                                       \
        IC_OPTION_DEVICE(structure, at(compute)),                                     \
        IC_OPTION_PRECISION(structure, at(compute)),                                  \
        IC_OPTION_THREADS(structure, at(compute))

/* The run and its folder. */
#define IC_JOB_OPTIONS_RUN(structure, at)                                            \
    IC_OPTION(structure, "out", at(out), .group = "run", .value = "DIR",             \
              .unset = "runs/DATA-ARCH, then -2, -3 ...",                            \
              .help = "the run folder; it must be new"),                             \
        IC_OPTION(structure, "resume", at(resume), .command_line_only = true,        \
                  .help = "continues the run in --out after it was stopped or "      \
                          "killed, with the options in its job.conf; with --job, "   \
                          "starts the run if there is none yet",                     \
                  .more = "The result is the same as without the interruption."),    \
        IC_OPTION(structure, "max-steps", at(max_steps), .value = "N",               \
                  .fallback = "0", .min = 0, .max = 1e9, .defining = true,           \
                  .help = "stops after N steps; 0: no limit"),                       \
        IC_OPTION(structure, "checkpoint-every", at(checkpoint_every), .value = "N", \
                  .fallback = "100", .min = 0, .max = 1e9,                           \
                  .help = "steps between checkpoints; 0: only after epochs")

#endif
