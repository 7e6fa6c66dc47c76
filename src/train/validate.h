/* SPDX-License-Identifier: MIT */
/*
 * The validation of a training: measures the network on the pictures that are not
 * trained on.
 */
#ifndef IC_TRAIN_VALIDATE_H
#define IC_TRAIN_VALIDATE_H

#include "train/learner.h"

struct ic_validation {
    double loss, error_rate; /* over all pictures that validate */
    double seconds;
};

/* Measures the weights, or their average with --ema, and reports each batch to the
 * listener: `now` is the report of the training's position. When the listener stops the
 * validation, the result means nothing. A logit that is not finite is IC_ERR_NUMERIC
 * and names the picture. */
ic_status ic_validate(struct ic_learner *learner, const struct ic_training_data *data,
                      const struct ic_step_report *now, struct ic_listener *listener,
                      struct ic_validation *ret_validation, struct ic_error *error);

#endif
