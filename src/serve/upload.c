/* SPDX-License-Identifier: MIT */
/*
 * The list of a request's pictures. See upload.h.
 */
#include "serve/upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

ic_status ic_uploads_add(struct ic_uploads *uploads, const struct ic_upload *upload,
                         struct ic_error *error)
{
    if (uploads->count == uploads->limit)
        return ic_fail(error, IC_ERR_LIMIT,
                       "the request exceeds the limit of %zu pictures (--queue)",
                       uploads->limit);
    if (uploads->count == uploads->room) {
        const size_t room = uploads->room ? 2 * uploads->room : 8;
        struct ic_upload *items = realloc(uploads->items, room * sizeof *items);

        if (items == NULL)
            return ic_fail_memory(error, "pictures", room * sizeof *items);
        uploads->items = items;
        uploads->room = room;
    }
    uploads->items[uploads->count++] = *upload;
    return IC_OK;
}

void ic_uploads_free(struct ic_uploads *uploads)
{
    free(uploads->items);
    *uploads = (struct ic_uploads){.limit = uploads->limit};
}

char *ic_upload_name(const struct ic_uploads *uploads, size_t index, char *out)
{
    const struct ic_upload *upload = &uploads->items[index];
    char name[IC_UPLOAD_NAME - 32];

    if (upload->name != NULL && upload->name_length > 0) {
        ic_text_show(name, sizeof name, upload->name, upload->name_length);
        snprintf(out, IC_UPLOAD_NAME, "picture %zu (%s)", index + 1, name);
    } else if (uploads->count > 1) {
        snprintf(out, IC_UPLOAD_NAME, "picture %zu", index + 1);
    } else {
        snprintf(out, IC_UPLOAD_NAME, "the picture");
    }
    return out;
}
