/* SPDX-License-Identifier: MIT */
/*
 * Opens the socket. See listen.h.
 */
#include "serve/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SPARE_FILES = 64 }; /* for standard streams, weights, libraries */

static ic_status try_address(const struct addrinfo *address, int *ret_fd)
{
    const int on = 1;
    const int fd = socket(address->ai_family, SOCK_STREAM, 0);
    int cause;

    *ret_fd = -1;
    if (fd < 0)
        return IC_ERR_IO;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(fd, SOMAXCONN) == 0) {
        *ret_fd = fd;
        return IC_OK;
    }
    cause = errno;
    close(fd);
    errno = cause;
    return IC_ERR_IO;
}

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

ic_status ic_listen(const char *host, int port, int *ret_fd, int *ret_port,
                    struct ic_error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    ic_status status = IC_ERR_IO;
    char service[16];
    int cause;

    *ret_fd = -1;
    snprintf(service, sizeof service, "%d", port);
    cause = getaddrinfo(host, service, &hints, &list);
    if (cause != 0)
        return ic_fail(error, IC_ERR_IO, "there is no address for the host %s: %s",
                       host, gai_strerror(cause));
    for (struct addrinfo *a = list; a != NULL && status != IC_OK; a = a->ai_next)
        status = try_address(a, ret_fd);
    if (status != IC_OK)
        ic_fail_errno(error, "cannot listen on %s, port %d", host, port);
    else
        *ret_port = port_of(*ret_fd);
    freeaddrinfo(list);
    return status;
}

size_t ic_listen_room(size_t wanted)
{
    struct rlimit files;
    size_t room;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wanted;
    if (files.rlim_cur < files.rlim_max) {
        struct rlimit more = files;

        more.rlim_cur = more.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            files = more;
    }
    if (files.rlim_cur == RLIM_INFINITY)
        return wanted;
    room = files.rlim_cur > 2 * SPARE_FILES ? (size_t)files.rlim_cur - SPARE_FILES
                                            : SPARE_FILES;
    return room < wanted ? room : wanted;
}
