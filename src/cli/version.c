/* SPDX-License-Identifier: MIT */
/*
 * im2cat --version: prints the program's version, and everything that its results and
 * its speed depend on.
 */
#include <gif_lib.h>
#include <jansson.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "backend/registry.h"
#include "base/machine.h"
#include "base/sandbox.h"
#include "cli/serve.h"
#include "cli/version.h"
#include "comm/registry.h"
#include "image/image.h"
#include "track/http.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

#ifdef LIBJPEG_TURBO_VERSION
#define JPEG_NAME "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION)
#else
#define JPEG_NAME "libjpeg " JPEG_VERSION
#endif
#define GIF_NAME \
    "giflib " TEXT(GIFLIB_MAJOR) "." TEXT(GIFLIB_MINOR) "." TEXT(GIFLIB_RELEASE)

/* Prints the device's line about itself: BLAS with its core type, a graphics card. */
static void print_device(const char *name, FILE *stream)
{
    const struct ic_device_options options = {.threads = ic_machine_threads(0)};
    const struct ic_backend *backend;
    struct ic_device *device = NULL;
    struct ic_error error;

    if (ic_backend_find(name, &backend, &error) == IC_OK &&
        backend->open(&options, &device, &error) == IC_OK) {
        fprintf(stream, "device %-6s %s\n", name, backend->describe(device));
        backend->close(device);
    } else {
        fprintf(stream, "device %-6s not usable: %s\n", name, error.message);
    }
}

/* Prints the library that the module for --distributed mpi is built with. */
static void print_mpi(FILE *stream)
{
    const struct ic_transport *transport;
    struct ic_error error;

    if (ic_transport_load("mpi", &transport, &error) == IC_OK)
        fprintf(stream, "MPI           %s\n", transport->describe(NULL));
    else
        fprintf(stream, "MPI           not usable: %s\n", error.message);
}

/* Prints the library that the module for --mlflow is built with. */
static void print_mlflow(FILE *stream)
{
    const struct ic_http *http;
    struct ic_error error;

    if (ic_http_load(&http, &error) == IC_OK)
        fprintf(stream, "MLflow        by %s\n", http->describe());
    else
        fprintf(stream, "MLflow        not usable: %s\n", error.message);
}

void ic_version_print(FILE *stream)
{
    char sandbox[80];

    fprintf(stream, "im2cat " PACKAGE_VERSION "\n");
    fprintf(stream, "compiler      " COMPILER "\n");
    fprintf(stream, "pictures      %s\n", ic_image_formats);
    fprintf(stream, "decoders      " JPEG_NAME ", libpng %s, " GIF_NAME "\n",
            png_get_libpng_ver(NULL));
    fprintf(stream, "files         jansson " JANSSON_VERSION ", zlib %s\n",
            zlibVersion());
    for (int i = 0; ic_backend_names[i] != NULL; i++)
        print_device(ic_backend_names[i], stream);
    print_mpi(stream);
    print_mlflow(stream);
    fprintf(stream, "serve         %s\n", ic_serve_describe());
    ic_sandbox_describe(sandbox, sizeof sandbox);
    fprintf(stream, "sandbox       %s\n", sandbox);
}
