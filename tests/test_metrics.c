/* SPDX-License-Identifier: MIT */
/*
 * Smoothed loss against fastai's figures; softmax and cross-entropy against direct
 * formulas and at the limits of floats.
 */
#include <float.h>

#include "check.h"
#include "golden.h"
#include "score/logits.h"
#include "train/metrics.h"

static void smooth_loss_against_fastai(void)
{
    FILE *golden = golden_open("smooth-loss.txt");
    struct ic_smooth_loss smooth = {0};
    double loss, expected;
    char line[200];

    CHECK_NEAR(ic_smooth_loss_value(&smooth), 0, 0);
    while (golden_line(golden, line, sizeof line)) {
        CHECK_INT(sscanf(line, "%lf %lf", &loss, &expected), 2);
        ic_smooth_loss_add(&smooth, loss);
        CHECK_NEAR(ic_smooth_loss_value(&smooth), expected, 1e-6);
    }
    CHECK_INT(smooth.count, 20);
    fclose(golden);
}

/* The average of a constant is the constant, from the first batch on. */
static void smooth_loss_of_a_constant(void)
{
    struct ic_smooth_loss smooth = {0};

    for (int i = 0; i < 500; i++) {
        ic_smooth_loss_add(&smooth, 0.625);
        CHECK_NEAR(ic_smooth_loss_value(&smooth), 0.625, 1e-14);
    }
}

/* Better means fewer errors, or as many and a smaller loss; equal is not better. */
static void best(void)
{
    struct ic_best best = ic_best_none();

    CHECK(ic_best_take(&best, 1, DBL_MAX));
    CHECK(ic_best_take(&best, 0.25, 0.5));
    CHECK(!ic_best_take(&best, 0.25, 0.5));
    CHECK(!ic_best_take(&best, 0.3, 0.1));
    CHECK(!ic_best_take(&best, 0.25, 0.6));
    CHECK_NEAR(best.loss, 0.5, 0);
    CHECK(ic_best_take(&best, 0.25, 0.4));
    CHECK(ic_best_take(&best, 0.2, 9));
    CHECK_NEAR(best.error_rate, 0.2, 0);
    CHECK_NEAR(best.loss, 9, 0);
}

static void small_logits(void)
{
    const float logits[] = {0.5f, -1.25f, 2, 0};
    double sum = 0, probabilities[4], total = 0;

    for (int c = 0; c < 4; c++)
        sum += exp((double)logits[c]);
    ic_softmax(probabilities, logits, 4);
    for (int c = 0; c < 4; c++) {
        CHECK_NEAR(probabilities[c], exp((double)logits[c]) / sum, 1e-15);
        CHECK_NEAR(ic_cross_entropy_of(logits, 4, c), log(sum) - logits[c], 1e-15);
        total += probabilities[c];
    }
    CHECK_NEAR(total, 1, 1e-15);
    CHECK_INT(ic_argmax(logits, 4), 2);
}

/* Logits whose exp would overflow or vanish. */
static void large_logits(void)
{
    const float high[] = {3e38f, 3e38f, -3e38f}, low[] = {-900, -901};
    double probabilities[3];

    ic_softmax(probabilities, high, 3);
    CHECK_NEAR(probabilities[0], 0.5, 0);
    CHECK_NEAR(probabilities[1], 0.5, 0);
    CHECK_NEAR(probabilities[2], 0, 0);
    CHECK_NEAR(ic_cross_entropy_of(high, 3, 0), 0, 1e-300);
    CHECK(ic_cross_entropy_of(high, 3, 2) > 5e38);
    CHECK(isfinite(ic_cross_entropy_of(high, 3, 2)));

    ic_softmax(probabilities, low, 2);
    CHECK_NEAR(probabilities[0], 1 / (1 + exp(-1)), 1e-15);
    CHECK_NEAR(ic_cross_entropy_of(low, 2, 1), 1 + log1p(exp(-1)), 1e-12);
}

static void ties_and_single_classes(void)
{
    const float tie[] = {1, 7, 7, 3}, one[] = {-4};
    double probability;

    CHECK_INT(ic_argmax(tie, 4), 1);
    CHECK_INT(ic_argmax(one, 1), 0);
    ic_softmax(&probability, one, 1);
    CHECK_NEAR(probability, 1, 0);
    CHECK_NEAR(ic_cross_entropy_of(one, 1, 0), 0, 0);
}

int main(void)
{
    smooth_loss_against_fastai();
    smooth_loss_of_a_constant();
    best();
    small_logits();
    large_logits();
    ties_and_single_classes();
    return check_result();
}
