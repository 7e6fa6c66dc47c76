/* SPDX-License-Identifier: MIT */
/*
 * The work of `serve`, in a build with libmicrohttpd (serve.c) and in a build without
 * it (serve_absent.c).
 */
#ifndef IC_CLI_SERVE_H
#define IC_CLI_SERVE_H

#include "cli/command.h"
#include "score/classifier.h"

struct ic_serve_options {
    struct ic_model_source source; /* path NULL: found in AZUREML_MODEL_DIR */
    struct ic_compute compute;     /* threads of all scorers together */
    const char *host, *name, *decode;
    int port, scorers, max_body, max_bodies, max_batch, queue, max_connections;
    double max_delay, timeout; /* milliseconds, seconds */
    bool log;
};

/* Serves until a signal ends it. */
enum ic_exit ic_serve(const struct ic_serve_options *asked, struct ic_error *error);

/* A short name of the library that the program is compiled for; for --version. */
const char *ic_serve_describe(void);

#endif
