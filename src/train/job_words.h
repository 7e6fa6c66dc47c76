/* SPDX-License-Identifier: MIT */
/*
 * The words of options that only training has. Other options' words are listed where
 * their types are (ic_fit_names and so on). base/word.h finds a word in its list.
 */
#ifndef IC_TRAIN_JOB_WORDS_H
#define IC_TRAIN_JOB_WORDS_H

#include "model/arch.h"
#include "model/head.h"

/* The words of an option; each list ends with NULL. The words of --arch and --head are
 * beside their tables. */
extern const char *const ic_words_optimizer[];     /* enum ic_optimizer_kind's */
extern const char *const ic_words_exif[];          /* "ignore", "apply" */
extern const char *const ic_words_class_weights[]; /* "none", "balanced" */
extern const char *const ic_words_sampling[];      /* "shuffle", "balanced" */
extern const char *const ic_words_recipe[];        /* "fine-tune", "one-cycle" */
extern const char *const ic_words_freeze[];        /* "weights", "bn" */
extern const char *const ic_words_bad_images[];    /* "fail", "skip" */

#endif
