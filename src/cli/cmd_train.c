/* SPDX-License-Identifier: MIT */
/*
 * im2cat train: trains from a data set to a run folder. The work is in train/, the
 * display in train_display.c; this file has the options and the end of the run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/run_name.h"
#include "cli/shared_options.h"
#include "cli/stop.h"
#include "cli/team.h"
#include "cli/train_display.h"
#include "report/run_page.h"
#include "track/tracker.h"
#include "train/run.h"

struct train_options {
    struct ic_job job;
    const char *job_file;
    bool quiet;
    struct ic_comm_options comm;
    struct ic_tracker_options tracker;
};

#define ROW(name, field, ...) IC_OPTION(struct train_options, name, field, __VA_ARGS__)
#define OF_JOB(field)         job.field

static const struct ic_option table[] = {
    IC_JOB_OPTIONS_START(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_EPOCHS(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_FREEZE(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_RATE(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_STEP(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_EMA(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_GRADIENT(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_COMPUTE(struct train_options, OF_JOB),
    IC_JOB_OPTIONS_RUN(struct train_options, OF_JOB),
    IC_OPTION_JOB_FILE(struct train_options, job_file),
    ROW("quiet", quiet, .command_line_only = true, .help = "shows no progress"),
    ROW("mlflow", tracker.server, .group = "tracking", .value = "auto|off|URI",
        .fallback = "auto",
        .help = "the MLflow server that tracks the run; auto: the one in "
                "MLFLOW_TRACKING_URI, if it is set",
        .more = "URI is http://HOST:PORT, https://HOST or azureml://...; name, "
                "password and token come from MLFLOW_TRACKING_USERNAME, _PASSWORD and "
                "_TOKEN. The run is the same whatever the server does; im2cat "
                "mlflow-sync sends what the server did not accept."),
    ROW("mlflow-experiment", tracker.experiment, .value = "NAME",
        .unset = "MLFLOW_EXPERIMENT_NAME, or im2cat",
        .help = "the MLflow experiment of the run"),
    ROW("mlflow-register", tracker.registered, .value = "NAME[@ALIAS]",
        .unset = "not registered",
        .help = "registers the run's model in MLflow as a new version of NAME, and "
                "gives it the alias ALIAS"),
    IC_RANKS_OPTIONS(struct train_options, comm, "train"),
    ROW("allow-mixed", job.allow_mixed, .command_line_only = true,
        .help = "trains even if processes compute with different instructions; the "
                "result then depends on which process computes what"),
    {0}};

static ic_status join(const struct ic_options *options, struct ic_error *error)
{
    const struct train_options *train = options->values;

    (void)ic_stop_on_signals(); /* from the start: ranks take a while to meet */
    return ic_team_join(&train->comm, error);
}

/* --- where options come from --------------------------------------------------- */

/* A resumed run keeps its micro-batch, which its bits depend on, even where the ranks
 * chose it: their number may have changed. */
static ic_status keep_micro_batch(const struct ic_options *options,
                                  struct ic_error *error)
{
    struct train_options *train = options->values, run = {0};
    struct ic_options of_run = {
        .command = options->command, .table = table, .values = &run};
    char *path = ic_file_join(train->job.out, "job.conf");
    ic_status status = IC_OK;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (ic_file_exists(path)) {
        status = ic_options_read_job(&of_run, table, path, error);
        train->job.micro_batch = run.job.micro_batch;
    }
    ic_options_free(&of_run);
    free(path);
    return status;
}

static bool keeps_micro_batch(const struct ic_options *options)
{
    const struct train_options *train = options->values;

    return train->job.resume && train->job.out != NULL &&
           ic_options_source(options, "micro-batch") == IC_FROM_FALLBACK;
}

/* Reads a job file, or the run's own on --resume without one. */
static ic_status add_options(struct ic_options *options, struct ic_error *error)
{
    struct train_options *train = options->values;
    struct ic_job *job = &train->job;
    char *path;
    ic_status status;

    if (train->job_file != NULL) {
        status = ic_options_read_job(options, table, train->job_file, error);
        if (status == IC_OK && keeps_micro_batch(options))
            status = keep_micro_batch(options, error);
        return status;
    }
    if (!job->resume)
        return IC_OK;
    if (job->out == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "--resume needs --out DIR, the run folder to continue");
    path = ic_file_join(job->out, "job.conf");
    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (ic_file_exists(path))
        status = ic_options_read_job(options, table, path, error);
    else
        status = ic_fail(error, IC_ERR_IO,
                         "there is no run to resume in %s: the folder has no job.conf "
                         "(use --job FILE to start a new run)",
                         job->out);
    free(path);
    if (status == IC_OK && ic_options_source(options, "data") == IC_FROM_JOB &&
        !ic_file_is_folder(job->data))
        status =
            ic_fail(error, IC_ERR_IO,
                    "there is no folder %s, which job.conf names as the data: start "
                    "im2cat in the folder where the run began, or give --data DIR",
                    job->data);

    /* The run may have moved to another machine. */
    if (ic_options_source(options, "threads") == IC_FROM_JOB)
        job->compute.threads = 0;
    if (ic_options_source(options, "workers") == IC_FROM_JOB)
        job->workers = 0;
    return status;
}

/* --- the command --------------------------------------------------------------- */

/* Says how the run ended, and what to do next. */
static enum ic_exit tell_end(const struct ic_train_display *display,
                             const struct ic_job *job, ic_status status,
                             enum ic_run_end end, struct ic_error *error)
{
    if (status != IC_OK) {
        /* A run with numbers that are not finite would fail again. */
        if (display->begun && status != IC_ERR_NUMERIC)
            ic_fail(error, status,
                    "%s; to continue from the last checkpoint: im2cat train --resume "
                    "--out %s",
                    error->message, job->out);
        return IC_EXIT_FAILED;
    }
    if (end == IC_RUN_NOT_BEGUN) {
        /* A scheduler that starts the same command again need not know how far the run
         * came. */
        ic_command_complain("stopped before the first step: nothing was written, and "
                            "the same command starts the run");
        return IC_EXIT_STOPPED;
    }
    if (end == IC_RUN_STOPPED) {
        ic_command_complain("stopped; to continue: im2cat train --resume --out %s",
                            job->out);
        return IC_EXIT_STOPPED;
    }
    if (!display->quiet)
        fprintf(stderr, "the run is in %s\n", job->out);
    return IC_EXIT_DONE;
}

/* Writes the run's page, and says what the page shows. A page that cannot be written,
 * on a full disk for instance, does not make the training fail. */
static void write_page(const struct ic_train_display *display, const struct ic_job *job,
                       bool done)
{
    struct ic_run_epochs epochs = {0};
    struct ic_error error;

    if (ic_run_page_write(job, &epochs, &error) != IC_OK)
        ic_command_complain("report.html is missing: %s", error.message);
    else if (done && !display->quiet && epochs.count > 0)
        fprintf(stderr,
                "best: error_rate %.6f after %zu of %zu epochs, in "
                "best.safetensors\n"
                "report: %s/report.html\n"
                "next: im2cat eval --model %s/best.safetensors --data %s --report "
                "%s/eval\n",
                epochs.items[epochs.best].error_rate, epochs.best + 1, epochs.count,
                job->out, job->out, job->data, job->out);
    ic_run_epochs_free(&epochs);
}

/* The tracking server's word for the end. */
static const char *name_end(ic_status status, enum ic_run_end end)
{
    if (status != IC_OK)
        return "FAILED";
    return end == IC_RUN_DONE ? "FINISHED" : "KILLED";
}

/* Opens the tracker for the run. One rank reports for all. */
static ic_status open_tracker(const struct train_options *train,
                              struct ic_train_display *display,
                              struct ic_tracker **ret_tracker, struct ic_error *error)
{
    const struct ic_train_events shown = ic_train_display_events(display);
    ic_status status = IC_OK;

    *display = (struct ic_train_display){0};
    *ret_tracker = NULL;
    if (ic_team_speaks())
        status = ic_tracker_open(ret_tracker, &train->tracker, &shown, error);
    return ic_comm_agree(ic_team_comm(), status, NULL, error);
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    struct train_options *train = options->values;
    struct ic_job *job = &train->job;
    struct ic_train_display display;
    const struct ic_train_events shown = ic_train_display_events(&display);
    struct ic_train_events events = {0};
    struct ic_tracker *tracker;
    /* Ranks agree on a name that none of them makes; without data no run begins. */
    const bool reserve =
        ic_comm_size(ic_team_comm()) == 1 && ic_file_is_folder(job->data);
    char *name = NULL;
    enum ic_run_end end = IC_RUN_DONE;
    enum ic_exit result;
    ic_status status = open_tracker(train, &display, &tracker, error);

    if (status != IC_OK)
        return status == IC_ERR_USAGE ? IC_EXIT_USAGE : IC_EXIT_FAILED;
    if (job->out == NULL && ic_run_name(job, reserve, &name, error) != IC_OK) {
        ic_tracker_close(tracker, "FAILED");
        return IC_EXIT_FAILED;
    }
    job->out = name != NULL ? name : job->out;
    if (ic_team_speaks())
        events = ic_tracker_events(tracker, &shown);
    ic_train_display_open(&display, train->quiet || !ic_team_speaks(), job->data);
    status =
        ic_train_run(job, ic_team_comm(), &events, ic_stop_on_signals(), &end, error);
    ic_train_display_clear(&display);
    ic_tracker_close(tracker, name_end(status, end));
    result = tell_end(&display, job, status, end, error);
    if (ic_team_speaks() && status == IC_OK && display.begun)
        write_page(&display, job, end == IC_RUN_DONE);
    if (name != NULL && reserve && !display.begun)
        ic_run_name_give_back(name);
    free(name);
    return result;
}

const struct ic_command ic_cmd_train = {
    .name = "train",
    .summary = "trains a network on a data set and writes a run folder",
    .operands = "",
    .text = "Trains a residual network, from scratch or from --pretrained weights, and "
            "prints a line per epoch. The run folder gets the weights "
            "(model.safetensors, best.safetensors), the tables metrics.csv and "
            "steps.csv, the job with all options (job.conf), the names of the "
            "validation pictures (split.txt), the first batch as the network sees it "
            "(first-batch.svg), and a checkpoint to resume from. Ctrl-C finishes the "
            "step, saves and exits with 3, as SIGTERM, SIGUSR1 and SIGHUP do; another "
            "Ctrl-C, at least a second later, ends the program at once.\n",
    .options = table,
    .values_size = sizeof(struct train_options),
    .join = join,
    .add_options = add_options,
    .run = run,
};
