/* SPDX-License-Identifier: MIT */
/*
 * The course of a training, without a network: phases and their lengths, the position
 * from step to step, early stopping against a second implementation of the rule, and
 * invalid positions.
 */
#include "check.h"
#include "train/course.h"

enum { BATCHES = 7, MOST = 20 };

static struct ic_error error;

static struct ic_job fine_tune(int freeze_epochs, int epochs, int patience)
{
    struct ic_job job;

    ic_job_defaults(&job);
    job.recipe = "fine-tune";
    job.freeze_epochs = freeze_epochs;
    job.epochs = epochs;
    job.patience = patience;
    return job;
}

/* Takes all steps of the position's epoch. */
static void train_epoch(const struct ic_course *course,
                        struct ic_run_position *position)
{
    const int64_t batches = ic_course_batches(course, position);

    for (; position->batch < batches; position->batch++) {
        ic_smooth_loss_add(&position->smooth, 1);
        position->step++;
    }
}

static void checks_out(const struct ic_course *course,
                       const struct ic_run_position *position)
{
    struct ic_course read = *course;

    ic_course_enter(&read, position);
    CHECK_OK(ic_course_check(&read, position, "run/checkpoint", &error));
    CHECK_INT(read.steps, course->steps);
    CHECK_INT(read.phase, course->phase);
}

/* --- phases -------------------------------------------------------------------- */

static void two_phases(void)
{
    const struct ic_job job = fine_tune(2, 3, 0);
    struct ic_course course = ic_course_make(&job, BATCHES);
    struct ic_run_position position = ic_run_position_start();

    CHECK_INT(course.steps, 5 * BATCHES);
    CHECK_INT(course.epochs, 5);
    for (int epoch = 0; epoch < 5; epoch++) {
        const int phase = epoch < 2 ? 0 : 1;
        struct ic_epoch_end end;

        CHECK(!position.finished);
        CHECK_INT(course.phase, phase);
        CHECK_INT(ic_course_phase_steps(&course, &position),
                  BATCHES * (epoch - 2 * phase));
        CHECK_STRING(ic_course_phase(&course)->name, phase ? "unfrozen" : "frozen");
        CHECK_INT(ic_course_phase(&course)->freeze.groups > 0, phase == 0);
        checks_out(&course, &position);
        train_epoch(&course, &position);
        end = ic_course_end_epoch(&course, &position, 0.5, 1);
        CHECK(!end.early);
        CHECK_INT(end.new_phase, epoch == 1);
        CHECK_INT(position.smooth.count,
                  end.new_phase
                      ? 0
                      : BATCHES * (epoch % 2 + 1) + (epoch == 4 ? 2 * BATCHES : 0));
        CHECK_INT(position.epoch, epoch + 1);
        CHECK_INT(position.batch, 0);
    }
    CHECK(position.finished);
    CHECK_INT(ic_course_batches(&course, &position), 0);
    checks_out(&course, &position);
}

/* max_steps cuts the last epoch; the learning rates are those of the whole job. */
static void cut_by_steps(void)
{
    struct ic_job job = fine_tune(1, 4, 0), whole = job;
    struct ic_run_position position = ic_run_position_start();
    struct ic_course course, uncut = ic_course_make(&whole, BATCHES);

    job.max_steps = 2 * BATCHES + 3;
    course = ic_course_make(&job, BATCHES);
    CHECK_INT(course.steps, 2 * BATCHES + 3);
    CHECK_INT(course.epochs, 3);
    for (int epoch = 0; epoch < 3; epoch++) {
        CHECK_INT(ic_course_batches(&course, &position), epoch < 2 ? BATCHES : 3);
        ic_course_enter(&uncut, &position);
        CHECK(ic_course_rates(&course, &position).lr[0] ==
              ic_course_rates(&uncut, &position).lr[0]);
        train_epoch(&course, &position);
        ic_course_end_epoch(&course, &position, 0.5, 1);
    }
    CHECK(position.finished);
    checks_out(&course, &position);
}

/* --- early stopping ------------------------------------------------------------ */

/* The number of epochs that a phase of `epochs` lasts, by the rule: it ends after the
 * first epoch that is `patience` epochs behind the best so far. */
static int expected_epochs(const double *rates, int epochs, int patience)
{
    int best = 0;

    for (int i = 1; i < epochs; i++) {
        best = rates[i] < rates[best] ? i : best;
        if (patience > 0 && i - best == patience)
            return i + 1;
    }
    return epochs;
}

/* Trains to the end; the validations have these error rates in turn. */
static void run(const struct ic_job *job, const double *rates)
{
    const int frozen = expected_epochs(rates, job->freeze_epochs, job->patience);
    const int rest = expected_epochs(rates + frozen, job->epochs, job->patience);
    struct ic_course course = ic_course_make(job, BATCHES);
    struct ic_run_position position = ic_run_position_start();
    int epoch = 0;

    while (!position.finished && epoch < MOST) {
        const int phase = course.phase;
        struct ic_epoch_end end;

        CHECK_INT(phase, epoch >= frozen);
        train_epoch(&course, &position);
        end = ic_course_end_epoch(&course, &position, rates[epoch], 1);
        epoch++;
        CHECK_INT(end.new_phase, epoch == frozen);
        CHECK_INT(end.early, (epoch == frozen && frozen < job->freeze_epochs) ||
                                 (epoch == frozen + rest && rest < job->epochs));
        checks_out(&course, &position);
    }
    CHECK_INT(epoch, frozen + rest);
    CHECK_INT(position.step, (frozen + rest) * BATCHES);
    CHECK_INT(course.steps, position.step);
}

static void ends_early(void)
{
    for (int patience = 0; patience <= 3; patience++)
        for (unsigned seed = 1; seed <= 200; seed++) {
            const struct ic_job job = fine_tune(1 + (int)seed % 5, 6, patience);
            double rates[MOST];
            unsigned random = seed;

            for (int i = 0; i < MOST; i++) {
                random = random * 1103515245U + 12345U;
                rates[i] = (double)(random >> 16) / 65536;
            }
            run(&job, rates);
        }
}

static void says_why(void)
{
    const struct ic_job job = fine_tune(3, 4, 1);
    struct ic_course course = ic_course_make(&job, BATCHES);
    struct ic_run_position position = ic_run_position_start();
    char text[200];

    for (int i = 0; i < 2; i++) {
        train_epoch(&course, &position);
        ic_course_end_epoch(&course, &position, 0.5, 1);
    }
    ic_course_describe_early_end(&course, 0, text, sizeof text);
    CHECK_STRING(text,
                 "the frozen phase ended early, after epoch 1: no epoch since epoch 0 "
                 "validated better (--patience 1)");
    ic_course_describe_early_end(&course, 1, text, sizeof text);
    CHECK(strncmp(text, "the run ended early, after epoch 5: no epoch since epoch 4",
                  58) == 0);
}

/* --- positions that cannot be -------------------------------------------------- */

/* A position in the middle of the second phase, with one member changed. */
#define REFUSED(change, words)                                            \
    do {                                                                  \
        struct ic_run_position p = position;                              \
        struct ic_course read = course;                                   \
        change;                                                           \
        ic_course_enter(&read, &p);                                       \
        CHECK_FAILS(ic_course_check(&read, &p, "run/checkpoint", &error), \
                    IC_ERR_FORMAT, "run/checkpoint is damaged: " words);  \
    } while (0)

static void impossible(void)
{
    const struct ic_job job = fine_tune(1, 4, 2);
    struct ic_course course = ic_course_make(&job, BATCHES);
    struct ic_run_position position = ic_run_position_start();

    for (int i = 0; i < 2; i++) {
        train_epoch(&course, &position);
        ic_course_end_epoch(&course, &position, 0.5, 1);
    }
    checks_out(&course, &position);
    REFUSED(p.step++, "epoch 2, batch 0 and step 15 contradict each other");
    REFUSED(p.epoch = 6, "epoch 6");
    REFUSED(p.batch = BATCHES + 1, "epoch 2, batch 8");
    REFUSED(
        (p.batch = BATCHES + 1, p.step += BATCHES + 1, p.smooth.count += BATCHES + 1),
        "epoch 2, batch 8");
    REFUSED(p.smooth.count++, "epoch 2");
    REFUSED(p.smooth.average = NAN, "epoch 2");
    REFUSED(p.finished = true, "epoch 2");
    REFUSED(p.waited = 2, "its figures of early stopping");
    REFUSED(p.cut[1] = 9, "its figures of early stopping");
}

int main(void)
{
    two_phases();
    cut_by_steps();
    ends_early();
    says_why();
    impossible();
    return check_result();
}
