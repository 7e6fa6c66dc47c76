/* SPDX-License-Identifier: MIT */
/*
 * Writes the page of an evaluation. See eval_page.h.
 */
#include "report/eval_page.h"

#include <inttypes.h>
#include <stdlib.h>

#include "report/page.h"
#include "score/confusion.h"

enum { PAIRS = 10 }; /* of confused classes that are shown */

static void write_figures(struct ic_page *page, const struct ic_eval_report *report)
{
    const struct ic_scores *const scores = report->scores;
    const struct ic_figures macro = ic_confusion_macro(scores);
    const struct ic_model *const model = report->model;
    const double error_rate = ic_scores_error_rate(scores);
    char text[200];

    ic_page_facts_open(page);
    ic_page_fact(page, "data", report->dataset->folder);
    snprintf(text, sizeof text, "%s with head %s, %d x %d pixels", model->arch,
             model->head, model->size, model->size);
    ic_page_fact(page, "network", text);
    snprintf(text, sizeof text, "%zu, of which %zu are misclassified", scores->images,
             scores->wrong);
    ic_page_fact(page, "pictures", text);
    snprintf(text, sizeof text, "%.2f %% (error rate %.2f %%)", 100 * (1 - error_rate),
             100 * error_rate);
    ic_page_fact(page, "accuracy", text);
    if (scores->classes > IC_SCORES_TOP) {
        snprintf(text, sizeof text, "%.2f %%", 100 * ic_scores_top_accuracy(scores));
        ic_page_fact(page, "top-5 accuracy", text);
    }
    snprintf(text, sizeof text, "%.4f", ic_scores_loss(scores));
    ic_page_fact(page, "loss", text);
    snprintf(text, sizeof text, "precision %.4f, recall %.4f, F1 %.4f", macro.precision,
             macro.recall, macro.f1);
    ic_page_fact(page, "means over the classes", text);
    ic_page_facts_close(page);
}

static void write_classes(struct ic_page *page, const struct ic_eval_report *report)
{
    static const char *const columns[] = {"class",  "pictures", "errors", "precision",
                                          "recall", "F1",       NULL};

    ic_page_heading(page, "Classes");
    ic_page_table_open(
        page,
        "Precision: of the pictures taken for the class, how many are of "
        "it; recall: of the pictures of the class, how many are found",
        columns);
    for (int label = 0; label < report->scores->classes; label++) {
        const struct ic_class_counts counts =
            ic_confusion_counts(report->scores, label);
        const struct ic_figures figures = ic_confusion_figures(&counts);

        ic_page_row_open(page, report->model->classes[label]);
        ic_page_cell(page, "%" PRIu64, counts.images);
        ic_page_cell(page, "%" PRIu64, counts.images - counts.right);
        ic_page_cell(page, "%.4f", figures.precision);
        ic_page_cell(page, "%.4f", figures.recall);
        ic_page_cell(page, "%.4f", figures.f1);
        ic_page_row_close(page);
    }
    ic_page_table_close(page);
}

static ic_status write_pairs(struct ic_page *page, const struct ic_eval_report *report,
                             struct ic_error *error)
{
    static const char *const columns[] = {"class", "taken for", "pictures", NULL};
    char *const *classes = report->model->classes;
    struct ic_confused *pairs = NULL;
    size_t count = 0;
    const ic_status status = ic_confusion_pairs(report->scores, &pairs, &count, error);

    if (status == IC_OK && count > 0) {
        ic_page_table_open(page, "The most confused pairs of classes", columns);
        for (size_t i = 0; i < count && i < PAIRS; i++) {
            ic_page_row_open(page, classes[pairs[i].label]);
            ic_page_cell(page, "%s", classes[pairs[i].predicted]);
            ic_page_cell(page, "%" PRIu64, pairs[i].images);
            ic_page_row_close(page);
        }
        ic_page_table_close(page);
    }
    free(pairs);
    return status;
}

static ic_status add_drawing(struct ic_page *page, const char *folder, const char *name,
                             const char *description, struct ic_error *error)
{
    char *path = ic_file_join(folder, name);
    const ic_status status = path != NULL
                                 ? ic_page_drawing(page, path, description, error)
                                 : ic_fail_memory(error, "a path", 0);

    free(path);
    return status;
}

static ic_status write_parts(struct ic_page *page, const struct ic_eval_report *report,
                             const char *folder, struct ic_error *error)
{
    static const char *const files[] = {"classes.csv",
                                        "confusion.csv",
                                        "confused.csv",
                                        "top-losses.csv",
                                        "confusion.svg",
                                        "top-losses.svg",
                                        NULL};
    ic_status status;

    write_figures(page, report);
    write_classes(page, report);
    ic_page_heading(page, "Confusion");
    status = add_drawing(page, folder, "confusion.svg",
                         "confusion matrix; confusion.csv has its numbers", error);
    if (status == IC_OK)
        status = write_pairs(page, report, error);
    if (status != IC_OK)
        return status;
    ic_page_heading(page, "Largest losses");
    status = add_drawing(page, folder, "top-losses.svg",
                         "the pictures with the largest losses; top-losses.csv lists "
                         "them",
                         error);
    ic_page_heading(page, "Files");
    ic_page_files(page, folder, files);
    return status;
}

ic_status ic_eval_page_write(const struct ic_eval_report *report, const char *folder,
                             struct ic_error *error)
{
    char *path = ic_file_join(folder, "index.html");
    struct ic_page page = {0};
    char title[300];
    ic_status status;

    snprintf(title, sizeof title, "Evaluation of %s on %s", report->model->arch,
             report->dataset->folder);
    status = path != NULL ? ic_page_open(&page, path, title, error)
                          : ic_fail_memory(error, "a path", 0);
    if (status == IC_OK) {
        status = write_parts(&page, report, folder, error);
        if (status == IC_OK)
            status = ic_page_commit(&page, error);
        else
            ic_page_abort(&page);
    }
    free(path);
    return status;
}
