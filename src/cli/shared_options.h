/* SPDX-License-Identifier: MIT */
/*
 * The options that several commands take, as rows of options tables.
 */
#ifndef IC_CLI_SHARED_OPTIONS_H
#define IC_CLI_SHARED_OPTIONS_H

#include "comm/comm.h"
#include "train/job_options.h"

/* The part that is the same in every command; the facts are in train/common_options.h.
 */

#define IC_OPTION_BATCH_AT_A_TIME(structure, field, fallback_) \
    IC_OPTION_BATCH(structure, field, .fallback = fallback_,   \
                    .help = "pictures at a time")
#define IC_OPTION_READERS(structure, field)              \
    IC_OPTION_WORKERS(structure, field, .fallback = "0", \
                      .help = "threads that read pictures; 0: one per core")

/* --- a job file ----------------------------------------------------------------- */

/* Job files are train's: they may hold every option of its table, and a command ignores
 * the options that it lacks (see ic_options_read_job). `field` is of type const char *.
 */
#define IC_OPTION_JOB_FILE(structure, field)                                           \
    IC_OPTION(structure, "job", field, .value = "FILE", .unset = "none",               \
              .command_line_only = true,                                               \
              .help = "reads options from a file of `key = value` lines; the command " \
                      "line overrides them")

/* --- ranks ----------------------------------------------------------------------- */

/* `field` is a struct ic_comm_options; `does` is what the ranks do together. */
#define IC_RANKS_OPTIONS(structure, field, does)                                       \
    IC_OPTION(structure, "distributed", field.kind, .group = "several processes",      \
              .choices = ic_comm_names, .fallback = "none", .command_line_only = true, \
              .help =                                                                  \
                  "runs several processes that " does                                  \
                  " together, each on a part of every batch; mpi: the processes that " \
                  "mpirun or srun started; local: --ranks processes on this machine"), \
        IC_OPTION(structure, "ranks", field.ranks, .value = "N", .fallback = "2",      \
                  .min = 1, .max = 16, .command_line_only = true,                      \
                  .help = "processes of --distributed local"),                         \
        IC_OPTION(structure, "comm-timeout", field.timeout, .value = "SECONDS",        \
                  .fallback = "600", .min = 1, .max = 1e6, .command_line_only = true,  \
                  .help = "how long to wait for a process that does not answer; must " \
                          "be longer than writing a checkpoint takes")

/* --- a weights file ------------------------------------------------------------ */

/* The rows for all fields of a struct ic_model_source but `labels`. */
#define IC_MODEL_OPTIONS(structure, field)                                        \
    IC_OPTION(structure, "model", field.path, .value = "FILE", .required = true,  \
              .help = "weights, as train writes them (model.safetensors)",        \
              .more = "Files written by train record their network. Other "       \
                      ".safetensors files with torchvision's names need --arch, " \
                      "--head, --size and, to evaluate, --labels."),              \
        IC_MODEL_KIND_OPTIONS(structure, field)

/* The rows for what a file does not say itself. */
#define IC_MODEL_KIND_OPTIONS(structure, field)                                   \
    IC_OPTION(structure, "arch", field.arch, .choices = ic_words_arch,            \
              .unset = "from FILE",                                               \
              .help = "the network, if the file does not record it"),             \
        IC_OPTION(structure, "head", field.head, .choices = ic_words_head,        \
                  .unset = "from FILE, or plain",                                 \
                  .help = "the last layers, if the file does not record them"),   \
        IC_OPTION(structure, "size", field.size, .value = "N", .fallback = "0",   \
                  .or_zero = true, .min = 32, .max = 4096,                        \
                  .help = "side of the pictures in pixels, if the file does not " \
                          "record it; 0: 224")

#endif
