/* SPDX-License-Identifier: MIT */
/*
 * im2cat find-lr: finds which learning rate suits a job. The test is in
 * train/find_lr.c; this file has the options, the display during and after the test,
 * and the two files.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "cli/stop.h"
#include "report/curve.h"
#include "report/table.h"
#include "train/find_lr.h"

struct find_lr_options {
    struct ic_job job;
    const char *job_file;
    int steps;
};

#define ROW(name, field, ...) \
    IC_OPTION(struct find_lr_options, name, field, __VA_ARGS__)

#define OF_JOB(field) job.field

static const struct ic_option table[] = {
    IC_JOB_OPTIONS_START(struct find_lr_options, OF_JOB),
    IC_OPTION_FREEZE_EPOCHS(struct find_lr_options, job.freeze_epochs,
                            .group = "schedule",
                            .help = "with fine-tune; 0: the test trains all layers; "
                                    "else only those not frozen in the first phase"),
    IC_JOB_OPTIONS_FREEZE(struct find_lr_options, OF_JOB),
    IC_JOB_OPTIONS_STEP(struct find_lr_options, OF_JOB),
    IC_JOB_OPTIONS_GRADIENT(struct find_lr_options, OF_JOB),
    IC_JOB_OPTIONS_COMPUTE(struct find_lr_options, OF_JOB),
    ROW("steps", steps, .group = "the test", .value = "N", .fallback = "100",
        .min = IC_LR_STEPS_MIN, .max = IC_LR_STEPS_MAX, .command_line_only = true,
        .help = "steps from a learning rate of 1e-7 to 10"),
    ROW("out", job.out, .value = "PREFIX", .fallback = "find-lr",
        .command_line_only = true,
        .help =
            "writes the curve to PREFIX.csv and PREFIX.svg, replacing existing files"),
    IC_OPTION_JOB_FILE(struct find_lr_options, job_file),
    {0}};

/* Reads a job file of train. Its options that this command lacks have no effect. */
static ic_status add_options(struct ic_options *options, struct ic_error *error)
{
    const struct find_lr_options *asked = options->values;

    if (asked->job_file == NULL)
        return IC_OK;
    return ic_options_read_job(options, ic_cmd_train.options, asked->job_file, error);
}

/* --- the display --------------------------------------------------------------- */

/* The display is on a terminal on standard error only. */
struct display {
    bool terminal, line_open;
};

static void clear_line(struct display *display)
{
    if (display->line_open)
        fputs("\r\033[K", stderr);
    display->line_open = false;
}

static void show_step(void *context, const struct ic_lr_curve *curve, double seconds)
{
    struct display *display = context;
    const struct ic_lr_point *point = &curve->points[curve->count - 1];
    char left[32];

    if (!display->terminal || curve->count == 0)
        return;
    ic_table_time(left, sizeof left,
                  seconds / curve->count * (curve->steps - curve->count));
    fprintf(stderr, "\r\033[Kstep %d/%d  lr %.2e  loss %.4f  left %s", curve->count,
            curve->steps, point->lr, point->smooth_loss, left);
    display->line_open = true;
}

static void show_note(void *context, const char *sentence)
{
    clear_line(context);
    ic_command_complain("%s", sentence);
}

static const char *end_of(const struct ic_lr_curve *curve)
{
    switch (curve->end) {
    case IC_LR_DIVERGED:
        return "diverged";
    case IC_LR_NOT_FINITE:
        return "not-finite";
    default:
        return "all-steps";
    }
}

static void print_result(const struct ic_lr_curve *curve, const char *csv,
                         const char *svg)
{
    const struct ic_lr_point *point = &curve->points[curve->suggested];

    if (curve->fall >= IC_LR_FALL_MIN)
        printf("suggested_lr %.3g\nsmooth_loss %.6f\n", point->lr, point->smooth_loss);
    else
        ic_command_complain("the loss does not fall along the curve, so there is no "
                            "learning rate to suggest");
    printf("steps %d\n", curve->count);
    printf("end %s\n", end_of(curve));
    printf("curve %s\n", csv);
    printf("picture %s\n", svg);
}

/* --- the command --------------------------------------------------------------- */

/* Refuses, before the work, a prefix that no file can be written under. */
static ic_status check_prefix(const char *prefix, struct ic_error *error)
{
    const char *slash = strrchr(prefix, '/');
    char *folder =
        slash == NULL ? strdup(".") : strndup(prefix, (size_t)(slash - prefix) + 1);
    ic_status status;

    if (folder == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (ic_file_is_folder(folder))
        status = ic_file_check_folder(folder, error);
    else
        status =
            ic_fail(error, IC_ERR_IO, "there is no folder %s for the files of --out %s",
                    folder, prefix);
    free(folder);
    return status;
}

/* Writes both files, then prints what they say. */
static ic_status report(const struct ic_lr_curve *curve, const char *prefix,
                        struct ic_error *error)
{
    char *csv = NULL, *svg = NULL;
    ic_status status = IC_OK;

    if (asprintf(&csv, "%s.csv", prefix) < 0)
        csv = NULL;
    if (asprintf(&svg, "%s.svg", prefix) < 0)
        svg = NULL;
    if (csv == NULL || svg == NULL)
        status = ic_fail_memory(error, "a path", 0);
    if (status == IC_OK)
        status = ic_curve_write_csv(curve, csv, error);
    if (status == IC_OK)
        status = ic_curve_write_svg(curve, svg, error);
    if (status == IC_OK)
        print_result(curve, csv, svg);
    free(csv);
    free(svg);
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    struct find_lr_options *asked = options->values;
    struct ic_job *job = &asked->job;
    struct display display = {.terminal = isatty(STDERR_FILENO)};
    const struct ic_find_lr_events events = {&display, show_step, show_note};
    struct ic_lr_curve curve = {0};
    struct ic_job defaults;
    ic_status status = check_prefix(job->out, error);

    if (status != IC_OK)
        return IC_EXIT_FAILED;
    ic_job_defaults(&defaults);
    job->epochs = defaults.epochs; /* no part of the test, but of a whole job */
    job->lr = defaults.lr;
    if (display.terminal) {
        fprintf(stderr, "reading every picture in %.60s once ...", job->data);
        display.line_open = true;
    }
    status =
        ic_find_lr(job, asked->steps, &events, ic_stop_on_signals(), &curve, error);
    clear_line(&display);
    if (status == IC_OK && curve.end == IC_LR_GOES_ON) {
        ic_lr_curve_free(&curve);
        ic_command_complain("stopped before the end of the test: nothing was written");
        return IC_EXIT_STOPPED;
    }
    if (status == IC_OK)
        status = report(&curve, job->out, error);
    ic_lr_curve_free(&curve);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_find_lr = {
    .name = "find-lr",
    .summary = "suggests a learning rate for a job",
    .operands = "",
    .text =
        "Trains briefly with a learning rate that grows from step to step, until the "
        "loss is 4 times its lowest value, and suggests a rate from the part where the "
        "loss fell (fastai's lr_find and its \"valley\"). Prints `key value` lines and "
        "writes the curve as a table and as a drawing; the weights are discarded. Give "
        "the suggested rate to `im2cat train --lr`, with otherwise the same options or "
        "the same job file. Ctrl-C ends the test, and nothing is written.\n",
    .options = table,
    .values_size = sizeof(struct find_lr_options),
    .add_options = add_options,
    .run = run,
};
