/* SPDX-License-Identifier: MIT */
/*
 * Sends files. See upload.h.
 */
#include "track/upload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

/* Appends a path with each of its parts escaped. */
static bool add_path(char *out, size_t size, const char *path)
{
    char part[256];
    bool fits = true;

    while (fits && *path != '\0') {
        const size_t length = strcspn(path, "/");

        fits = length < sizeof part && strlen(out) + 2 < size;
        if (!fits)
            break;
        memcpy(part, path, length);
        part[length] = '\0';
        if (length > 0) {
            strcat(out, "/");
            fits = ic_address_escape(out, size, part) && strcmp(part, "..") != 0;
        }
        path += length;
        path += *path == '/';
    }
    return fits;
}

/* Finds a file's address below the server's; false where the server does not keep the
 * file. */
static bool place(char *out, size_t size, const char *artifact_uri, const char *name)
{
    static const char scheme[] = "mlflow-artifacts:/";
    const char *below = artifact_uri + sizeof scheme - 1;

    if (strncmp(artifact_uri, scheme, sizeof scheme - 1) != 0)
        return false;
    /* mlflow-artifacts://HOST/... is kept by another server. */
    if (below[0] == '/' && below[1] != '/' && below[1] != '\0')
        return false;
    snprintf(out, size, "api/2.0/mlflow-artifacts/artifacts");
    return add_path(out, size, below) && add_path(out, size, name);
}

enum ic_verdict ic_upload_file(struct ic_api *api, const char *artifact_uri,
                               const char *name, const char *path,
                               struct ic_reply *reply)
{
    char where[4096];
    struct stat about;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_REFUSED};
    if (!place(where, sizeof where, artifact_uri, name)) {
        ic_fail(&reply->error, IC_ERR_USAGE,
                "%.100s keeps artifacts in %.100s, not on the server: only MLflow's "
                "own clients can write there",
                api->address.shown, artifact_uri);
        return reply->verdict;
    }
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        ic_fail(&reply->error, IC_ERR_IO, "%s is not a regular file", path);
        return reply->verdict;
    }
    return ic_api_put(api, where, path, (size_t)about.st_size, reply);
}

static bool is_report(const char *name)
{
    static const char *const ends[] = {".conf", ".csv", ".html", ".svg", ".txt"};
    const size_t length = strlen(name);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t end = strlen(ends[i]);

        if (length > end && strcmp(name + length - end, ends[i]) == 0)
            return true;
    }
    return false;
}

static bool is_regular(const char *path)
{
    struct stat about;

    return lstat(path, &about) == 0 && S_ISREG(about.st_mode);
}

enum ic_verdict ic_upload_reports(struct ic_api *api, const char *artifact_uri,
                                  const char *folder, struct ic_reply *reply)
{
    char **names = NULL;
    size_t count = 0;

    *reply = (struct ic_reply){.verdict = IC_VERDICT_DONE};
    if (ic_file_list(folder, &names, &count, &reply->error) != IC_OK) {
        reply->verdict = IC_VERDICT_REFUSED;
        return reply->verdict;
    }
    for (size_t i = 0; i < count && reply->verdict == IC_VERDICT_DONE; i++) {
        char *path = is_report(names[i]) ? ic_file_join(folder, names[i]) : NULL;

        if (path != NULL && is_regular(path)) {
            ic_reply_free(reply);
            ic_upload_file(api, artifact_uri, names[i], path, reply);
        }
        free(path);
    }
    ic_file_free_names(names, count);
    return reply->verdict;
}
