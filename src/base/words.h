/*
 * Lists of words for sentences.
 */
#ifndef IC_BASE_WORDS_H
#define IC_BASE_WORDS_H

#include <stddef.h>

/* Writes "crop, pad or squish" for the NULL-terminated `words`, cut at `size` bytes. */
void ic_words_join(char *text, size_t size, const char *const *words);

#endif
