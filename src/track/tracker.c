/* SPDX-License-Identifier: MIT */
/*
 * Listens to a run. See tracker.h.
 */
#include "track/tracker.h"

#include <stdlib.h>
#include <string.h>

#include "track/run_model.h"
#include "track/run_record.h"
#include "track/tracking.h"

/* Seconds that the end of a run waits for a server that takes nothing. */
static const double patience = 10;

struct ic_tracker {
    struct ic_train_events shown;
    struct ic_run_words words;
    struct ic_run_record record;
    struct ic_tracking tracking;
    bool recording; /* the outbox is open */
    bool sending;   /* and the thread sends it */
    char *folder;   /* the run's, since the start */
};

/* A variable's text; NULL where it is empty or not set. */
static const char *variable(const char *name)
{
    const char *text = getenv(name);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static struct ic_run_words read_words(const struct ic_tracker_options *options)
{
    struct ic_run_words words = {
        .name = variable("MLFLOW_RUN_NAME"),
        .experiment = options->experiment,
        .run_id = variable("MLFLOW_RUN_ID"),
        .registered = options->registered,
        .user = variable("LOGNAME"),
    };

    if (words.experiment == NULL)
        words.experiment = variable("MLFLOW_EXPERIMENT_NAME");
    if (words.experiment == NULL)
        words.experiment_id = variable("MLFLOW_EXPERIMENT_ID");
    if (words.user == NULL)
        words.user = variable("USER");
    return words;
}

/* --- the run's events --------------------------------------------------------------
 */

/* Opens the outbox, records the start, and begins to send. */
static ic_status start(struct ic_tracker *tracker, const struct ic_start_report *report,
                       struct ic_error *error)
{
    struct ic_tracking *tracking = &tracker->tracking;
    struct ic_run_words *words = &tracker->words;
    const char *slash;
    ic_status status;

    tracker->folder = strdup(report->job->out);
    if (tracker->folder == NULL)
        return ic_fail_memory(error, "a path", 0);
    slash = strrchr(tracker->folder, '/');
    if (words->name == NULL)
        words->name = slash != NULL && slash[1] != '\0' ? slash + 1 : tracker->folder;
    status = ic_outbox_open(&tracking->outbox, tracker->folder, false, error);
    if (status == IC_OK)
        status = ic_run_record_open(&tracker->record, &tracking->outbox, error);
    if (status != IC_OK)
        return status;
    ic_run_record_start(&tracker->record, words, report);
    if (!tracker->record.begun) {
        *error = tracker->record.error;
        return error->status;
    }
    tracker->recording = true;
    status = ic_tracking_start(tracking, tracker->folder, error);
    tracker->sending = status == IC_OK;
    return status;
}

static void on_start(void *context, const struct ic_start_report *report)
{
    struct ic_tracker *tracker = context;
    struct ic_error error;

    if (tracker->shown.on_start != NULL)
        tracker->shown.on_start(tracker->shown.context, report);
    if (start(tracker, report, &error) != IC_OK)
        ic_tracking_note(&tracker->shown, "MLflow does not track this run: %s",
                         error.message);
}

static void on_step(void *context, const struct ic_step_report *report)
{
    struct ic_tracker *tracker = context;
    char failure[512];

    if (tracker->recording)
        ic_run_record_step(&tracker->record, report);
    if (tracker->sending &&
        ic_sender_failure(&tracker->tracking.sender, failure, sizeof failure))
        ic_tracking_note(&tracker->shown,
                         "%s; the run continues, and its records for MLflow are kept",
                         failure);
    if (tracker->shown.on_step != NULL)
        tracker->shown.on_step(tracker->shown.context, report);
}

static void on_epoch(void *context, const struct ic_epoch_report *report)
{
    struct ic_tracker *tracker = context;

    if (tracker->recording)
        ic_run_record_epoch(&tracker->record, report);
    if (tracker->shown.on_epoch != NULL)
        tracker->shown.on_epoch(tracker->shown.context, report);
}

static void on_note(void *context, const char *sentence)
{
    ic_tracking_note(&((struct ic_tracker *)context)->shown, "%s", sentence);
}

static ic_status on_first_batch(void *context,
                                const struct ic_first_batch_report *report,
                                struct ic_error *error)
{
    struct ic_tracker *tracker = context;

    if (tracker->shown.on_first_batch == NULL)
        return IC_OK;
    return tracker->shown.on_first_batch(tracker->shown.context, report, error);
}

struct ic_train_events ic_tracker_events(struct ic_tracker *tracker,
                                         const struct ic_train_events *shown)
{
    if (tracker == NULL)
        return *shown;
    return (struct ic_train_events){
        .context = tracker,
        .on_start = on_start,
        .on_step = on_step,
        .on_epoch = on_epoch,
        .on_note = on_note,
        .on_first_batch = on_first_batch,
    };
}

/* --- begin and end -----------------------------------------------------------------
 */

/* Checks a name, NAME or NAME@ALIAS, by MLflow's rules. */
static ic_status check_registered(const char *name, struct ic_error *error)
{
    const char *alias = name != NULL ? strrchr(name, '@') : NULL;

    if (name == NULL)
        return IC_OK;
    if (name[0] == '\0' || alias == name || strlen(name) > 200 ||
        strpbrk(name, "/:'\"%\\\n") != NULL ||
        (alias != NULL &&
         (alias[1] == '\0' ||
          strspn(alias + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789_-") != strlen(alias + 1))))
        return ic_fail(
            error, IC_ERR_USAGE,
            "--mlflow-register expects NAME or NAME@ALIAS (no / : ' \" %% in "
            "the name; letters, digits, _ and - in the alias), found "
            "\"%.80s\"",
            name);
    return IC_OK;
}

ic_status ic_tracker_open(struct ic_tracker **ret_tracker,
                          const struct ic_tracker_options *options,
                          const struct ic_train_events *shown, struct ic_error *error)
{
    const bool automatic = strcmp(options->server, "auto") == 0;
    const char *server = automatic ? variable("MLFLOW_TRACKING_URI") : options->server;
    struct ic_tracker *tracker;
    ic_status status;

    *ret_tracker = NULL;
    status = check_registered(options->registered, error);
    if (status != IC_OK)
        return status;
    if (server == NULL || strcmp(server, "off") == 0)
        return IC_OK;
    tracker = calloc(1, sizeof *tracker);
    if (tracker == NULL)
        return ic_fail_memory(error, "a tracker", sizeof *tracker);
    if (shown != NULL)
        tracker->shown = *shown;
    tracker->words = read_words(options);
    status = ic_api_open(&tracker->tracking.api, server, getenv, error);
    if (status == IC_OK) {
        *ret_tracker = tracker;
        return IC_OK;
    }
    free(tracker);
    if (!automatic)
        return status;
    ic_tracking_note(
        shown, "MLFLOW_TRACKING_URI is set, but MLflow does not track this run: %s",
        error->message);
    error->message[0] = '\0';
    return IC_OK;
}

/* Makes the model of a finished run, for the server. */
static void make_model(struct ic_tracker *tracker)
{
    struct ic_error error;

    if (tracker->tracking.api.address.azure)
        return;
    if (ic_run_model_make(tracker->folder, &error) != IC_OK)
        ic_tracking_note(&tracker->shown, "the model is not sent to MLflow: %s",
                         error.message);
}

/* Notes what could not be recorded or sent. */
static void tell(struct ic_tracker *tracker, ic_status status,
                 const struct ic_error *error)
{
    const struct ic_run_record *record = &tracker->record;

    if (record->lost > 0)
        ic_tracking_note(&tracker->shown,
                         "%lld records for MLflow could not be kept: %s",
                         (long long)record->lost, record->error.message);
    if (status != IC_OK)
        ic_tracking_note(&tracker->shown,
                         "%s does not have all of the run (%s); to send the rest: "
                         "im2cat mlflow-sync %s",
                         tracker->tracking.api.address.shown, error->message,
                         tracker->folder);
}

void ic_tracker_close(struct ic_tracker *tracker, const char *status)
{
    struct ic_error error;
    ic_status sent = IC_OK;

    if (tracker == NULL)
        return;
    if (tracker->recording && strcmp(status, "FINISHED") == 0)
        make_model(tracker);
    if (tracker->recording)
        ic_run_record_end(&tracker->record, &tracker->words, status);
    if (tracker->sending)
        sent =
            ic_tracking_finish(&tracker->tracking, patience, &tracker->shown, &error);
    tell(tracker, sent, &error);
    ic_tracking_close(&tracker->tracking);
    free(tracker->folder);
    free(tracker);
}
