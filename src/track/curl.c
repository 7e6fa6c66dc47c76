/* SPDX-License-Identifier: MIT */
/*
 * Sends requests by libcurl: the only file of the module im2cat-mlflow.so. See http.h.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/module.h"
#include "track/http.h"
#include "track/interface.h"

struct ic_http_link {
    CURL *curl; /* keeps the connection */
};

/* What one request's callbacks share. */
struct exchange {
    const struct ic_http_request *request;
    struct ic_http_answer *answer;
    int file;       /* the descriptor, or -1 */
    size_t sent;    /* bytes of the body */
    bool too_large; /* the answer */
    int file_errno; /* why the file cannot be read; 0: no failure */
};

static const char *describe(void)
{
    static char text[80];

    snprintf(text, sizeof text, "libcurl %s",
             curl_version_info(CURLVERSION_NOW)->version);
    return text;
}

static ic_status open_link(struct ic_http_link **ret_link, struct ic_error *error)
{
    struct ic_http_link *link = calloc(1, sizeof *link);

    *ret_link = NULL;
    if (link == NULL)
        return ic_fail_memory(error, "a connection", sizeof *link);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (link->curl = curl_easy_init()) == NULL) {
        free(link);
        return ic_fail(error, IC_ERR_IO, "libcurl cannot be started");
    }
    *ret_link = link;
    return IC_OK;
}

static void close_link(struct ic_http_link *link)
{
    if (link == NULL)
        return;
    curl_easy_cleanup(link->curl);
    free(link);
}

/* --- callbacks of libcurl ------------------------------------------------------- */

static size_t take_answer(char *bytes, size_t unit, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct ic_http_answer *answer = exchange->answer;
    char *grown;

    exchange->too_large = count > IC_HTTP_ANSWER_MOST - answer->size;
    if (exchange->too_large)
        return 0;
    grown = realloc(answer->body, answer->size + count + 1);
    if (grown == NULL)
        return 0;
    memcpy(grown + answer->size, bytes, count);
    answer->body = grown;
    answer->size += count;
    grown[answer->size] = '\0';
    return count;
}

static size_t give_body(char *out, size_t unit, size_t room, void *context)
{
    struct exchange *exchange = context;
    const struct ic_http_request *request = exchange->request;
    const size_t left = request->size - exchange->sent;
    size_t count = left < room ? left : room;

    if (exchange->file >= 0) {
        const ssize_t got = pread(exchange->file, out, count, (off_t)exchange->sent);

        if (got < 0 || (got == 0 && count > 0)) { /* the file has become shorter */
            exchange->file_errno = got < 0 ? errno : EIO;
            return CURL_READFUNC_ABORT;
        }
        count = (size_t)got;
    } else if (count > 0) {
        memcpy(out, (const char *)request->body + exchange->sent, count);
    }
    exchange->sent += count;
    return count;
}

/* libcurl rewinds a body to send it again when a kept connection turned out closed. */
static int seek_body(void *context, curl_off_t offset, int origin)
{
    struct exchange *exchange = context;

    if (origin != SEEK_SET || offset < 0 ||
        (unsigned long long)offset > exchange->request->size)
        return CURL_SEEKFUNC_FAIL;
    exchange->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static int look(void *context, curl_off_t all_down, curl_off_t down, curl_off_t all_up,
                curl_off_t up)
{
    const struct exchange *exchange = context;
    const struct ic_http_request *request = exchange->request;

    if (request->moved != NULL)
        *request->moved = up;
    return request->cancel != NULL && *request->cancel;
}

/* --- one request ------------------------------------------------------------------ */

static void set_credentials(CURL *curl, const struct ic_http_request *request)
{
    if (request->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
    } else if (request->token != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request->token);
    }
    if (request->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (request->server_certificates != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->server_certificates);
    if (request->client_certificate != NULL)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, request->client_certificate);
}

static void set_body(CURL *curl, struct exchange *exchange)
{
    const struct ic_http_request *request = exchange->request;

    if (strcmp(request->method, "GET") == 0) {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        return;
    }
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->size);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, exchange);
}

/* "Expect: 100-continue" would cost a second with servers that do not know it. The
 * caller frees the list; NULL when out of memory. */
static struct curl_slist *make_headers(const struct ic_http_request *request)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"), *grown;
    char line[200];

    if (list == NULL || request->content_type == NULL)
        return list;
    snprintf(line, sizeof line, "Content-Type: %s", request->content_type);
    grown = curl_slist_append(list, line);
    if (grown == NULL)
        curl_slist_free_all(list);
    return grown;
}

static void set_options(CURL *curl, struct exchange *exchange,
                        struct curl_slist *headers, char *message)
{
    const struct ic_http_request *request = exchange->request;
    const long timeout = request->timeout < 1 ? 1 : (long)request->timeout;

    curl_easy_reset(curl); /* keeps connections */
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "im2cat/" PACKAGE_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, (long)request->once);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, timeout < 10 ? timeout : 10L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, timeout);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
    set_credentials(curl, request);
    set_body(curl, exchange);
}

/* Reads the answer's status and headers. */
static ic_status read_answer(CURL *curl, struct ic_http_answer *answer,
                             struct ic_error *error)
{
    long status = 0;
    curl_off_t retry_after = 0;
    char *location = NULL;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
    answer->status = (int)status;
    answer->retry_after = (double)retry_after;
    if (answer->body == NULL)
        answer->body = calloc(1, 1);
    if (location != NULL)
        answer->location = strdup(location);
    if (answer->body == NULL || (location != NULL && answer->location == NULL))
        return ic_fail_memory(error, "an answer", 0);
    return IC_OK;
}

/* Whether another attempt must end the same way: certificates, an address. */
static bool is_lasting(CURLcode code)
{
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return true;
    default:
        return false;
    }
}

/* Says why libcurl gave up, without its error numbers. */
static ic_status fail(const struct exchange *exchange, CURLcode code,
                      const char *message, struct ic_error *error)
{
    if (exchange->file_errno != 0) {
        errno = exchange->file_errno;
        return ic_fail_errno(error, "cannot read %s", exchange->request->file);
    }
    if (exchange->too_large)
        return ic_fail(error, IC_ERR_IO, "the answer is larger than %d bytes",
                       IC_HTTP_ANSWER_MOST);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ic_fail(error, IC_ERR_IO, "no answer came in time");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return ic_fail(error, IC_ERR_IO, "no answer came for %.0f seconds",
                       exchange->request->timeout);
    return ic_fail(error, is_lasting(code) ? IC_ERR_USAGE : IC_ERR_IO, "%s",
                   message[0] != '\0' ? message : curl_easy_strerror(code));
}

static ic_status send_request(struct ic_http_link *link,
                              const struct ic_http_request *request,
                              struct ic_http_answer *answer, struct ic_error *error)
{
    struct exchange exchange = {.request = request, .answer = answer, .file = -1};
    struct curl_slist *headers = make_headers(request);
    char message[CURL_ERROR_SIZE] = "";
    ic_status status = IC_OK;
    CURLcode code;

    *answer = (struct ic_http_answer){0};
    if (headers == NULL)
        return ic_fail_memory(error, "a request", 0);
    if (request->file != NULL) {
        exchange.file = open(request->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (exchange.file < 0)
            status = ic_fail_errno(error, "cannot read %s", request->file);
    }
    if (status == IC_OK) {
        set_options(link->curl, &exchange, headers, message);
        code = curl_easy_perform(link->curl);
        status = code == CURLE_OK ? read_answer(link->curl, answer, error)
                                  : fail(&exchange, code, message, error);
    }
    curl_easy_setopt(link->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    if (exchange.file >= 0)
        close(exchange.file);
    if (status != IC_OK) {
        free(answer->body);
        free(answer->location);
        *answer = (struct ic_http_answer){0};
    }
    return status;
}

static const struct ic_http table = {
    .describe = describe,
    .open = open_link,
    .send = send_request,
    .close = close_link,
};

extern const struct ic_module ic_http_module;
const struct ic_module ic_http_module = {PACKAGE_VERSION, IC_TRACK_INTERFACE, &table};
