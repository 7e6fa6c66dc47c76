/*
 * A classifier from a weights file, ready to run: what eval, predict and dump begin
 * with.
 */
#ifndef IC_CLI_CLASSIFIER_H
#define IC_CLI_CLASSIFIER_H

#include "data/dataset.h"
#include "model/engine.h"

struct ic_classifier_options {
    const char *model;  /* the weights file */
    const char *arch;   /* of a file that does not say it itself; else NULL */
    const char *head;   /* the same; NULL for plain */
    const char *labels; /* the same; NULL for folder */
    int size;           /* the same; 0 for 224 */
    struct ic_compute compute;
};

/* All zero is closed. Not to be moved while open. */
struct ic_classifier {
    struct ic_model model;
    struct ic_engine engine;
    int64_t batches_tracked; /* by its batch norms, as the file says */
    bool numbered;           /* its classes have no names but numbers */
};

/* Reads the file and opens its network with its weights. A file without im2cat's
 * metadata is taken for a torchvision network of options->arch with numbered classes.
 * To fold batch norms into convolutions is for who only wants logits. */
ic_status ic_classifier_open(struct ic_classifier *classifier,
                             const struct ic_classifier_options *options,
                             const struct ic_plan_options *plan, enum ic_fold fold,
                             struct ic_error *error);

/* The data set in a folder, labelled as the model was trained. Numbered classes are the
 * data set's own, in their order, as many as the model has. */
ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *path, const char *folder,
                                  struct ic_dataset *ret_dataset,
                                  struct ic_error *error);
void ic_classifier_close(struct ic_classifier *classifier);

#endif
