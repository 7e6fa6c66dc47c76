/* SPDX-License-Identifier: MIT */
/*
 * Reads /proc. See figures.h.
 */
#include "track/figures.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/machine.h"

static void add_cpu(struct ic_figures *figures, json_t *metrics)
{
    FILE *file = fopen("/proc/stat", "r");
    unsigned long long ticks[8] = {0}, all = 0, idle;
    int found = 0;

    if (file == NULL)
        return;
    found = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0],
                   &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6],
                   &ticks[7]);
    fclose(file);
    if (found < 5)
        return;
    for (int i = 0; i < found; i++)
        all += ticks[i];
    idle = ticks[3] + ticks[4];
    if (figures->all > 0 && all > figures->all)
        json_object_set_new(metrics, "system/cpu_utilization_percentage",
                            json_real(100.0 * (double)(all - idle - figures->busy) /
                                      (double)(all - figures->all)));
    figures->all = all;
    figures->busy = all - idle;
}

static void add_memory(json_t *metrics)
{
    FILE *file = fopen("/proc/meminfo", "r");
    unsigned long long total = 0, available = 0;
    char line[128];

    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "MemTotal: %llu", &total);
        sscanf(line, "MemAvailable: %llu", &available);
    }
    fclose(file);
    if (total > 0 && available > 0 && available <= total)
        json_object_set_new(metrics, "system/system_memory_usage_megabytes",
                            json_real((double)(total - available) * 1024 / 1e6));
}

void ic_figures_add(struct ic_figures *figures, json_t *metrics)
{
    struct timespec time;

    add_cpu(figures, metrics);
    add_memory(metrics);
    json_object_set_new(metrics, "system/process_memory_megabytes",
                        json_real((double)ic_machine_rss() / 1e6));
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0)
        json_object_set_new(
            metrics, "system/process_cpu_seconds",
            json_real((double)time.tv_sec + (double)time.tv_nsec / 1e9));
}
