/* SPDX-License-Identifier: MIT */
/*
 * Words for tensors that do not fit. See misfit.h.
 */
#include "model/misfit.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 2 };

void ic_misfit_add(struct ic_misfit *misfit, const char *what, const char *name,
                   const char *detail)
{
    const size_t used = strlen(misfit->text);

    if (misfit->count < SHOWN)
        snprintf(misfit->text + used, sizeof misfit->text - used, "%s%.48s%.130s",
                 misfit->count > 0 ? ", " : what, name, detail);
    misfit->count++;
}

void ic_misfit_tell(char *sentence, size_t room, const struct ic_misfit *misfit)
{
    const size_t used = strlen(sentence);
    char more[32] = "";

    if (misfit->count == 0)
        return;
    if (misfit->count > SHOWN)
        snprintf(more, sizeof more, " and %zu more", misfit->count - SHOWN);
    snprintf(sentence + used, room - used, "%s%s%s", used > 0 ? "; " : "", misfit->text,
             more);
}

void ic_misfit_shape(char text[IC_SHAPE_TEXT], const int64_t *shape, int rank)
{
    const size_t room = IC_SHAPE_TEXT;
    size_t used = (size_t)snprintf(text, room, "[");

    for (int i = 0; i < rank && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? ", " : "",
                                 (long long)shape[i]);
    if (used < room)
        snprintf(text + used, room - used, "]");
}
