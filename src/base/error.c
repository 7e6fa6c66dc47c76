/*
 * Formats the messages of failing functions. See error.h for the rules.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message is one line for a terminal, whatever the names of files and tensors hold.
 */
static void keep_one_line(char *message)
{
    for (; *message != '\0'; message++)
        if ((unsigned char)*message < ' ' || *message == 127)
            *message = '?';
}

ic_status ic_fail(struct ic_error *error, ic_status status, const char *format, ...)
{
    va_list args;

    if (error == NULL)
        return status;
    error->status = status;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    keep_one_line(error->message);
    return status;
}

ic_status ic_fail_errno(struct ic_error *error, const char *format, ...)
{
    const int cause = errno;
    size_t used;
    va_list args;

    if (error == NULL)
        return IC_ERR_IO;
    error->status = IC_ERR_IO;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    used = strlen(error->message);
    snprintf(error->message + used, sizeof error->message - used, ": %s",
             strerror(cause));
    keep_one_line(error->message);
    return IC_ERR_IO;
}

ic_status ic_fail_memory(struct ic_error *error, const char *what, unsigned long bytes)
{
    return ic_fail(error, IC_ERR_LIMIT, "cannot allocate %lu bytes for %s", bytes,
                   what);
}
