/* SPDX-License-Identifier: MIT */
/*
 * Asks the system for the path of the program's own file. See program_path.h.
 */
#include "base/program_path.h"

#include <stdint.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

bool ic_program_path(char *path, size_t size)
{
#ifdef __APPLE__
    uint32_t room = (uint32_t)size;

    return _NSGetExecutablePath(path, &room) == 0;
#else
    const ssize_t length = readlink("/proc/self/exe", path, size - 1);

    if (length <= 0 || (size_t)length >= size - 1)
        return false;
    path[length] = '\0';
    return true;
#endif
}
