/*
 * Early stopping: a phase ends when --patience epochs in a row validated no better than
 * its best one. See trainer.h.
 *
 * Each phase counts for itself, as fastai's EarlyStoppingCallback counts in each fit:
 * the first epochs after unfreezing are often worse than the last ones before. The
 * phase after one that ended early begins as it would have begun.
 */
#include "train/trainer.h"

static int phase_number(const struct ic_trainer *t)
{
    return (int)(t->phase - t->recipe.phases);
}

bool ic_trainer_ends_early(struct ic_trainer *t, const struct ic_epoch_report *report)
{
    struct ic_position *const p = &t->position;
    const int64_t done = p->epoch - t->phase_epoch;

    if (ic_best_take(&p->phase_best, report->error_rate, report->valid_loss))
        p->waited = 0;
    else
        p->waited++;
    if (t->job.patience == 0 || p->waited < t->job.patience ||
        done == t->phase->epochs || p->step == t->steps)
        return false;
    p->cut[phase_number(t)] = done;
    ic_trainer_plan_steps(t);
    return true;
}

bool ic_trainer_cuts_are_possible(const struct ic_trainer *t)
{
    const struct ic_position *const p = &t->position;

    for (int i = 0; i < IC_PHASES; i++) {
        const bool can_be = t->job.patience > 0 && i <= phase_number(t) &&
                            p->cut[i] == t->recipe.phases[i].epochs;

        if (p->cut[i] != 0 && !can_be)
            return false;
    }
    return p->waited <= p->epoch - t->phase_epoch &&
           (t->job.patience == 0 || p->waited < t->job.patience || p->finished);
}

void ic_trainer_note_early_end(const struct ic_trainer *t, const struct ic_phase *phase)
{
    const bool is_last = phase == &t->recipe.phases[t->recipe.count - 1];
    int64_t last = -1;

    for (const struct ic_phase *p = t->recipe.phases; p <= phase; p++)
        last += p->epochs;
    ic_trainer_note(
        t,
        "the %s%s ended early, after epoch %lld: none since epoch %lld validated "
        "better (--patience %d)",
        is_last ? "run" : phase->name, is_last ? "" : " phase", (long long)last,
        (long long)last - t->job.patience, t->job.patience);
}
