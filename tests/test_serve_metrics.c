/* SPDX-License-Identifier: MIT */
/*
 * The histograms of /metrics: a bucket counts what is at most its bound, and all that
 * the buckets before it count.
 */
#include "check.h"
#include "serve/metrics.h"

static void check_line(const char *text, const char *line)
{
    if (strstr(text, line) == NULL)
        CHECK_FAIL("no line \"%s\"", line);
}

int main(void)
{
    const struct ic_gauges gauges = {.ready = true, .waiting = 3};
    struct ic_metrics *metrics = NULL;
    struct ic_error error;
    char *text;
    size_t size;

    CHECK_OK(ic_metrics_open(&metrics, &error));
    ic_metrics_batch(metrics, 1, 0.5);
    ic_metrics_batch(metrics, 2, 0.5);
    ic_metrics_batch(metrics, 3, 0.5);
    ic_metrics_batch(metrics, 5000, 0.5);
    text = ic_metrics_text(metrics, &gauges, &size);
    CHECK(text != NULL && strlen(text) == size);
    check_line(text, "im2cat_batch_pictures_bucket{le=\"1\"} 1\n");
    check_line(text, "im2cat_batch_pictures_bucket{le=\"2\"} 2\n");
    check_line(text, "im2cat_batch_pictures_bucket{le=\"4\"} 3\n");
    check_line(text, "im2cat_batch_pictures_bucket{le=\"1024\"} 3\n");
    check_line(text, "im2cat_batch_pictures_bucket{le=\"+Inf\"} 4\n");
    check_line(text, "im2cat_batch_pictures_count 4\n");
    check_line(text, "im2cat_batch_pictures_sum 5006\n");
    free(text);
    ic_metrics_close(metrics);
    return check_result();
}
