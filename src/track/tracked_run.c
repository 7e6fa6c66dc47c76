/* SPDX-License-Identifier: MIT */
/*
 * Calls about one run. See tracked_run.h.
 */
#include "track/tracked_run.h"

#include <stdio.h>
#include <string.h>

#include "track/batch.h"
#include "track/limits.h"

enum ic_verdict ic_tracked_run_fail(struct ic_reply *reply,
                                    const struct ic_error *error)
{
    ic_reply_free(reply);
    reply->verdict = IC_VERDICT_LATER;
    reply->error = *error;
    return reply->verdict;
}

static enum ic_verdict fail_memory(struct ic_reply *reply)
{
    struct ic_error error;

    ic_fail_memory(&error, "a request", 0);
    return ic_tracked_run_fail(reply, &error);
}

/* The text at root.a.b (b may be NULL); NULL where there is none. */
static const char *text_at(const json_t *root, const char *a, const char *b)
{
    const json_t *value = json_object_get(root, a);

    if (b != NULL)
        value = json_object_get(value, b);
    return json_string_value(value);
}

/* Ends a call: drops its body. */
static enum ic_verdict drop(json_t *body, enum ic_verdict verdict)
{
    json_decref(body);
    return verdict;
}

enum ic_verdict ic_tracked_run_post(struct ic_api *api, const char *path, json_t *body,
                                    struct ic_reply *reply)
{
    if (body == NULL)
        return fail_memory(reply);
    return drop(body, ic_api_call(api, "POST", path, body, reply));
}

enum ic_verdict ic_tracked_run_create(struct ic_api *api, const char *path,
                                      json_t *body, struct ic_reply *reply)
{
    if (body == NULL)
        return fail_memory(reply);
    return drop(body, ic_api_create(api, path, body, reply));
}

enum ic_verdict ic_tracked_run_miss(const struct ic_api *api, const char *what,
                                    struct ic_reply *reply)
{
    struct ic_error error;

    ic_fail(&error, IC_ERR_FORMAT, "%.100s answers without \"%s\"", api->address.shown,
            what);
    return ic_tracked_run_fail(reply, &error);
}

/* --- the experiment --------------------------------------------------------------- */

static enum ic_verdict find_experiment(struct ic_api *api, const char *name,
                                       struct ic_reply *reply)
{
    char path[2048] = "experiments/get-by-name?experiment_name=";

    if (!ic_address_escape(path, sizeof path, name)) {
        reply->verdict = IC_VERDICT_CLOSED;
        ic_fail(&reply->error, IC_ERR_LIMIT, "the experiment's name is too long");
        return reply->verdict;
    }
    return ic_api_call(api, "GET", path, NULL, reply);
}

/* Fills sent->experiment_id. Makes the experiment where none has the name. */
static enum ic_verdict enter_experiment(struct ic_api *api, struct ic_sent *sent,
                                        const json_t *begin, struct ic_reply *reply)
{
    const char *name = text_at(begin, "experiment", NULL);
    const char *id = text_at(begin, "experiment_id", NULL);
    struct ic_error error;

    if (sent->experiment_id != NULL)
        return IC_VERDICT_DONE;
    if (id == NULL) {
        find_experiment(api, name != NULL ? name : "im2cat", reply);
        id = text_at(reply->content, "experiment", "experiment_id");
        if (reply->status == 404) {
            ic_reply_free(reply);
            ic_tracked_run_create(
                api, "experiments/create",
                json_pack("{s:s}", "name", name != NULL ? name : "im2cat"), reply);
            id = text_at(reply->content, "experiment_id", NULL);
            /* Another process was quicker: the next attempt finds it. */
            if (reply->verdict == IC_VERDICT_REFUSED &&
                strcmp(reply->code, "RESOURCE_ALREADY_EXISTS") == 0)
                reply->verdict = IC_VERDICT_LATER;
        }
        if (reply->verdict != IC_VERDICT_DONE)
            return reply->verdict;
        if (!ic_sent_is_id(id))
            return ic_tracked_run_miss(api, "experiment_id", reply);
    }
    if (!ic_sent_is_id(id)) {
        reply->verdict = IC_VERDICT_CLOSED;
        ic_fail(&reply->error, IC_ERR_USAGE,
                "\"%.60s\" is not the id of an MLflow experiment", id);
        return reply->verdict;
    }
    if (ic_sent_set(&sent->experiment_id, id, &error) != IC_OK)
        return ic_tracked_run_fail(reply, &error);
    ic_reply_free(reply);
    return IC_VERDICT_DONE;
}

/* --- the run -------------------------------------------------------------------- */

enum ic_verdict ic_tracked_run_search(struct ic_api *api, const struct ic_sent *sent,
                                      const char *path, const char *filter,
                                      struct ic_reply *reply)
{
    return ic_tracked_run_post(api, path,
                               json_pack("{s:[s], s:s, s:i}", "experiment_ids",
                                         sent->experiment_id, "filter", filter,
                                         "max_results", 1),
                               reply);
}

/* Keeps the identifiers in `info`, the server's description of a run. */
static enum ic_verdict keep_run(const struct ic_api *api, struct ic_sent *sent,
                                const json_t *info, struct ic_reply *reply)
{
    const char *id = text_at(info, "run_id", NULL);
    const char *experiment = text_at(info, "experiment_id", NULL);
    const char *artifacts = text_at(info, "artifact_uri", NULL);
    struct ic_error error;
    ic_status status;

    if (!ic_sent_is_id(id))
        return ic_tracked_run_miss(api, "run_id", reply);
    status = ic_sent_set(&sent->run_id, id, &error);
    if (status == IC_OK)
        status =
            ic_sent_set(&sent->artifacts, artifacts != NULL ? artifacts : "", &error);
    if (status == IC_OK && ic_sent_is_id(experiment))
        status = ic_sent_set(&sent->experiment_id, experiment, &error);
    if (status == IC_OK)
        status = ic_sent_save(sent, &error);
    if (status != IC_OK)
        return ic_tracked_run_fail(reply, &error);
    ic_reply_free(reply);
    return IC_VERDICT_DONE;
}

static enum ic_verdict join(struct ic_api *api, struct ic_sent *sent, const char *id,
                            struct ic_reply *reply)
{
    char path[512] = "runs/get?run_id=";

    if (!ic_sent_is_id(id) || !ic_address_escape(path, sizeof path, id)) {
        reply->verdict = IC_VERDICT_CLOSED;
        ic_fail(&reply->error, IC_ERR_USAGE, "\"%.60s\" is not the id of an MLflow run",
                id);
        return reply->verdict;
    }
    if (ic_api_call(api, "GET", path, NULL, reply) != IC_VERDICT_DONE)
        return reply->verdict;
    return keep_run(api, sent,
                    json_object_get(json_object_get(reply->content, "run"), "info"),
                    reply);
}

/* Searches for a run with our tag; DONE without one leaves sent->run_id NULL. */
static enum ic_verdict search(struct ic_api *api, struct ic_sent *sent,
                              struct ic_reply *reply)
{
    char filter[100];
    const json_t *run;

    snprintf(filter, sizeof filter, "tags.\"im2cat.run\" = '%s'", sent->mark);
    ic_tracked_run_search(api, sent, "runs/search", filter, reply);
    if (reply->verdict != IC_VERDICT_DONE)
        return reply->verdict;
    run = json_array_get(json_object_get(reply->content, "runs"), 0);
    if (run != NULL)
        return keep_run(api, sent, json_object_get(run, "info"), reply);
    ic_reply_free(reply);
    return IC_VERDICT_DONE;
}

static enum ic_verdict create(struct ic_api *api, struct ic_sent *sent,
                              const json_t *begin, struct ic_reply *reply)
{
    const char *name = text_at(begin, "name", NULL);
    json_t *time = json_object_get(begin, "time");
    struct ic_error error;

    sent->tried = true;
    if (ic_sent_save(sent, &error) != IC_OK)
        return ic_tracked_run_fail(reply, &error);
    ic_tracked_run_create(
        api, "runs/create",
        json_pack("{s:s, s:o, s:O*, s:[{s:s, s:s}]}", "experiment_id",
                  sent->experiment_id, "run_name",
                  ic_limits_text(name != NULL ? name : "im2cat", IC_LIMIT_KEY),
                  "start_time", time, "tags", "key", "im2cat.run", "value", sent->mark),
        reply);
    if (reply->verdict != IC_VERDICT_DONE)
        return reply->verdict;
    return keep_run(api, sent,
                    json_object_get(json_object_get(reply->content, "run"), "info"),
                    reply);
}

enum ic_verdict ic_tracked_run_enter(struct ic_api *api, struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply)
{
    const char *joined = text_at(begin, "run_id", NULL);
    enum ic_verdict verdict;

    *reply = (struct ic_reply){0};
    if (sent->run_id != NULL && sent->artifacts != NULL)
        return IC_VERDICT_DONE;
    if (sent->run_id != NULL || joined != NULL)
        return join(api, sent, sent->run_id != NULL ? sent->run_id : joined, reply);
    verdict = enter_experiment(api, sent, begin, reply);
    if (verdict == IC_VERDICT_DONE && sent->tried)
        verdict = search(api, sent, reply);
    if (verdict == IC_VERDICT_DONE && sent->run_id == NULL)
        verdict = create(api, sent, begin, reply);
    return verdict;
}

/* --- texts and metrics of a run --------------------------------------------------- */

enum ic_verdict ic_tracked_run_metrics(struct ic_api *api, const struct ic_sent *sent,
                                       json_t *metrics, struct ic_reply *reply)
{
    return ic_tracked_run_post(
        api, "runs/log-batch",
        json_pack("{s:s, s:O}", "run_id", sent->run_id, "metrics", metrics), reply);
}

/* Sends an object of texts as `what`: "params" or "tags". */
static enum ic_verdict send_texts(struct ic_api *api, const struct ic_sent *sent,
                                  const json_t *texts, const char *what, size_t most,
                                  struct ic_reply *reply)
{
    json_t *entries = ic_batch_texts(texts, most);
    size_t done = 0;

    if (entries == NULL)
        return fail_memory(reply);
    reply->verdict = IC_VERDICT_DONE;
    while (done < json_array_size(entries) && reply->verdict == IC_VERDICT_DONE) {
        json_t *part = ic_batch_part(entries, done);

        done += json_array_size(part);
        ic_reply_free(reply);
        ic_tracked_run_post(
            api, "runs/log-batch",
            part != NULL ? json_pack("{s:s, s:o}", "run_id", sent->run_id, what, part)
                         : NULL,
            reply);
    }
    json_decref(entries);
    return reply->verdict;
}

enum ic_verdict ic_tracked_run_texts(struct ic_api *api, const struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply)
{
    const size_t most = api->address.azure ? IC_LIMIT_PARAM_AZURE : IC_LIMIT_PARAM;

    *reply = (struct ic_reply){0};
    send_texts(api, sent, json_object_get(begin, "tags"), "tags", IC_LIMIT_TAG, reply);
    if (reply->verdict == IC_VERDICT_DONE) {
        ic_reply_free(reply);
        send_texts(api, sent, json_object_get(begin, "params"), "params", most, reply);
    }
    return reply->verdict;
}

enum ic_verdict ic_tracked_run_dataset(struct ic_api *api, const struct ic_sent *sent,
                                       const json_t *begin, struct ic_reply *reply)
{
    json_t *dataset = json_object_get(begin, "dataset");

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (!json_is_object(dataset) || api->address.azure)
        return reply->verdict;
    return ic_tracked_run_post(api, "runs/log-inputs",
                               json_pack("{s:s, s:[{s:O, s:[{s:s, s:s}]}]}", "run_id",
                                         sent->run_id, "datasets", "dataset", dataset,
                                         "tags", "key", "mlflow.data.context", "value",
                                         "train"),
                               reply);
}

enum ic_verdict ic_tracked_run_status(struct ic_api *api, const struct ic_sent *sent,
                                      const char *status, json_int_t time,
                                      struct ic_reply *reply)
{
    json_t *body;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (api->address.azure)
        return reply->verdict;
    body = json_pack("{s:s, s:s}", "run_id", sent->run_id, "status", status);
    if (body != NULL && strcmp(status, "RUNNING") != 0)
        json_object_set_new(body, "end_time", json_integer(time));
    return ic_tracked_run_post(api, "runs/update", body, reply);
}
