/* SPDX-License-Identifier: MIT */
/*
 * Reads PyTorch's checkpoints, state dicts as torch.save writes them, as named tensors.
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

/* Whether a file begins like such a checkpoint. */
bool ic_torch_recognises(const uint8_t *bytes, size_t size);

/* Parses a checkpoint in memory that holds a state dict: a dict of names to tensors, or
 * a dict with one under "state_dict", "model_state_dict", "model" or "net". The
 * structure frees `bytes`, also on failure; `path` is for messages. Tensors that are
 * transposed or sliced are made contiguous. Refuses, by name, an object of a class in
 * the place of the state dict, tensors that reach beyond their storage or overlap
 * themselves, negative sizes, and duplicate names. */
ic_status ic_torch_parse(const char *path, uint8_t *bytes, size_t size,
                         struct ic_torch **ret_file, struct ic_error *error);
void ic_torch_close(struct ic_torch *file); /* NULL is fine */

const struct ic_tensor_list *ic_torch_tensors(const struct ic_torch *file);

#endif
