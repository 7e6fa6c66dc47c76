/* SPDX-License-Identifier: MIT */
/*
 * Looks up a user's word among the words that an option takes.
 */
#ifndef IC_BASE_WORD_H
#define IC_BASE_WORD_H

#include <stddef.h>

#include "base/error.h"

/* The index of `word` in the list `words`, which ends with NULL; -1 where the list does
 * not hold it. */
int ic_word_index(const char *const *words, const char *word);

/* Writes "crop, pad or squish", cut at `size` bytes. */
void ic_word_list(char *text, size_t size, const char *const *words);

/* As ic_word_index, but refuses a word that the list does not hold, and names all that
 * it holds: "--resize is zoom, must be crop, pad or squish". `option` is the long
 * option's name without its dashes. On failure *ret_index is -1. */
ic_status ic_word_find(const char *option, const char *word, const char *const *words,
                       int *ret_index, struct ic_error *error);

#endif
