/* SPDX-License-Identifier: MIT */
/*
 * PyTorch's checkpoints: what torch.save writes of a state dict, as named tensors.
 *
 *   zip     stored entries NAME/data.pkl (a pickle, see pickle.h), NAME/data/KEY (raw
 *           little-endian values of one storage), NAME/byteorder
 *   legacy  five pickles (a magic number, the protocol, the system, the object, the
 *           storages' keys), then for each key an int64 count and the raw values
 *
 * Source: torch/serialization.py of PyTorch 2.
 */
#ifndef IC_FORMAT_TORCH_H
#define IC_FORMAT_TORCH_H

#include "base/error.h"
#include "format/tensor.h"

struct ic_torch;

/* Whether the first bytes of a file are those of such a checkpoint. */
bool ic_torch_recognises(const uint8_t *bytes, size_t size);

/* Parses a checkpoint in memory that holds a state dict: a dict of names to tensors, or
 * a dict with one under "state_dict" or "model". The structure frees `bytes`, on
 * failure, too; `path` is for messages. Tensors that are transposed or sliced are made
 * contiguous. Refused, by name: globals other than a state dict's, tensors beyond their
 * storage or over themselves, negative sizes, names twice. */
ic_status ic_torch_parse(const char *path, uint8_t *bytes, size_t size,
                         struct ic_torch **ret_file, struct ic_error *error);
void ic_torch_close(struct ic_torch *file); /* NULL is fine */

const struct ic_tensor_list *ic_torch_tensors(const struct ic_torch *file);

#endif
