/* SPDX-License-Identifier: MIT */
/*
 * The words of training's options. See job_words.h.
 */
#include "train/job_words.h"

#include <stddef.h>

const char *const ic_words_optimizer[] = {"adam", "sgd", NULL};
const char *const ic_words_exif[] = {"ignore", "apply", NULL};
const char *const ic_words_class_weights[] = {"none", "balanced", NULL};
const char *const ic_words_sampling[] = {"shuffle", "balanced", NULL};
const char *const ic_words_recipe[] = {"fine-tune", "one-cycle", NULL};
const char *const ic_words_freeze[] = {"weights", "bn", NULL};
const char *const ic_words_bad_images[] = {"fail", "skip", NULL};
