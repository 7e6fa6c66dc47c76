/* SPDX-License-Identifier: MIT */
/*
 * The course of a training. See course.h; the rates within a phase are in schedule.h.
 */
#include "train/course.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct ic_recipe recipe_of(const struct ic_job *job)
{
    return strcmp(job->recipe, "fine-tune") == 0
               ? ic_recipe_fine_tune(job->freeze_epochs, job->epochs, job->lr,
                                     strcmp(job->freeze, "bn") == 0)
               : ic_recipe_one_cycle(job->epochs, job->lr);
}

struct ic_course ic_course_make(const struct ic_job *job, int64_t epoch_batches)
{
    const struct ic_run_position start = ic_run_position_start();
    struct ic_course course = {
        .recipe = recipe_of(job),
        .epoch_batches = epoch_batches,
        .max_steps = job->max_steps,
        .patience = job->patience,
    };

    ic_course_enter(&course, &start);
    return course;
}

/* Sets the phases that were cut short to the length that they reached, and counts all
 * steps. */
static void plan_steps(struct ic_course *course, const struct ic_run_position *position)
{
    struct ic_recipe *recipe = &course->recipe;

    for (int i = 0; i < recipe->count; i++) {
        const int64_t cut = position->cut[i];

        if (cut > 0 && cut < recipe->phases[i].epochs)
            recipe->phases[i].epochs = (int)cut;
    }
    course->steps = course->epoch_batches * ic_recipe_epochs(recipe);
    if (course->max_steps > 0 && course->max_steps < course->steps)
        course->steps = course->max_steps;
    course->epochs =
        (int)((course->steps + course->epoch_batches - 1) / course->epoch_batches);
}

void ic_course_enter(struct ic_course *course, const struct ic_run_position *position)
{
    plan_steps(course, position);
    course->phase =
        ic_recipe_phase_at(&course->recipe, position->epoch, &course->phase_epoch);
}

const struct ic_phase *ic_course_phase(const struct ic_course *course)
{
    return &course->recipe.phases[course->phase];
}

int64_t ic_course_batches(const struct ic_course *course,
                          const struct ic_run_position *position)
{
    const int64_t left = course->steps - position->epoch * course->epoch_batches;

    if (left <= 0)
        return 0; /* all is done */
    return left < course->epoch_batches ? left : course->epoch_batches;
}

int64_t ic_course_phase_steps(const struct ic_course *course,
                              const struct ic_run_position *position)
{
    return position->step - course->phase_epoch * course->epoch_batches;
}

struct ic_rates ic_course_rates(const struct ic_course *course,
                                const struct ic_run_position *position)
{
    const struct ic_phase *phase = ic_course_phase(course);
    const double all = (double)course->epoch_batches * phase->epochs;

    return ic_phase_rates(phase, (double)ic_course_phase_steps(course, position) / all);
}

/* --- the end of an epoch ------------------------------------------------------- */

/* Whether the phase of the epoch that just ended ends early. The position is already
 * that of the next epoch. */
static bool ends_early(const struct ic_course *course, struct ic_run_position *position,
                       double error_rate, double valid_loss)
{
    const int64_t done = position->epoch - course->phase_epoch;

    if (ic_best_take(&position->phase_best, error_rate, valid_loss))
        position->waited = 0;
    else
        position->waited++;
    if (course->patience == 0 || position->waited < course->patience ||
        done == ic_course_phase(course)->epochs || position->step == course->steps)
        return false;
    position->cut[course->phase] = done;
    return true;
}

struct ic_epoch_end ic_course_end_epoch(struct ic_course *course,
                                        struct ic_run_position *position,
                                        double error_rate, double valid_loss)
{
    const int before = course->phase;
    struct ic_epoch_end end;

    position->epoch++;
    position->batch = 0;
    position->train_seconds = 0;
    end.early = ends_early(course, position, error_rate, valid_loss);
    ic_course_enter(course, position);
    position->finished = position->step == course->steps;
    end.new_phase = course->phase != before;
    if (end.new_phase) {
        position->smooth = (struct ic_smooth_loss){0};
        position->phase_best = ic_best_none();
        position->waited = 0;
    }
    return end;
}

void ic_course_describe_early_end(const struct ic_course *course, int phase, char *text,
                                  size_t size)
{
    const bool is_last = phase == course->recipe.count - 1;
    long long last = -1;

    for (int i = 0; i <= phase; i++)
        last += course->recipe.phases[i].epochs;
    snprintf(text, size,
             "the %s%s ended early, after epoch %lld: no epoch since epoch %lld "
             "validated better (--patience %d)",
             is_last ? "run" : course->recipe.phases[phase].name,
             is_last ? "" : " phase", last, last - course->patience, course->patience);
}

/* --- a position from a file ---------------------------------------------------- */

static bool position_is_possible(const struct ic_course *course,
                                 const struct ic_run_position *p)
{
    int64_t begun;

    if (p->epoch > course->epochs || p->batch > ic_course_batches(course, p))
        return false;
    begun = p->epoch * course->epoch_batches;
    if (begun > course->steps)
        begun = course->steps; /* max_steps cut the last epoch */
    return p->step == begun + p->batch &&
           p->smooth.count == ic_course_phase_steps(course, p) &&
           isfinite(p->smooth.average) && isfinite(p->train_seconds) &&
           p->finished == (p->epoch == course->epochs);
}

static bool early_stopping_is_possible(const struct ic_course *course,
                                       const struct ic_run_position *p)
{
    for (int i = 0; i < IC_PHASES; i++) {
        const bool can_be = course->patience > 0 && i <= course->phase &&
                            p->cut[i] == course->recipe.phases[i].epochs;

        if (p->cut[i] != 0 && !can_be)
            return false;
    }
    return p->waited <= p->epoch - course->phase_epoch &&
           (course->patience == 0 || p->waited < course->patience || p->finished);
}

ic_status ic_course_check(const struct ic_course *course,
                          const struct ic_run_position *position, const char *path,
                          struct ic_error *error)
{
    if (!position_is_possible(course, position))
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s is damaged: epoch %lld, batch %lld and step %lld contradict each other",
            path, (long long)position->epoch, (long long)position->batch,
            (long long)position->step);
    if (!early_stopping_is_possible(course, position))
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s is damaged: its figures of early stopping contradict each other", path);
    return IC_OK;
}
