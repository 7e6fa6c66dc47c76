/* SPDX-License-Identifier: MIT */
/*
 * Reads credentials. See credentials.h.
 */
#include "track/credentials.h"

#include <string.h>
#include <strings.h>

#define VARIABLE(name) "MLFLOW_TRACKING_" name

/* A variable's text; NULL where it is empty or not set. */
static const char *find(char *(*lookup)(const char *name), const char *name)
{
    const char *text = lookup(name);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static ic_status check_plain(const char *text, const char *name, struct ic_error *error)
{
    for (const char *c = text; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return ic_fail(error, IC_ERR_USAGE, "%s holds a control character", name);
    return IC_OK;
}

ic_status ic_credentials_read(struct ic_credentials *credentials,
                              const struct ic_address *address,
                              char *(*lookup)(const char *name), struct ic_error *error)
{
    const char *insecure = find(lookup, VARIABLE("INSECURE_TLS"));
    ic_status status;

    *credentials = (struct ic_credentials){
        .user = find(lookup, VARIABLE("USERNAME")),
        .password = find(lookup, VARIABLE("PASSWORD")),
        .token = find(lookup, VARIABLE("TOKEN")),
        .insecure = insecure != NULL &&
                    (strcasecmp(insecure, "true") == 0 || strcmp(insecure, "1") == 0),
        .server_certificates = find(lookup, VARIABLE("SERVER_CERT_PATH")),
        .client_certificate = find(lookup, VARIABLE("CLIENT_CERT_PATH")),
    };
    if (credentials->user == NULL || credentials->password == NULL) {
        credentials->user = address->user;
        credentials->password = address->password;
    }
    if (credentials->user != NULL)
        credentials->token = NULL;
    if (credentials->insecure && credentials->server_certificates != NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       VARIABLE("INSECURE_TLS") " and " VARIABLE(
                           "SERVER_CERT_PATH") " exclude each other");
    status = check_plain(credentials->user, VARIABLE("USERNAME"), error);
    if (status == IC_OK)
        status = check_plain(credentials->password, VARIABLE("PASSWORD"), error);
    if (status == IC_OK)
        status = check_plain(credentials->token, VARIABLE("TOKEN"), error);
    return status;
}
