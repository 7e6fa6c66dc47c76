/* SPDX-License-Identifier: MIT */
/*
 * `serve`: starts a server, loads its model while it already listens, and waits for
 * signals. SIGTERM and SIGINT end it, SIGHUP reloads the model file.
 *
 * Handlers take the signals, in whichever thread: a BLAS has threads of its own before
 * main begins, and these block nothing, so that waiting for blocked signals would not
 * work. A signal that comes while a model loads takes effect once it is loaded.
 */
#include "cli/serve.h"

#include <errno.h>
#include <microhttpd.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/machine.h"
#include "base/text.h"
#include "base/word.h"
#include "serve/model_folder.h"
#include "serve/server.h"

const char *ic_serve_describe(void)
{
    static char text[64];

    snprintf(text, sizeof text, "libmicrohttpd %x.%x.%x", (unsigned)MHD_VERSION >> 24,
             (unsigned)MHD_VERSION >> 16 & 0xff, (unsigned)MHD_VERSION >> 8 & 0xff);
    return text;
}

/* --- messages ------------------------------------------------------------------ */

/* Writes one line per request, in one piece, since several threads write. */
static void log_access(void *context, const struct ic_access *access)
{
    const time_t now = time(NULL);
    char line[512], when[32];
    struct tm utc;

    (void)context;
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    snprintf(line, sizeof line,
             "%s %s %d request=%zu answer=%zu pictures=%zu seconds=%.4f %s %.200s",
             when, access->client, access->status, access->request_bytes,
             access->answer_bytes, access->pictures, access->seconds, access->method,
             access->path);
    ic_text_clean(line);
    fprintf(stderr, "%s\n", line);
}

static void say_model(struct ic_server *server, const char *path, int scorers,
                      int batch)
{
    struct ic_served *served = ic_server_model(server);
    const struct ic_model *model = ic_classifier_model(served->classifier);
    char first[160] = "";
    size_t length = 0;

    for (int i = 0; i < model->class_count && length < sizeof first - 1; i++)
        length += (size_t)snprintf(first + length, sizeof first - length, "%s%s",
                                   i > 0 ? ", " : "", model->classes[i]);
    ic_command_complain("serving %s: %s, %d x %d pixels, %d classes (%s%s); %d "
                        "scorers, batches of up to %d",
                        path, model->arch, model->size, model->size, model->class_count,
                        first, length >= sizeof first ? " ..." : "", scorers, batch);
    ic_served_leave(served);
}

/* --- the signals --------------------------------------------------------------- */

static sem_t awake;
static atomic_int end, reload;

static void take_signal(int number)
{
    const int saved = errno;

    *(number == SIGHUP ? &reload : &end) = 1;
    sem_post(&awake);
    errno = saved;
}

/* Installs handlers, with the signals blocked in this thread, so that the threads it
 * starts block them, too. `ret_before` gets what was blocked before. */
static void catch_signals(sigset_t *ret_before)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction take = {.sa_handler = take_signal, .sa_flags = SA_RESTART};
    sigset_t signals;

    sem_init(&awake, 0, 0);
    sigemptyset(&take.sa_mask);
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&signals, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &signals, ret_before);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &take, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Says why a reload failed; where the sandbox refused it, what the server may read. */
static void say_failure(const struct ic_error *error, const char *const *readable)
{
    if (error->cause == EACCES && readable != NULL)
        ic_command_complain("the previous model stays in service: %s (the server may "
                            "read only below %s and %s: start it anew for a model "
                            "elsewhere)",
                            error->message, readable[0], readable[1]);
    else
        ic_command_complain("the previous model stays in service: %s", error->message);
}

static void wait_for_end(struct ic_server *server, const struct ic_model_source *source,
                         int scorers, int batch, const char *const *readable)
{
    while (!end) {
        struct ic_error error = {.message = ""};

        if (sem_wait(&awake) != 0 || !atomic_exchange(&reload, 0) || end)
            continue;
        if (ic_server_load(server, source, &error) == IC_OK)
            say_model(server, source->path, scorers, batch);
        else
            say_failure(&error, readable);
    }
}

/* --- the server ---------------------------------------------------------------- */

static struct ic_server_options server_options(const struct ic_serve_options *asked,
                                               const char *name)
{
    const int threads = ic_machine_threads(asked->compute.threads);
    const int scorers = asked->scorers > 0 ? asked->scorers : threads;

    return (struct ic_server_options){
        .host = asked->host,
        .port = asked->port,
        .model_name = name,
        .service = {.compute = asked->compute,
                    .decode = ic_word_index(ic_decode_names, asked->decode),
                    .workers = scorers,
                    .queue = {.room = (size_t)asked->queue,
                              .batch = asked->max_batch,
                              .delay = asked->max_delay / 1000}},
        .max_body = (size_t)asked->max_body << 20,
        .max_bodies = (size_t)asked->max_bodies << 20,
        .connections = (size_t)asked->max_connections,
        .timeout = asked->timeout,
        .log = asked->log ? log_access : NULL,
    };
}

/* `readable`: for the sandbox, NULL for none. */
static ic_status serve(const struct ic_serve_options *asked,
                       const struct ic_model_source *source, const char *name,
                       const char *const *readable, struct ic_error *error)
{
    struct ic_server_options options = server_options(asked, name);
    struct ic_server *server;
    sigset_t before;
    ic_status status;

    options.readable = readable;
    catch_signals(&before);
    status = ic_server_open(&options, &server, error);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != IC_OK)
        return status;
    ic_command_complain(
        "listens on http://%s%s%s:%d for model %s", strchr(asked->host, ':') ? "[" : "",
        asked->host, strchr(asked->host, ':') ? "]" : "", ic_server_port(server), name);
    if (ic_server_connections(server) < options.connections)
        ic_command_complain("only %zu of %d connections fit the limit of open files: "
                            "raise it (ulimit -n)",
                            ic_server_connections(server), asked->max_connections);
    status = ic_server_load(server, source, error);
    if (status == IC_OK) {
        say_model(server, source->path, options.service.workers, asked->max_batch);
        wait_for_end(server, source, options.service.workers, asked->max_batch,
                     readable);
    }
    ic_server_close(server);
    return status;
}

/* Serves in a sandbox that lets the process read the model's folders, for a reload, and
 * what the system tells of memory and processors. */
static ic_status serve_in_sandbox(const struct ic_serve_options *asked,
                                  const struct ic_model_source *source,
                                  const char *name, struct ic_error *error)
{
    struct ic_model_folders folders;
    ic_status status = ic_model_folders_find(source->path, &folders, error);
    const char *const readable[] = {folders.named, folders.real, "/proc", "/sys", NULL};

    if (status == IC_OK)
        status =
            serve(asked, source, name,
                  ic_backend_built_in(asked->compute.device) ? readable : NULL, error);
    ic_model_folders_free(&folders);
    return status;
}

enum ic_exit ic_serve(const struct ic_serve_options *asked, struct ic_error *error)
{
    const char *folder = getenv("AZUREML_MODEL_DIR");
    struct ic_model_source source = asked->source;
    char *found = NULL, *stem = NULL;
    ic_status status = IC_OK;

    if (source.path == NULL && (folder == NULL || folder[0] == '\0')) {
        ic_fail(error, IC_ERR_USAGE, "serve needs --model FILE");
        return IC_EXIT_USAGE;
    }
    if (source.path == NULL) {
        status = ic_model_folder_find(folder, &found, error);
        source.path = found;
    }
    if (status == IC_OK && asked->name == NULL &&
        (stem = ic_model_name_of(source.path)) == NULL)
        status = ic_fail_memory(error, "a name", strlen(source.path));
    if (status == IC_OK)
        status =
            serve_in_sandbox(asked, &source, asked->name ? asked->name : stem, error);
    free(stem);
    free(found);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}
