/* SPDX-License-Identifier: MIT */
/*
 * One interface over the readers of weights files. See tensor_file.h.
 */
#include "format/tensor_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "format/torch.h"

struct ic_tensor_file {
    struct ic_safetensors *safetensors; /* or */
    struct ic_torch *torch;
    const struct ic_tensor_list *list; /* the reader's */
};

/* Describes files that are often mistaken for weights; NULL for others. */
static const char *describe_other(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *start, *what;
    } others[] = {
        {"version https://git-lfs",
         "a pointer of Git LFS, not the weights: git lfs pull "
         "gets them"},
        {"<!DOCTYPE", "a web page, not weights"},
        {"<!doctype", "a web page, not weights"},
        {"<html", "a web page, not weights"},
        {"<HTML", "a web page, not weights"},
        {"<?xml", "an XML document, not weights"},
        {"\x89HDF", "an HDF5 file, as Keras writes it, which im2cat does not read"},
        {"\x1f\x8b", "compressed by gzip: unpack it"},
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const size_t length = strlen(others[i].start);

        if (size >= length && memcmp(bytes, others[i].start, length) == 0)
            return others[i].what;
    }
    return NULL;
}

/* Takes ownership of the bytes. */
static ic_status parse_safetensors(const char *path, uint8_t *bytes, size_t size,
                                   struct ic_safetensors **ret_file,
                                   struct ic_error *error)
{
    const char *const other = describe_other(bytes, size);

    if (other == NULL)
        return ic_safetensors_parse(path, bytes, size, ret_file, error);
    free(bytes);
    return ic_fail(error, IC_ERR_FORMAT, "%s is %s", path, other);
}

ic_status ic_tensor_file_open(const char *path, struct ic_tensor_file **ret_file,
                              struct ic_error *error)
{
    struct ic_tensor_file *file = calloc(1, sizeof *file);
    uint8_t *bytes;
    size_t size;
    ic_status status;

    *ret_file = NULL;
    if (file == NULL)
        return ic_fail_memory(error, path, sizeof *file);
    status = ic_file_read(path, ic_machine_memory(), &bytes, &size, error);
    if (status == IC_OK && ic_torch_recognises(bytes, size)) {
        status = ic_torch_parse(path, bytes, size, &file->torch, error);
        if (status == IC_OK)
            file->list = ic_torch_tensors(file->torch);
    } else if (status == IC_OK) {
        status = parse_safetensors(path, bytes, size, &file->safetensors, error);
        if (status == IC_OK)
            file->list = ic_safetensors_tensors(file->safetensors);
    }
    if (status == IC_OK)
        *ret_file = file;
    else
        ic_tensor_file_close(file);
    return status;
}

void ic_tensor_file_close(struct ic_tensor_file *file)
{
    if (file == NULL)
        return;
    ic_safetensors_close(file->safetensors);
    ic_torch_close(file->torch);
    free(file);
}

const struct ic_tensor_list *ic_tensor_file_tensors(const struct ic_tensor_file *file)
{
    return file->list;
}

const struct ic_safetensors *
ic_tensor_file_safetensors(const struct ic_tensor_file *file)
{
    return file->safetensors;
}
