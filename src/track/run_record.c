/* SPDX-License-Identifier: MIT */
/*
 * Turns reports into records. See run_record.h.
 */
#include "track/run_record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/machine.h"
#include "track/description.h"

static const double figures_every = 10; /* seconds */

int64_t ic_run_record_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* --- contents of the outbox ------------------------------------------------------ */

static void look_at(struct ic_run_record *record, const json_t *found)
{
    const char *kind = json_string_value(json_object_get(found, "kind"));
    const char *status = json_string_value(json_object_get(found, "status"));
    const int64_t step = json_integer_value(json_object_get(found, "step"));
    const int64_t epoch = json_integer_value(json_object_get(found, "epoch"));

    if (kind == NULL)
        return;
    record->finished =
        strcmp(kind, "end") == 0 && status != NULL && strcmp(status, "FINISHED") == 0;
    if (strcmp(kind, "begin") == 0)
        record->begun = true;
    else if (strcmp(kind, "step") == 0 && step > record->step)
        record->step = step;
    else if (strcmp(kind, "epoch") == 0 && epoch > record->epoch)
        record->epoch = epoch;
}

ic_status ic_run_record_open(struct ic_run_record *record, struct ic_outbox *outbox,
                             struct ic_error *error)
{
    int64_t position = 0;
    json_t *found;
    ic_status status;

    *record = (struct ic_run_record){.outbox = outbox, .step = -1, .epoch = -1};
    while ((status = ic_outbox_read(outbox, &position, &found, error)) == IC_OK &&
           found != NULL) {
        look_at(record, found);
        json_decref(found);
    }
    return status;
}

/* --- records -------------------------------------------------------------------- */

/* Appends a record (taken over; NULL: out of memory). */
static bool add(struct ic_run_record *record, json_t *made)
{
    ic_status status;

    if (made == NULL)
        status = ic_fail_memory(&record->error, "a record", 0);
    else
        status = ic_outbox_append(record->outbox, made, &record->error);
    json_decref(made);
    record->lost += status != IC_OK;
    return status == IC_OK;
}

/* Records a step's metrics (taken over). */
static void add_step(struct ic_run_record *record, int64_t step, json_t *metrics)
{
    if (add(record,
            json_pack("{s:s, s:I, s:I, s:o}", "kind", "step", "step", (json_int_t)step,
                      "time", (json_int_t)ic_run_record_now(), "metrics", metrics)))
        record->step = step;
}

static json_t *step_metrics(double loss, double lr, double momentum)
{
    return json_pack("{s:o, s:o, s:o}", "loss", ic_outbox_real(loss), "lr",
                     ic_outbox_real(lr), "momentum", ic_outbox_real(momentum));
}

/* Records an epoch, with its metrics at its last step. */
static void add_epoch(struct ic_run_record *record,
                      const struct ic_epoch_report *report)
{
    json_t *metrics = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", ic_outbox_real(report->epoch),
        "train_loss", ic_outbox_real(report->train_loss), "valid_loss",
        ic_outbox_real(report->valid_loss), "error_rate",
        ic_outbox_real(report->error_rate), "seconds", ic_outbox_real(report->seconds),
        "images_per_second", ic_outbox_real(report->images_per_second));

    if (add(record, json_pack("{s:s, s:i, s:I, s:I, s:o}", "kind", "epoch", "epoch",
                              report->epoch, "step", (json_int_t)report->step, "time",
                              (json_int_t)ic_run_record_now(), "metrics", metrics)))
        record->epoch = report->epoch;
}

void ic_run_record_step(struct ic_run_record *record,
                        const struct ic_step_report *report)
{
    const double now = ic_machine_seconds();
    json_t *metrics;

    if (report->validating || report->step <= record->step)
        return;
    metrics = step_metrics(report->loss, report->lr, report->momentum);
    if (now >= record->next_figures) {
        ic_figures_add(&record->figures, metrics);
        record->next_figures = now + figures_every;
    }
    add_step(record, report->step, metrics);
}

void ic_run_record_epoch(struct ic_run_record *record,
                         const struct ic_epoch_report *report)
{
    if (report->epoch > record->epoch)
        add_epoch(record, report);
}

/* --- rows that only the tables have ----------------------------------------------- */

/* Opens a table of the run folder, past its head; NULL: there is none. */
static FILE *open_table(const char *folder, const char *name)
{
    char *path = ic_file_join(folder, name), head[256];
    FILE *table = path != NULL ? fopen(path, "re") : NULL;

    free(path);
    if (table != NULL && fgets(head, sizeof head, table) == NULL) {
        fclose(table);
        table = NULL;
    }
    return table;
}

static void catch_up_steps(struct ic_run_record *record, const char *folder)
{
    FILE *table = open_table(folder, "steps.csv");
    char line[256];

    while (table != NULL && fgets(line, sizeof line, table) != NULL) {
        double lr, momentum, loss;
        long long step;

        if (sscanf(line, "%lld,%*[^,],%lf,%lf,%lf", &step, &lr, &momentum, &loss) ==
                4 &&
            step > record->step)
            add_step(record, step, step_metrics(loss, lr, momentum));
    }
    if (table != NULL)
        fclose(table);
}

static void catch_up_epochs(struct ic_run_record *record, const char *folder)
{
    FILE *table = open_table(folder, "metrics.csv");
    char line[256];

    while (table != NULL && fgets(line, sizeof line, table) != NULL) {
        struct ic_epoch_report report = {0};
        long long step;

        if (sscanf(line, "%*[^,],%d,%lld,%lf,%lf,%lf,%lf,%lf", &report.epoch, &step,
                   &report.train_loss, &report.valid_loss, &report.error_rate,
                   &report.seconds, &report.images_per_second) != 7)
            continue;
        report.step = step;
        ic_run_record_epoch(record, &report);
    }
    if (table != NULL)
        fclose(table);
}

/* --- begin and end --------------------------------------------------------------- */

void ic_run_record_start(struct ic_run_record *record, const struct ic_run_words *words,
                         const struct ic_start_report *report)
{
    const bool resume = record->begun;

    if (!resume)
        record->begun = add(record, ic_description_make(words, report));
    if (report->step > 0) {
        if (report->step > record->step)
            catch_up_steps(record, report->job->out);
        catch_up_epochs(record, report->job->out);
    }
    if (!resume || (record->finished && report->step == report->steps))
        return;
    add(record, json_pack("{s:s, s:I}", "kind", "resume", "time",
                          (json_int_t)ic_run_record_now()));
    record->finished = false;
}

void ic_run_record_end(struct ic_run_record *record, const struct ic_run_words *words,
                       const char *status)
{
    json_t *end;

    if (record->finished)
        return;
    end = json_pack("{s:s, s:s, s:I, s:I, s:s*}", "kind", "end", "status", status,
                    "step", (json_int_t)(record->step > 0 ? record->step : 0), "time",
                    (json_int_t)ic_run_record_now(), "register", words->registered);
    record->finished = add(record, end) && strcmp(status, "FINISHED") == 0;
}
