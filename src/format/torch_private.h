/* SPDX-License-Identifier: MIT */
/*
 * The state of the reader of PyTorch's checkpoints: internal to torch.c, which reads
 * the two formats, and torch_tensors.c, which finds the tensors in them.
 */
#ifndef IC_FORMAT_TORCH_PRIVATE_H
#define IC_FORMAT_TORCH_PRIVATE_H

#include "format/pickle.h"
#include "format/torch.h"
#include "format/zip.h"

struct ic_torch_storage {
    const char *key;
    const uint8_t *data;
    size_t size; /* bytes */
};

struct ic_torch {
    const char *path; /* for messages, while opening */
    uint8_t *bytes;
    size_t size;
    struct ic_arena arena; /* owns everything below */
    struct ic_pickle *root;
    struct ic_zip zip;
    const char *folder; /* of the zip: "NAME/" */
    struct ic_torch_storage
        *storages; /* of a legacy file, in strcmp order of their keys */
    size_t storage_count;
    size_t copied; /* bytes of tensors copied because they are not contiguous */
    struct ic_tensor_list list;
};

/* Reads type, key and count of a persistent id: ('storage', type, key, device, count).
 */
bool ic_torch_read_id(const struct ic_pickle *id, enum ic_dtype *dtype,
                      const char **key, size_t *count);

/* For qsort: by their keys. */
int ic_torch_compare_storages(const void *a, const void *b);

/* Returns the state dict within what was saved: PyTorch Lightning and timm store it under
 * state_dict, torchvision's references and fastai under model, PyTorch's tutorials under
 * model_state_dict. */
const struct ic_pickle *ic_torch_unwrap(const struct ic_pickle *dict);

/* Fills the list from file->root, once the zip's directory or the storages are known.
 */
ic_status ic_torch_read_tensors(struct ic_torch *file, struct ic_error *error);

#endif
