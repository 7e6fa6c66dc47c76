/* SPDX-License-Identifier: MIT */
/*
 * The tensors of a weights file of any format that im2cat reads: safetensors, and
 * PyTorch's checkpoints, zip and legacy. The format is recognised by the content, not
 * by the name.
 */
#ifndef IC_FORMAT_TENSOR_FILE_H
#define IC_FORMAT_TENSOR_FILE_H

#include "format/safetensors.h"
#include "format/tensor.h"

/* A file in memory. Its tensors live until ic_tensor_file_close. */
struct ic_tensor_file;

ic_status ic_tensor_file_open(const char *path, struct ic_tensor_file **ret_file,
                              struct ic_error *error);
void ic_tensor_file_close(struct ic_tensor_file *file); /* NULL is fine */

const struct ic_tensor_list *ic_tensor_file_tensors(const struct ic_tensor_file *file);

/* The file as safetensors, for its metadata; NULL for the other formats. */
const struct ic_safetensors *
ic_tensor_file_safetensors(const struct ic_tensor_file *file);

#endif
