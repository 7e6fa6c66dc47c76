/*
 * What the loop tells those who listen. See trainer.h and the events in run.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include "train/trainer.h"

void ic_trainer_note(const struct ic_trainer *trainer, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    if (trainer->events.on_note == NULL)
        return;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    trainer->events.on_note(trainer->events.context, sentence);
}

void ic_trainer_tell_start(const struct ic_trainer *trainer)
{
    const struct ic_engine *engine = &trainer->engine;
    const struct ic_start_report report = {
        .arch = trainer->model.arch,
        .device = engine->backend->describe(engine->device),
        .classes = (const char *const *)trainer->model.classes,
        .class_count = trainer->model.class_count,
        .train_images = trainer->split.train_count,
        .valid_images = trainer->split.valid_count,
        .step = trainer->position.step,
        .steps = trainer->steps,
        .epochs = trainer->epochs,
        .plan_bytes = ic_net_plan(engine->net)->total_bytes,
    };

    if (trainer->events.on_start != NULL)
        trainer->events.on_start(trainer->events.context, &report);
}

ic_status ic_trainer_tell_batch(const struct ic_trainer *trainer,
                                const struct ic_batch *batch, struct ic_error *error)
{
    const struct ic_first_batch_report report = {
        .folder = trainer->folder.path,
        .batch = batch,
        .size = trainer->model.size,
        .classes = (const char *const *)trainer->model.classes,
    };

    return trainer->events.on_first_batch(trainer->events.context, &report, error);
}

void ic_trainer_tell_step(const struct ic_trainer *trainer,
                          struct ic_step_report *report)
{
    const struct ic_position *position = &trainer->position;
    const size_t steps_left = (size_t)(trainer->steps - position->step);
    const size_t epochs_left = (size_t)(trainer->epochs - position->epoch);

    report->phase = trainer->phase->name;
    report->epoch = (int)position->epoch;
    report->epochs = trainer->epochs;
    report->step = position->step;
    report->steps = trainer->steps;
    report->smooth_loss = ic_smooth_loss_value(&position->smooth);
    report->train_left = steps_left * (size_t)trainer->job.batch;
    report->valid_left = epochs_left * trainer->split.valid_count;
    if (report->validating)
        report->valid_left -= report->pass_images;
    if (trainer->events.on_step != NULL)
        trainer->events.on_step(trainer->events.context, report);
}
