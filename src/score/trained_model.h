/* SPDX-License-Identifier: MIT */
/*
 * A weights file and its model, from which scoring, dump and convert begin.
 */
#ifndef IC_SCORE_TRAINED_MODEL_H
#define IC_SCORE_TRAINED_MODEL_H

#include "data/dataset.h"
#include "graph/net.h"
#include "model/model.h"
#include "model/pretrained.h"

/* Where a model comes from. The strings belong to the caller and are read only while
 * the file is opened. */
struct ic_model_source {
    const char *path;   /* the weights file */
    const char *arch;   /* of a file that does not name its network; else NULL */
    const char *head;   /* the same; NULL for plain */
    const char *labels; /* how the data's classes are read: a word or a CSV file; NULL:
                           as the file says, else folder */
    int size;           /* the same; 0 for 224 */
};

/* All zero means closed. */
struct ic_trained_model {
    char *path;   /* owned */
    char *labels; /* source->labels; owned, or NULL */
    struct ic_model model;
    bool numbered;                   /* its classes have numbers, not names */
    struct ic_weights_file *weights; /* NULL after ic_trained_model_forget_weights */
};

/* Reads the file. A file without im2cat's metadata is read as a torchvision network of
 * source->arch with numbered classes. Refuses a file that is no weights file, a
 * checkpoint, and a source that contradicts the file. */
ic_status ic_trained_model_open(struct ic_trained_model *file,
                                const struct ic_model_source *source,
                                struct ic_error *error);

/* Loads the weights into a net of file->model. `*ret_batches_tracked` (may be NULL)
 * gets the batch norms' num_batches_tracked. */
ic_status ic_trained_model_load(const struct ic_trained_model *file, struct ic_net *net,
                                int64_t *ret_batches_tracked, struct ic_error *error);

/* Frees the tensors, which are as large as the network; the model stays. */
void ic_trained_model_forget_weights(struct ic_trained_model *file);

/* Opens the data set in a folder, labelled as in the model's training. Numbered classes
 * are the data set's own, in order, which must be as many as the model's. */
ic_status ic_trained_model_open_data(const struct ic_trained_model *file,
                                     const char *folder, struct ic_dataset *ret_dataset,
                                     struct ic_error *error);

void ic_trained_model_close(struct ic_trained_model *file);

#endif
