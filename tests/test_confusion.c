/* SPDX-License-Identifier: MIT */
/*
 * Figures of confusion counts against scikit-learn's; the order of confused pairs and
 * of the largest losses.
 */
#include "score/confusion.h"

#include "check.h"
#include "golden.h"
#include "score/top_losses.h"

static struct ic_error error;

/* --- figures ---------------------------------------------------------------------- */

static void check_figures(const struct ic_figures *found, FILE *golden)
{
    double precision, recall, f1;

    if (fscanf(golden, "%lf %lf %lf", &precision, &recall, &f1) != 3)
        exit(99);
    CHECK_NEAR(found->precision, precision, 1e-9);
    CHECK_NEAR(found->recall, recall, 1e-9);
    CHECK_NEAR(found->f1, f1, 1e-9);
}

static void read_counts(struct ic_scores *scores, int classes, FILE *golden)
{
    CHECK_OK(ic_scores_init(scores, classes, &error));
    for (int i = 0; i < classes * classes; i++) {
        unsigned count;

        if (fscanf(golden, "%u", &count) != 1)
            exit(99);
        scores->confusion[i] = count;
    }
}

static void figures_against_sklearn(void)
{
    FILE *golden = golden_open_body("class-figures.txt");
    int classes, cases = 0;

    for (; fscanf(golden, " classes %d", &classes) == 1; cases++) {
        struct ic_scores scores;
        struct ic_figures macro;

        read_counts(&scores, classes, golden);
        for (int label = 0; label < classes; label++) {
            const struct ic_class_counts counts = ic_confusion_counts(&scores, label);
            const struct ic_figures figures = ic_confusion_figures(&counts);

            check_figures(&figures, golden);
        }
        macro = ic_confusion_macro(&scores);
        check_figures(&macro, golden);
        ic_scores_free(&scores);
    }
    CHECK_INT(cases, 10);
    fclose(golden);
}

/* Rows are the true classes. */
static void counts_of_a_class(void)
{
    uint64_t confusion[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    const struct ic_scores scores = {.classes = 3, .confusion = confusion};
    const struct ic_class_counts counts = ic_confusion_counts(&scores, 1);

    CHECK_INT(ic_confusion_cell(&scores, 1, 2), 32);
    CHECK_INT(counts.images, 8 + 16 + 32);
    CHECK_INT(counts.predicted, 2 + 16 + 128);
    CHECK_INT(counts.right, 16);
}

static void no_pictures(void)
{
    uint64_t confusion[4] = {0};
    const struct ic_scores scores = {.classes = 2, .confusion = confusion};
    const struct ic_figures macro = ic_confusion_macro(&scores);
    struct ic_confused *pairs = NULL;
    size_t count = 1;

    CHECK(macro.precision == 0 && macro.recall == 0 && macro.f1 == 0);
    CHECK_OK(ic_confusion_pairs(&scores, &pairs, &count, &error));
    CHECK_INT(count, 0);
    free(pairs);
}

/* --- pairs ------------------------------------------------------------------------ */

static void pairs_fall(void)
{
    uint64_t confusion[] = {90, 2, 0, 5, 2, 80, 7, 2, 0, 5, 70, 2, 1, 0, 0, 60};
    const struct ic_scores scores = {.classes = 4, .confusion = confusion};
    static const struct ic_confused expected[] = {{7, 1, 2}, {5, 0, 3}, {5, 2, 1},
                                                  {2, 0, 1}, {2, 1, 0}, {2, 1, 3},
                                                  {2, 2, 3}, {1, 3, 0}};
    struct ic_confused *pairs = NULL;
    size_t count = 0;

    CHECK_OK(ic_confusion_pairs(&scores, &pairs, &count, &error));
    CHECK_INT(count, 8);
    for (size_t i = 0; i < count && i < 8; i++) {
        CHECK_INT(pairs[i].images, expected[i].images);
        CHECK_INT(pairs[i].label, expected[i].label);
        CHECK_INT(pairs[i].predicted, expected[i].predicted);
    }
    free(pairs);
}

/* --- the largest losses ----------------------------------------------------------- */

enum { PICTURES = 60, CLASSES = 3, BATCH = 7 };

/* Few distinct losses, so that there are many ties; every fifth has no label. */
static void draw(int picture, float logits[CLASSES], int32_t *label)
{
    logits[0] = (float)(picture * 7 % 4);
    logits[1] = 1.5f;
    logits[2] = (float)(picture % 3) - 5;
    *label = picture % 5 == 4 ? -1 : picture / 3 % CLASSES;
}

static double loss_of(const float logits[CLASSES], int label)
{
    double sum = 0;

    for (int c = 0; c < CLASSES; c++)
        sum += exp((double)logits[c]);
    return log(sum) - logits[label];
}

/* Feeds all pictures in batches, the last one short. Sample numbers differ from
 * positions. */
static struct ic_top_losses collect(void)
{
    struct ic_top_losses top = {.count = 0};

    for (int first = 0; first < PICTURES; first += BATCH) {
        float logits[BATCH * CLASSES];
        int32_t labels[BATCH];
        uint32_t samples[BATCH];
        struct ic_batch batch = {.labels = labels, .samples = samples};

        for (int i = first; i < first + BATCH && i < PICTURES; i++, batch.count++) {
            draw(i, logits + batch.count * CLASSES, &labels[batch.count]);
            samples[batch.count] = (uint32_t)(1000 - i);
        }
        ic_top_losses_add(&top, &batch, logits, CLASSES);
    }
    return top;
}

/* The number of pictures that come before this one: a larger loss, or an equal one
 * earlier. */
static int rank_of(int picture)
{
    float logits[CLASSES];
    int32_t label;
    double loss;
    int rank = 0;

    draw(picture, logits, &label);
    loss = loss_of(logits, label);
    for (int other = 0; other < PICTURES; other++) {
        float others[CLASSES];
        int32_t others_label;

        draw(other, others, &others_label);
        if (others_label >= 0)
            rank += loss_of(others, others_label) > loss ||
                    (loss_of(others, others_label) == loss && other < picture);
    }
    return rank;
}

static void top_losses(void)
{
    const struct ic_top_losses top = collect();
    int found = 0;

    CHECK_INT(top.count, IC_TOP_LOSSES);
    for (int picture = 0; picture < PICTURES; picture++) {
        const struct ic_top_loss *item;
        float logits[CLASSES];
        int32_t label;
        int best = 0;

        draw(picture, logits, &label);
        if (label < 0 || rank_of(picture) >= IC_TOP_LOSSES)
            continue;
        item = &top.items[rank_of(picture)];
        for (int c = 1; c < CLASSES; c++)
            best = logits[c] > logits[best] ? c : best;
        CHECK_INT(item->sample, 1000 - picture);
        CHECK_INT(item->label, label);
        CHECK_INT(item->predicted, best);
        CHECK_NEAR(item->loss, loss_of(logits, label), 1e-12);
        CHECK_NEAR(item->probability, exp(-loss_of(logits, best)), 1e-12);
        found++;
    }
    CHECK_INT(found, IC_TOP_LOSSES);
}

static void few_losses(void)
{
    const float logits[] = {0, 1, 4, 0};
    int32_t labels[] = {0, 0};
    uint32_t samples[] = {8, 9};
    const struct ic_batch batch = {.labels = labels, .samples = samples, .count = 2};
    struct ic_top_losses top = {.count = 0};

    ic_top_losses_add(&top, &batch, logits, 2);
    CHECK_INT(top.count, 2);
    CHECK_INT(top.items[0].sample, 8);
    CHECK_INT(top.items[0].predicted, 1);
    CHECK_INT(top.items[1].sample, 9);
    CHECK_INT(top.items[1].predicted, 0);
}

/* A picture is among the top five if fewer than five classes stand before its own. Of
 * equal classes, the first stands before. */
static void top_five(void)
{
    static const float equal[] = {0, 0, 0, 0, 0, 0, 0},
                       falling[] = {7, 6, 5, 4, 3, 2, 1};
    struct ic_scores scores;

    for (int label = 0; label < 7; label++) {
        CHECK_OK(ic_scores_init(&scores, 7, &error));
        CHECK(ic_scores_add(&scores, equal, label));
        CHECK(ic_scores_add(&scores, falling, label));
        CHECK_INT(scores.near_top, label < 5 ? 2 : 0);
        CHECK_INT(scores.wrong, label == 0 ? 0 : 2);
        ic_scores_free(&scores);
    }
}

int main(void)
{
    figures_against_sklearn();
    counts_of_a_class();
    no_pictures();
    pairs_fall();
    top_losses();
    few_losses();
    top_five();
    return check_result();
}
