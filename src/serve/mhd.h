/* SPDX-License-Identifier: MIT */
/*
 * Loads libmicrohttpd when a server is opened. The program is compiled with its header
 * but not linked to it: the library brings nine more (GnuTLS's), and loading them would
 * lengthen every command's start by a quarter.
 */
#ifndef IC_SERVE_MHD_H
#define IC_SERVE_MHD_H

#include <microhttpd.h>

#include "base/error.h"

/* The functions that are used; each is MHD_ followed by its name. */
#define IC_MHD_FUNCTIONS(use)                                                       \
    use(add_response_header) use(create_response_from_buffer) use(destroy_response) \
        use(get_connection_info) use(lookup_connection_value) use(queue_response)   \
            use(quiesce_daemon) use(resume_connection) use(start_daemon)            \
                use(stop_daemon) use(suspend_connection)

struct ic_mhd {
#define IC_MHD_FIELD(name) __typeof__(&MHD_##name) name;
    IC_MHD_FUNCTIONS(IC_MHD_FIELD)
#undef IC_MHD_FIELD
};

/* Set by ic_mhd_load. */
extern struct ic_mhd ic_mhd;

/* Loads the library, once; one thread at a time. Refused (IC_ERR_IO): the library is
 * missing, or lacks a function. */
ic_status ic_mhd_load(struct ic_error *error);

#endif
