/* SPDX-License-Identifier: MIT */
/*
 * im2cat eval: measures a trained network on a data set: loss, error rate, and which
 * classes it confuses.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/word.h"
#include "cli/commands.h"
#include "cli/print_scores.h"
#include "cli/shared_options.h"
#include "data/dataset_checked.h"
#include "data/split.h"
#include "report/eval_report.h"
#include "score/scorer.h"
#include "score/tta.h"

struct eval_options {
    struct ic_model_source source;
    struct ic_compute compute;
    const char *data, *split, *bad_images, *decode, *report;
    int batch, workers;
    bool tta;
    uint64_t seed;
};

static const struct ic_option table[] = {
    IC_MODEL_OPTIONS(struct eval_options, source),
    IC_COMPUTE_OPTIONS(struct eval_options, compute),
    IC_OPTION(struct eval_options, "data", data, .value = "DIR", .required = true,
              .help = "the data set"),
    IC_OPTION(struct eval_options, "split", split, .value = "all|official|FILE",
              .unset = "split.txt beside the weights, else all",
              .help = "pictures to evaluate: all, the data set's own validation list, "
                      "or those that FILE names, one per line"),
    IC_OPTION(
        struct eval_options, "labels", source.labels,
        .value = "species|breed|folder|FILE", .unset = "as in training, or folder",
        .help = "how the classes of DIR are read; FILE: a CSV file of pictures and "
                "their classes"),
    IC_OPTION_BAD_IMAGES(struct eval_options, bad_images),
    IC_OPTION(
        struct eval_options, "tta", tta,
        .help = "test-time augmentation: a prediction is a quarter that of the picture "
                "itself and three quarters the mean over four random views of it"),
    IC_OPTION_SEED(struct eval_options, seed, .fallback = "42",
                   .help = "random seed of the views of --tta"),
    IC_OPTION(struct eval_options, "report", report, .value = "DIR", .unset = "none",
              .help = "writes tables and drawings to the folder DIR: confusion matrix, "
                      "precision, recall and F1 of each class, largest losses",
              .more =
                  "The page index.html shows all of them. The files are confusion.csv "
                  "and confusion.svg (how often each class "
                  "is predicted as which), classes.csv (precision, recall and F1 of "
                  "each class), confused.csv (pairs of classes, the most confused "
                  "first), top-losses.csv and top-losses.svg (the pictures with the "
                  "largest losses). Files of an earlier report are replaced."),
    IC_OPTION_DECODE(struct eval_options, decode),
    IC_OPTION_BATCH_AT_A_TIME(struct eval_options, batch, "32"),
    IC_OPTION_READERS(struct eval_options, workers),
    {0}};

/* --- the pictures -------------------------------------------------------------- */

/* Finds the run's own split when the weights are in a run folder. The caller frees it.
 */
static ic_status find_split(const char *model, char **ret_path, struct ic_error *error)
{
    const char *slash = strrchr(model, '/');
    char *folder = slash ? strndup(model, (size_t)(slash - model) + 1) : strdup("");
    char *path = folder ? ic_file_join(folder, "split.txt") : NULL;

    free(folder);
    if (path == NULL)
        return ic_fail_memory(error, "the path of split.txt", strlen(model));
    if (!ic_file_exists(path)) {
        free(path);
        path = NULL;
    }
    *ret_path = path;
    return IC_OK;
}

/* Leaves out unreadable pictures, naming each. */
static ic_status drop_unreadable(struct ic_dataset *dataset, int workers,
                                 size_t *ret_dropped, struct ic_error *error)
{
    struct ic_findings findings = {0};
    ic_status status =
        ic_check_pictures(dataset, workers, false, NULL, &findings, error);

    for (size_t i = 0; i < findings.count; i++)
        ic_command_complain("%s is left out: %s",
                            dataset->samples[findings.items[i].sample].name,
                            findings.items[i].reason);
    *ret_dropped = findings.count;
    if (status == IC_OK && findings.count > 0)
        status = ic_dataset_drop(dataset, &findings, error);
    ic_findings_free(&findings);
    return status;
}

static ic_status open_dataset(struct ic_dataset *dataset,
                              const struct ic_classifier *classifier,
                              const struct eval_options *asked, size_t *ret_dropped,
                              struct ic_error *error)
{
    ic_status status = ic_classifier_open_data(classifier, asked->data, dataset, error);

    *ret_dropped = 0;
    if (status == IC_OK && strcmp(asked->bad_images, "skip") == 0)
        status = drop_unreadable(dataset, ic_machine_threads(asked->workers),
                                 ret_dropped, error);
    return status;
}

/* Decides which samples to evaluate: those asked for, else those of the run's own
 * split, else all. All is also taken when the data set has none of the split's
 * pictures. */
static ic_status settle_split(const struct ic_dataset *dataset, const char *asked,
                              const char *own, const char **ret_which,
                              struct ic_error *error)
{
    bool knows = false;
    ic_status status = IC_OK;

    *ret_which = asked != NULL ? asked : own != NULL ? own : "all";
    if (asked == NULL && own != NULL)
        status = ic_split_knows_list(dataset, own, &knows, error);
    if (status == IC_OK && asked == NULL && own != NULL && !knows) {
        ic_command_complain("%s has none of the pictures in %s: evaluating all of %s",
                            dataset->folder, own, dataset->folder);
        *ret_which = "all";
    }
    return status;
}

/* The samples to evaluate, as the valid side of a split. */
static ic_status choose_samples(const struct ic_dataset *dataset, const char *which,
                                size_t dropped, struct ic_split *split,
                                struct ic_error *error)
{
    const bool all = strcmp(which, "all") == 0;
    const bool random = strcmp(which, "random") == 0;
    const bool official = strcmp(which, "official") == 0;

    if (random || (!all && !official && !ic_file_exists(which)))
        return ic_fail(
            error, IC_ERR_USAGE,
            "--split expects all, official or FILE, found \"%s\"%s", which,
            random ? "; the split.txt of a run lists the pictures that were drawn"
                   : "");
    if (!all)
        return ic_split_make(dataset, which, 0, 0, dropped, split, error);
    *split = (struct ic_split){.valid = calloc(dataset->count, sizeof *split->valid),
                               .valid_count = dataset->count};
    if (split->valid == NULL)
        return ic_fail_memory(error, "the list of pictures",
                              dataset->count * sizeof *split->valid);
    for (size_t i = 0; i < dataset->count; i++)
        split->valid[i] = (uint32_t)i;
    return IC_OK;
}

/* --- while it runs ------------------------------------------------------------- */

struct listener {
    size_t done, all; /* pictures, of all passes */
    int classes;
    struct ic_top_losses top;
};

static void show_progress(void *context, const struct ic_batch *batch)
{
    struct listener *listener = context;

    listener->done += (size_t)batch->count;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%zu of %zu pictures%s", listener->done, listener->all,
                listener->done == listener->all ? "\r\033[K" : "");
}

static void take_batch(void *context, const struct ic_batch *batch, const float *logits)
{
    struct listener *listener = context;

    ic_top_losses_add(&listener->top, batch, logits, listener->classes);
    show_progress(context, batch);
}

/* --- the command --------------------------------------------------------------- */

/* Prints the results and, if asked for, writes a report. */
static ic_status tell(const struct eval_options *asked, const char *which,
                      const struct ic_eval_report *report, struct ic_error *error)
{
    ic_status status;

    printf("split %s\n", which);
    if (asked->tta)
        printf("tta %d\n", IC_TTA_VIEWS);
    status = ic_print_scores(report->scores, report->model, error);
    fflush(stdout);
    if (status == IC_OK && asked->report != NULL)
        status = ic_eval_report_write(report, asked->report, error);
    if (status == IC_OK && asked->report != NULL)
        fprintf(stderr, "report: %s/index.html\n", asked->report);
    return status;
}

static ic_status evaluate(const struct ic_classifier *classifier,
                          const struct eval_options *asked,
                          const struct ic_dataset *dataset,
                          const struct ic_split *split, const char *which,
                          struct ic_error *error)
{
    const struct ic_model *model = ic_classifier_model(classifier);
    const size_t passes = asked->tta ? 1 + IC_TTA_VIEWS : 1;
    struct listener listener = {.all = passes * split->valid_count,
                                .classes = model->class_count};
    struct ic_eval_options options = {
        .model = model,
        .dataset = dataset,
        .samples = split->valid,
        .sample_count = split->valid_count,
        .batch = asked->batch,
        .workers = ic_machine_threads(asked->workers),
        .decode = ic_word_index(ic_decode_names, asked->decode),
        .seed = asked->seed,
        .on_batch = take_batch,
        .context = &listener,
    };
    struct ic_scores scores = {0};
    struct ic_eval_report report = {
        .model = model,
        .dataset = dataset,
        .scores = &scores,
        .top = &listener.top,
        .workers = options.workers,
        .decode = options.decode,
    };
    struct ic_scorer *scorer = NULL;
    ic_status status = ic_scorer_open(classifier, &scorer, error);

    if (status != IC_OK)
        return status;
    if (asked->tta)
        status = ic_evaluate_tta(ic_scorer_net(scorer), &options, show_progress,
                                 &scores, error);
    else
        status = ic_evaluate(ic_scorer_net(scorer), &options, &scores, error);
    if (status == IC_OK)
        status = tell(asked, which, &report, error);
    else if ((status == IC_ERR_FORMAT || status == IC_ERR_IO) &&
             strcmp(asked->bad_images, "fail") == 0) /* a picture */
        ic_fail(error, status, "%s (use --bad-images skip to leave it out)",
                error->message);
    ic_scores_free(&scores);
    ic_scorer_close(scorer);
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct eval_options *asked = options->values;
    struct ic_classifier *classifier = NULL;
    struct ic_dataset dataset = {0};
    struct ic_split split = {0};
    char *own = NULL;
    const char *which = NULL;
    size_t dropped;
    ic_status status = IC_OK;

    if (asked->split == NULL)
        status = find_split(asked->source.path, &own, error);
    if (status == IC_OK && asked->report != NULL)
        status = ic_file_check_folder(asked->report, error);
    if (status == IC_OK)
        status = ic_classifier_open(&asked->source, &asked->compute, asked->batch,
                                    IC_FOLD_FOR_MANY, &classifier, error);
    if (status == IC_OK)
        status = open_dataset(&dataset, classifier, asked, &dropped, error);
    if (status == IC_OK)
        status = settle_split(&dataset, asked->split, own, &which, error);
    if (status == IC_OK)
        status = choose_samples(&dataset, which, dropped, &split, error);
    if (status == IC_OK)
        status = evaluate(classifier, asked, &dataset, &split, which, error);
    ic_split_free(&split);
    ic_dataset_close(&dataset);
    ic_classifier_close(classifier);
    free(own);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_eval = {
    .name = "eval",
    .summary = "prints loss, error rate and confusions on a data set",
    .operands = "",
    .text = "Evaluates a network and prints `key value` lines: split, tta (only with "
            "--tta), images, loss, error_rate, macro_precision, macro_recall and "
            "macro_f1 (means over the classes), then one line per class, then the "
            "classes that were confused. Weights in a run folder are evaluated on that "
            "run's validation pictures (split.txt), so that the figures agree with the "
            "run's table; --split all takes every picture. --report writes the same "
            "figures and more to a folder, where they replace an earlier report.\n",
    .options = table,
    .values_size = sizeof(struct eval_options),
    .run = run,
};
