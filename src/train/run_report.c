/* SPDX-License-Identifier: MIT */
/*
 * Reports on a run. See run_report.h.
 */
#include "train/run_report.h"

#include "train/metrics.h"

struct ic_step_report ic_run_report_position(const struct ic_course *course,
                                             const struct ic_run_position *position,
                                             int batch, size_t valid_count)
{
    const size_t steps_left = (size_t)(course->steps - position->step);
    const size_t epochs_left = (size_t)(course->epochs - position->epoch);

    return (struct ic_step_report){
        .phase = ic_course_phase(course)->name,
        .epoch = (int)position->epoch,
        .epochs = course->epochs,
        .batch = (size_t)position->batch,
        .batches = (size_t)ic_course_batches(course, position),
        .step = position->step,
        .steps = course->steps,
        .smooth_loss = ic_smooth_loss_value(&position->smooth),
        .train_left = steps_left * (size_t)batch,
        .valid_left = epochs_left * valid_count,
    };
}

void ic_run_report_start(const struct ic_listener *listener,
                         const struct ic_training_data *data,
                         const struct ic_learner *learner,
                         const struct ic_course *course,
                         const struct ic_run_position *position)
{
    const struct ic_engine *engine = &learner->engine;
    const struct ic_model *model = &learner->model;
    const struct ic_start_report report = {
        .job = data->job,
        .fingerprint = data->fingerprint,
        .arch = model->arch,
        .device = engine->backend->describe(engine->device),
        .classes = (const char *const *)model->classes,
        .class_count = model->class_count,
        .train_images = data->split.train_count,
        .valid_images = data->split.valid_count,
        .train_of_class = data->counts.train,
        .valid_of_class = data->counts.valid,
        .step = position->step,
        .steps = course->steps,
        .epochs = course->epochs,
        .memory_bytes = learner->memory_bytes,
        .ranks = ic_comm_size(listener->comm),
        .transport = ic_comm_describe(listener->comm),
    };

    ic_listener_start(listener, &report);
}

void ic_run_report_early_end(const struct ic_listener *listener,
                             const struct ic_course *course, int phase)
{
    char sentence[200];

    ic_course_describe_early_end(course, phase, sentence, sizeof sentence);
    ic_listener_note(listener, "%s", sentence);
}

void ic_run_report_resume(const struct ic_listener *listener,
                          const struct ic_course *course,
                          const struct ic_run_position *position, const char *folder)
{
    const int last = course->recipe.count - 1;

    if (!position->finished)
        ic_listener_note(listener, "resuming the run in %s after step %lld of %lld",
                         folder, (long long)position->step, (long long)course->steps);
    else
        ic_listener_note(listener, "the run in %s is finished: %lld steps are done",
                         folder, (long long)position->step);
    if (position->finished && position->cut[last] > 0)
        ic_run_report_early_end(listener, course, last);
}

void ic_run_report_pictures(const struct ic_listener *listener,
                            const struct ic_dataset *dataset,
                            const struct ic_batch *batch)
{
    for (int i = 0; i < batch->count; i++)
        ic_listener_note(listener, "picture %d of the batch: %s", i + 1,
                         dataset->samples[batch->samples[i]].name);
}
