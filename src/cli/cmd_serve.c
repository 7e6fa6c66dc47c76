/* SPDX-License-Identifier: MIT */
/*
 * im2cat serve: scores pictures that come by HTTP. The work is in serve.c or, in a
 * build without libmicrohttpd, in serve_absent.c.
 */
#include "cli/commands.h"
#include "cli/serve.h"
#include "cli/shared_options.h"

static const struct ic_option table[] = {
    IC_OPTION(struct ic_serve_options, "model", source.path, .value = "FILE",
              .unset = "the file below $AZUREML_MODEL_DIR",
              .help = "weights, as train writes them (model.safetensors)",
              .more = "Other .safetensors files with torchvision's names need --arch, "
                      "--head and --size. Where the option is missing, the folder that "
                      "the environment variable AZUREML_MODEL_DIR names must hold one "
                      ".safetensors file."),
    IC_MODEL_KIND_OPTIONS(struct ic_serve_options, source),
    IC_OPTION(struct ic_serve_options, "name", name, .value = "NAME",
              .unset = "FILE's name without its ending",
              .help = "name of the model in paths, /v2/models/NAME"),
    IC_OPTION(
        struct ic_serve_options, "host", host, .value = "HOST", .fallback = "127.0.0.1",
        .help = "address to listen on; 0.0.0.0: every IPv4 address of the machine"),
    IC_OPTION(struct ic_serve_options, "port", port, .value = "N", .fallback = "8000",
              .min = 0, .max = 65535, .help = "port; 0: any free port"),
    IC_COMPUTE_OPTIONS(struct ic_serve_options, compute),
    IC_OPTION(struct ic_serve_options, "scorers", scorers, .value = "N",
              .fallback = "0", .min = 0, .max = 1024,
              .help = "batches scored at the same time, each by its share of the "
                      "threads; 0: one per thread",
              .more = "One scorer per thread scores the most pictures per second; with "
                      "--scorers 1 all threads work on the same batch, so a single "
                      "picture is answered sooner. The answers are the same."),
    IC_OPTION(struct ic_serve_options, "max-batch", max_batch, .value = "N",
              .fallback = "8", .min = 1, .max = 1024,
              .help = "most pictures to score in one batch"),
    IC_OPTION(struct ic_serve_options, "max-delay", max_delay, .value = "MS",
              .fallback = "0", .min = 0, .max = 10000,
              .help = "milliseconds that a free scorer waits for more pictures to fill "
                      "its batch; 0: it does not wait"),
    IC_OPTION(struct ic_serve_options, "queue", queue, .value = "N", .fallback = "256",
              .min = 1, .max = 1000000,
              .help = "most pictures that may wait, and most pictures of one request; "
                      "when there is no room, the answer is 503 with Retry-After"),
    IC_OPTION(
        struct ic_serve_options, "max-body", max_body, .value = "MIB", .fallback = "16",
        .min = 1, .max = 2048,
        .help = "largest body of a request, in MiB; a larger one is answered with 413"),
    IC_OPTION(struct ic_serve_options, "max-bodies", max_bodies, .value = "MIB",
              .fallback = "512", .min = 1, .max = 1048576,
              .help = "memory for the bodies of all requests together, in MiB; when it "
                      "is full, the answer is 503"),
    IC_OPTION(struct ic_serve_options, "max-connections", max_connections, .value = "N",
              .fallback = "16384", .min = 2, .max = 1000000,
              .help = "most connections at the same time; further ones wait"),
    IC_OPTION(struct ic_serve_options, "timeout", timeout, .value = "SECONDS",
              .fallback = "30", .min = 0.1, .max = 86400,
              .help = "how long a client may take for a request, or for its answer, "
                      "before its connection is cut"),
    IC_OPTION_DECODE(struct ic_serve_options, decode),
    IC_OPTION(struct ic_serve_options, "log", log,
              .help = "prints one line per request on standard error"),
    {0}};

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    return ic_serve(options->values, error);
}

const struct ic_command ic_cmd_serve = {
    .name = "serve",
    .summary = "scores pictures over HTTP",
    .operands = "",
    .text = "Listens for pictures and answers with their classes: POST /score takes a "
            "picture (JPEG, PNG, GIF, ...), a form with several, or JSON with Base64; "
            "/v2/models/NAME/infer speaks the Open Inference Protocol, and /metrics "
            "gives figures to Prometheus. The server has neither TLS nor accounts, so "
            "it belongs behind a front end that has both. SIGHUP reloads the model "
            "file; after SIGTERM or SIGINT the server answers the requests that it has "
            "received and exits with 0.\n",
    .options = table,
    .values_size = sizeof(struct ic_serve_options),
    .run = run,
};
