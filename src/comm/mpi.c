/* SPDX-License-Identifier: MIT */
/*
 * The MPI transport (version 3 or newer), the only file that uses MPI. It is a module
 * of its own: the program is not linked to MPI, and one program serves any MPI.
 *
 * A rank that waits must leave its core to others: to the threads that decode pictures,
 * and to ranks that share the core. MPI's own waiting never sleeps, so `advance` polls,
 * and sleeps between polls once nothing has moved for a millisecond.
 *
 * MPI_Init of Open MPI and MPICH leaves the affinity mask as the launcher set it, and
 * the handlers of SIGTERM, SIGINT, SIGHUP and SIGUSR1 as they are. It starts threads of
 * its own, which sleep and on which such a signal may arrive.
 *
 * MPI does not tell which process has ended: its launcher then ends all others.
 */
#include <mpi.h>

#include <ctype.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/module.h"
#include "comm/interface.h"
#include "comm/launcher.h"
#include "comm/transport.h"

_Static_assert(sizeof(MPI_Request) <= sizeof(void *), "a request has its place");

enum { DATA, CALL }; /* the tags */

/* Seconds without movement until `advance` sleeps, and until it returns; the sleep. */
static const double awake = 1e-3, longest = 20e-3;
static const struct timespec nap = {.tv_nsec = 50000};

struct ic_link {
    struct ic_crew crew;
    char library[64];
    double moved; /* when a message was last posted or done */
    int failure;  /* MPI's code for the first message that could not be posted */
    enum ic_peer *peers;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- the library's name -------------------------------------------------------------
 */

/* "Open MPI v4.1.4, package: ..." and "MPICH Version:\t4.0.2\n..." become "Open MPI
 * 4.1.4" and "MPICH 4.0.2". */
static void name_library(char *name, size_t size)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    static const char word[] = "Version:";
    size_t used = 0;
    int length;

    if (MPI_Get_library_version(text, &length) != MPI_SUCCESS)
        strcpy(text, "an unknown MPI");
    for (const char *c = text; *c != '\0' && *c != ',' && *c != '\n'; c++) {
        const bool space = used == 0 || name[used - 1] == ' ';

        if (strncmp(c, word, sizeof word - 1) == 0)
            c += sizeof word - 2;
        else if (isspace((unsigned char)*c) ? !space
                                            : !(space && *c == 'v' && isdigit(c[1])))
            name[used++] = isspace((unsigned char)*c) ? ' ' : *c;
        if (used == size - 1)
            break;
    }
    name[used] = '\0';
}

/* --- joining and leaving ------------------------------------------------------------
 */

static ic_status fail(struct ic_error *error, const char *what, int code)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;

    MPI_Error_string(code, text, &length);
    return ic_fail(error, IC_ERR_RANK, "MPI failed at %s: %s", what, text);
}

/* The ranks that share this machine's memory. */
static int find_neighbours(struct ic_crew *crew)
{
    MPI_Comm machine;
    int code = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, crew->rank,
                                   MPI_INFO_NULL, &machine);

    if (code != MPI_SUCCESS)
        return code;
    MPI_Comm_rank(machine, &crew->local_rank);
    MPI_Comm_size(machine, &crew->local_size);
    return MPI_Comm_free(&machine);
}

static ic_status join(struct ic_link *link, const struct ic_launcher *launcher,
                      struct ic_error *error)
{
    struct ic_crew *crew = &link->crew;
    ic_status status;
    int code;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &crew->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &crew->size);
    name_library(link->library, sizeof link->library);
    status = ic_launcher_check(launcher, crew->size, link->library, error);
    if (status != IC_OK)
        return status;
    code = find_neighbours(crew);
    if (code != MPI_SUCCESS)
        return fail(error, "finding the ranks of this machine", code);
    link->peers = calloc((size_t)crew->size, sizeof *link->peers);
    if (link->peers == NULL)
        return ic_fail_memory(error, "ranks", (size_t)crew->size * sizeof *link->peers);
    return IC_OK;
}

static void close_link(struct ic_link *link)
{
    if (link == NULL)
        return;
    MPI_Finalize();
    free(link->peers);
    free(link);
}

/* Calls MPI_Init_thread and restores the handlers of signals that stop a program. */
static int initialise(int *ret_level)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
    enum { COUNT = sizeof signals / sizeof *signals };
    struct sigaction actions[COUNT];
    int code;

    for (int i = 0; i < COUNT; i++)
        sigaction(signals[i], NULL, &actions[i]);
    code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, ret_level);
    for (int i = 0; i < COUNT; i++)
        sigaction(signals[i], &actions[i], NULL);
    return code;
}

static ic_status open_link(int ranks, struct ic_link **ret_link,
                           struct ic_crew *ret_crew, struct ic_error *error)
{
    const struct ic_launcher launcher = ic_launcher_read(getenv);
    struct ic_link *link = calloc(1, sizeof *link);
    ic_status status;
    int code, level;

    *ret_link = NULL;
    *ret_crew = (struct ic_crew){launcher.rank, launcher.size, 0, 1};
    if (link == NULL)
        return ic_fail_memory(error, "MPI", sizeof *link);
    code = initialise(&level);
    if (code != MPI_SUCCESS) {
        free(link);
        return ic_fail(error, IC_ERR_RANK,
                       "MPI cannot be initialised (error %d): was im2cat started with "
                       "the mpirun of the MPI that im2cat-mpi.so is built with?",
                       code);
    }
    status = join(link, &launcher, error);
    if (status == IC_OK && level < MPI_THREAD_FUNNELED)
        status = ic_fail(error, IC_ERR_RANK,
                         "%s does not allow a program with threads: im2cat-mpi.so "
                         "needs an MPI that provides MPI_THREAD_FUNNELED",
                         link->library);
    if (status == IC_OK) {
        *ret_crew = link->crew;
        *ret_link = link;
    } else {
        close_link(link);
    }
    return status;
}

static const char *describe(const struct ic_link *link)
{
    static char library[sizeof link->library];

    if (link != NULL)
        return link->library;
    name_library(library, sizeof library); /* MPI allows it before its start */
    return library;
}

static void __attribute__((noreturn)) abandon(struct ic_link *link, int status)
{
    if (link != NULL)
        MPI_Abort(MPI_COMM_WORLD, status);
    _exit(status);
}

/* --- messages -----------------------------------------------------------------------
 */

static void post(struct ic_link *link, struct ic_message *messages, int count)
{
    for (int i = 0; i < count; i++) {
        struct ic_message *m = &messages[i];
        MPI_Request request = MPI_REQUEST_NULL;
        const int code = m->send != NULL
                             ? MPI_Isend(m->send, (int)m->bytes, MPI_BYTE, m->peer,
                                         DATA, MPI_COMM_WORLD, &request)
                             : MPI_Irecv(m->receive, (int)m->bytes, MPI_BYTE, m->peer,
                                         DATA, MPI_COMM_WORLD, &request);

        memcpy(&m->request, &request, sizeof request);
        if (link->failure == MPI_SUCCESS)
            link->failure = code;
    }
    link->moved = now();
}

/* Tests each unfinished message once; counts those that stay unfinished. */
static ic_status test_all(struct ic_link *link, struct ic_message *messages, int count,
                          int *ret_waiting, bool *ret_moved, struct ic_error *error)
{
    *ret_waiting = 0;
    *ret_moved = false;
    for (int i = 0; i < count; i++) {
        struct ic_message *m = &messages[i];
        MPI_Request request;
        int code, done = false;

        if (m->done)
            continue;
        memcpy(&request, &m->request, sizeof request);
        code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        memcpy(&m->request, &request, sizeof request);
        if (code != MPI_SUCCESS) {
            char what[64];

            snprintf(what, sizeof what, "a message %s rank %d",
                     m->send != NULL ? "to" : "from", m->peer);
            return fail(error, what, code);
        }
        m->done = done;
        *ret_moved |= m->done;
        *ret_waiting += !m->done;
    }
    return IC_OK;
}

static ic_status advance(struct ic_link *link, struct ic_message *messages, int count,
                         bool *ret_moved, struct ic_error *error)
{
    const double begin = now();
    double time = begin;
    int waiting;

    *ret_moved = false;
    if (link->failure != MPI_SUCCESS)
        return fail(error, "the start of a message", link->failure);
    for (;;) {
        const ic_status status =
            test_all(link, messages, count, &waiting, ret_moved, error);

        if (status != IC_OK)
            return status;
        time = now();
        if (*ret_moved)
            link->moved = time;
        if (*ret_moved || waiting == 0 || time - begin >= longest)
            return IC_OK;
        if (time - link->moved < awake)
            sched_yield();
        else
            nanosleep(&nap, NULL);
    }
}

/* --- calls --------------------------------------------------------------------------
 */

/* A rank that does not receive the call hangs, so nobody waits for the requests. */
static void call_all(struct ic_link *link)
{
    static const char nothing = 0;

    for (int rank = 0; rank < link->crew.size; rank++) {
        MPI_Request request;

        if (rank != link->crew.rank &&
            MPI_Isend(&nothing, 1, MPI_BYTE, rank, CALL, MPI_COMM_WORLD, &request) ==
                MPI_SUCCESS)
            MPI_Request_free(&request);
    }
}

static bool listen_all(struct ic_link *link, enum ic_peer *peers)
{
    MPI_Status status;
    bool called = false;
    int there;
    char nothing;

    while (MPI_Iprobe(MPI_ANY_SOURCE, CALL, MPI_COMM_WORLD, &there, &status) ==
               MPI_SUCCESS &&
           there) {
        MPI_Recv(&nothing, 1, MPI_BYTE, status.MPI_SOURCE, CALL, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        link->peers[status.MPI_SOURCE] = IC_PEER_CALLED;
    }
    for (int rank = 0; rank < link->crew.size; rank++) {
        peers[rank] = link->peers[rank];
        called |= peers[rank] != IC_PEER_QUIET;
    }
    return called;
}

/* --- the table ----------------------------------------------------------------------
 */

static const struct ic_transport transport = {
    .name = "mpi",
    .open = open_link,
    .describe = describe,
    .post = post,
    .advance = advance,
    .call = call_all,
    .listen = listen_all,
    .close = close_link,
    .abandon = abandon,
};

extern const struct ic_module ic_transport_module;
const struct ic_module ic_transport_module = {PACKAGE_VERSION, IC_COMM_INTERFACE,
                                              &transport};
