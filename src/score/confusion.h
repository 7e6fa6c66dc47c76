/* SPDX-License-Identifier: MIT */
/*
 * What the confusion counts of an evaluation say: how well each class is found, and
 * which class is taken for which.
 *
 * Precision, recall and F1 are those of scikit-learn's precision_recall_fscore_support
 * with zero_division=0: what is divided by nothing is 0.
 */
#ifndef IC_SCORE_CONFUSION_H
#define IC_SCORE_CONFUSION_H

#include "score/scores.h"

/* Of one class, or the means over several. */
struct ic_figures {
    double precision; /* of the pictures taken for the class, how many are of it */
    double recall;    /* of the pictures of the class, how many are taken for it */
    double f1;        /* the harmonic mean of both */
};

struct ic_class_counts {
    uint64_t images;    /* of the class */
    uint64_t predicted; /* taken for the class */
    uint64_t right;     /* both */
};

/* Pictures of class `label` that are taken for class `predicted`. */
struct ic_confused {
    uint64_t images;
    int label, predicted;
};

/* Pictures of class `label` that were taken for `predicted`. */
uint64_t ic_confusion_cell(const struct ic_scores *scores, int label, int predicted);

struct ic_class_counts ic_confusion_counts(const struct ic_scores *scores, int label);
struct ic_figures ic_confusion_figures(const struct ic_class_counts *counts);

/* The macro average: the plain mean over the classes that have a picture or are taken
 * for one, as scikit-learn takes it where nobody names the classes. */
struct ic_figures ic_confusion_macro(const struct ic_scores *scores);

/* All pairs of different classes with a picture, the commonest first, equals in the
 * order of the classes. The caller frees *ret_pairs. */
ic_status ic_confusion_pairs(const struct ic_scores *scores,
                             struct ic_confused **ret_pairs, size_t *ret_count,
                             struct ic_error *error);

#endif
