/* SPDX-License-Identifier: MIT */
/*
 * Class weights: scikit-learn's "balanced" by its own figures, equal sums of the
 * classes, a mean of 1, and classes without training pictures.
 */
#include "check.h"
#include "train/class_weights.h"

enum { CLASSES = 5 };

static void weights_of(const size_t train[CLASSES], int classes, float *weights)
{
    size_t counts[CLASSES];
    struct ic_class_counts of = {.train = counts, .valid = counts, .classes = classes};

    memcpy(counts, train, (size_t)classes * sizeof *counts);
    ic_class_weights_balanced(&of, weights);
}

/* compute_class_weight("balanced", ...) of 90, 9 and 1 pictures gives 100 / (3 n). */
static void as_scikit_learn(void)
{
    const size_t train[CLASSES] = {90, 9, 1};
    float weights[CLASSES];

    weights_of(train, 3, weights);
    CHECK_NEAR(weights[0], 0.37037037, 1e-7);
    CHECK_NEAR(weights[1], 3.7037037, 1e-6);
    CHECK_NEAR(weights[2], 33.333333, 1e-5);
}

static void equal_classes_weigh_one(void)
{
    const size_t train[CLASSES] = {7, 7, 7, 7, 7};
    float weights[CLASSES];

    weights_of(train, CLASSES, weights);
    for (int i = 0; i < CLASSES; i++)
        CHECK(weights[i] == 1);
}

/* All classes weigh the same together, and the mean over the pictures is 1. */
static void sums(void)
{
    const size_t train[CLASSES] = {100, 0, 3, 40, 0};
    float weights[CLASSES];
    double sum = 0;

    weights_of(train, CLASSES, weights);
    for (int i = 0; i < CLASSES; i++) {
        sum += weights[i] * (double)train[i];
        if (train[i] == 0)
            CHECK(weights[i] == 0);
        else
            CHECK_NEAR(weights[i] * (double)train[i], 143.0 / 3, 1e-5);
    }
    CHECK_NEAR(sum, 143, 1e-5);
}

int main(void)
{
    as_scikit_learn();
    equal_classes_weigh_one();
    sums();
    return check_result();
}
