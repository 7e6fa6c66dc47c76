/* SPDX-License-Identifier: MIT */
/*
 * Figures of the process and of the machine, named as MLflow shows system metrics. They
 * are read from /proc; a figure that is missing there is left out.
 */
#ifndef IC_TRACK_FIGURES_H
#define IC_TRACK_FIGURES_H

#include <jansson.h>

/* The state that the next reading compares with. All zero before the first. */
struct ic_figures {
    unsigned long long busy, all; /* clock ticks of all processors since they started */
};

/* Adds to an object of metrics: system/cpu_utilization_percentage (of all processors,
 * since the last reading), system/system_memory_usage_megabytes (of the machine),
 * system/process_memory_megabytes (resident) and system/process_cpu_seconds. */
void ic_figures_add(struct ic_figures *figures, json_t *metrics);

#endif
