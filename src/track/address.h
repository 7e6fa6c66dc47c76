/* SPDX-License-Identifier: MIT */
/*
 * The address of an MLflow server, as MLFLOW_TRACKING_URI has it.
 *
 *   http://HOST[:PORT][/PATH], https://...   the server, or a path of a proxy to it
 *   azureml://HOST/mlflow/v1.0/SCOPE         Azure Machine Learning: plain https to
 *                                            https://HOST/mlflow/v2.0/SCOPE
 *
 * A name and a password before the host are removed at once: the address is shown and
 * stored without them.
 */
#ifndef IC_TRACK_ADDRESS_H
#define IC_TRACK_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* All zero is none. */
struct ic_address {
    char *base;            /* where requests go, without a slash at its end */
    char *shown;           /* as the user wrote it, without name and password */
    char *user, *password; /* from the address, decoded; or NULL */
    bool azure;
};

/* Reads an address. Refused (IC_ERR_USAGE), shown without a possible password: other
 * schemes, no host, an invalid port, a query, characters that no address has. */
ic_status ic_address_read(struct ic_address *address, const char *text,
                          struct ic_error *error);
void ic_address_free(struct ic_address *address);

/* Whether a request that was sent to the URL `from` may be sent to `to` with its
 * credentials: the same host and port by the same scheme, or the same host by https
 * instead of http. */
bool ic_address_may_follow(const char *from, const char *to);

/* Appends a copy of `text` to the string `out` of `size` bytes, with %XX for every byte
 * but letters, digits and "-._~"; false where it does not fit. */
bool ic_address_escape(char *out, size_t size, const char *text);

#endif
