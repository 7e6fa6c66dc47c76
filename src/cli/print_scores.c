/* SPDX-License-Identifier: MIT */
/*
 * Prints the results of an evaluation. See print_scores.h.
 */
#include "cli/print_scores.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/confusion.h"

#define MATRIX_WIDTH 79 /* columns of a terminal */
#define CONFUSIONS   10 /* pairs shown where a matrix would be wider */

static void print_classes(const struct ic_scores *scores, const struct ic_model *model)
{
    for (int label = 0; label < scores->classes; label++) {
        const struct ic_class_counts counts = ic_confusion_counts(scores, label);
        const struct ic_figures figures = ic_confusion_figures(&counts);

        printf("class %s images %" PRIu64 " errors %" PRIu64
               " precision %.4f recall %.4f\n",
               model->classes[label], counts.images, counts.images - counts.right,
               figures.precision, figures.recall);
    }
}

/* The width of the widest name, but at least that of a number. */
static int name_width(const struct ic_model *model)
{
    int width = 7;

    for (int i = 0; i < model->class_count; i++)
        if ((int)strlen(model->classes[i]) > width)
            width = (int)strlen(model->classes[i]);
    return width;
}

static void print_matrix(const struct ic_scores *scores, const struct ic_model *model,
                         int width)
{
    const char corner[] = "actual \\ predicted";
    const int first = width < (int)strlen(corner) ? (int)strlen(corner) : width;

    printf("\n%-*s", first, corner);
    for (int predicted = 0; predicted < scores->classes; predicted++)
        printf("  %*s", width, model->classes[predicted]);
    putchar('\n');
    for (int label = 0; label < scores->classes; label++) {
        printf("%-*s", first, model->classes[label]);
        for (int predicted = 0; predicted < scores->classes; predicted++)
            printf("  %*" PRIu64, width, ic_confusion_cell(scores, label, predicted));
        putchar('\n');
    }
}

static ic_status print_confusions(const struct ic_scores *scores,
                                  const struct ic_model *model, struct ic_error *error)
{
    struct ic_confused *pairs = NULL;
    size_t count = 0;
    const ic_status status = ic_confusion_pairs(scores, &pairs, &count, error);

    for (size_t i = 0; i < count && i < CONFUSIONS; i++)
        printf("confused %s as %s %" PRIu64 "\n", model->classes[pairs[i].label],
               model->classes[pairs[i].predicted], pairs[i].images);
    free(pairs);
    return status;
}

ic_status ic_print_scores(const struct ic_scores *scores, const struct ic_model *model,
                          struct ic_error *error)
{
    const struct ic_figures macro = ic_confusion_macro(scores);
    const int width = name_width(model);

    printf("images %zu\nloss %.6f\nerror_rate %.6f\n", scores->images,
           ic_scores_loss(scores), ic_scores_error_rate(scores));
    printf("accuracy %.6f\n", 1 - ic_scores_error_rate(scores));
    if (scores->classes > IC_SCORES_TOP)
        printf("top5_accuracy %.6f\n", ic_scores_top_accuracy(scores));
    printf("macro_precision %.6f\nmacro_recall %.6f\nmacro_f1 %.6f\n", macro.precision,
           macro.recall, macro.f1);
    print_classes(scores, model);
    if ((scores->classes + 1) * (width + 2) > MATRIX_WIDTH + 2)
        return print_confusions(scores, model, error);
    print_matrix(scores, model, width);
    return IC_OK;
}
