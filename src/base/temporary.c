/* SPDX-License-Identifier: MIT */
/*
 * Draws temporary names. See temporary.h.
 */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#include <sys/random.h> /* getentropy, which others have in unistd.h */
#endif

enum { TRIES = 100 };

/* Where the system gives no random numbers, names differ by the time, and O_EXCL guards
 * against a collision. */
static uint64_t draw(void)
{
    uint64_t number;
    struct timespec now = {0};

    if (getentropy(&number, sizeof number) == 0)
        return number;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec +
           (uint64_t)getpid();
}

void ic_temporary_name(char *name, const char *path)
{
    sprintf(name, "%s.tmp-%012" PRIx64, path, draw() & UINT64_C(0xffffffffffff));
}

int ic_temporary_file(char *name, const char *path)
{
    int descriptor = -1;

    for (int i = 0; i < TRIES && descriptor < 0; i++) {
        ic_temporary_name(name, path);
        descriptor =
            open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (descriptor < 0 && errno != EEXIST)
            break;
    }
    return descriptor;
}
