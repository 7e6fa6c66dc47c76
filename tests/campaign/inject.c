/* SPDX-License-Identifier: MIT */
/*
 * A library to preload (LD_PRELOAD), which lets calls of a program fail, of its own
 * code and of its libraries. IM2CAT_INJECT says what, the N-th counted from 1 and from
 * the begin of main:
 *
 *   alloc:N      the N-th allocation fails
 *   alloc:N+     the N-th and all later ones fail
 *   short:N      the N-th and all later read, pread, write and pwrite handle one byte
 *   clock:N:S    from the N-th reading of a clock on, the wall clock is S seconds off,
 *                and the monotonic one, where S is positive (no kernel sets it back)
 *
 * IM2CAT_INJECT_COUNT names a file that gets, at the end of main, how many there were.
 * The functions behind the allocator's are glibc's own names for them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static enum { NOTHING, ALLOC, SHORT, CLOCK } kind;
static long chosen, seconds;
static bool onwards, in_main;
static atomic_long count;

/* Whether this call of the kind is to fail. */
static bool hit(int of)
{
    long number;

    if (!in_main || kind != (unsigned)of)
        return false;
    number = atomic_fetch_add(&count, 1) + 1;
    return number == chosen || (onwards && number > chosen);
}

static bool no_memory(void)
{
    if (!hit(ALLOC))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return no_memory() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return no_memory() ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    return no_memory() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (no_memory())
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

ssize_t read(int file, void *bytes, size_t size)
{
    return syscall(SYS_read, file, bytes, size > 1 && hit(SHORT) ? 1 : size);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    return syscall(SYS_write, file, bytes, size > 1 && hit(SHORT) ? 1 : size);
}

ssize_t pread(int file, void *bytes, size_t size, off_t offset)
{
    return syscall(SYS_pread64, file, bytes, size > 1 && hit(SHORT) ? 1 : size, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    return syscall(SYS_pwrite64, file, bytes, size > 1 && hit(SHORT) ? 1 : size,
                   offset);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const int result = (int)syscall(SYS_clock_gettime, clock, now);

    if (hit(CLOCK) && (clock == CLOCK_REALTIME || seconds > 0))
        now->tv_sec += seconds;
    return result;
}

time_t time(time_t *ret_now)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now != NULL)
        *ret_now = now.tv_sec;
    return now.tv_sec;
}

/* --- from main to its end --------------------------------------------------------- */

static int (*real_main)(int argc, char **argv, char **environment);

static int count_file = -1; /* opened before main, which may give up writing files */

static void write_count(void)
{
    char text[32];
    int size;

    in_main = false;
    if (count_file < 0)
        return;
    size = snprintf(text, sizeof text, "%ld\n", atomic_load(&count));
    if (syscall(SYS_write, count_file, text, size) != size)
        _exit(98);
    close(count_file);
}

static int counted_main(int argc, char **argv, char **environment)
{
    int result;

    in_main = true;
    result = real_main(argc, argv, environment);
    write_count();
    return result;
}

static void read_order(void)
{
    const char *order = getenv("IM2CAT_INJECT");
    const char *path = getenv("IM2CAT_INJECT_COUNT");
    char more = 0;

    if (path != NULL)
        count_file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (order == NULL)
        return;
    if (sscanf(order, "alloc:%ld%c", &chosen, &more) >= 1)
        kind = ALLOC;
    else if (sscanf(order, "short:%ld", &chosen) == 1)
        kind = SHORT;
    else if (sscanf(order, "clock:%ld:%ld", &chosen, &seconds) == 2)
        kind = CLOCK;
    onwards = kind != ALLOC || more == '+';
}

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                      void *stack_end);
int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                      void *stack_end)
{
    int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void),
                 void (*)(void), void (*)(void), void *);

    *(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = program;
    read_order();
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
