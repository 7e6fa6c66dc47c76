/* SPDX-License-Identifier: MIT */
/*
 * Sends files of the run folder as artifacts of the run, through the server's own store
 * of artifacts (mlflow server --serve-artifacts, the default).
 */
#ifndef IC_TRACK_UPLOAD_H
#define IC_TRACK_UPLOAD_H

#include "track/api.h"

/* Sends a file as NAME below an artifact_uri. REFUSED, without a request: artifacts
 * that the server does not keep itself (s3://, a folder of its machine ...). Links and
 * other files that are not regular are not sent. */
enum ic_verdict ic_upload_file(struct ic_api *api, const char *artifact_uri,
                               const char *name, const char *path,
                               struct ic_reply *reply);

/* Sends the files of a run folder that people read: regular files that end in .conf,
 * .csv, .html, .svg or .txt. */
enum ic_verdict ic_upload_reports(struct ic_api *api, const char *artifact_uri,
                                  const char *folder, struct ic_reply *reply);

#endif
