/* SPDX-License-Identifier: MIT */
/*
 * Scores the pictures on the command line with two threads, and prints the same as
 * `im2cat predict`: path, class and probability.
 *
 *     cc score.c -o score $(pkg-config --cflags --libs im2cat) -pthread
 *     ./score model.safetensors cat.jpg dog.jpg
 */
#include <im2cat.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, LINE = 4096 };

/* One thread's share of the pictures: every THREADS-th. */
struct share {
    const struct im2cat_model *model;
    char **paths;
    char (*lines)[LINE]; /* a line for each path */
    int count, first;
    struct im2cat_error error; /* set if the scorer cannot be opened */
};

static void score(struct im2cat_scorer *scorer, const struct im2cat_model *model,
                  const char *path, char line[LINE])
{
    const int classes = im2cat_class_count(model);
    float *logits = calloc((size_t)classes, sizeof *logits);
    double *probabilities = calloc((size_t)classes, sizeof *probabilities);
    struct im2cat_error error = {IM2CAT_LIMIT, "out of memory"};
    int best = 0;

    if (logits == NULL || probabilities == NULL ||
        im2cat_set_file(scorer, 0, path, &error) != IM2CAT_OK ||
        im2cat_run(scorer, 1, logits, &error) != IM2CAT_OK) {
        snprintf(line, LINE, "%s", error.message);
    } else {
        im2cat_softmax(probabilities, logits, classes);
        for (int i = 1; i < classes; i++)
            if (logits[i] > logits[best])
                best = i;
        snprintf(line, LINE, "%s\t%s\t%.6f", path, im2cat_class_name(model, best),
                 probabilities[best]);
    }
    free(logits);
    free(probabilities);
}

static void *work(void *argument)
{
    struct share *share = argument;
    struct im2cat_scorer *scorer;

    if (im2cat_scorer_open(share->model, &scorer, &share->error) != IM2CAT_OK)
        return NULL;
    for (int i = share->first; i < share->count; i += THREADS)
        score(scorer, share->model, share->paths[i], share->lines[i]);
    im2cat_scorer_close(scorer);
    return NULL;
}

int main(int argc, char **argv)
{
    const int count = argc - 2;
    struct im2cat_options options = IM2CAT_OPTIONS;
    struct im2cat_model *model;
    struct im2cat_error error;
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    char(*lines)[LINE];

    if (argc < 3) {
        fprintf(stderr, "usage: %s MODEL PICTURE...\n", argv[0]);
        return 2;
    }
    options.threads = 1; /* per scorer: the two compute side by side */
    if (im2cat_model_open(argv[1], &options, &model, &error) != IM2CAT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    lines = calloc((size_t)count, sizeof *lines);
    if (lines == NULL)
        return 1;
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (struct share){model, argv + 2, lines, count, i, {0, ""}};
        if (pthread_create(&threads[i], NULL, work, &shares[i]) != 0)
            return 1;
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        if (shares[i].error.status != IM2CAT_OK)
            fprintf(stderr, "%s\n", shares[i].error.message);
    }
    for (int i = 0; i < count; i++)
        puts(lines[i]);
    free(lines);
    im2cat_model_close(model);
    return 0;
}
