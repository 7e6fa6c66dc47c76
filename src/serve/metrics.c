/* SPDX-License-Identifier: MIT */
/*
 * Counters and histograms behind one lock. See metrics.h.
 */
#include "serve/metrics.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/machine.h"

/* The number of requests of a route with a status code. There are few routes and few
 * codes. A pair that finds no free place counts under the last one. */
struct counted {
    const char *route;
    int code;
    uint64_t requests;
};

enum { PAIRS = 128, BOUNDS = 14 };

/* counts[i] counts the values up to bounds[i] and above the bounds before it. */
struct histogram {
    const char *name, *help;
    double bounds[BOUNDS]; /* zeroes at the end are unused */
    uint64_t counts[BOUNDS], all;
    double sum;
};

struct ic_metrics {
    pthread_mutex_t lock;
    struct counted pairs[PAIRS];
    int pair_count;
    struct histogram requests, batches, batch_seconds;
    uint64_t pictures, loads, failed_loads;
    double start; /* seconds since 1970 */
};

static const struct histogram request_seconds = {
    .name = "im2cat_request_seconds",
    .help =
        "Seconds from the first line of a scoring request to the end of its answer.",
    .bounds = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60},
};
static const struct histogram batch_pictures = {
    .name = "im2cat_batch_pictures",
    .help = "Pictures scored in one batch.",
    .bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024},
};
static const struct histogram batch_seconds = {
    .name = "im2cat_batch_seconds",
    .help = "Seconds to decode and score a batch.",
    .bounds = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60},
};

ic_status ic_metrics_open(struct ic_metrics **ret_metrics, struct ic_error *error)
{
    struct ic_metrics *metrics = calloc(1, sizeof *metrics);

    *ret_metrics = metrics;
    if (metrics == NULL)
        return ic_fail_memory(error, "metrics", sizeof *metrics);
    pthread_mutex_init(&metrics->lock, NULL);
    metrics->requests = request_seconds;
    metrics->batches = batch_pictures;
    metrics->batch_seconds = batch_seconds;
    metrics->start = (double)time(NULL);
    return IC_OK;
}

void ic_metrics_close(struct ic_metrics *metrics)
{
    if (metrics == NULL)
        return;
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

/* --- counting ------------------------------------------------------------------ */

static void observe(struct histogram *histogram, double value)
{
    for (int i = 0; i < BOUNDS && histogram->bounds[i] > 0; i++)
        if (value <= histogram->bounds[i]) {
            histogram->counts[i]++;
            break;
        }
    histogram->all++;
    histogram->sum += value;
}

static struct counted *find_pair(struct ic_metrics *metrics, const char *route,
                                 int code)
{
    for (int i = 0; i < metrics->pair_count; i++) {
        struct counted *pair = &metrics->pairs[i];

        if (pair->code == code && strcmp(pair->route, route) == 0)
            return pair;
    }
    if (metrics->pair_count == PAIRS)
        return &metrics->pairs[PAIRS - 1];
    metrics->pairs[metrics->pair_count] = (struct counted){route, code, 0};
    return &metrics->pairs[metrics->pair_count++];
}

void ic_metrics_request(struct ic_metrics *metrics, const char *route, int code,
                        double seconds, size_t pictures)
{
    pthread_mutex_lock(&metrics->lock);
    find_pair(metrics, route, code)->requests++;
    metrics->pictures += pictures;
    if (pictures > 0)
        observe(&metrics->requests, seconds);
    pthread_mutex_unlock(&metrics->lock);
}

void ic_metrics_batch(struct ic_metrics *metrics, int pictures, double seconds)
{
    pthread_mutex_lock(&metrics->lock);
    observe(&metrics->batches, pictures);
    observe(&metrics->batch_seconds, seconds);
    pthread_mutex_unlock(&metrics->lock);
}

void ic_metrics_load(struct ic_metrics *metrics, bool loaded)
{
    pthread_mutex_lock(&metrics->lock);
    *(loaded ? &metrics->loads : &metrics->failed_loads) += 1;
    pthread_mutex_unlock(&metrics->lock);
}

/* --- the text ------------------------------------------------------------------ */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(FILE *out, const char *name, const char *type, double value,
                   const char *help)
{
    head(out, name, type, help);
    fprintf(out, "%s %.17g\n", name, value);
}

static void print_histogram(FILE *out, const struct histogram *histogram)
{
    const char *name = histogram->name;
    uint64_t below = 0;

    head(out, name, "histogram", histogram->help);
    for (int i = 0; i < BOUNDS && histogram->bounds[i] > 0; i++) {
        below += histogram->counts[i];
        fprintf(out, "%s_bucket{le=\"%g\"} %llu\n", name, histogram->bounds[i],
                (unsigned long long)below);
    }
    fprintf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", name,
            (unsigned long long)histogram->all, name, histogram->sum, name,
            (unsigned long long)histogram->all);
}

static void print_requests(FILE *out, const struct ic_metrics *metrics)
{
    head(out, "im2cat_requests_total", "counter", "Requests by route and HTTP status.");
    for (int i = 0; i < metrics->pair_count; i++)
        fprintf(out, "im2cat_requests_total{route=\"%s\",code=\"%d\"} %llu\n",
                metrics->pairs[i].route, metrics->pairs[i].code,
                (unsigned long long)metrics->pairs[i].requests);
}

static void print_all(FILE *out, const struct ic_metrics *metrics,
                      const struct ic_gauges *gauges)
{
    print_requests(out, metrics);
    number(out, "im2cat_pictures_total", "counter", (double)metrics->pictures,
           "Pictures that were scored and answered.");
    print_histogram(out, &metrics->requests);
    print_histogram(out, &metrics->batches);
    print_histogram(out, &metrics->batch_seconds);
    number(out, "im2cat_model_loads_total", "counter", (double)metrics->loads,
           "Models that were loaded.");
    number(out, "im2cat_model_load_failures_total", "counter",
           (double)metrics->failed_loads, "Models that could not be loaded.");
    number(out, "im2cat_ready", "gauge", gauges->ready,
           "1 when a model is in service.");
    number(out, "im2cat_queue_pictures", "gauge", (double)gauges->waiting,
           "Pictures that wait to be scored.");
    number(out, "im2cat_connections", "gauge", (double)gauges->connections,
           "Connections that are open.");
    number(out, "im2cat_body_bytes", "gauge", (double)gauges->body_bytes,
           "Bytes of request bodies in memory.");
    number(out, "process_resident_memory_bytes", "gauge", (double)ic_machine_rss(),
           "Resident memory of the process.");
    number(out, "process_start_time_seconds", "gauge", metrics->start,
           "When the process started, in seconds since 1970.");
}

char *ic_metrics_text(struct ic_metrics *metrics, const struct ic_gauges *gauges,
                      size_t *ret_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_size);
    bool failed;

    if (out == NULL)
        return NULL;
    pthread_mutex_lock(&metrics->lock);
    print_all(out, metrics, gauges);
    pthread_mutex_unlock(&metrics->lock);
    failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
