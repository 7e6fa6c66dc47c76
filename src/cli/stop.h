/*
 * The flag that a user's or a scheduler's wish to stop sets.
 */
#ifndef IC_CLI_STOP_H
#define IC_CLI_STOP_H

#include <stdatomic.h>

/* From now on SIGINT and SIGTERM set the flag, and a reader that goes away is met by a
 * failing write instead of SIGPIPE. A signal that comes a second or more after the
 * first ends the program at once. */
const atomic_int *ic_stop_on_signals(void);

#endif
