/* SPDX-License-Identifier: MIT */
/*
 * im2cat predict: predicts the classes of pictures. A picture that cannot be read costs
 * a line on standard error, and the others continue.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/sandbox.h"
#include "base/jansson.h"
#include "base/machine.h"
#include "base/text.h"
#include "base/word.h"
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "data/check.h"
#include "score/answer.h"
#include "score/eval.h"
#include "score/scorer.h"

struct predict_options {
    struct ic_model_source source;
    struct ic_compute compute;
    const char *decode;
    int batch, workers, top;
    bool logits, json;
};

static const struct ic_option table[] = {
    IC_MODEL_OPTIONS(struct predict_options, source),
    IC_COMPUTE_OPTIONS(struct predict_options, compute),
    IC_OPTION(struct predict_options, "top", top, .value = "K", .fallback = "1",
              .min = 1, .max = 65536, .help = "prints the K most probable classes"),
    IC_OPTION(struct predict_options, "logits", logits,
              .help =
                  "adds the network's outputs, in the order of the model's classes"),
    IC_OPTION(struct predict_options, "json", json,
              .help = "prints one JSON object per line instead"),
    IC_OPTION_DECODE(struct predict_options, decode),
    IC_OPTION_BATCH_AT_A_TIME(struct predict_options, batch, "32"),
    IC_OPTION_READERS(struct predict_options, workers),
    {0}};

/* Everything that results are printed with, and the outcome. */
struct printer {
    const struct predict_options *options;
    const struct ic_model *model;
    const struct ic_dataset *dataset;
    double *probabilities; /* one per class */
    int *order;            /* classes, the most probable first */
    size_t unreadable;     /* pictures so far */
    bool no_memory;        /* for an answer's JSON */
    atomic_int broken;     /* that, or standard output failed, which main reports */
};

/* --- one picture --------------------------------------------------------------- */

/* Fills the probabilities, and the first `top` places of the order. Of equal
 * probabilities, the first class comes first. */
static void rank(struct printer *printer, const float *logits, int top)
{
    const int classes = printer->model->class_count;

    ic_softmax(printer->probabilities, logits, classes);
    for (int i = 0; i < classes; i++)
        printer->order[i] = i;
    for (int place = 0; place < top; place++) {
        int best = place;
        int chosen;
        for (int i = place + 1; i < classes; i++)
            if (logits[printer->order[i]] > logits[printer->order[best]])
                best = i;
        chosen = printer->order[best];
        memmove(printer->order + place + 1, printer->order + place,
                (size_t)(best - place) * sizeof *printer->order);
        printer->order[place] = chosen;
    }
}

static void print_text(const struct printer *printer, const char *path,
                       const float *logits, int top)
{
    ic_text_write(stdout, path);
    for (int place = 0; place < top; place++)
        printf("\t%s\t%.6f", printer->model->classes[printer->order[place]],
               printer->probabilities[printer->order[place]]);
    if (printer->options->logits)
        for (int i = 0; i < printer->model->class_count; i++)
            printf("\t%.9g", (double)logits[i]);
    putchar('\n');
}

/* A path as a JSON string. A path that is not UTF-8 is shown as in a message. */
static json_t *json_path(const char *path)
{
    json_t *text = json_string(path);
    char *copy;

    if (text != NULL || (copy = strdup(path)) == NULL)
        return text;
    ic_text_clean(copy);
    text = json_string(copy);
    free(copy);
    return text;
}

/* Prints {"path": ..., "class": ..., "probability": ..., "top": [...], "logits":
 * [...]}, whole or not at all. Returns false where memory is missing. */
static bool print_json(const struct printer *printer, const char *path,
                       const float *logits, int top)
{
    const int first = printer->order[0];
    const unsigned before = ic_jansson_failures();
    json_t *object = json_object(), *list = json_array();
    char *text;

    json_object_set_new(object, "path", json_path(path));
    ic_answer_put(object, printer->model, first, printer->probabilities);
    for (int place = 0; place < top; place++) {
        json_t *item = json_object();

        ic_answer_put(item, printer->model, printer->order[place],
                      printer->probabilities);
        json_array_append_new(list, item);
    }
    if (printer->options->top > 1)
        json_object_set(object, "top", list);
    json_decref(list);
    if (printer->options->logits) {
        list = json_array();
        for (int i = 0; i < printer->model->class_count; i++)
            json_array_append_new(list, json_real((double)logits[i]));
        json_object_set_new(object, "logits", list);
    }
    text = ic_jansson_dump(object, IC_ANSWER_FLAGS, before);
    json_decref(object);
    if (text != NULL)
        puts(text);
    free(text);
    return text != NULL;
}

static void print_batch(void *context, const struct ic_batch *batch,
                        const float *logits)
{
    struct printer *printer = context;
    const int classes = printer->model->class_count;
    const int top = printer->options->top < classes ? printer->options->top : classes;

    for (int i = 0; i < batch->count; i++, logits += classes) {
        const char *path = printer->dataset->samples[batch->samples[i]].name;

        rank(printer, logits, top);
        if (printer->options->json)
            printer->no_memory |= !print_json(printer, path, logits, top);
        else
            print_text(printer, path, logits, top);
    }
    fflush(stdout);
    printer->broken = ferror(stdout) || printer->no_memory;
}

/* --- all pictures -------------------------------------------------------------- */

static void tell_unreadable(void *context, uint32_t sample,
                            const struct ic_error *error)
{
    struct printer *printer = context;
    const char *name = printer->dataset->samples[sample].name;
    char reason[256];

    ic_check_reason(reason, sizeof reason, error->message, name);
    ic_command_complain("%s: %s", name, reason);
    printer->unreadable++;
}

/* Predicts all pictures in batches of `batch`, with a scorer of this thread. */
static ic_status predict_all(const struct ic_classifier *classifier,
                             struct printer *printer, int batch, struct ic_error *error)
{
    const struct predict_options *asked = printer->options;
    const size_t count = printer->dataset->count;
    uint32_t *samples = calloc(count, sizeof *samples);
    const struct ic_eval_options options = {
        .model = printer->model,
        .dataset = printer->dataset,
        .samples = samples,
        .sample_count = count,
        .decode = ic_word_index(ic_decode_names, asked->decode),
        .batch = batch,
        .workers = ic_machine_threads(asked->workers),
        .on_unreadable = tell_unreadable,
        .stop = &printer->broken,
        .on_batch = print_batch,
        .context = printer,
    };
    struct ic_scorer *scorer = NULL;
    struct ic_scores scores = {0};
    ic_status status;

    if (samples == NULL)
        return ic_fail_memory(error, "the list of pictures", count * sizeof *samples);
    for (size_t i = 0; i < count; i++)
        samples[i] = (uint32_t)i;
    status = ic_scorer_open(classifier, &scorer, error);
    if (status == IC_OK)
        status = ic_evaluate(ic_scorer_net(scorer), &options, &scores, error);
    if (status == IC_OK && printer->no_memory)
        status = ic_fail_memory(error, "an answer in JSON", 0);
    ic_scores_free(&scores);
    ic_scorer_close(scorer);
    free(samples);
    return status;
}

static ic_status make_lists(struct printer *printer, struct ic_error *error)
{
    const size_t classes = (size_t)printer->model->class_count;

    printer->probabilities = calloc(classes, sizeof *printer->probabilities);
    printer->order = calloc(classes, sizeof *printer->order);
    if (printer->probabilities == NULL || printer->order == NULL)
        return ic_fail_memory(error, "probabilities", classes * sizeof(double));
    return IC_OK;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct predict_options *asked = options->values;
    struct ic_classifier *classifier = NULL;
    struct ic_dataset dataset = {0};
    struct printer printer = {.options = asked, .dataset = &dataset};
    int batch = asked->batch;
    enum ic_fold fold = IC_FOLD_FOR_MANY;
    ic_status status = IC_OK;

    if (ic_backend_built_in(asked->compute.device)) /* pictures may be anywhere */
        status = ic_cpu_enter_sandbox(NULL, error);
    if (status == IC_OK)
        status = ic_dataset_open_paths(options->operands, options->operand_count,
                                       &dataset, error);
    if (status == IC_OK && dataset.count <= (size_t)batch) { /* memory costs time */
        batch = (int)dataset.count;
        fold = IC_FOLD_FOR_ONE;
    }
    if (status == IC_OK)
        status = ic_classifier_open(&asked->source, &asked->compute, batch, fold,
                                    &classifier, error);
    if (status == IC_OK) {
        printer.model = ic_classifier_model(classifier);
        status = make_lists(&printer, error);
    }
    if (status == IC_OK)
        status = predict_all(classifier, &printer, batch, error);
    free(printer.probabilities);
    free(printer.order);
    ic_classifier_close(classifier);
    ic_dataset_close(&dataset);
    return status == IC_OK && printer.unreadable == 0 ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_predict = {
    .name = "predict",
    .summary = "prints the class of pictures",
    .operands = "PATH...",
    .text = "Prints one line per picture: path, class and probability, separated by "
            "tabs. Folders are searched with their subfolders. Unreadable pictures are "
            "named on standard error, and the exit status is then 1.\n",
    .options = table,
    .values_size = sizeof(struct predict_options),
    .min_operands = 1,
    .max_operands = INT_MAX,
    .run = run,
};
