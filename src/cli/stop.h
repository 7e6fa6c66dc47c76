/* SPDX-License-Identifier: MIT */
/*
 * The flag that is set when a user or a scheduler asks the program to stop.
 */
#ifndef IC_CLI_STOP_H
#define IC_CLI_STOP_H

#include <stdatomic.h>

/* From now on SIGINT, SIGTERM, SIGUSR1 and SIGHUP (where it was not ignored) set the
 * flag, and writing to a closed pipe fails instead of raising SIGPIPE. A SIGINT that
 * comes a second or more after the first of these signals ends the program at once; the
 * other signals never do. */
const atomic_int *ic_stop_on_signals(void);

#endif
