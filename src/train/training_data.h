/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a job: found, checked, split into those that train and those that
 * validate, and loaded.
 *
 * Reading all pictures takes minutes on a large data set. So whatever can be refused
 * without reading them (a list that names other pictures, a batch that is too large) is
 * refused before.
 */
#ifndef IC_TRAIN_TRAINING_DATA_H
#define IC_TRAIN_TRAINING_DATA_H

#include "base/stretch.h"
#include "data/class_counts.h"
#include "data/loader.h"
#include "data/split.h"
#include "model/model.h"
#include "train/job.h"
#include "train/listener.h"

/* All zero is closed. */
struct ic_training_data {
    const struct ic_job *job; /* complete (ic_job_check); outlives the data */
    struct ic_dataset dataset;
    struct ic_split split;
    enum ic_augment augment;
    enum ic_decode decode;

    /* Valid after ic_training_data_check: */
    char fingerprint[48];  /* of the pictures, their labels and their split */
    int64_t epoch_batches; /* batches of a whole epoch */
    struct ic_class_counts counts;
};

/* Finds the pictures and their labels, and reads no picture. Refused (IC_ERR_USAGE): a
 * single class. The caller closes the data, also after a failure. */
ic_status ic_training_data_open(struct ic_training_data *data, const struct ic_job *job,
                                struct ic_error *error);
void ic_training_data_close(struct ic_training_data *data);

/* Reads every picture once and splits the pictures. Unreadable ones are left out or
 * refused (IC_ERR_FORMAT), each named in a note. Also notes what a split or a layout
 * leaves out: classes without pictures on a side, files beside the class folders.
 * Refused as IC_ERR_USAGE before anything is read: a split that does not fit, a batch
 * larger than the training set. Ends early, without split and fingerprint, when the
 * listener's process is asked to stop. */
ic_status ic_training_data_check(struct ic_training_data *data,
                                 const struct ic_listener *listener,
                                 struct ic_error *error);

/* Opens a loader of an epoch's training pictures, from batch `first_batch` on, in the
 * model's format: the pictures of `part` from each batch. An empty part loads labels
 * alone, for steps that begin with features. */
ic_status ic_training_data_load(const struct ic_training_data *data,
                                const struct ic_model *model, int64_t epoch,
                                int64_t first_batch, struct ic_stretch part,
                                struct ic_loader **ret_loader, struct ic_error *error);

/* Opens a loader whose single batch has the pictures of all these samples, as the first
 * epoch sees them, to complete a batch that holds only labels or a part. The batch's
 * samples outlive the loader. */
ic_status ic_training_data_load_pictures(const struct ic_training_data *data,
                                         const struct ic_model *model,
                                         const struct ic_batch *labels,
                                         struct ic_loader **ret_loader,
                                         struct ic_error *error);

#endif
