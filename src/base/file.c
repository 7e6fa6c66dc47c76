/* SPDX-License-Identifier: MIT */
/*
 * Reading whole files, atomic replacement and folders. See file.h.
 *
 * A file is replaced as open(2), fsync(2) and rename(2) allow: the new content is on
 * disk under a temporary name before the name is moved, so that a crash at any moment
 * leaves the old file or the new one.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/temporary.h"

/* --- reading ------------------------------------------------------------------- */

/* Fills `bytes` from the descriptor; errno is 0 when the file ended early. */
static bool read_all(int descriptor, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t got = read(descriptor, bytes + done, size - done);

        if (got == 0)
            errno = 0;
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0)
            done += (size_t)got;
    }
    return true;
}

static ic_status check_regular(const char *path, const struct stat *about,
                               struct ic_error *error)
{
    if (S_ISREG(about->st_mode))
        return IC_OK;
    return ic_fail(error, IC_ERR_IO, "%s is %s, expected a regular file", path,
                   S_ISDIR(about->st_mode) ? "a folder" : "a special file");
}

/* Opens a regular file. Devices and pipes are refused before they are opened, since
 * opening a device may have effects and opening a pipe unblocks its writer. A path that
 * has become one in between is refused after the open; O_NONBLOCK keeps a pipe from
 * blocking it. */
static ic_status open_regular(const char *path, int *ret_descriptor,
                              struct stat *ret_about, struct ic_error *error)
{
    ic_status status;
    int descriptor = -1;

    if (stat(path, ret_about) == 0 &&
        (status = check_regular(path, ret_about, error)) != IC_OK)
        return status;
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return ic_fail_errno(error, "cannot open %s", path);
    if (fstat(descriptor, ret_about) != 0)
        status = ic_fail_errno(error, "cannot read %s", path);
    else
        status = check_regular(path, ret_about, error);
    if (status == IC_OK)
        *ret_descriptor = descriptor;
    else
        close(descriptor);
    return status;
}

ic_status ic_file_read(const char *path, size_t limit, uint8_t **ret_bytes,
                       size_t *ret_size, struct ic_error *error)
{
    uint8_t *bytes = NULL;
    struct stat about;
    int descriptor = -1;
    size_t size;
    ic_status status = open_regular(path, &descriptor, &about, error);

    if (status != IC_OK)
        return status;
    if ((uintmax_t)about.st_size > limit || (uintmax_t)about.st_size >= SIZE_MAX) {
        status = ic_fail(error, IC_ERR_LIMIT, "%s has %jd bytes, the limit is %zu",
                         path, (intmax_t)about.st_size, limit);
        goto out;
    }
    size = (size_t)about.st_size;
    bytes = ic_memory_alloc(size + 1);
    if (bytes == NULL) {
        status = ic_fail_memory(error, path, size + 1);
        goto out;
    }
    if (!read_all(descriptor, bytes, size)) {
        status = errno != 0 ? ic_fail_errno(error, "cannot read %s", path)
                            : ic_fail(error, IC_ERR_IO,
                                      "%s became shorter while it was read", path);
        goto out;
    }
    bytes[size] = 0;
    *ret_bytes = bytes;
    *ret_size = size;
    bytes = NULL;
out:
    free(bytes);
    close(descriptor);
    return status;
}

/* --- writing ------------------------------------------------------------------- */

/* Refuses a path whose replacement would destroy something other than a plain file. */
static ic_status check_target(const char *path, struct ic_error *error)
{
    struct stat about;

    if (path[0] == '\0')
        return ic_fail(error, IC_ERR_USAGE, "cannot write a file without a name");
    if (stat(path, &about) != 0 || S_ISREG(about.st_mode))
        return IC_OK;
    return ic_fail(error, IC_ERR_USAGE, "cannot write %s: it is %s", path,
                   S_ISDIR(about.st_mode) ? "a folder" : "a special file");
}

ic_status ic_file_writer_open(struct ic_file_writer *writer, const char *path,
                              struct ic_error *error)
{
    const size_t size = strlen(path) + IC_TEMPORARY_MORE;
    ic_status status;
    int descriptor = -1;

    *writer = (struct ic_file_writer){0};
    status = check_target(path, error);
    if (status != IC_OK)
        return status;
    writer->path = strdup(path);
    writer->temporary = malloc(size);
    if (writer->path == NULL || writer->temporary == NULL) {
        status = ic_fail_memory(error, path, 2 * size);
        goto out;
    }
    descriptor = ic_temporary_file(writer->temporary, path);
    if (descriptor >= 0)
        writer->stream = fdopen(descriptor, "w");
    if (writer->stream == NULL)
        status = ic_fail_errno(error, "cannot write %s", path);
out:
    if (status != IC_OK) {
        if (descriptor >= 0) {
            close(descriptor);
            unlink(writer->temporary);
        }
        free(writer->temporary);
        free(writer->path);
        *writer = (struct ic_file_writer){0};
    }
    return status;
}

ic_status ic_file_writer_add(struct ic_file_writer *writer, const void *bytes,
                             size_t size, struct ic_error *error)
{
    if (size > 0 && fwrite(bytes, 1, size, writer->stream) != size)
        return ic_fail_errno(error, "cannot write %s", writer->path);
    if (writer->summing)
        writer->crc = ic_file_crc32(writer->crc, bytes, size);
    return IC_OK;
}

int ic_file_sync(int descriptor)
{
    int result;

    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

void ic_file_sync_folder(const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor >= 0) {
        ic_file_sync(descriptor);
        close(descriptor);
    }
}

void ic_file_sync_folder_of(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL)
        ic_file_sync_folder(".");
    else if (slash == path)
        ic_file_sync_folder("/");
    else {
        *slash = '\0';
        ic_file_sync_folder(path);
        *slash = '/';
    }
}

/* A stream records that a write failed, not why. So one more byte is written to get
 * errno again; the file is thrown away in any case. */
static void find_cause(FILE *stream)
{
    if (write(fileno(stream), "", 1) >= 0)
        errno = EIO;
}

ic_status ic_file_writer_commit(struct ic_file_writer *writer, struct ic_error *error)
{
    ic_status status = IC_OK;
    bool written;

    if (ferror(writer->stream)) {
        find_cause(writer->stream);
        written = false;
    } else {
        written = fflush(writer->stream) == 0 &&
                  (writer->hasty || ic_file_sync(fileno(writer->stream)) == 0);
    }
    if (!written) {
        status = ic_fail_errno(error, "cannot write %s", writer->path);
        goto out;
    }
    written = fclose(writer->stream) == 0;
    writer->stream = NULL;
    if (!written || rename(writer->temporary, writer->path) != 0) {
        status = ic_fail_errno(error, "cannot write %s", writer->path);
        goto out;
    }
    if (!writer->hasty)
        ic_file_sync_folder_of(writer->path);
    free(writer->temporary);
    writer->temporary = NULL;
out:
    ic_file_writer_abort(writer);
    return status;
}

void ic_file_writer_abort(struct ic_file_writer *writer)
{
    if (writer->stream != NULL)
        fclose(writer->stream);
    if (writer->temporary != NULL)
        unlink(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    *writer = (struct ic_file_writer){0};
}

ic_status ic_file_write(const char *path, const void *bytes, size_t size,
                        struct ic_error *error)
{
    struct ic_file_writer writer;
    ic_status status = ic_file_writer_open(&writer, path, error);

    if (status != IC_OK)
        return status;
    status = ic_file_writer_add(&writer, bytes, size, error);
    if (status == IC_OK)
        status = ic_file_writer_commit(&writer, error);
    ic_file_writer_abort(&writer);
    return status;
}

uint32_t ic_file_crc32(uint32_t crc, const void *bytes, size_t size)
{
    /* zlib takes a null pointer for a request of the initial value. */
    return size > 0 ? (uint32_t)crc32_z(crc, bytes, size) : crc;
}
