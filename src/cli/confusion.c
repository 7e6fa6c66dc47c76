/*
 * Prints what an evaluation found. See confusion.h.
 */
#include "cli/confusion.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MATRIX_WIDTH 79 /* columns of a terminal */
#define CONFUSIONS   10 /* pairs that are shown where a matrix would be wider */

static uint64_t cell(const struct ic_scores *scores, int label, int predicted)
{
    return scores
        ->confusion[(size_t)label * (size_t)scores->classes + (size_t)predicted];
}

static void print_classes(const struct ic_scores *scores, const struct ic_model *model)
{
    for (int label = 0; label < scores->classes; label++) {
        uint64_t images = 0;
        for (int predicted = 0; predicted < scores->classes; predicted++)
            images += cell(scores, label, predicted);
        printf("class %s images %" PRIu64 " errors %" PRIu64 "\n",
               model->classes[label], images, images - cell(scores, label, label));
    }
}

/* Widest name, at least as wide as a number. */
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
    printf("\n%-*s", width, "is \\ as");
    for (int predicted = 0; predicted < scores->classes; predicted++)
        printf("  %*s", width, model->classes[predicted]);
    putchar('\n');
    for (int label = 0; label < scores->classes; label++) {
        printf("%-*s", width, model->classes[label]);
        for (int predicted = 0; predicted < scores->classes; predicted++)
            printf("  %*" PRIu64, width, cell(scores, label, predicted));
        putchar('\n');
    }
}

struct pair {
    uint64_t count;
    int label, predicted;
};

/* Keeps the `*kept` largest pairs in falling order; of equals the earlier one is first.
 */
static void keep_pair(struct pair top[CONFUSIONS], int *kept, struct pair pair)
{
    int place = *kept;

    while (place > 0 && top[place - 1].count < pair.count)
        place--;
    if (place == CONFUSIONS)
        return;
    if (*kept < CONFUSIONS)
        (*kept)++;
    memmove(top + place + 1, top + place, (size_t)(*kept - place - 1) * sizeof top[0]);
    top[place] = pair;
}

/* The pairs that are most often confused. */
static void print_confusions(const struct ic_scores *scores,
                             const struct ic_model *model)
{
    struct pair top[CONFUSIONS];
    int kept = 0;

    for (int label = 0; label < scores->classes; label++)
        for (int predicted = 0; predicted < scores->classes; predicted++) {
            const struct pair pair = {cell(scores, label, predicted), label, predicted};
            if (label != predicted && pair.count > 0)
                keep_pair(top, &kept, pair);
        }
    for (int i = 0; i < kept; i++)
        printf("confused %s as %s %" PRIu64 "\n", model->classes[top[i].label],
               model->classes[top[i].predicted], top[i].count);
}

void ic_confusion_print(const struct ic_scores *scores, const struct ic_model *model)
{
    const int width = name_width(model);

    printf("images %zu\nloss %.6f\nerror_rate %.6f\n", scores->images,
           ic_scores_loss(scores), ic_scores_error_rate(scores));
    print_classes(scores, model);
    if ((scores->classes + 1) * (width + 2) <= MATRIX_WIDTH + 2)
        print_matrix(scores, model, width);
    else
        print_confusions(scores, model);
}
