/* SPDX-License-Identifier: MIT */
/*
 * Turns records into calls. See delivery.h.
 */
#include "track/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "track/batch.h"
#include "track/logged_model.h"
#include "track/run_model.h"
#include "track/tracked_run.h"
#include "track/upload.h"

static const char *kind_of(const json_t *record)
{
    const char *kind = json_string_value(json_object_get(record, "kind"));

    return kind != NULL ? kind : "";
}

ic_status ic_delivery_open(struct ic_delivery *delivery, struct ic_error *error)
{
    int64_t position = 0;
    json_t *record;
    const ic_status status =
        ic_outbox_read(delivery->outbox, &position, &record, error);

    if (status == IC_OK && strcmp(kind_of(record), "begin") == 0) {
        delivery->begin = record;
        return IC_OK;
    }
    json_decref(record);
    if (status != IC_OK)
        return status;
    return ic_fail(error, IC_ERR_FORMAT, "%s does not begin with a run's description",
                   delivery->outbox->path);
}

void ic_delivery_close(struct ic_delivery *delivery)
{
    json_decref(delivery->begin);
    delivery->begin = NULL;
}

bool ic_delivery_complete(const struct ic_delivery *delivery)
{
    return delivery->sent->position >= delivery->outbox->size;
}

/* Notes what the server refuses, and continues as if the server had it. */
static enum ic_verdict pass_over(struct ic_delivery *delivery, struct ic_reply *reply)
{
    char(*notes)[sizeof delivery->notes[0]] = delivery->notes;

    if (reply->verdict != IC_VERDICT_REFUSED)
        return reply->verdict;
    for (size_t i = 0; i < sizeof delivery->notes / sizeof *notes; i++)
        if (notes[i][0] == '\0' || strcmp(notes[i], reply->error.message) == 0) {
            snprintf(notes[i], sizeof notes[i], "%s", reply->error.message);
            break;
        }
    ic_reply_free(reply);
    reply->verdict = IC_VERDICT_DONE;
    return reply->verdict;
}

static enum ic_verdict send_begin(struct ic_delivery *delivery, const json_t *record,
                                  struct ic_reply *reply)
{
    ic_tracked_run_texts(delivery->api, delivery->sent, record, reply);
    if (pass_over(delivery, reply) != IC_VERDICT_DONE)
        return reply->verdict;
    ic_reply_free(reply);
    ic_tracked_run_dataset(delivery->api, delivery->sent, record, reply);
    return pass_over(delivery, reply);
}

/* Sends the model in MLflow's layout and registers its name. */
static enum ic_verdict send_model(struct ic_delivery *delivery, const json_t *end,
                                  struct ic_reply *reply)
{
    const char *registered = json_string_value(json_object_get(end, "register"));
    const json_int_t step = json_integer_value(json_object_get(end, "step"));
    char *folder = ic_file_join(delivery->folder, IC_RUN_MODEL_FOLDER);

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (folder != NULL && ic_file_is_folder(folder)) {
        ic_logged_model_send(delivery->api, delivery->sent, folder, step, reply);
        if (reply->verdict == IC_VERDICT_DONE && registered != NULL) {
            ic_reply_free(reply);
            ic_logged_model_register(delivery->api, delivery->sent, registered, reply);
        }
    }
    free(folder);
    return pass_over(delivery, reply);
}

/* Sends model and reports. On Azure the job's own folders are kept instead. */
static enum ic_verdict send_files(struct ic_delivery *delivery, const json_t *end,
                                  bool finished, struct ic_reply *reply)
{
    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (delivery->api->address.azure)
        return reply->verdict;
    ic_upload_reports(delivery->api, delivery->sent->artifacts, delivery->folder,
                      reply);
    if (pass_over(delivery, reply) != IC_VERDICT_DONE || !finished)
        return reply->verdict;
    ic_reply_free(reply);
    return send_model(delivery, end, reply);
}

static enum ic_verdict send_end(struct ic_delivery *delivery, const json_t *record,
                                struct ic_reply *reply)
{
    const char *status = json_string_value(json_object_get(record, "status"));
    const json_int_t time = json_integer_value(json_object_get(record, "time"));

    if (status == NULL)
        status = "FAILED";
    if (send_files(delivery, record, strcmp(status, "FINISHED") == 0, reply) !=
        IC_VERDICT_DONE)
        return reply->verdict;
    ic_reply_free(reply);
    return ic_tracked_run_status(delivery->api, delivery->sent, status, time, reply);
}

/* Sends a record of any kind but steps and epochs. An unknown record is skipped. */
static enum ic_verdict send_other(struct ic_delivery *delivery, const json_t *record,
                                  struct ic_reply *reply)
{
    const char *kind = kind_of(record);

    if (strcmp(kind, "begin") == 0)
        return send_begin(delivery, record, reply);
    if (strcmp(kind, "end") == 0)
        return send_end(delivery, record, reply);
    if (strcmp(kind, "resume") == 0)
        return ic_tracked_run_status(delivery->api, delivery->sent, "RUNNING", 0,
                                     reply);
    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    return reply->verdict;
}

/* Notes what the server has now. */
static enum ic_verdict keep(struct ic_delivery *delivery, int64_t position,
                            struct ic_reply *reply)
{
    struct ic_error error;

    delivery->sent->position = position;
    if (ic_sent_save(delivery->sent, &error) != IC_OK)
        return ic_tracked_run_fail(reply, &error);
    return IC_VERDICT_DONE;
}

enum ic_verdict ic_delivery_step(struct ic_delivery *delivery, struct ic_reply *reply)
{
    int64_t position = delivery->sent->position;
    json_t *metrics = NULL, *other = NULL;
    struct ic_error error;
    ic_status status;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (ic_delivery_complete(delivery))
        return reply->verdict;
    if (ic_tracked_run_enter(delivery->api, delivery->sent, delivery->begin, reply) ==
        IC_VERDICT_DONE) {
        /* Syncs the outbox before it is sent, so that even after a power failure
         * nothing is recorded again with another time. */
        status = ic_outbox_sync(delivery->outbox, &error);
        if (status == IC_OK)
            status =
                ic_batch_take(delivery->outbox, &position, &metrics, &other, &error);
        if (status != IC_OK)
            ic_tracked_run_fail(reply, &error);
        else if (metrics != NULL)
            ic_tracked_run_metrics(delivery->api, delivery->sent, metrics, reply);
        else if (other != NULL)
            send_other(delivery, other, reply);
        json_decref(metrics);
        json_decref(other);
    }
    if (reply->verdict == IC_VERDICT_REFUSED)
        reply->verdict = IC_VERDICT_CLOSED;
    if (reply->verdict == IC_VERDICT_DONE)
        return keep(delivery, position, reply);
    return reply->verdict;
}
