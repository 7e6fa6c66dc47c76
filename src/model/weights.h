/* SPDX-License-Identifier: MIT */
/*
 * Weights between a network and named tensors: torchvision's names, order and layout
 * (OIHW for convolutions). The one place where the layouts are converted.
 */
#ifndef IC_MODEL_WEIGHTS_H
#define IC_MODEL_WEIGHTS_H

#include "format/safetensors.h"
#include "graph/net.h"
#include "model/arch.h"
#include "model/model.h"

/* Convert between the layouts of a file and of memory; `array` gives the shape. Arrays
 * of rank other than 4 are copied. */
void ic_weights_to_file_layout(float *oihw, const float *ohwi,
                               const struct ic_array *array);
void ic_weights_from_file_layout(float *ohwi, const float *oihw,
                                 const struct ic_array *array);

/* The shape of `array` in a file; array->rank sizes. */
void ic_weights_file_shape(int64_t shape[4], const struct ic_array *array);

/* Loads all parameters and states from the tensors whose names begin with `prefix`, as
 * ic_weights_add wrote them ("" for a model file); other tensors are ignored. Refuses,
 * by name, missing, surplus and misshapen tensors and values that are not finite; the
 * network then keeps its weights. `path` is for messages. `*batches_tracked` gets the
 * first batch norm's num_batches_tracked (0 where the file has none). */
ic_status ic_weights_load(struct ic_net *net, const struct ic_tensor_list *list,
                          const char *prefix, const char *path,
                          int64_t *batches_tracked, struct ic_error *error);

/* Maps the network's classes to the rows of the file's last layer. */
struct ic_class_rows {
    const int *row; /* per class of the network; -1: not a class of the file */
    int classes;    /* of the file */
};

/* The same, except that only the body of `arch` must fit: where the head does not fit
 * as a whole, the network keeps its own head, and *head_kept is true. With `rows` (not
 * NULL) the last layer takes the rows of the classes that the file knows, and keeps its
 * own rows for the others. */
ic_status ic_weights_load_body(struct ic_net *net, const struct ic_tensor_list *list,
                               const struct ic_arch *arch,
                               const struct ic_class_rows *rows, const char *path,
                               bool *head_kept, struct ic_error *error);

/* An array on a network's device, which is read piece by piece while it is written, so
 * that the host holds no copy of it. */
struct ic_array_source {
    struct ic_net *net;
    const float *values; /* device: array->count */
    const struct ic_array *array;
};

/* The array's values in file layout, for writers of files. */
struct ic_source ic_weights_source(const struct ic_array_source *array);

/* Adds the array to a writer, in file layout. The source must outlive the commit, and
 * the values must not change before it. */
void ic_weights_add_array(struct ic_safetensors_writer *writer, const char *name,
                          const struct ic_array_source *source);

/* The arrays of the network's selected set, named and ordered as in torchvision's
 * state_dict, ready to be written. They are not copied: the network must not change
 * before the commit. */
struct ic_weights;
ic_status ic_weights_collect(struct ic_net *net, int64_t batches_tracked,
                             struct ic_weights **ret_weights, struct ic_error *error);
void ic_weights_free(struct ic_weights *weights); /* NULL is fine */

/* The number of arrays, and array i: NULL for a num_batches_tracked. */
size_t ic_weights_count(const struct ic_weights *weights);
const struct ic_array_source *ic_weights_at(const struct ic_weights *weights, size_t i);

/* Adds all arrays to a writer, with `prefix` before each name ("" for a model file).
 * `weights` must outlive the writer's commit. */
void ic_weights_add(const struct ic_weights *weights,
                    struct ic_safetensors_writer *writer, const char *prefix);

/* Passes a model's description to `set`, a text for each key (docs/formats.md). */
typedef void ic_metadata_set(void *context, const char *key, const char *text);
ic_status ic_model_describe(const struct ic_model *model, ic_metadata_set *set,
                            void *context, struct ic_error *error);

/* Put a model's description into a writer's metadata, and read it back. A file without
 * our metadata gives IC_ERR_USAGE: --arch and other options must describe it. */
ic_status ic_model_to_metadata(const struct ic_model *model,
                               struct ic_safetensors_writer *writer,
                               struct ic_error *error);
ic_status ic_model_from_metadata(struct ic_model *ret_model,
                                 const struct ic_safetensors *file, const char *path,
                                 struct ic_error *error);

#endif
