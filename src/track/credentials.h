/* SPDX-License-Identifier: MIT */
/*
 * The credentials of requests, from the variables that MLflow's own clients read:
 *
 *   MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD   basic, wins over
 *   MLFLOW_TRACKING_TOKEN                                bearer
 *   MLFLOW_TRACKING_INSECURE_TLS=true                    certificates are not checked
 *   MLFLOW_TRACKING_SERVER_CERT_PATH                     a file of trusted certificates
 *   MLFLOW_TRACKING_CLIENT_CERT_PATH                     our certificate with its key
 *
 * A secret is handed to the HTTP library and to nothing else: no message or file has
 * it.
 */
#ifndef IC_TRACK_CREDENTIALS_H
#define IC_TRACK_CREDENTIALS_H

#include "track/address.h"

/* Strings belong to the environment or to the address, which outlive this; or NULL. */
struct ic_credentials {
    const char *user, *password; /* both or none */
    const char *token;           /* used without user and password */
    bool insecure;
    const char *server_certificates, *client_certificate;
};

/* Reads the variables by getenv or a function like it. A name and password in the
 * address replace the first two variables. Refused (IC_ERR_USAGE), by the variable's
 * name: a secret with a control character, which could add lines to a request; an
 * insecure TLS together with a file of certificates. */
ic_status ic_credentials_read(struct ic_credentials *credentials,
                              const struct ic_address *address,
                              char *(*lookup)(const char *name),
                              struct ic_error *error);

#endif
