/* SPDX-License-Identifier: MIT */
/*
 * Writes the files of an evaluation's report. See eval_report.h.
 */
#include "report/eval_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/confusion_matrix.h"
#include "report/contact_sheet.h"
#include "report/csv.h"
#include "report/eval_page.h"
#include "score/confusion.h"

#define WRONG "#b2182b" /* the frame of a wrong prediction */

enum { LINE = 300 };

/* --- tables -------------------------------------------------------------------- */

static ic_status write_confusion(const char *path, const struct ic_eval_report *report,
                                 struct ic_error *error)
{
    struct ic_file_writer writer = {0};
    const ic_status status = ic_file_writer_open(&writer, path, error);
    const struct ic_scores *scores = report->scores;
    char *const *classes = report->model->classes;

    if (status != IC_OK)
        return status;
    fputs("class", writer.stream);
    for (int predicted = 0; predicted < scores->classes; predicted++) {
        fputc(',', writer.stream);
        ic_csv_field(writer.stream, classes[predicted]);
    }
    fputc('\n', writer.stream);
    for (int label = 0; label < scores->classes; label++) {
        ic_csv_field(writer.stream, classes[label]);
        for (int predicted = 0; predicted < scores->classes; predicted++)
            fprintf(writer.stream, ",%" PRIu64,
                    ic_confusion_cell(scores, label, predicted));
        fputc('\n', writer.stream);
    }
    return ic_file_writer_commit(&writer, error);
}

static ic_status write_classes(const char *path, const struct ic_eval_report *report,
                               struct ic_error *error)
{
    struct ic_file_writer writer = {0};
    const ic_status status = ic_file_writer_open(&writer, path, error);

    if (status != IC_OK)
        return status;
    fputs("class,images,errors,precision,recall,f1\n", writer.stream);
    for (int label = 0; label < report->scores->classes; label++) {
        const struct ic_class_counts counts =
            ic_confusion_counts(report->scores, label);
        const struct ic_figures figures = ic_confusion_figures(&counts);

        ic_csv_field(writer.stream, report->model->classes[label]);
        fprintf(writer.stream, ",%" PRIu64 ",%" PRIu64 ",%.6f,%.6f,%.6f\n",
                counts.images, counts.images - counts.right, figures.precision,
                figures.recall, figures.f1);
    }
    return ic_file_writer_commit(&writer, error);
}

static ic_status write_top_losses(const char *path, const struct ic_eval_report *report,
                                  struct ic_error *error)
{
    struct ic_file_writer writer = {0};
    const ic_status status = ic_file_writer_open(&writer, path, error);
    char *const *classes = report->model->classes;

    if (status != IC_OK)
        return status;
    fputs("path,class,predicted,loss,probability\n", writer.stream);
    for (int i = 0; i < report->top->count; i++) {
        const struct ic_top_loss *item = &report->top->items[i];

        ic_csv_field(writer.stream, report->dataset->samples[item->sample].name);
        fputc(',', writer.stream);
        ic_csv_field(writer.stream, classes[item->label]);
        fputc(',', writer.stream);
        ic_csv_field(writer.stream, classes[item->predicted]);
        fprintf(writer.stream, ",%.6f,%.6f\n", item->loss, item->probability);
    }
    return ic_file_writer_commit(&writer, error);
}

static ic_status write_confused(const char *path, const struct ic_eval_report *report,
                                struct ic_error *error)
{
    char *const *classes = report->model->classes;
    struct ic_file_writer writer = {0};
    struct ic_confused *pairs = NULL;
    size_t count = 0;
    ic_status status = ic_confusion_pairs(report->scores, &pairs, &count, error);

    if (status == IC_OK)
        status = ic_file_writer_open(&writer, path, error);
    if (status == IC_OK) {
        fputs("class,predicted,images\n", writer.stream);
        for (size_t i = 0; i < count; i++) {
            ic_csv_field(writer.stream, classes[pairs[i].label]);
            fputc(',', writer.stream);
            ic_csv_field(writer.stream, classes[pairs[i].predicted]);
            fprintf(writer.stream, ",%" PRIu64 "\n", pairs[i].images);
        }
        status = ic_file_writer_commit(&writer, error);
    }
    free(pairs);
    return status;
}

/* --- pictures ------------------------------------------------------------------ */

/* Adds a picture with fastai's four words and the name of its file. The frame tells a
 * wrong prediction from a right one that was uncertain. */
static ic_status add_picture(struct ic_contact_sheet *sheet,
                             const struct ic_eval_report *report,
                             const struct ic_top_loss *item, uint8_t *rgb,
                             struct ic_error *error)
{
    char *const *classes = report->model->classes;
    const char *name = report->dataset->samples[item->sample].name;
    const char *slash = strrchr(name, '/');
    char predicted[LINE], actual[LINE], figures[LINE];
    const char *const lines[] = {predicted, actual, figures,
                                 slash != NULL ? slash + 1 : name};

    snprintf(predicted, sizeof predicted, "predicted %s", classes[item->predicted]);
    snprintf(actual, sizeof actual, "actual %s", classes[item->label]);
    snprintf(figures, sizeof figures, "loss %.2f, probability %.2f", item->loss,
             item->probability);
    return ic_contact_sheet_add(sheet, rgb, report->model->size, lines,
                                item->predicted != item->label ? WRONG : NULL, error);
}

/* Reads the pictures as validation does, one at a time. */
static ic_status add_pictures(struct ic_contact_sheet *sheet,
                              const struct ic_eval_report *report,
                              struct ic_error *error)
{
    uint32_t samples[IC_TOP_LOSSES];
    const struct ic_loader_options loading = {
        .dataset = report->dataset,
        .samples = samples,
        .sample_count = (size_t)report->top->count,
        .batch = 1,
        .size = report->model->size,
        .presize = report->model->presize,
        .upright = report->model->upright,
        .fit = report->model->fit,
        .decode = report->decode,
        .workers = report->workers,
    };
    struct ic_loader *loader = NULL;
    ic_status status;

    for (int i = 0; i < report->top->count; i++)
        samples[i] = report->top->items[i].sample;
    status = ic_loader_open(&loading, &loader, error);
    for (int i = 0; i < report->top->count && status == IC_OK; i++) {
        const struct ic_batch *batch;

        status = ic_loader_next(loader, &batch, error);
        if (status == IC_OK)
            status =
                add_picture(sheet, report, &report->top->items[i], batch->rgb, error);
    }
    ic_loader_close(loader);
    return status;
}

static ic_status draw_top_losses(const char *path, const struct ic_eval_report *report,
                                 struct ic_error *error)
{
    struct ic_contact_sheet sheet = {0};
    ic_status status = ic_contact_sheet_open(
        &sheet, path, report->top->count, 4,
        "Largest losses. A red frame marks a wrong prediction", error);

    if (status == IC_OK)
        status = add_pictures(&sheet, report, error);
    if (status == IC_OK)
        return ic_contact_sheet_commit(&sheet, error);
    ic_contact_sheet_abort(&sheet);
    return status;
}

/* --- the folder ---------------------------------------------------------------- */

static ic_status draw_confusion(const char *path, const struct ic_eval_report *report,
                                struct ic_error *error)
{
    return ic_confusion_matrix_draw(path, report->scores,
                                    (const char *const *)report->model->classes, error);
}

ic_status ic_eval_report_write(const struct ic_eval_report *report, const char *folder,
                               struct ic_error *error)
{
    static const struct {
        const char *name;
        ic_status (*write)(const char *path, const struct ic_eval_report *report,
                           struct ic_error *error);
    } files[] = {
        {"confusion.csv", write_confusion},   {"confusion.svg", draw_confusion},
        {"classes.csv", write_classes},       {"confused.csv", write_confused},
        {"top-losses.csv", write_top_losses}, {"top-losses.svg", draw_top_losses},
    };
    ic_status status = ic_file_make_folder(folder, error);

    for (size_t i = 0; i < sizeof files / sizeof files[0] && status == IC_OK; i++) {
        char *path = ic_file_join(folder, files[i].name);

        status = path != NULL ? files[i].write(path, report, error)
                              : ic_fail_memory(error, "a path", 0);
        free(path);
    }
    return status == IC_OK ? ic_eval_page_write(report, folder, error) : status;
}
