/* SPDX-License-Identifier: MIT */
/*
 * The flag that a user's or a scheduler's wish to stop sets.
 */
#ifndef IC_CLI_STOP_H
#define IC_CLI_STOP_H

#include <stdatomic.h>

/* From now on SIGINT, SIGTERM, SIGUSR1 and SIGHUP (where it was not ignored) set the
 * flag, and a reader that goes away is met by a failing write instead of SIGPIPE. A
 * SIGINT that comes a second or more after the first of these signals ends the program
 * at once; the others never do. */
const atomic_int *ic_stop_on_signals(void);

#endif
