/* SPDX-License-Identifier: MIT */
/*
 * Reads /proc/self/cgroup and the limits below /sys/fs/cgroup. A file that is missing
 * or not understood sets no limit.
 *
 * A limit of any group above ours holds for us too, so the path is walked up to the
 * mount point. Where the container's own group is mounted at that point, the path of
 * /proc/self/cgroup leads nowhere, and the walk ends at the right group all the same.
 *
 * Sources: cgroups(7); the kernel's Documentation/admin-guide/cgroup-v2.rst ("cpu.max",
 * "memory.max") and cgroup-v1/memory.rst; Documentation/scheduler/sched-bwc.rst.
 */
#include "base/cgroup.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 4096 };

/* The smallest limits seen. */
struct limits {
    double cpus;
    uint64_t memory;
};

/* Reads the first line of the file folder/name; false on failure. */
static bool first_line(const char *folder, const char *name, char *line, int size)
{
    char path[PATH_BYTES];
    FILE *stream;
    bool found;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return false;
    stream = fopen(path, "re");
    if (stream == NULL)
        return false;
    found = fgets(line, size, stream) != NULL;
    fclose(stream);
    return found;
}

static void limit_cpus(struct limits *limits, double quota, double period)
{
    if (quota > 0 && period > 0)
        limits->cpus = fmin(limits->cpus, quota / period);
}

static void limit_memory(struct limits *limits, const char *line)
{
    char *end;
    const unsigned long long bytes = strtoull(line, &end, 10);

    if (end != line && bytes < limits->memory)
        limits->memory = bytes;
}

/* Reads the limits that one group sets; the values "max" and -1 set none. */
static void read_group(struct limits *limits, const char *folder)
{
    char line[LINE_BYTES], other[LINE_BYTES];
    double quota, period;

    if (first_line(folder, "cpu.max", line, sizeof line) &&
        sscanf(line, "%lf %lf", &quota, &period) == 2)
        limit_cpus(limits, quota, period);
    if (first_line(folder, "cpu.cfs_quota_us", line, sizeof line) &&
        first_line(folder, "cpu.cfs_period_us", other, sizeof other))
        limit_cpus(limits, strtod(line, NULL), strtod(other, NULL));
    if (first_line(folder, "memory.max", line, sizeof line) ||
        first_line(folder, "memory.limit_in_bytes", line, sizeof line))
        limit_memory(limits, line);
}

/* Reads the groups from mount/path up to the mount point itself. */
static void read_groups(struct limits *limits, const char *mount, const char *path)
{
    const size_t top = strlen(mount);
    char folder[PATH_BYTES];

    if (snprintf(folder, sizeof folder, "%s%s", mount, path) >= (int)sizeof folder)
        return;
    read_group(limits, folder);
    for (char *slash; (slash = strrchr(folder + top, '/')) != NULL;) {
        *slash = '\0';
        read_group(limits, folder);
    }
}

/* Whether the comma-separated list has the word. */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* Reads a line of /proc/self/cgroup, ID:CONTROLLERS:PATH; version 2 has no controllers.
 */
static void read_line(struct limits *limits, const char *root, char *line)
{
    static const char *const mounts[][2] = {
        {"", "/sys/fs/cgroup"},
        {"", "/sys/fs/cgroup/unified"},
        {"cpu", "/sys/fs/cgroup/cpu"},
        {"memory", "/sys/fs/cgroup/memory"},
    };
    char *controllers = strchr(line, ':'), *path, mount[PATH_BYTES];

    if (controllers == NULL || (path = strchr(controllers + 1, ':')) == NULL)
        return;
    controllers++;
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        const bool unified = mounts[i][0][0] == '\0';

        if (unified ? controllers[0] != '\0' : !has_word(controllers, mounts[i][0]))
            continue;
        if (snprintf(mount, sizeof mount, "%s%s", root, mounts[i][1]) <
            (int)sizeof mount)
            read_groups(limits, mount, path);
    }
}

static struct limits read_limits(const char *root)
{
    struct limits limits = {INFINITY, UINT64_MAX};
    char path[PATH_BYTES], line[LINE_BYTES];
    FILE *stream;

    if (snprintf(path, sizeof path, "%s/proc/self/cgroup", root) >= (int)sizeof path)
        return limits;
    stream = fopen(path, "re");
    if (stream == NULL)
        return limits;
    while (fgets(line, sizeof line, stream) != NULL)
        read_line(&limits, root, line);
    fclose(stream);
    return limits;
}

double ic_cgroup_cpus(const char *root)
{
    return read_limits(root).cpus;
}

uint64_t ic_cgroup_memory(const char *root)
{
    return read_limits(root).memory;
}
