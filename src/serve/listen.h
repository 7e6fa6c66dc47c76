/* SPDX-License-Identifier: MIT */
/*
 * The socket that a server listens on.
 */
#ifndef IC_SERVE_LISTEN_H
#define IC_SERVE_LISTEN_H

#include <stddef.h>

#include "base/error.h"

/* Listens on a host's name or address; port 0 is any free port. *ret_port gets the
 * actual port. The caller closes *ret_fd, which is -1 on failure. */
ic_status ic_listen(const char *host, int port, int *ret_fd, int *ret_port,
                    struct ic_error *error);

/* Raises the limit of open files as far as possible. Returns how many connections fit
 * within it, at most `wanted`. */
size_t ic_listen_room(size_t wanted);

#endif
