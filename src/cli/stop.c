/* SPDX-License-Identifier: MIT */
/*
 * The signals that ask a training to stop. See stop.h.
 *
 * Signals often come twice: timeout(1) signals its child and then the whole group; a
 * terminal signals a program and the script around it, which passes the signal on; a
 * scheduler sends SIGUSR1 some time before the end, and SIGTERM at the end. All of
 * these are one wish, and none may cut short the checkpoint that the first signal has
 * asked for. Whoever will not wait sends SIGKILL. A person has only Ctrl-C, so SIGINT
 * ends the program when a second has passed since the first signal.
 *
 * A SIGHUP that is ignored from the beginning stays ignored, as nohup(1) intends.
 * SIGINT is caught even then, since a shell without job control ignores it for every
 * command that it starts in the background, and kill -INT must reach these commands
 * too.
 *
 * Handlers call only what signal-safety(7) allows. Two may run at a time, in two
 * threads.
 */
#include "cli/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { PATIENCE_MS = 1000 };

static atomic_int stop;
static atomic_llong first_ms; /* when the first signal came; 0: not yet */

static void ask_to_stop(int number)
{
    const int saved = errno;
    struct timespec now;
    long long now_ms, since = 0;

    clock_gettime(CLOCK_MONOTONIC, &now);
    now_ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + 1;
    if (atomic_compare_exchange_strong(&first_ms, &since, now_ms)) {
        stop = 1;
    } else if (number == SIGINT && now_ms - since >= PATIENCE_MS) {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = saved;
}

const atomic_int *ic_stop_on_signals(void)
{
    struct sigaction ask = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART}, hangup;

    sigemptyset(&ask.sa_mask);
    sigaction(SIGINT, &ask, NULL);
    sigaction(SIGTERM, &ask, NULL);
    sigaction(SIGUSR1, &ask, NULL);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &ask, NULL);
    signal(SIGPIPE, SIG_IGN);
    return &stop;
}
