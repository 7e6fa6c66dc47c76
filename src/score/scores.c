/* SPDX-License-Identifier: MIT */
/*
 * The sums of an evaluation. See scores.h.
 */
#include "score/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "score/logits.h"

void ic_scores_free(struct ic_scores *scores)
{
    free(scores->confusion);
    memset(scores, 0, sizeof *scores);
}

double ic_scores_loss(const struct ic_scores *scores)
{
    return scores->images > 0 ? scores->loss_sum / (double)scores->images : 0;
}

double ic_scores_error_rate(const struct ic_scores *scores)
{
    return scores->images > 0 ? (double)scores->wrong / (double)scores->images : 0;
}

double ic_scores_top_accuracy(const struct ic_scores *scores)
{
    return scores->images > 0 ? (double)scores->near_top / (double)scores->images : 0;
}

ic_status ic_scores_init(struct ic_scores *ret_scores, int classes,
                         struct ic_error *error)
{
    const size_t count = (size_t)classes;
    size_t cells;

    *ret_scores = (struct ic_scores){.classes = classes};
    if (ic_size_mul(count, count, &cells))
        ret_scores->confusion = calloc(cells, sizeof *ret_scores->confusion);
    if (ret_scores->confusion == NULL)
        return ic_fail_memory(error, "the counts of an evaluation",
                              count * count * sizeof *ret_scores->confusion);
    return IC_OK;
}

void ic_scores_count(struct ic_scores *scores, int label, int predicted, double loss)
{
    const size_t cell = (size_t)label * (size_t)scores->classes + (size_t)predicted;

    scores->images++;
    scores->wrong += predicted != label;
    scores->loss_sum += loss;
    scores->confusion[cell]++;
}

/* Whether fewer than IC_SCORES_TOP classes rank before the label's: classes with a
 * larger logit, or with an equal logit and a lower index. */
static bool is_near_top(const float *logits, int classes, int label)
{
    int before = 0;

    for (int c = 0; c < classes; c++)
        before +=
            logits[c] > logits[label] || (logits[c] == logits[label] && c < label);
    return before < IC_SCORES_TOP;
}

bool ic_scores_add(struct ic_scores *scores, const float *logits, int label)
{
    const int classes = scores->classes;

    for (int c = 0; c < classes; c++)
        if (!isfinite(logits[c]))
            return false;
    if (label >= 0) {
        ic_scores_count(scores, label, ic_argmax(logits, classes),
                        ic_cross_entropy_of(logits, classes, label));
        scores->near_top += is_near_top(logits, classes, label);
    }
    return true;
}
