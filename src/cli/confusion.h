/*
 * What an evaluation found, as text: `key value` lines, a line a class, and which class
 * was taken for which: a matrix where it fits a terminal, else the commonest pairs.
 */
#ifndef IC_CLI_CONFUSION_H
#define IC_CLI_CONFUSION_H

#include "train/eval.h"

void ic_confusion_print(const struct ic_scores *scores, const struct ic_model *model);

#endif
