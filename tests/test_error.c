/* SPDX-License-Identifier: MIT */
/*
 * Messages: one line whatever they hold, and both ends of a message that is too long.
 */
#include <errno.h>

#include "check.h"

static struct ic_error error;

static void test_plain(void)
{
    CHECK_INT(ic_fail(&error, IC_ERR_USAGE, "%s is %d", "a", 7), IC_ERR_USAGE);
    CHECK_INT(error.status, IC_ERR_USAGE);
    CHECK_STRING(error.message, "a is 7");

    errno = ENOSPC;
    CHECK_INT(ic_fail_errno(&error, "cannot write %s", "a"), IC_ERR_IO);
    CHECK_INT(error.status, IC_ERR_IO);
    CHECK_STRING(error.message, "cannot write a: No space left on device");

    CHECK_INT(ic_fail_memory(&error, "a plan", 12), IC_ERR_LIMIT);
    CHECK_STRING(error.message, "cannot allocate 12 bytes for a plan");

    ic_fail_memory(&error, "a list", 0);
    CHECK_STRING(error.message, "cannot allocate memory for a list");

    CHECK_INT(ic_fail(NULL, IC_ERR_FORMAT, "nobody asks"), IC_ERR_FORMAT);
    CHECK_INT(ic_fail_errno(NULL, "nobody asks"), IC_ERR_IO);
}

/* A name can neither start a new line nor move the cursor. */
static void test_one_line(void)
{
    ic_fail(&error, IC_ERR_USAGE, "%s", "a\nb\033[2Jc\177d\303\274");
    CHECK_STRING(error.message, "a?b?[2Jc?d\303\274");
}

/* A message that fits is whole; a longer one keeps its beginning and its end. */
static void test_long(void)
{
    const size_t room = sizeof error.message;
    char text[3 * sizeof error.message];

    for (size_t length = room - 3; length < sizeof text; length++) {
        memset(text, 'x', length);
        memcpy(text, "begin", 5);
        memcpy(text + length - 3, "end", 4);
        ic_fail(&error, IC_ERR_USAGE, "%s", text);
        if (length < room) {
            CHECK_STRING(error.message, text);
            continue;
        }
        CHECK_INT(strlen(error.message), room - 1);
        CHECK(strncmp(error.message, "beginx", 6) == 0);
        CHECK(strstr(error.message, "x ... x") != NULL);
        CHECK_STRING(error.message + room - 5, "xend");
    }
}

/* After the longest path, and longer ones, the cause is still shown. */
static void test_long_path(void)
{
    char *path = check_alloc(100001, 1);

    for (int length = 400; length <= 100000; length += 400) {
        memset(path, '/', (size_t)length);
        errno = ENAMETOOLONG;
        ic_fail_errno(&error, "cannot open %s", path);
        CHECK(strncmp(error.message, "cannot open ///", 15) == 0);
        CHECK(strstr(error.message, "//: File name too long") != NULL);
    }
    free(path);
}

/* No UTF-8 character is cut. */
static void test_characters(void)
{
    char text[1201];

    for (int shift = 0; shift < 3; shift++) {
        memset(text, 'x', sizeof text);
        for (size_t i = 0; i < 390; i++)
            memcpy(text + shift + 3 * i, "\342\202\254", 3); /* the euro sign */
        text[shift + 3 * 390] = '\0';
        ic_fail(&error, IC_ERR_USAGE, "%s", text);
        for (const char *c = error.message; *c != '\0';) {
            const int length = *c == '\342' ? 3 : 1;
            CHECK(length == 3 ? strncmp(c, "\342\202\254", 3) == 0 : (*c & 0x80) == 0);
            c += length;
        }
        CHECK(strstr(error.message, "\254 ... \342") != NULL);
    }
}

/* A message may be formatted from the previous one. */
static void test_itself(void)
{
    ic_fail(&error, IC_ERR_FORMAT, "it is empty");
    ic_fail(&error, error.status, "a.jpg: %s", error.message);
    CHECK_INT(error.status, IC_ERR_FORMAT);
    CHECK_STRING(error.message, "a.jpg: it is empty");
}

/* Errors of the machine are temporary; those of a file, and refusals, are not. */
static void test_passing(void)
{
    static const int passing[] = {EIO, ENOMEM, EMFILE, ENFILE, ESTALE, ETIMEDOUT};
    static const int lasting[] = {ENOENT, EACCES, ELOOP, EISDIR, ENAMETOOLONG};

    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        errno = passing[i];
        ic_fail_errno(&error, "cannot read x");
        CHECK_INT(error.cause, passing[i]);
        CHECK(ic_error_is_passing(&error));
    }
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
        errno = lasting[i];
        ic_fail_errno(&error, "cannot read x");
        CHECK(!ic_error_is_passing(&error));
    }
    ic_fail_memory(&error, "x", 7);
    CHECK(ic_error_is_passing(&error));
    ic_fail_memory(NULL, "x", 0);
    ic_fail(&error, IC_ERR_FORMAT, "x is damaged");
    CHECK_INT(error.cause, 0);
    CHECK(!ic_error_is_passing(&error));
}

int main(void)
{
    test_plain();
    test_one_line();
    test_long();
    test_long_path();
    test_characters();
    test_itself();
    test_passing();
    return check_result();
}
