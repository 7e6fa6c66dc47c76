/* SPDX-License-Identifier: MIT */
/*
 * Signals that ask for a stop, and signals that end the program at once. Each case is a
 * process of its own.
 */
#include "cli/stop.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* Longer than the second after which a user has lost patience. */
static void wait_long(void)
{
    const struct timespec time = {1, 200000000};

    nanosleep(&time, NULL);
}

/* Runs `body` with all signals at their defaults; returns how it ended. */
static int run(void (*body)(void))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP};
    const pid_t child = fork();
    int state = 0;

    if (child == 0) {
        for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
            signal(signals[i], SIG_DFL);
        check_failures = 0;
        body();
        _exit(check_result());
    }
    if (child < 0 || waitpid(child, &state, 0) != child)
        exit(99);
    return state;
}

/* The signal sets the flag and does nothing else. */
static void check_asks(int number)
{
    const atomic_int *stop = ic_stop_on_signals();

    CHECK_INT(*stop, 0);
    raise(number);
    CHECK_INT(*stop, 1);
}

static void by_int(void)
{
    check_asks(SIGINT);
}

static void by_term(void)
{
    check_asks(SIGTERM);
}

static void by_usr1(void)
{
    check_asks(SIGUSR1);
}

static void by_hup(void)
{
    check_asks(SIGHUP);
}

/* As nohup starts it. */
static void hup_that_is_ignored(void)
{
    signal(SIGHUP, SIG_IGN);
    CHECK_INT(*ic_stop_on_signals(), 0);
    raise(SIGHUP);
    CHECK_INT(*ic_stop_on_signals(), 0);
}

/* As a script starts it in the background. */
static void int_that_is_ignored(void)
{
    signal(SIGINT, SIG_IGN);
    check_asks(SIGINT);
}

/* A scheduler's signals, however late, leave the program time to save. */
static void late_signals(void)
{
    check_asks(SIGUSR1);
    wait_long();
    raise(SIGUSR1);
    raise(SIGTERM);
    raise(SIGHUP);
    raise(SIGTERM);
}

/* A terminal and a script may each send one: Ctrl-C that comes at once is the same
 * wish. */
static void early_interrupt(void)
{
    check_asks(SIGTERM);
    raise(SIGINT);
    raise(SIGINT);
}

/* A call that waits goes on after the signal. */
static void waiting_goes_on(void)
{
    const atomic_int *stop = ic_stop_on_signals();
    const struct timespec pause = {.tv_nsec = 50000000};
    int channel[2];
    char byte = 0;
    pid_t child;

    if (pipe(channel) != 0 || (child = fork()) < 0)
        _exit(99);
    if (child == 0) {
        nanosleep(&pause, NULL);
        kill(getppid(), SIGTERM);
        nanosleep(&pause, NULL);
        _exit(write(channel[1], "x", 1) != 1);
    }
    CHECK_INT(read(channel[0], &byte, 1), 1);
    CHECK_INT(*stop, 1);
    CHECK_INT(byte, 'x');
    waitpid(child, NULL, 0);
}

static void late_interrupt(void)
{
    check_asks(SIGTERM);
    wait_long();
    raise(SIGINT);
    CHECK_FAIL("SIGINT did not end the process");
}

int main(void)
{
    int state;

    CHECK_INT(run(by_int), 0);
    CHECK_INT(run(by_term), 0);
    CHECK_INT(run(by_usr1), 0);
    CHECK_INT(run(by_hup), 0);
    CHECK_INT(run(hup_that_is_ignored), 0);
    CHECK_INT(run(int_that_is_ignored), 0);
    CHECK_INT(run(late_signals), 0);
    CHECK_INT(run(early_interrupt), 0);
    CHECK_INT(run(waiting_goes_on), 0);
    state = run(late_interrupt);
    CHECK(WIFSIGNALED(state) && WTERMSIG(state) == SIGINT);
    return check_result();
}
