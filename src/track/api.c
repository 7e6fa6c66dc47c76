/* SPDX-License-Identifier: MIT */
/*
 * Sends calls and reads the answers. See api.h.
 */
#include "track/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jansson.h"

enum { URL_MOST = 8192, REDIRECTS = 5, TIMEOUT = 120 };

void ic_reply_free(struct ic_reply *reply)
{
    json_decref(reply->content);
    *reply = (struct ic_reply){0};
}

static char *nothing(const char *name)
{
    (void)name;
    return NULL;
}

ic_status ic_api_open(struct ic_api *api, const char *address,
                      char *(*lookup)(const char *name), struct ic_error *error)
{
    ic_status status;

    *api = (struct ic_api){.timeout = TIMEOUT};
    status = ic_address_read(&api->address, address, error);
    if (status == IC_OK)
        status = ic_credentials_read(&api->credentials, &api->address,
                                     lookup != NULL ? lookup : nothing, error);
    if (status == IC_OK)
        status = ic_http_load(&api->http, error);
    if (status == IC_OK)
        status = api->http->open(&api->link, error);
    if (status != IC_OK)
        ic_api_close(api);
    return status;
}

void ic_api_close(struct ic_api *api)
{
    if (api->http != NULL)
        api->http->close(api->link);
    ic_address_free(&api->address);
    api->http = NULL;
    api->link = NULL;
}

/* --- the meaning of an answer ---------------------------------------------------- */

static enum ic_verdict judge(int status)
{
    switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return IC_VERDICT_LATER;
    case 400:
    case 404:
    case 409:
    case 501:
        return IC_VERDICT_REFUSED;
    default:
        return IC_VERDICT_CLOSED;
    }
}

/* Whether a server's text repeats one of our secrets. */
static bool repeats_secret(const struct ic_api *api, const char *text)
{
    const char *const secrets[] = {api->credentials.token, api->credentials.password};

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (secrets[i] != NULL && secrets[i][0] != '\0' &&
            strstr(text, secrets[i]) != NULL)
            return true;
    return false;
}

/* The server's own words: MLflow's message, or the beginning of a text that is not a
 * page. */
static const char *words_of(const struct ic_api *api, const json_t *content,
                            const struct ic_http_answer *answer)
{
    const char *words = json_string_value(json_object_get(content, "message"));

    if (words == NULL)
        words =
            content != NULL || strchr(answer->body, '<') != NULL ? "" : answer->body;
    return repeats_secret(api, words) ? "" : words;
}

/* Fills the reply from an unsuccessful answer. */
static void fill_failure(const struct ic_api *api, const char *method, const char *path,
                         const json_t *content, const struct ic_http_answer *answer,
                         struct ic_reply *reply)
{
    const char *words = words_of(api, content, answer);
    const char *code = json_string_value(json_object_get(content, "error_code"));

    reply->verdict = judge(answer->status);
    reply->wait = answer->retry_after;
    snprintf(reply->code, sizeof reply->code, "%s", code != NULL ? code : "");
    ic_fail(&reply->error, IC_ERR_IO, "%.100s answers %s %.60s with %d%s%.200s",
            api->address.shown, method, path, answer->status,
            words[0] != '\0' ? ": " : "", words);
}

static void read_reply(const struct ic_api *api, const char *method, const char *path,
                       const struct ic_http_answer *answer, struct ic_reply *reply)
{
    json_t *content = ic_jansson_load(answer->body, answer->size, 0, NULL);

    if (!json_is_object(content)) {
        json_decref(content);
        content = NULL;
    }
    reply->status = answer->status;
    if (answer->status / 100 != 2) {
        fill_failure(api, method, path, content, answer, reply);
        json_decref(content);
    } else if (content == NULL && answer->size > 0) {
        reply->verdict = IC_VERDICT_LATER;
        ic_fail(
            &reply->error, IC_ERR_IO,
            "%.100s did not answer %s %.60s with JSON, so it is not an MLflow server",
            api->address.shown, method, path);
    } else {
        reply->verdict = IC_VERDICT_DONE;
        reply->content = content != NULL ? content : json_object();
    }
}

/* --- requests -------------------------------------------------------------------- */

/* Whether the answer redirects the request, and it may go there; `url` then gets the
 * address. A redirect that is refused becomes the reply. */
static bool follow(const struct ic_api *api, const struct ic_http_answer *answer,
                   char *url, struct ic_reply *reply)
{
    const int status = answer->status;
    const bool redirect =
        status == 301 || status == 302 || status == 307 || status == 308;

    if (!redirect || answer->location == NULL)
        return false;
    if (strlen(answer->location) < URL_MOST &&
        ic_address_may_follow(url, answer->location)) {
        strcpy(url, answer->location);
        return true;
    }
    reply->status = status;
    reply->verdict = IC_VERDICT_CLOSED;
    ic_fail(&reply->error, IC_ERR_IO,
            "%.100s redirects requests to another server, %.100s, which is not "
            "followed: give its address if you trust it",
            api->address.shown, answer->location);
    return false;
}

/* Sends the request, whose other fields are set, to base/PREFIX PATH. */
static enum ic_verdict send(struct ic_api *api, struct ic_http_request *request,
                            const char *prefix, const char *path,
                            struct ic_reply *reply)
{
    struct ic_http_answer answer = {0};
    char url[URL_MOST];
    bool again = true;
    struct ic_error error;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_LATER};
    if (snprintf(url, sizeof url, "%s/%s%s", api->address.base, prefix, path) >=
        (int)sizeof url) {
        reply->verdict = IC_VERDICT_REFUSED;
        ic_fail(&reply->error, IC_ERR_LIMIT, "an address is longer than %d bytes",
                URL_MOST);
        return reply->verdict;
    }
    request->url = url;
    request->user = api->credentials.user;
    request->password = api->credentials.password;
    request->token = api->credentials.token;
    request->insecure = api->credentials.insecure;
    request->server_certificates = api->credentials.server_certificates;
    request->client_certificate = api->credentials.client_certificate;
    request->timeout = api->timeout;
    request->cancel = &api->cancel;
    request->moved = &api->moved;
    for (int i = 0; again && i <= REDIRECTS; i++) {
        if (api->http->send(api->link, request, &answer, &error) != IC_OK) {
            if (error.status == IC_ERR_USAGE)
                reply->verdict = IC_VERDICT_CLOSED;
            ic_fail(&reply->error, error.status, "%.100s: %s", api->address.shown,
                    error.message);
            return reply->verdict;
        }
        again = follow(api, &answer, url, reply);
        if (!again && reply->error.message[0] == '\0')
            read_reply(api, request->method, path, &answer, reply);
        free(answer.body);
        free(answer.location);
    }
    if (again) {
        reply->verdict = IC_VERDICT_CLOSED;
        ic_fail(&reply->error, IC_ERR_IO, "%.100s redirects requests too many times",
                api->address.shown);
    }
    return reply->verdict;
}

/* Sends a JSON body with a request, whose other fields are set. */
static enum ic_verdict send_json(struct ic_api *api, struct ic_http_request request,
                                 const char *path, const json_t *body,
                                 struct ic_reply *reply)
{
    char *text = NULL;
    enum ic_verdict verdict;

    if (body != NULL) {
        text = ic_jansson_dump(body, JSON_COMPACT | JSON_ENSURE_ASCII,
                               ic_jansson_failures());
        if (text == NULL) {
            *reply = (struct ic_reply){.verdict = IC_VERDICT_LATER};
            ic_fail_memory(&reply->error, "a request", 0);
            return reply->verdict;
        }
        request.content_type = "application/json";
        request.body = text;
        request.size = strlen(text);
    }
    verdict = send(api, &request, "api/2.0/mlflow/", path, reply);
    free(text);
    return verdict;
}

enum ic_verdict ic_api_call(struct ic_api *api, const char *method, const char *path,
                            const json_t *body, struct ic_reply *reply)
{
    const struct ic_http_request request = {.method = method};

    return send_json(api, request, path, body, reply);
}

enum ic_verdict ic_api_create(struct ic_api *api, const char *path, const json_t *body,
                              struct ic_reply *reply)
{
    const struct ic_http_request request = {.method = "POST", .once = true};

    return send_json(api, request, path, body, reply);
}

enum ic_verdict ic_api_put(struct ic_api *api, const char *path, const char *file,
                           size_t size, struct ic_reply *reply)
{
    struct ic_http_request request = {.method = "PUT",
                                      .content_type = "application/octet-stream",
                                      .file = file,
                                      .size = size};

    return send(api, &request, "", path, reply);
}
