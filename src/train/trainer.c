/* SPDX-License-Identifier: MIT */
/*
 * Opens the parts of a training loop. See trainer.h.
 */
#include "train/trainer.h"

#include "train/ranks.h"

ic_status ic_trainer_open(struct ic_trainer *trainer, const struct ic_job *job,
                          bool start_weights, struct ic_listener *listener,
                          struct ic_error *error)
{
    struct ic_training_data *data = &trainer->data;
    struct ic_learner *learner = &trainer->learner;
    ic_status status;

    *trainer = (struct ic_trainer){0};
    /* Refusals that need no long look at the data come before it. */
    status = ic_training_data_open(data, job, error);
    if (status == IC_OK)
        status = ic_learner_open(learner, job, listener->comm, &data->dataset, error);
    if (status == IC_OK && start_weights)
        status = ic_learner_start_weights(learner, listener, error);
    status = ic_listener_agree(listener, status, error);
    if (status == IC_OK)
        status = ic_ranks_check_arithmetic(
            listener->comm, learner->engine.backend->arithmetic(learner->engine.device),
            job->allow_mixed, error);
    if (status == IC_OK && !ic_listener_must_stop(listener))
        status = ic_training_data_check(data, listener, error);
    status = ic_listener_agree(listener, status, error);
    if (status == IC_OK && !ic_listener_must_stop(listener))
        status = ic_ranks_check_data(listener->comm, data->fingerprint, error);
    if (status == IC_OK && !ic_listener_must_stop(listener)) {
        trainer->course = ic_course_make(job, data->epoch_batches);
        status = ic_learner_check_memory(learner, data, &trainer->course.recipe, error);
        if (status == IC_OK)
            status = ic_learner_weigh_classes(learner, data, error);
        status = ic_comm_agree(listener->comm, status, NULL, error);
    }
    if (status != IC_OK)
        ic_trainer_close(trainer);
    return status;
}

void ic_trainer_close(struct ic_trainer *trainer)
{
    ic_learner_close(&trainer->learner);
    ic_training_data_close(&trainer->data);
    *trainer = (struct ic_trainer){0};
}
