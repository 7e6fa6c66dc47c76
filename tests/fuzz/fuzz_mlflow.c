/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes what an MLflow server answers while a finished run is delivered to it: its
 * parameters, metrics, files and model. The input is a list of answers, each a byte
 * that chooses the status, the body (or the place that a redirect names) and a zero
 * byte; then there is no answer. In place of libcurl stands a module that gives them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jansson.h"
#include "fuzz.h"
#include "track/delivery.h"

/* --- the server ------------------------------------------------------------------- */

static const uint8_t *next, *end;

static const char *describe(void)
{
    return "answers of a fuzzer";
}

static ic_status open_link(struct ic_http_link **ret_link, struct ic_error *error)
{
    *ret_link = NULL;
    return IC_OK;
}

static ic_status answer_next(struct ic_http_link *link,
                             const struct ic_http_request *request,
                             struct ic_http_answer *answer, struct ic_error *error)
{
    static const int statuses[] = {200, 200, 200, 200, 307, 400,
                                   401, 404, 409, 429, 500, 503};
    const uint8_t *body;
    size_t size;

    *answer = (struct ic_http_answer){0};
    if (next >= end)
        return ic_fail(error, IC_ERR_IO, "the server does not answer");
    answer->status = statuses[*next++ % (sizeof statuses / sizeof *statuses)];
    body = next;
    size = strnlen((const char *)body, (size_t)(end - next));
    next += size < (size_t)(end - next) ? size + 1 : size;
    answer->body = strndup((const char *)body, size);
    answer->size = size;
    if (answer->status == 307)
        answer->location = strdup(answer->body);
    answer->retry_after = answer->status == 429 ? 1 : 0;
    fuzz_check(answer->body != NULL && request->url != NULL);
    return IC_OK;
}

static void close_link(struct ic_http_link *link) {}

/* In place of track/http.c, which loads the module. */
ic_status ic_http_load(const struct ic_http **ret_http, struct ic_error *error)
{
    static const struct ic_http http = {describe, open_link, answer_next, close_link};

    *ret_http = &http;
    return IC_OK;
}

/* --- the run ---------------------------------------------------------------------- */

static char folder[64];

static void append(struct ic_outbox *outbox, const char *text)
{
    struct ic_error error;
    json_t *record = ic_jansson_load(text, strlen(text), 0, NULL);

    fuzz_check(record != NULL && ic_outbox_append(outbox, record, &error) == IC_OK);
    json_decref(record);
}

static void put(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    fuzz_check(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        perror(folder);
}

/* A finished run, once: its outbox, a table, and its model. */
static void make_run(struct ic_outbox *outbox)
{
    struct ic_error error;
    char model[96];

    snprintf(folder, sizeof folder, "/dev/shm/im2cat-fuzz-XXXXXX");
    if (mkdtemp(folder) == NULL)
        exit(1);
    atexit(remove_folder);
    fuzz_check(ic_outbox_open(outbox, folder, false, &error) == IC_OK);
    append(outbox,
           "{\"kind\":\"begin\",\"time\":1,\"name\":\"a\",\"experiment\":\"pets\","
           "\"params\":{\"lr\":\"0.1\"},\"tags\":{\"a\":\"b\"},"
           "\"dataset\":{\"name\":\"toy\",\"digest\":\"1\"}}");
    append(outbox,
           "{\"kind\":\"step\",\"step\":1,\"time\":2,\"metrics\":{\"loss\":0.5}}");
    append(outbox, "{\"kind\":\"epoch\",\"epoch\":0,\"step\":1,\"time\":3,\"metrics\":"
                   "{\"error_rate\":\"NaN\"}}");
    append(outbox, "{\"kind\":\"resume\",\"time\":4}");
    append(outbox, "{\"kind\":\"end\",\"step\":1,\"time\":5,\"status\":\"FINISHED\","
                   "\"register\":\"pets@best\"}");
    put("steps.csv", "step\n1\n");
    snprintf(model, sizeof model, "%s/mlflow-model", folder);
    fuzz_check(mkdir(model, 0700) == 0);
    put("mlflow-model/MLmodel", "flavors:\n");
}

/* Delivers from the beginning, until something is refused or all is sent. */
static void deliver(const struct ic_outbox *outbox)
{
    struct ic_api api;
    struct ic_sent sent;
    struct ic_error error = {.message = ""};
    enum ic_verdict verdict = IC_VERDICT_DONE;
    char path[128];

    snprintf(path, sizeof path, "%s/mlflow.json", folder);
    unlink(path); /* nothing is sent yet */
    fuzz_check(ic_api_open(&api, "http://127.0.0.1:5000", NULL, &error) == IC_OK);
    if (ic_sent_open(&sent, folder, &error) == IC_OK) {
        struct ic_delivery delivery = {
            .api = &api, .outbox = outbox, .sent = &sent, .folder = folder};

        fuzz_check(ic_delivery_open(&delivery, &error) == IC_OK);
        for (int i = 0; i < 20 && verdict == IC_VERDICT_DONE; i++) {
            struct ic_reply reply;

            verdict = ic_delivery_step(&delivery, &reply);
            fuzz_check(verdict == reply.verdict);
            if (verdict != IC_VERDICT_DONE)
                fuzz_check_refusal(&reply.error);
            ic_reply_free(&reply);
        }
        ic_delivery_close(&delivery);
        ic_sent_close(&sent);
    }
    ic_api_close(&api);
}

void fuzz_seeds(void)
{
    static const char good[] =
        "\0{\"experiment\":{\"experiment_id\":\"7\"}}\0"
        "\0{\"runs\":[]}\0"
        "\0{\"run\":{\"info\":{\"run_id\":\"abc\",\"experiment_id\":\"7\",\"artifact_"
        "uri\":"
        "\"mlflow-artifacts:/7/abc/artifacts\"}}}\0"
        "\0{}\0\0{}\0\0{}\0\0{}\0\0{}\0\0{}\0\0{}\0\0{}\0"
        "\0{\"model\":{\"info\":{\"model_id\":\"m-1\",\"artifact_uri\":"
        "\"mlflow-artifacts:/7/models/m-1/artifacts\"}}}\0"
        "\0{}\0\0{}\0\0{\"registered_model\":{\"name\":\"pets\"}}\0"
        "\0{\"model_version\":{\"version\":\"1\"}}\0\0{}\0\0{}\0";
    static const char odd[] =
        "\5{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"no\"}\0"
        "\0{\"experiment_id\":\"8\"}\0\4http://127.0.0.1:5000/elsewhere\0\0<html>\0"
        "\12{}\0";

    fuzz_seed(good, sizeof good - 1);
    fuzz_seed(odd, sizeof odd - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct ic_outbox outbox;

    if (folder[0] == '\0')
        make_run(&outbox);
    next = bytes;
    end = bytes + size;
    deliver(&outbox);
    return 0;
}
