/*
 * The words of options and of weights files for the enumerations of lower floors. Each
 * refuses a word that it does not know with the ones there are.
 */
#ifndef IC_TRAIN_WORDS_H
#define IC_TRAIN_WORDS_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "image/fit.h"

/* --labels: "species", "breed", "folder". */
ic_status ic_word_labels(const char *word, enum ic_labels *ret_labels,
                         struct ic_error *error);

/* --resize: "crop", "pad", "squish". */
ic_status ic_word_fit(const char *word, enum ic_fit *ret_fit, struct ic_error *error);

/* --conv: the names of ic_conv_algorithm_name. */
ic_status ic_word_conv(const char *word, enum ic_conv_algorithm *ret_algorithm,
                       struct ic_error *error);

#endif
