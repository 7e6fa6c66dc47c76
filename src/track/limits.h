/* SPDX-License-Identifier: MIT */
/*
 * The limits of MLflow, measured with its server 3.17 and given in its documentation. A
 * key has 1 to 250 letters, digits and "_-. :/". Of a parameter's value 6000 bytes are
 * kept, of a tag's 5000; the server cuts the rest off silently, so it is cut here,
 * visibly. A call holds 1000 entries, at most 100 of them parameters and 100 tags, and
 * less than a million bytes. Azure Machine Learning keeps 500 bytes of a parameter.
 */
#ifndef IC_TRACK_LIMITS_H
#define IC_TRACK_LIMITS_H

#include <jansson.h>
#include <stddef.h>

enum {
    IC_LIMIT_KEY = 250,
    IC_LIMIT_PARAM = 6000,
    IC_LIMIT_PARAM_AZURE = 500,
    IC_LIMIT_TAG = 5000,
    IC_LIMIT_ENTRIES = 1000, /* of a call, all together */
    IC_LIMIT_TEXTS = 100,    /* parameters, or tags, of a call */
    IC_LIMIT_BODY = 900000   /* bytes of a call */
};

/* Copies a key, cut to the limit, with '_' for each byte that no key has and for dots
 * and slashes that would make another path of it; "_" for an empty key. */
void ic_limits_key(char out[IC_LIMIT_KEY + 1], const char *key);

/* A JSON string of the text. A text of more than `most` bytes is cut to whole
 * characters of its beginning and "...". Bytes that are not UTF-8 become '?'. NULL when
 * out of memory. */
json_t *ic_limits_text(const char *text, size_t most);

#endif
