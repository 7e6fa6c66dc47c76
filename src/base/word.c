/* SPDX-License-Identifier: MIT */
/*
 * Words to indices. See word.h.
 */
#include "base/word.h"

#include <stdio.h>
#include <string.h>

int ic_word_index(const char *const *words, const char *word)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

void ic_word_list(char *text, size_t size, const char *const *words)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; words[i] != NULL && used < size; i++) {
        const char *comma = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";

        used += (size_t)snprintf(text + used, size - used, "%s%s", comma, words[i]);
    }
}

ic_status ic_word_find(const char *option, const char *word, const char *const *words,
                       int *ret_index, struct ic_error *error)
{
    char list[200];

    *ret_index = ic_word_index(words, word);
    if (*ret_index >= 0)
        return IC_OK;
    ic_word_list(list, sizeof list, words);
    return ic_fail(error, IC_ERR_USAGE, "--%s is %s, must be %s", option, word, list);
}
