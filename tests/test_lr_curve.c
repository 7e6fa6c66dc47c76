/* SPDX-License-Identifier: MIT */
/*
 * The curve of a range test against fastai's own lr_find: learning rates, smoothing,
 * the end, and the suggestion; then the cases that fastai does not handle.
 */
#include "check.h"
#include "golden.h"
#include "train/lr_curve.h"

static struct ic_error error;

/* One curve of tests/golden/valley.txt. */
struct recorded {
    char name[40];
    int steps, count; /* count: fastai continues after a NaN loss */
    double suggestion;
    struct ic_lr_point points[100];
};

static bool read_curve(FILE *golden, struct recorded *recorded)
{
    char line[200];

    if (!golden_line(golden, line, sizeof line))
        return false;
    if (sscanf(line, "curve %39s %d %d %lf", recorded->name, &recorded->steps,
               &recorded->count, &recorded->suggestion) != 4) {
        CHECK_FAIL("cannot read the line: %s", line);
        return false;
    }
    for (int i = 0; i < recorded->count; i++) {
        struct ic_lr_point *point = &recorded->points[i];

        if (!golden_line(golden, line, sizeof line) ||
            sscanf(line, "point %lf %lf %lf", &point->lr, &point->loss,
                   &point->smooth_loss) != 3) {
            CHECK_FAIL("cannot read the line: %s", line);
            return false;
        }
    }
    return true;
}

static enum ic_lr_end expected_end(const struct recorded *recorded)
{
    const struct ic_lr_point *last = &recorded->points[recorded->count - 1];

    if (isnan(last->loss))
        return IC_LR_NOT_FINITE;
    return recorded->count < recorded->steps ? IC_LR_DIVERGED : IC_LR_ALL_STEPS;
}

/* Runs im2cat's curve on these losses, then suggests from fastai's curve. */
static void replay(const struct recorded *recorded)
{
    const double suggestion = recorded->suggestion;
    struct ic_lr_curve curve;

    CHECK_OK(ic_lr_curve_open(&curve, recorded->steps, &error));
    for (int i = 0; i < recorded->count && curve.end == IC_LR_GOES_ON; i++) {
        const struct ic_lr_point *expected = &recorded->points[i];
        const struct ic_lr_point *found = &curve.points[i];

        ic_lr_curve_add(&curve, expected->loss);
        if (curve.count == i)
            break; /* no number */
        CHECK_NEAR(found->lr, expected->lr, 1e-6 * expected->lr);
        CHECK(found->loss == expected->loss);
        if (isinf(expected->loss))
            CHECK(isinf(found->smooth_loss));
        else
            CHECK_NEAR(found->smooth_loss, expected->smooth_loss,
                       2e-6 * expected->smooth_loss); /* fastai's is a float */
        curve.points[i] = *expected;
    }
    CHECK_INT(curve.end, expected_end(recorded));
    if (curve.end != IC_LR_NOT_FINITE)
        CHECK_INT(curve.count, recorded->count);
    CHECK_OK(ic_lr_curve_suggest(&curve, &error));
    if (fabs(curve.points[curve.suggested].lr - suggestion) > 1e-7 * suggestion)
        CHECK_FAIL("%s: suggests point %d with %.9g, fastai %.9g", recorded->name,
                   curve.suggested, curve.points[curve.suggested].lr, suggestion);
    ic_lr_curve_free(&curve);
}

static void against_fastai(void)
{
    FILE *golden = golden_open("valley.txt");
    struct recorded recorded;
    int ends[IC_LR_NOT_FINITE + 1] = {0}, curves = 0;

    for (; read_curve(golden, &recorded); curves++) {
        replay(&recorded);
        ends[expected_end(&recorded)]++;
    }
    CHECK_INT(curves, 13);
    CHECK(ends[IC_LR_ALL_STEPS] >= 5 && ends[IC_LR_DIVERGED] >= 3);
    CHECK_INT(ends[IC_LR_NOT_FINITE], 2);
    fclose(golden);
}

/* A curve of a test of 20 steps: 2 points are skipped before the judged ones, and 5
 * after them. */
static struct ic_lr_curve curve_of(const double *losses, int count)
{
    struct ic_lr_curve curve;

    CHECK_OK(ic_lr_curve_open(&curve, 20, &error));
    for (int i = 0; i < count + 7; i++)
        curve.points[i].smooth_loss = i < 2 || i >= count + 2 ? 0 : losses[i - 2];
    curve.count = count + 7;
    curve.end = IC_LR_DIVERGED;
    return curve;
}

static void check_valley(const double *losses, int count, int index, int fall)
{
    struct ic_lr_curve curve = curve_of(losses, count);

    CHECK_OK(ic_lr_curve_suggest(&curve, &error));
    CHECK_INT(curve.suggested, 2 + index);
    CHECK_INT(curve.fall, fall);
    ic_lr_curve_free(&curve);
}

/* Small enough to check by hand: which points fall, and where half of them is. */
static void valleys(void)
{
    check_valley((double[]){5, 9, 4, 8, 3, 7}, 6, 2, 3);       /* 5 4 3, end at 4 */
    check_valley((double[]){9, 8, 7, 6, 5, 4, 9, 9}, 8, 2, 6); /* begins at the first */
    check_valley((double[]){3, 2, 1, 6, 5, 4}, 6, 0, 3);       /* the first of two */
    check_valley((double[]){4, 4, 4, 4}, 4, 0, 1);             /* equal is no fall */
    check_valley((double[]){1, 2, 3, 4}, 4, 0, 1);
    check_valley((double[]){4, 3, 5, 6}, 4, 0, 2); /* fastai: before the first */
    check_valley((double[]){7}, 1, 0, 1);
}

/* No point is left to judge. */
static void too_early(void)
{
    struct ic_lr_curve curve = curve_of(NULL, 0);

    CHECK_FAILS(ic_lr_curve_suggest(&curve, &error), IC_ERR_NUMERIC,
                "ended after 7 of 20 steps, too early to suggest a learning rate");
    curve.end = IC_LR_NOT_FINITE; /* 13 more are assumed after these */
    CHECK_OK(ic_lr_curve_suggest(&curve, &error));
    curve.count = 2;
    CHECK_FAILS(ic_lr_curve_suggest(&curve, &error), IC_ERR_NUMERIC,
                "ended after 2 of 20 steps, too early to suggest a learning rate");
    ic_lr_curve_free(&curve);
}

int main(void)
{
    against_fastai();
    valleys();
    too_early();
    return check_result();
}
