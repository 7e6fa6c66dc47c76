/* SPDX-License-Identifier: MIT */
/*
 * Logs and registers models. See logged_model.h.
 */
#include "track/logged_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "track/limits.h"
#include "track/tracked_run.h"
#include "track/upload.h"

static const char *text_at(const json_t *root, const char *key)
{
    return json_string_value(json_object_get(root, key));
}

/* --- the logged model ------------------------------------------------------------ */

/* Searches for the run's model, and makes it where there is none. sent->model_id is
 * then known, and on the disk. */
static enum ic_verdict enter(struct ic_api *api, struct ic_sent *sent,
                             struct ic_reply *reply)
{
    char filter[400];
    const json_t *model;
    struct ic_error error;

    if (sent->model_id != NULL)
        return IC_VERDICT_DONE;
    snprintf(filter, sizeof filter, "source_run_id = '%s' AND name = 'model'",
             sent->run_id);
    ic_tracked_run_search(api, sent, "logged-models/search", filter, reply);
    if (reply->verdict != IC_VERDICT_DONE)
        return reply->verdict;
    model = json_array_get(json_object_get(reply->content, "models"), 0);
    if (model == NULL) {
        ic_reply_free(reply);
        ic_tracked_run_create(api, "logged-models",
                              json_pack("{s:s, s:s, s:s}", "experiment_id",
                                        sent->experiment_id, "name", "model",
                                        "source_run_id", sent->run_id),
                              reply);
        if (reply->verdict != IC_VERDICT_DONE)
            return reply->verdict;
        model = json_object_get(reply->content, "model");
    }
    model = json_object_get(model, "info");
    if (!ic_sent_is_id(text_at(model, "model_id")))
        return ic_tracked_run_miss(api, "model_id", reply);
    if (ic_sent_set(&sent->model_id, text_at(model, "model_id"), &error) != IC_OK ||
        ic_sent_save(sent, &error) != IC_OK)
        return ic_tracked_run_fail(reply, &error);
    ic_reply_free(reply);
    return IC_VERDICT_DONE;
}

/* Sends every regular file of the folder as PREFIX/NAME, MLmodel last, so that a reader
 * who finds MLmodel finds all files that it names. */
static enum ic_verdict send_files(struct ic_api *api, const char *artifacts,
                                  const char *prefix, const char *folder,
                                  struct ic_reply *reply)
{
    char **names = NULL;
    size_t count = 0;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (ic_file_list(folder, &names, &count, &reply->error) != IC_OK) {
        reply->verdict = IC_VERDICT_REFUSED;
        return reply->verdict;
    }
    for (size_t i = 0; i < 2 * count && reply->verdict == IC_VERDICT_DONE; i++) {
        const char *own = names[i % count];
        char *path = ic_file_join(folder, own), *name = ic_file_join(prefix, own);

        if ((strcmp(own, "MLmodel") == 0) == (i >= count) && path != NULL &&
            name != NULL) {
            ic_reply_free(reply);
            ic_upload_file(api, artifacts, prefix[0] != '\0' ? name : own, path, reply);
        }
        free(path);
        free(name);
    }
    ic_file_free_names(names, count);
    return reply->verdict;
}

/* Gives the logged model its files, and links it to the run. */
static enum ic_verdict complete(struct ic_api *api, const struct ic_sent *sent,
                                const char *folder, json_int_t step,
                                struct ic_reply *reply)
{
    char path[400], *artifacts = NULL;
    const json_t *info;
    bool ready;

    snprintf(path, sizeof path, "logged-models/%s", sent->model_id);
    if (ic_api_call(api, "GET", path, NULL, reply) != IC_VERDICT_DONE)
        return reply->verdict;
    info = json_object_get(json_object_get(reply->content, "model"), "info");
    ready = text_at(info, "status") != NULL &&
            strcmp(text_at(info, "status"), "LOGGED_MODEL_READY") == 0;
    if (text_at(info, "artifact_uri") == NULL)
        return ic_tracked_run_miss(api, "artifact_uri", reply);
    artifacts = strdup(text_at(info, "artifact_uri"));
    ic_reply_free(reply);
    if (!ready && artifacts != NULL) {
        json_t *body = json_pack("{s:s, s:s}", "model_id", sent->model_id, "status",
                                 "LOGGED_MODEL_READY");

        if (send_files(api, artifacts, "", folder, reply) == IC_VERDICT_DONE) {
            ic_reply_free(reply);
            ic_api_call(api, "PATCH", path, body, reply);
        }
        json_decref(body);
    }
    free(artifacts);
    if (reply->verdict != IC_VERDICT_DONE)
        return reply->verdict;
    ic_reply_free(reply);
    return ic_tracked_run_post(api, "runs/outputs",
                               json_pack("{s:s, s:[{s:s, s:I}]}", "run_id",
                                         sent->run_id, "models", "model_id",
                                         sent->model_id, "step", step),
                               reply);
}

enum ic_verdict ic_logged_model_send(struct ic_api *api, struct ic_sent *sent,
                                     const char *folder, json_int_t step,
                                     struct ic_reply *reply)
{
    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (enter(api, sent, reply) == IC_VERDICT_DONE)
        return complete(api, sent, folder, step, reply);
    if (reply->status != 404 && reply->status != 501)
        return reply->verdict;
    ic_reply_free(reply);
    return send_files(api, sent->artifacts, "model", folder, reply);
}

/* --- the registered model ----------------------------------------------------------
 */

static bool exists(const struct ic_reply *reply)
{
    return strcmp(reply->code, "RESOURCE_ALREADY_EXISTS") == 0;
}

/* Copies the text at versions[i].version whose source or model is ours; false: no such
 * version. */
static bool find_version(const json_t *versions, const char *source, char *out,
                         size_t size)
{
    const json_t *version;
    size_t i;

    json_array_foreach(versions, i, version)
    {
        const char *own = text_at(version, "source"),
                   *number = text_at(version, "version");

        if (own != NULL && number != NULL && strcmp(own, source) == 0) {
            snprintf(out, size, "%s", number);
            return true;
        }
    }
    return false;
}

/* Finds our version of the model `name`, or makes it where there is none. */
static enum ic_verdict enter_version(struct ic_api *api, const struct ic_sent *sent,
                                     const char *name, char *version, size_t size,
                                     struct ic_reply *reply)
{
    char path[2048] = "model-versions/search?filter=", filter[400];
    char source[4200];

    if (sent->model_id != NULL)
        snprintf(source, sizeof source, "models:/%s", sent->model_id);
    else
        snprintf(source, sizeof source, "%s/model", sent->artifacts);
    snprintf(filter, sizeof filter, "name='%s' AND run_id='%s'", name, sent->run_id);
    if (!ic_address_escape(path, sizeof path, filter))
        return ic_tracked_run_miss(api, "a name of that length", reply);
    if (ic_api_call(api, "GET", path, NULL, reply) != IC_VERDICT_DONE ||
        find_version(json_object_get(reply->content, "model_versions"), source, version,
                     size))
        return reply->verdict;
    ic_reply_free(reply);
    ic_tracked_run_create(api, "model-versions/create",
                          json_pack("{s:s, s:s, s:s, s:s*}", "name", name, "source",
                                    source, "run_id", sent->run_id, "model_id",
                                    sent->model_id),
                          reply);
    if (reply->verdict != IC_VERDICT_DONE)
        return reply->verdict;
    if (text_at(json_object_get(reply->content, "model_version"), "version") == NULL)
        return ic_tracked_run_miss(api, "version", reply);
    snprintf(version, size, "%s",
             text_at(json_object_get(reply->content, "model_version"), "version"));
    return reply->verdict;
}

enum ic_verdict ic_logged_model_register(struct ic_api *api, const struct ic_sent *sent,
                                         const char *name, struct ic_reply *reply)
{
    const char *alias = strrchr(name, '@');
    char model[IC_LIMIT_KEY + 1], version[32] = "";

    snprintf(model, sizeof model, "%.*s",
             (int)(alias != NULL ? (size_t)(alias - name) : strlen(name)), name);
    ic_tracked_run_create(api, "registered-models/create",
                          json_pack("{s:s}", "name", model), reply);
    if (reply->verdict != IC_VERDICT_DONE && !exists(reply))
        return reply->verdict;
    ic_reply_free(reply);
    if (enter_version(api, sent, model, version, sizeof version, reply) !=
            IC_VERDICT_DONE ||
        alias == NULL)
        return reply->verdict;
    ic_reply_free(reply);
    return ic_tracked_run_post(api, "registered-models/alias",
                               json_pack("{s:s, s:s, s:s}", "name", model, "alias",
                                         alias + 1, "version", version),
                               reply);
}
