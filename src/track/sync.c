/* SPDX-License-Identifier: MIT */
/*
 * Sends the records that a run has left unsent. See tracker.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "track/tracker.h"
#include "track/tracking.h"

/* Seconds without progress after which sending gives up. */
static const double patience = 60;

/* Opens the server that the user named, or else the one that the folder names, which
 * gets no credentials. */
static ic_status open_server(struct ic_tracking *tracking, const char *folder,
                             const char *server, struct ic_error *error)
{
    const char *address =
        strcmp(server, "auto") == 0 ? getenv("MLFLOW_TRACKING_URI") : server;
    ic_status status = ic_sent_open(&tracking->sent, folder, error);

    if (status != IC_OK)
        return status;
    if (address != NULL && address[0] != '\0')
        return ic_api_open(&tracking->api, address, getenv, error);
    if (tracking->sent.address == NULL)
        return ic_fail(
            error, IC_ERR_USAGE,
            "the run in %s does not record an MLflow server: give --mlflow URI",
            folder);
    return ic_api_open(&tracking->api, tracking->sent.address, NULL, error);
}

ic_status ic_tracker_sync(const char *folder, const char *server,
                          const struct ic_train_events *shown, struct ic_error *error)
{
    struct ic_tracking tracking = {0};
    char *path = ic_file_join(folder, "mlflow.outbox");
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (!ic_file_is_folder(folder))
        status = ic_fail(error, IC_ERR_IO, "there is no run folder %s", folder);
    else if (!ic_file_exists(path))
        status = ic_fail(error, IC_ERR_USAGE,
                         "%s has no mlflow.outbox: the run was not tracked (train "
                         "--mlflow)",
                         folder);
    else
        status = ic_outbox_open(&tracking.outbox, folder, true, error);
    free(path);
    if (status == IC_OK)
        status = open_server(&tracking, folder, server, error);
    if (status == IC_OK)
        status = ic_tracking_start(&tracking, folder, error);
    if (status == IC_OK)
        status = ic_tracking_finish(&tracking, patience, shown, error);
    ic_tracking_close(&tracking);
    return status;
}
