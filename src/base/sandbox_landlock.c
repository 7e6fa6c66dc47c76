/* SPDX-License-Identifier: MIT */
/*
 * Restricts files by Landlock: all rights that the kernel's version knows are refused
 * everywhere, then reading is allowed below the given paths. See sandbox.h, and
 * Documentation/userspace-api/landlock.rst of the kernel. The C library has no
 * functions for the three system calls.
 */
#include "base/sandbox_private.h"

#ifdef HAVE_LINUX_LANDLOCK_H
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights by the version of Landlock that has them, with the numbers of all of them,
 * since headers may be older than the kernel. */
static const struct {
    int version;
    uint64_t rights;
} all_rights[] = {
    {1, ((uint64_t)1 << 13) - 1}, /* run, read, write, list, remove, make */
    {2, (uint64_t)1 << 13},       /* move to another folder */
    {3, (uint64_t)1 << 14},       /* truncate */
    {5, (uint64_t)1 << 15},       /* ioctl of devices */
};

int ic_sandbox_landlock_version(void)
{
    const long version =
        syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

static ic_status allow_reading(int rules, const char *path, struct ic_error *error)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };
    struct stat status;
    bool added;

    if (rule.parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return IC_OK;
    if (rule.parent_fd < 0)
        return ic_fail_errno(error, "the sandbox cannot allow to read %s", path);
    if (fstat(rule.parent_fd, &status) == 0 && S_ISDIR(status.st_mode))
        rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    added = syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule,
                    0) == 0;
    if (!added)
        ic_fail_errno(error, "the sandbox cannot allow to read %s", path);
    close(rule.parent_fd);
    return added ? IC_OK : IC_ERR_IO;
}

ic_status ic_sandbox_landlock(const char *const *readable, struct ic_error *error)
{
    static const char *const everything[] = {"/", NULL};
    const int version = ic_sandbox_landlock_version();
    struct landlock_ruleset_attr attributes = {.handled_access_fs = 0};
    ic_status status = IC_OK;
    int rules;

    for (size_t i = 0; i < sizeof all_rights / sizeof *all_rights; i++)
        if (version >= all_rights[i].version)
            attributes.handled_access_fs |= all_rights[i].rights;
    rules =
        (int)syscall(__NR_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules < 0)
        return ic_fail_errno(error, "the sandbox cannot make rules of Landlock");
    for (const char *const *path = readable ? readable : everything;
         *path != NULL && status == IC_OK; path++)
        status = allow_reading(rules, *path, error);
    if (status == IC_OK && syscall(__NR_landlock_restrict_self, rules, 0) != 0)
        status = ic_fail_errno(error, "the sandbox cannot put its rules of Landlock "
                                      "into force");
    close(rules);
    return status;
}

#else

int ic_sandbox_landlock_version(void)
{
    return 0;
}

ic_status ic_sandbox_landlock(const char *const *readable, struct ic_error *error)
{
    return IC_OK;
}

#endif
