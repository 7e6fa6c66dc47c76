/* SPDX-License-Identifier: MIT */
/*
 * Takes the name of a picture apart: its folder, its own name, its ending.
 */
#ifndef IC_DATA_NAME_H
#define IC_DATA_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The part behind the last '/'. */
const char *ic_name_base(const char *name);

/* The ending without its dot ("jpg"), or "" where there is none. An ending is one to
 * five letters and digits behind a dot that does not come first. */
const char *ic_name_ending(const char *name);

/* Length of the name without its ending and the dot. */
size_t ic_name_stem_length(const char *name);

/* Whether the ending is one of `endings` (a list that ends with NULL), in any case. */
bool ic_name_has_ending(const char *name, const char *const *endings);

#endif
