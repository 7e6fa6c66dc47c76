/* SPDX-License-Identifier: MIT */
/*
 * Weights of classes in the training loss, which make up for classes of unequal size.
 */
#ifndef IC_TRAIN_CLASS_WEIGHTS_H
#define IC_TRAIN_CLASS_WEIGHTS_H

#include "data/class_counts.h"

/* Fills `weights` (one per class) with N / (C n) for a class of n training pictures,
 * where N is the sum of the n and C the number of classes that have pictures: all
 * classes weigh the same together, and the mean over the pictures is 1 (scikit-learn's
 * "balanced"). A class without training pictures has the weight 0. */
void ic_class_weights_balanced(const struct ic_class_counts *counts, float *weights);

#endif
