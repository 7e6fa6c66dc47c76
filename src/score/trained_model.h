/* SPDX-License-Identifier: MIT */
/*
 * A weights file and the model that it is for: what scoring, dump and convert begin
 * with.
 */
#ifndef IC_SCORE_TRAINED_MODEL_H
#define IC_SCORE_TRAINED_MODEL_H

#include "data/dataset.h"
#include "graph/net.h"
#include "model/model.h"
#include "model/pretrained.h"

/* Where a model comes from. The words belong to the caller and are read while the file
 * is opened, no longer. */
struct ic_model_source {
    const char *path;   /* the weights file */
    const char *arch;   /* of a file that does not say it itself; else NULL */
    const char *head;   /* the same; NULL for plain */
    const char *labels; /* how the classes of data are read: a word or a CSV file; NULL:
                           as the file says, else folder */
    int size;           /* the same; 0 for 224 */
};

/* All zero is closed. */
struct ic_trained_model {
    char *path;   /* owned */
    char *labels; /* source->labels; owned, or NULL */
    struct ic_model model;
    bool numbered;                   /* its classes have no names but numbers */
    struct ic_weights_file *weights; /* NULL after ic_trained_model_forget_weights */
};

/* Reads the file. One without im2cat's metadata is taken for a torchvision network of
 * source->arch with numbered classes. Refused: a file that is no weights file, a
 * checkpoint, a source that says otherwise than the file. */
ic_status ic_trained_model_open(struct ic_trained_model *file,
                                const struct ic_model_source *source,
                                struct ic_error *error);

/* Loads the weights into a net of file->model. `*ret_batches_tracked` is what the batch
 * norms have tracked, as the file says; NULL where nobody asks. */
ic_status ic_trained_model_load(const struct ic_trained_model *file, struct ic_net *net,
                                int64_t *ret_batches_tracked, struct ic_error *error);

/* Frees the tensors, which are as large as the network's; the model stays. */
void ic_trained_model_forget_weights(struct ic_trained_model *file);

/* The data set in a folder, labelled as the model was trained. Numbered classes are the
 * data set's own, in their order, as many as the model has. */
ic_status ic_trained_model_open_data(const struct ic_trained_model *file,
                                     const char *folder, struct ic_dataset *ret_dataset,
                                     struct ic_error *error);

void ic_trained_model_close(struct ic_trained_model *file);

#endif
