/* SPDX-License-Identifier: MIT */
/*
 * Probabilities, loss and class from the logits of one picture, in double on the host.
 */
#ifndef IC_SCORE_LOGITS_H
#define IC_SCORE_LOGITS_H

/* softmax(logits), without overflow. */
void ic_softmax(double *probabilities, const float *logits, int classes);

/* -log softmax(logits)[label]. */
double ic_cross_entropy_of(const float *logits, int classes, int label);

/* The first class with the largest logit. */
int ic_argmax(const float *logits, int classes);

#endif
