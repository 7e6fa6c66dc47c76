/* SPDX-License-Identifier: MIT */
/*
 * A network in training: a job's model on its device, the optimiser that moves the
 * weights, and what a step needs besides the batch.
 */
#ifndef IC_TRAIN_LEARNER_H
#define IC_TRAIN_LEARNER_H

#include "model/engine.h"
#include "train/listener.h"
#include "train/step.h"
#include "train/training_data.h"

/* All zero is closed. Must not move while open: the stepper points into it. */
struct ic_learner {
    const struct ic_job *job; /* complete (ic_job_check); outlives the learner */
    struct ic_model model;
    struct ic_engine engine;
    struct ic_optimizer optimizer;
    struct ic_features features; /* empty where steps begin with pictures */
    struct ic_mixup mixup;       /* or CutMix; closed where the job mixes nothing */
    float *losses;               /* of a batch's pictures; owned */
    uint8_t *pictures;           /* a batch, where ranks mix; else NULL; owned */
    struct ic_stepper stepper;   /* what every step takes */
    uint64_t
        memory_bytes; /* that training takes at its peak; ic_learner_check_memory */
};

/* Opens the model of the data set's classes with the memory of a training step. Its
 * weights are zero and nothing is frozen. Several ranks share the steps; NULL: this
 * rank is alone. Refused (IC_ERR_USAGE): a micro-batch that leaves a batch norm a
 * single value per channel. On failure nothing is left open. */
ic_status ic_learner_open(struct ic_learner *learner, const struct ic_job *job,
                          struct ic_comm *comm, const struct ic_dataset *dataset,
                          struct ic_error *error);
void ic_learner_close(struct ic_learner *learner);

/* Draws fresh weights and loads those of --pretrained over them. A note says when the
 * file's head does not fit. */
ic_status ic_learner_start_weights(struct ic_learner *learner,
                                   const struct ic_listener *listener,
                                   struct ic_error *error);

/* Gives the classes their weights in the loss (--class-weights), from the counts of the
 * checked data; before the first step. */
ic_status ic_learner_weigh_classes(struct ic_learner *learner,
                                   const struct ic_training_data *data,
                                   struct ic_error *error);

/* Counts the memory that training on the checked data takes with the recipe, and
 * refuses more than the device allows (IC_ERR_LIMIT). Opening the learner has already
 * refused a plan that is too large for any pictures. */
ic_status ic_learner_check_memory(struct ic_learner *learner,
                                  const struct ic_training_data *data,
                                  const struct ic_recipe *recipe,
                                  struct ic_error *error);

/* Freezes what the phase freezes, and prepares the optimiser for the other arrays, with
 * `steps` steps of the phase done. At 0 steps the optimiser's state becomes zero and
 * the features are freed, as each phase is a training of its own. */
ic_status ic_learner_enter_phase(struct ic_learner *learner, struct ic_freeze freeze,
                                 int64_t steps, struct ic_error *error);

/* Computes the features of all pictures, unless they exist, where the body gives the
 * same features for a picture in every epoch of the phase. Steps then begin behind the
 * body. When the listener stops it meanwhile, there are no features. A meeting of all
 * ranks. */
ic_status ic_learner_find_features(struct ic_learner *learner, struct ic_freeze freeze,
                                   const struct ic_training_data *data,
                                   struct ic_listener *listener,
                                   struct ic_error *error);

/* The pictures that this rank's steps need of each batch; empty where steps begin with
 * features. */
struct ic_stretch ic_learner_part(const struct ic_learner *learner);

/* The features, or NULL where steps begin with pictures. */
const struct ic_features *ic_learner_features(const struct ic_learner *learner);

/* The set of weights that validation measures and that model files hold: with --ema
 * their average, else the weights themselves. Select it only for that time. */
enum ic_net_set ic_learner_ema_or_weights(const struct ic_learner *learner);

/* Writes that set as a model file, `steps` steps into the training. */
ic_status ic_learner_save_model(struct ic_learner *learner, const char *path,
                                int64_t steps, struct ic_error *error);

#endif
