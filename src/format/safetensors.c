/* SPDX-License-Identifier: MIT */
/*
 * Opens safetensors files and answers queries about them. See safetensors.h; parsing is
 * in safetensors_read.c, writing in safetensors_write.c.
 */
#include <stdlib.h>

#include "base/file.h"
#include "base/machine.h"
#include "format/safetensors_private.h"

ic_status ic_safetensors_open(const char *path, struct ic_safetensors **ret_file,
                              struct ic_error *error)
{
    uint8_t *bytes;
    size_t size;
    const ic_status status =
        ic_file_read(path, ic_machine_memory(), &bytes, &size, error);

    *ret_file = NULL;
    return status == IC_OK ? ic_safetensors_parse(path, bytes, size, ret_file, error)
                           : status;
}

void ic_safetensors_close(struct ic_safetensors *file)
{
    if (file == NULL)
        return;
    free(file->list.items);
    free(file->by_name);
    json_decref(file->header);
    free(file->bytes);
    free(file);
}

const struct ic_tensor_list *ic_safetensors_tensors(const struct ic_safetensors *file)
{
    return &file->list;
}

size_t ic_safetensors_count(const struct ic_safetensors *file)
{
    return file->list.count;
}

const struct ic_tensor *ic_safetensors_at(const struct ic_safetensors *file, size_t i)
{
    return i < file->list.count ? &file->list.items[i] : NULL;
}

const struct ic_tensor *ic_safetensors_find(const struct ic_safetensors *file,
                                            const char *name)
{
    const struct ic_tensor wanted = {.name = name}, *key = &wanted;
    struct ic_tensor *const *found =
        bsearch(&key, file->by_name, file->list.count, sizeof *file->by_name,
                ic_safetensors_compare_names);

    return found != NULL ? *found : NULL;
}

const char *ic_safetensors_metadata(const struct ic_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(file->metadata, key));
}
