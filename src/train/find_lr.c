/* SPDX-License-Identifier: MIT */
/*
 * The loop of a learning-rate range test. See find_lr.h.
 */
#include "train/find_lr.h"

#include "base/machine.h"
#include "train/trainer.h"

/* The momentum of fastai's Adam; SGD with momentum is taken to have the same. */
static const double default_momentum = 0.9;

struct test {
    struct ic_listener listener;
    struct ic_trainer trainer;
    struct ic_find_lr_events events;
    struct ic_lr_curve *curve;
    struct ic_error failure; /* of the last step, if it failed */
    double begin;
};

/* Takes the next step of the curve. */
static ic_status take_step(struct test *test, const struct ic_batch *batch,
                           struct ic_error *error)
{
    const struct ic_stepper *stepper = &test->trainer.learner.stepper;
    struct ic_lr_curve *curve = test->curve;
    struct ic_rates rates = {.momentum = default_momentum};
    double loss;
    ic_status status;

    for (int group = 0; group < IC_GROUPS; group++)
        rates.lr[group] = ic_lr_curve_rate(curve);
    status = ic_step(stepper, batch, curve->count, &rates, &loss, NULL, &test->failure);
    if (status != IC_OK && status != IC_ERR_NUMERIC)
        return ic_fail(error, status, "%s", test->failure.message);
    ic_lr_curve_add(curve, loss);
    if (status == IC_ERR_NUMERIC && curve->end == IC_LR_GOES_ON)
        curve->end = IC_LR_NOT_FINITE; /* the next loss would not be finite */
    if (test->events.on_step != NULL)
        test->events.on_step(test->events.context, curve,
                             ic_machine_seconds() - test->begin);
    return IC_OK;
}

/* Runs all batches of an epoch, or those until the test ends or is stopped. */
static ic_status run_epoch(struct test *test, int64_t epoch, struct ic_error *error)
{
    const struct ic_trainer *trainer = &test->trainer;
    const struct ic_learner *learner = &trainer->learner;
    struct ic_loader *loader = NULL;
    ic_status status = ic_training_data_load(&trainer->data, &learner->model, epoch, 0,
                                             ic_learner_part(learner), &loader, error);

    for (int64_t i = 0; i < trainer->data.epoch_batches && status == IC_OK; i++) {
        const struct ic_batch *batch;

        if (test->curve->end != IC_LR_GOES_ON || ic_listener_must_stop(&test->listener))
            break;
        status = ic_loader_next(loader, &batch, error);
        if (status == IC_OK)
            status = take_step(test, batch, error);
    }
    ic_loader_close(loader);
    return status;
}

/* Makes the suggestion, or says in the error why there is none. */
static ic_status suggest(struct test *test, struct ic_error *error)
{
    struct ic_error failure;
    const ic_status status = ic_lr_curve_suggest(test->curve, &failure);

    if (status == IC_OK)
        return IC_OK;
    if (status != IC_ERR_NUMERIC)
        return ic_fail(error, status, "%s", failure.message);
    return ic_fail(error, status, "%s: %s", failure.message,
                   test->curve->end == IC_LR_NOT_FINITE
                       ? test->failure.message
                       : "the smoothed loss is more than 4 times its lowest value; a "
                         "larger --batch makes it smoother");
}

/* Trains as the job's first phase would, until the test ends. */
static ic_status run(struct test *test, struct ic_error *error)
{
    struct ic_trainer *trainer = &test->trainer;
    const struct ic_freeze freeze = ic_course_phase(&trainer->course)->freeze;
    ic_status status = ic_learner_enter_phase(&trainer->learner, freeze, 0, error);

    if (status == IC_OK)
        status = ic_learner_find_features(&trainer->learner, freeze, &trainer->data,
                                          &test->listener, error);
    test->begin = ic_machine_seconds();
    for (int64_t epoch = 0; status == IC_OK && test->curve->end == IC_LR_GOES_ON &&
                            !ic_listener_must_stop(&test->listener);
         epoch++)
        status = run_epoch(test, epoch, error);
    if (status == IC_OK && test->curve->end != IC_LR_GOES_ON)
        status = suggest(test, error);
    return status;
}

ic_status ic_find_lr(struct ic_job *job, int steps,
                     const struct ic_find_lr_events *events, const atomic_int *stop,
                     struct ic_lr_curve *ret_curve, struct ic_error *error)
{
    struct test test = {.listener = {.stop = stop}, .curve = ret_curve};
    ic_status status = ic_job_check(job, error);

    if (events != NULL)
        test.events = *events;
    test.listener.events.context = test.events.context;
    test.listener.events.on_note = test.events.on_note;
    if (status == IC_OK)
        status = ic_lr_curve_open(ret_curve, steps, error);
    if (status != IC_OK)
        return status;
    status = ic_trainer_open(&test.trainer, job, true, &test.listener, error);
    if (status == IC_OK && !test.listener.stopped)
        status = run(&test, error);
    ic_trainer_close(&test.trainer);
    if (status != IC_OK)
        ic_lr_curve_free(ret_curve);
    return status;
}
