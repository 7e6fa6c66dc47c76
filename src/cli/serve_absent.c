/* SPDX-License-Identifier: MIT */
/*
 * `serve` in a build without libmicrohttpd: says how to get a build with it.
 */
#include "cli/serve.h"

const char *ic_serve_describe(void)
{
    return "not built: libmicrohttpd was missing, or --without-serve was given";
}

enum ic_exit ic_serve(const struct ic_serve_options *asked, struct ic_error *error)
{
    (void)asked;
    ic_fail(error, IC_ERR_USAGE,
            "this im2cat was built without serve: install libmicrohttpd (Debian and "
            "Ubuntu: apt-get install libmicrohttpd-dev), then run configure and make "
            "again");
    return IC_EXIT_FAILED;
}
