/* SPDX-License-Identifier: MIT */
/*
 * Figures from the confusion counts of an evaluation: how well each class is found, and
 * which class is taken for which.
 *
 * Precision, recall and F1 are those of scikit-learn's precision_recall_fscore_support
 * with zero_division=0: a division by zero gives 0.
 */
#ifndef IC_SCORE_CONFUSION_H
#define IC_SCORE_CONFUSION_H

#include "score/scores.h"

/* Figures of one class, or means over several classes. */
struct ic_figures {
    double precision; /* share of the pictures taken for the class that are of it */
    double recall;    /* share of the pictures of the class that are taken for it */
    double f1;        /* the harmonic mean of both */
};

struct ic_class_counts {
    uint64_t images;    /* of the class */
    uint64_t predicted; /* taken for the class */
    uint64_t right;     /* both */
};

/* The pictures of class `label` that are taken for class `predicted`. */
struct ic_confused {
    uint64_t images;
    int label, predicted;
};

/* The number of pictures of class `label` that were taken for `predicted`. */
uint64_t ic_confusion_cell(const struct ic_scores *scores, int label, int predicted);

struct ic_class_counts ic_confusion_counts(const struct ic_scores *scores, int label);
struct ic_figures ic_confusion_figures(const struct ic_class_counts *counts);

/* The macro average: the plain mean over the classes that have a picture or were
 * predicted for one, as scikit-learn computes it without a list of labels. */
struct ic_figures ic_confusion_macro(const struct ic_scores *scores);

/* Lists all pairs of different classes that have a picture, the most frequent first,
 * ties in the order of the classes. The caller frees *ret_pairs. */
ic_status ic_confusion_pairs(const struct ic_scores *scores,
                             struct ic_confused **ret_pairs, size_t *ret_count,
                             struct ic_error *error);

#endif
