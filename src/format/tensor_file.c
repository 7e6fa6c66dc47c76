/*
 * One view over the readers of weights files. See tensor_file.h.
 */
#include "format/tensor_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/torch.h"

struct ic_tensor_file {
    struct ic_safetensors *safetensors; /* or */
    struct ic_torch *torch;
    const struct ic_tensor_list *list; /* the reader's */
};

static ic_status open_safetensors(const char *path, struct ic_tensor_file *file,
                                  struct ic_error *error)
{
    ic_status status = ic_safetensors_open(path, &file->safetensors, error);

    if (status == IC_OK)
        file->list = ic_safetensors_tensors(file->safetensors);
    return status;
}

/* Looks at the first bytes; what cannot be read is the other reader's to refuse. */
static bool is_torch(const char *path)
{
    uint8_t bytes[16];
    FILE *stream = fopen(path, "rb");
    size_t size;

    if (stream == NULL)
        return false;
    size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    return ic_torch_recognises(bytes, size);
}

static ic_status open_torch(const char *path, struct ic_tensor_file *file,
                            struct ic_error *error)
{
    ic_status status = ic_torch_open(path, &file->torch, error);

    if (status == IC_OK)
        file->list = ic_torch_tensors(file->torch);
    return status;
}

ic_status ic_tensor_file_open(const char *path, struct ic_tensor_file **ret_file,
                              struct ic_error *error)
{
    struct ic_tensor_file *file = calloc(1, sizeof *file);
    ic_status status;

    *ret_file = NULL;
    if (file == NULL)
        return ic_fail_memory(error, path, sizeof *file);
    if (is_torch(path))
        status = open_torch(path, file, error);
    else
        status = open_safetensors(path, file, error);
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
