/* SPDX-License-Identifier: MIT */
/*
 * Starts local ranks: their sockets, then their processes. See local.h.
 */
#include "comm/local.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { BUFFER_BYTES = 1 << 20 };

static int set_up_socket(int fd)
{
    const int bytes = BUFFER_BYTES;

    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes); /* only for speed */
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
    return fcntl(fd, F_SETFL, O_NONBLOCK) | fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int make_pair(int *ends, int size, int a, int b)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return -1;
    ends[a * size + b] = pair[0];
    ends[b * size + a] = pair[1];
    return set_up_socket(pair[0]) | set_up_socket(pair[1]);
}

void ic_local_close(struct ic_local_sockets *all, int but_rank)
{
    for (int i = 0; i < all->size * all->size; i++) {
        if (i / all->size == but_rank)
            continue;
        if (all->messages != NULL && all->messages[i] >= 0)
            close(all->messages[i]);
        if (all->calls != NULL && all->calls[i] >= 0)
            close(all->calls[i]);
    }
    free(all->messages);
    free(all->calls);
}

ic_status ic_local_connect(struct ic_local_sockets *all, int size,
                           struct ic_error *error)
{
    const size_t count = (size_t)size * (size_t)size;
    int failed = 0;

    *all = (struct ic_local_sockets){size, malloc(count * sizeof(int)),
                                     malloc(count * sizeof(int))};
    for (size_t i = 0; i < count && all->messages != NULL && all->calls != NULL; i++)
        all->messages[i] = all->calls[i] = -1;
    if (all->messages == NULL || all->calls == NULL) {
        ic_local_close(&(struct ic_local_sockets){0, all->messages, all->calls}, -1);
        return ic_fail_memory(error, "the sockets of ranks", count * sizeof(int));
    }
    for (int a = 0; a < size && failed == 0; a++)
        for (int b = a + 1; b < size && failed == 0; b++)
            failed = make_pair(all->messages, size, a, b) |
                     make_pair(all->calls, size, a, b);
    if (failed == 0)
        return IC_OK;
    ic_fail_errno(error, "no sockets for %d local ranks", size);
    ic_local_close(all, -1);
    return IC_ERR_IO;
}

int ic_local_fork(int size, pid_t *children)
{
    const pid_t parent = getpid();

    fflush(NULL); /* or each rank would print the buffered text */
    for (int rank = 1; rank < size; rank++) {
        const pid_t pid = fork();

        if (pid == 0) {
#ifdef __linux__
            prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
            if (getppid() != parent) /* the parent has already ended */
                kill(getpid(), SIGKILL);
            return rank;
        }
        if (pid < 0) {
            const int reason = errno;

            for (int i = 1; i < rank; i++) {
                kill(children[i], SIGKILL);
                waitpid(children[i], NULL, 0);
            }
            errno = reason;
            return -1;
        }
        children[rank] = pid;
    }
    return 0;
}
