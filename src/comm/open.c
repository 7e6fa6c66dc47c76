/* SPDX-License-Identifier: MIT */
/*
 * Opens and closes the ranks of a transport chosen by name. See comm.h.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/word.h"
#include "comm/comm_private.h"
#include "comm/launcher.h"
#include "comm/registry.h"

enum kind { ALONE, LOCAL, MPI };

const char *const ic_comm_names[] = {"none", "local", "mpi", NULL};

static ic_status find_transport(enum kind kind, const struct ic_transport **ret,
                                struct ic_error *error)
{
    if (kind == MPI)
        return ic_transport_load(ic_comm_names[MPI], ret, error);
    *ret = &ic_transport_local;
    return IC_OK;
}

/* Tells every rank the host name of every other rank. */
static ic_status gather_hosts(struct ic_comm *comm, struct ic_error *error)
{
    char *own = comm->hosts[comm->crew.rank];

    if (gethostname(own, IC_HOST_NAME - 1) != 0)
        strcpy(own, "?");
    return ic_comm_gather(comm, comm->hosts, (size_t)comm->crew.size * IC_HOST_NAME,
                          IC_HOST_NAME, error);
}

static ic_status join(struct ic_comm *comm, int ranks, struct ic_error *error)
{
    ic_status status = comm->transport->open(ranks, &comm->link, &comm->crew, error);
    const size_t size = (size_t)comm->crew.size;

    comm->silent = comm->crew.rank > 0;
    if (status != IC_OK)
        return status;
    comm->hosts = calloc(size, sizeof *comm->hosts);
    comm->words = calloc(size, sizeof *comm->words);
    comm->peers = calloc(size, sizeof *comm->peers);
    if (comm->hosts == NULL || comm->words == NULL || comm->peers == NULL)
        return ic_fail_memory(error, "the names of ranks", size * IC_HOST_NAME);
    return gather_hosts(comm, error);
}

ic_status ic_comm_open(const struct ic_comm_options *options, struct ic_comm **ret_comm,
                       struct ic_error *error)
{
    struct ic_comm *comm;
    int kind;
    ic_status status =
        ic_word_find("distributed", options->kind, ic_comm_names, &kind, error);

    *ret_comm = NULL;
    if (status != IC_OK || kind == ALONE)
        return status;
    comm = calloc(1, sizeof *comm);
    if (comm == NULL)
        return ic_fail_memory(error, "a rank", sizeof *comm);
    *ret_comm = comm;
    comm->crew = (struct ic_crew){.size = 1, .local_size = 1};
    comm->timeout = options->timeout;
    comm->silent = kind == MPI && ic_launcher_read(getenv).rank > 0; /* for now */
    status = find_transport(kind, &comm->transport, error);
    if (status == IC_OK)
        status = join(comm, options->ranks, error);
    comm->over |= status != IC_OK;
    return status;
}

void ic_comm_close(struct ic_comm *comm, int exit_status)
{
    if (comm == NULL)
        return;
    /* A launcher ends all processes when one ends with a failure, so the rank that
     * writes the output ends first, unless all leave together. */
    if (comm->silent && (comm->lost || comm->link == NULL))
        nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
    if (comm->lost)
        comm->transport->abandon(comm->link, exit_status);
    else if (comm->link != NULL)
        comm->transport->close(comm->link);
    free(comm->hosts);
    free(comm->words);
    free(comm->peers);
    for (int i = 0; i < IC_COMM_LISTS; i++)
        free(comm->lists[i].messages);
    free(comm);
}
