/* SPDX-License-Identifier: MIT */
/*
 * Applies MLflow's limits. See limits.h.
 */
#include "track/limits.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void ic_limits_key(char out[IC_LIMIT_KEY + 1], const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-. :/";
    size_t length = 0;

    for (; *key != '\0' && length < IC_LIMIT_KEY; key++) {
        const bool begins = length == 0 || out[length - 1] == '/';
        const bool ends = key[1] == '\0' || length + 1 == IC_LIMIT_KEY;
        bool keep = strchr(letters, *key) != NULL;

        /* A key is used as a path: it has no empty part, and no part "." or "..". */
        if ((*key == '/' && (begins || ends)) || (*key == '.' && begins))
            keep = false;
        out[length++] = keep ? *key : '_';
    }
    if (length == 0)
        out[length++] = '_';
    out[length] = '\0';
}

json_t *ic_limits_text(const char *text, size_t most)
{
    static const char dots[] = "...";
    const size_t length = strlen(text);
    const bool cut = length > most;
    const size_t kept = cut ? most - (sizeof dots - 1) : length;
    char *copy = malloc(length + sizeof dots);
    json_t *value;
    size_t at = 0;

    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < kept;) {
        const int bytes = ic_text_utf8_length(text + i);

        if (bytes == 0) {
            copy[at++] = '?';
            i++;
        } else if (i + (size_t)bytes <= kept) {
            memcpy(copy + at, text + i, (size_t)bytes);
            at += (size_t)bytes;
            i += (size_t)bytes;
        } else {
            break;
        }
    }
    if (cut) {
        memcpy(copy + at, dots, sizeof dots - 1);
        at += sizeof dots - 1;
    }
    value = json_stringn(copy, at);
    free(copy);
    return value;
}
