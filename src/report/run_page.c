/* SPDX-License-Identifier: MIT */
/*
 * Writes the page of a run. See run_page.h.
 */
#include "report/run_page.h"

#include <stdlib.h>

#include "report/page.h"
#include "report/run_curves.h"
#include "report/table.h"

/* Writes the options that a reader asks for first. */
static void write_job(struct ic_page *page, const struct ic_job *job)
{
    char text[200];

    ic_page_facts_open(page);
    ic_page_fact(page, "data", job->data);
    ic_page_fact(page, "labels", job->labels);
    snprintf(text, sizeof text, "%s with head %s", job->arch, job->head);
    ic_page_fact(page, "network", text);
    ic_page_fact(page, "pretrained weights", job->pretrained);
    ic_page_fact(page, "recipe", job->recipe);
    snprintf(text, sizeof text, "%d x %d pixels, resize %s, augment %s", job->size,
             job->size, job->resize, job->augment);
    ic_page_fact(page, "pictures", text);
    snprintf(text, sizeof text, "%s, lr %g, batch %d", job->optimizer, job->lr,
             job->batch);
    ic_page_fact(page, "optimizer", text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)job->seed);
    ic_page_fact(page, "seed", text);
    ic_page_facts_close(page);
}

static void write_epochs(struct ic_page *page, const struct ic_run_epochs *epochs)
{
    static const char *const columns[] = {
        "epoch", "phase", "training loss", "validation loss", "error rate",
        "time",  NULL};

    ic_page_table_open(page, "Each epoch; the best is marked by a star", columns);
    for (size_t i = 0; i < epochs->count; i++) {
        const struct ic_run_epoch *const epoch = &epochs->items[i];
        char number[40], time[24];

        snprintf(number, sizeof number, "%zu%s", i + 1,
                 i == epochs->best ? " \xe2\x98\x85" : "");
        ic_table_time(time, sizeof time, epoch->seconds);
        ic_page_row_open(page, number);
        ic_page_cell(page, "%s", epoch->phase);
        ic_page_cell(page, "%.6f", epoch->train_loss);
        ic_page_cell(page, "%.6f", epoch->valid_loss);
        ic_page_cell(page, "%.6f", epoch->error_rate);
        ic_page_cell(page, "%s", time);
        ic_page_row_close(page);
    }
    ic_page_table_close(page);
}

static void write_next(struct ic_page *page, const struct ic_job *job)
{
    static const char *const files[] = {
        "model.safetensors", "best.safetensors", "metrics.csv",
        "steps.csv",         "job.conf",         "split.txt",
        "curves.svg",        "first-batch.svg",  NULL};

    ic_page_heading(page, "What to do next");
    ic_page_command(
        page, "im2cat eval --model %s/best.safetensors --data %s --report %s/eval",
        job->out, job->data, job->out);
    ic_page_command(page, "im2cat predict --model %s/best.safetensors PICTURE...",
                    job->out);
    ic_page_heading(page, "Files");
    ic_page_files(page, job->out, files);
}

/* Adds a drawing of the run folder, if it exists. */
static ic_status add_drawing(struct ic_page *page, const struct ic_job *job,
                             const char *name, const char *heading,
                             const char *description, struct ic_error *error)
{
    char *path = ic_file_join(job->out, name);
    ic_status status = IC_OK;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (ic_file_exists(path)) {
        ic_page_heading(page, heading);
        status = ic_page_drawing(page, path, description, error);
    }
    free(path);
    return status;
}

static ic_status write_parts(struct ic_page *page, const struct ic_job *job,
                             const struct ic_run_epochs *epochs, struct ic_error *error)
{
    const struct ic_run_epoch *const best = &epochs->items[epochs->best];
    char text[240];
    ic_status status;

    snprintf(text, sizeof text,
             "The best of %zu epochs misclassifies %.2f %% of the validation pictures, "
             "with a loss of %.4f. Its weights are in best.safetensors, those of the "
             "last epoch in model.safetensors.",
             epochs->count, 100 * best->error_rate, best->valid_loss);
    ic_page_paragraph(page, text);
    write_job(page, job);
    status = add_drawing(page, job, "curves.svg", "Loss and error rate",
                         "losses and error rate over the epochs; the table below has "
                         "the numbers",
                         error);
    if (status != IC_OK)
        return status;
    write_epochs(page, epochs);
    status = add_drawing(page, job, "first-batch.svg", "The first batch",
                         "pictures of the first batch with their classes", error);
    if (status == IC_OK)
        write_next(page, job);
    return status;
}

static ic_status write_page(const struct ic_job *job, const char *path,
                            const struct ic_run_epochs *epochs, struct ic_error *error)
{
    struct ic_page page = {0};
    char title[300];
    ic_status status;

    snprintf(title, sizeof title, "%s on %s", job->arch, job->data);
    status = ic_page_open(&page, path, title, error);
    if (status == IC_OK)
        status = write_parts(&page, job, epochs, error);
    if (status == IC_OK)
        return ic_page_commit(&page, error);
    ic_page_abort(&page);
    return status;
}

ic_status ic_run_page_write(const struct ic_job *job, struct ic_run_epochs *ret_epochs,
                            struct ic_error *error)
{
    char *curves = ic_file_join(job->out, "curves.svg");
    char *page = ic_file_join(job->out, "report.html");
    ic_status status = curves != NULL && page != NULL
                           ? ic_run_epochs_read(ret_epochs, job->out, error)
                           : ic_fail_memory(error, "a path", 0);

    if (status == IC_OK && ret_epochs->count > 0) {
        status = ic_run_curves_draw(ret_epochs, curves, error);
        if (status == IC_OK)
            status = write_page(job, page, ret_epochs, error);
    }
    free(curves);
    free(page);
    return status;
}
