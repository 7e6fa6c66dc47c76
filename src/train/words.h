/*
 * The words of options and of weights files for the enumerations of lower floors.
 */
#ifndef IC_TRAIN_WORDS_H
#define IC_TRAIN_WORDS_H

#include "backend/backend.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "model/arch.h"
#include "model/head.h"

/* The place of `word` among `names` (NULL-terminated). One that is not there is refused
 * with those that are: "--resize is zoom, must be crop, pad or squish". `option` is the
 * long option's name without its dashes. */
ic_status ic_word_find(const char *option, const char *word, const char *const *names,
                       int *ret_index, struct ic_error *error);

/* The words of an option, in the order of the enumeration; NULL-terminated. */
extern const char *const ic_words_labels[];    /* "species", "breed", "folder" */
extern const char *const ic_words_resize[];    /* "crop", "pad", "squish" */
extern const char *const ic_words_augment[];   /* "none", "flip", "fastai" */
extern const char *const ic_words_decode[];    /* "exact", "fast" */
extern const char *const ic_words_optimizer[]; /* "adam", "sgd" */
extern const char *const ic_words_conv[];      /* ic_conv_algorithm_name's */
extern const char *const ic_words_precision[]; /* "fp32", "tf32", "bf16" */

/* The words of options that have no enumeration; ic_words_arch and ic_words_head stand
 * beside their tables. */
extern const char *const ic_words_recipe[];     /* "fine-tune", "one-cycle" */
extern const char *const ic_words_freeze[];     /* "weights", "bn" */
extern const char *const ic_words_bad_images[]; /* "fail", "skip" */
extern const char *const ic_words_device[];     /* "cpu", "cuda" */

/* --labels. */
ic_status ic_word_labels(const char *word, enum ic_labels *ret_labels,
                         struct ic_error *error);

/* --resize. */
ic_status ic_word_fit(const char *word, enum ic_fit *ret_fit, struct ic_error *error);

/* --augment. */
ic_status ic_word_augment(const char *word, enum ic_augment *ret_augment,
                          struct ic_error *error);

/* --decode. */
ic_status ic_word_decode(const char *word, enum ic_decode *ret_decode,
                         struct ic_error *error);

/* --conv. */
ic_status ic_word_conv(const char *word, enum ic_conv_algorithm *ret_algorithm,
                       struct ic_error *error);

/* --precision. */
ic_status ic_word_precision(const char *word, enum ic_precision *ret_precision,
                            struct ic_error *error);

#endif
