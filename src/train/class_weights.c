/* SPDX-License-Identifier: MIT */
/*
 * Weights of classes by their sizes. See class_weights.h.
 */
#include "train/class_weights.h"

void ic_class_weights_balanced(const struct ic_class_counts *counts, float *weights)
{
    double pictures = 0, classes = 0;

    for (int i = 0; i < counts->classes; i++) {
        pictures += (double)counts->train[i];
        classes += counts->train[i] > 0;
    }
    for (int i = 0; i < counts->classes; i++)
        weights[i] = counts->train[i] > 0
                         ? (float)(pictures / (classes * (double)counts->train[i]))
                         : 0;
}
