/*
 * Lists of words for sentences.
 */
#include "base/words.h"

#include <stdio.h>

void ic_words_join(char *text, size_t size, const char *const *words)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; words[i] != NULL && used < size; i++) {
        const char *comma = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";

        used += (size_t)snprintf(text + used, size - used, "%s%s", comma, words[i]);
    }
}
