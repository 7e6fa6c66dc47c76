/* SPDX-License-Identifier: MIT */
/*
 * safetensors files: named tensors, without executable content.
 *
 *   1. 8 bytes: length N of the header, unsigned, little-endian.
 *   2. N bytes: a JSON object
 *        {"__metadata__": {"key": "text", ...},
 *         "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...}
 *   3. The data: tensors without gaps or overlaps, offsets counted from its beginning,
 *      little-endian, row-major.
 *
 * Source: the format's own description, https://github.com/huggingface/safetensors.
 * Every rule of it is checked before the first value is used.
 */
#ifndef IC_FORMAT_SAFETENSORS_H
#define IC_FORMAT_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "format/source.h"
#include "format/tensor.h"

/* --- reading ---------------------------------------------------------------------- */

/* A file in memory. Its tensors and strings live until ic_safetensors_close. */
struct ic_safetensors;

ic_status ic_safetensors_open(const char *path, struct ic_safetensors **ret_file,
                              struct ic_error *error);

/* The same for a file in memory: `bytes` are followed by a zero byte, and are freed by
 * the structure, also on failure. `path` is for messages. */
ic_status ic_safetensors_parse(const char *path, uint8_t *bytes, size_t size,
                               struct ic_safetensors **ret_file,
                               struct ic_error *error);

void ic_safetensors_close(struct ic_safetensors *file); /* NULL is fine */

/* Tensors in the order of their data. */
const struct ic_tensor_list *ic_safetensors_tensors(const struct ic_safetensors *file);
size_t ic_safetensors_count(const struct ic_safetensors *file);
const struct ic_tensor *ic_safetensors_at(const struct ic_safetensors *file, size_t i);

/* The tensor of that name, or NULL. */
const struct ic_tensor *ic_safetensors_find(const struct ic_safetensors *file,
                                            const char *name);

/* A string of the metadata, or NULL. */
const char *ic_safetensors_metadata(const struct ic_safetensors *file, const char *key);

#define IC_CHECKSUMS "checksums"

/* Refuses (IC_ERR_FORMAT) a file without checksums, and one whose bytes are not those
 * that were written, with the name of the first tensor that is damaged. `path` is for
 * messages. */
ic_status ic_safetensors_verify(const struct ic_safetensors *file, const char *path,
                                struct ic_error *error);

/* --- writing ---------------------------------------------------------------------- */

/* Collects tensors, then writes the whole file atomically. The header lists them in the
 * order of adding; their data has the widest type first, so that each tensor is
 * aligned. Names and strings are copied; the data is not, and must stay valid until the
 * commit. The first failure (a name given twice, text that is not UTF-8) sticks and is
 * returned by the commit. */
struct ic_safetensors_writer;

struct ic_safetensors_writer *ic_safetensors_writer_new(void); /* NULL: no memory */
void ic_safetensors_writer_free(struct ic_safetensors_writer *writer);

void ic_safetensors_set_metadata(struct ic_safetensors_writer *writer, const char *key,
                                 const char *text);
void ic_safetensors_add(struct ic_safetensors_writer *writer, const char *name,
                        enum ic_dtype dtype, int rank, const int64_t *shape,
                        const void *data);
void ic_safetensors_add_source(struct ic_safetensors_writer *writer, const char *name,
                               enum ic_dtype dtype, int rank, const int64_t *shape,
                               const struct ic_source *source);

/* On failure, also of a source's read, an existing file is left as it was. */
ic_status ic_safetensors_commit(struct ic_safetensors_writer *writer, const char *path,
                                struct ic_error *error);

/* The same with a last tensor, IC_CHECKSUMS: the CRC-32 of all bytes before the data,
 * and of each other tensor's data in the order of the data, each as 4 bytes,
 * little-endian. The writer takes no more tensors afterwards. */
ic_status ic_safetensors_commit_with_checksums(struct ic_safetensors_writer *writer,
                                               const char *path,
                                               struct ic_error *error);

#endif
