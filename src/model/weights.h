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

/* Converts between the layouts of a file and of memory; `array` says the shape. Arrays
 * of rank other than 4 are copied. */
void ic_weights_to_file_layout(float *oihw, const float *ohwi,
                               const struct ic_array *array);
void ic_weights_from_file_layout(float *ohwi, const float *oihw,
                                 const struct ic_array *array);

/* The shape of `array` in a file; array->rank sizes. */
void ic_weights_file_shape(int64_t shape[4], const struct ic_array *array);

/* Loads all parameters and states from the tensors whose names begin with `prefix`, as
 * ic_weights_add wrote them ("" for a model file); other tensors are not looked at.
 * Missing, surplus and misshapen tensors and values that are not finite are refused
 * with the tensors' names, and the network keeps what it had. `path` is for messages.
 * `*batches_tracked` gets the first batch norm's num_batches_tracked (0 where the file
 * has none). */
ic_status ic_weights_load(struct ic_net *net, const struct ic_tensor_list *list,
                          const char *prefix, const char *path,
                          int64_t *batches_tracked, struct ic_error *error);

/* Which of a file's classes, by their rows in its last layer, are the network's. */
struct ic_class_rows {
    const int *row; /* of each class of the network; -1: the file does not know it */
    int classes;    /* of the file */
};

/* The same for the body of `arch` alone: a head that does not fit as a whole is no
 * fault. The network then keeps the head that it had, and *head_kept is true. With
 * `rows` (not NULL) the last layer takes the rows of the classes that the file knows,
 * and keeps what it had for the others. */
ic_status ic_weights_load_body(struct ic_net *net, const struct ic_tensor_list *list,
                               const struct ic_arch *arch,
                               const struct ic_class_rows *rows, const char *path,
                               bool *head_kept, struct ic_error *error);

/* An array on a network's device, which is read a piece at a time while it is written:
 * no copy of it is made on the host. */
struct ic_array_source {
    struct ic_net *net;
    const float *values; /* device: array->count */
    const struct ic_array *array;
};

/* Its values in file layout, for whoever writes a file. */
struct ic_source ic_weights_source(const struct ic_array_source *array);

/* Adds the array to a writer, in file layout. The source must outlive the commit, and
 * the values must not change before it. */
void ic_weights_add_array(struct ic_safetensors_writer *writer, const char *name,
                          const struct ic_array_source *source);

/* The arrays of the set of the network that is selected, named and ordered as
 * torchvision's state_dict, ready to be written. They are not copied: the network must
 * stay as it is until the commit. */
struct ic_weights;
ic_status ic_weights_collect(struct ic_net *net, int64_t batches_tracked,
                             struct ic_weights **ret_weights, struct ic_error *error);
void ic_weights_free(struct ic_weights *weights); /* NULL is fine */

/* One after the other: NULL for a num_batches_tracked. */
size_t ic_weights_count(const struct ic_weights *weights);
const struct ic_array_source *ic_weights_at(const struct ic_weights *weights, size_t i);

/* Adds all of them to a writer, each name behind `prefix` ("" for a model file). They
 * must outlive the writer's commit. */
void ic_weights_add(const struct ic_weights *weights,
                    struct ic_safetensors_writer *writer, const char *prefix);

/* Gives a model's description, a text for each key (docs/formats.md), to `set`. */
typedef void ic_metadata_set(void *context, const char *key, const char *text);
ic_status ic_model_describe(const struct ic_model *model, ic_metadata_set *set,
                            void *context, struct ic_error *error);

/* Puts a model's description into a writer's metadata, and reads it back. A file
 * without our metadata gives IC_ERR_USAGE: --arch and the others must say what it is.
 */
ic_status ic_model_to_metadata(const struct ic_model *model,
                               struct ic_safetensors_writer *writer,
                               struct ic_error *error);
ic_status ic_model_from_metadata(struct ic_model *ret_model,
                                 const struct ic_safetensors *file, const char *path,
                                 struct ic_error *error);

#endif
