/* SPDX-License-Identifier: MIT */
/*
 * The meetings (collective operations) of ranks. See comm.h.
 *
 * Each rank sends directly to each other rank. For long data that is as many bytes as
 * any other scheme takes (each rank's part goes to each rank once), and it shows which
 * rank does not come. Short data costs one message per rank, some microseconds each.
 */
#include "comm/comm.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/machine.h"
#include "base/stretch.h"
#include "comm/comm_private.h"

/* --- ranks ------------------------------------------------------------------------ */

int ic_comm_rank(const struct ic_comm *comm)
{
    return comm != NULL ? comm->crew.rank : 0;
}

int ic_comm_size(const struct ic_comm *comm)
{
    return comm != NULL ? comm->crew.size : 1;
}

int ic_comm_local_rank(const struct ic_comm *comm)
{
    return comm != NULL ? comm->crew.local_rank : 0;
}

int ic_comm_local_size(const struct ic_comm *comm)
{
    return comm != NULL ? comm->crew.local_size : 1;
}

bool ic_comm_speaks(const struct ic_comm *comm)
{
    return comm == NULL || !comm->silent;
}

const char *ic_comm_describe(const struct ic_comm *comm)
{
    return comm != NULL && comm->link != NULL ? comm->transport->describe(comm->link)
                                              : "alone";
}

double ic_comm_waited(const struct ic_comm *comm)
{
    return comm != NULL ? comm->waited : 0;
}

static bool alone(const struct ic_comm *comm)
{
    return ic_comm_size(comm) == 1;
}

/* --- meetings --------------------------------------------------------------------- */

ic_status ic_comm_gather(struct ic_comm *comm, void *data, size_t bytes, size_t piece,
                         struct ic_error *error)
{
    const int size = ic_comm_size(comm), rank = ic_comm_rank(comm);

    if (size == 1 || bytes == 0)
        return IC_OK;
    assert(!comm->over && piece > 0);
    /* Begin with the next rank, so that not all ranks send to the same rank first. */
    for (int i = 1; i < size; i++) {
        const int to = (rank + i) % size, from = (rank + size - i) % size;
        const struct ic_stretch mine = ic_stretch_of_batches(bytes, piece, rank, size);
        const struct ic_stretch theirs =
            ic_stretch_of_batches(bytes, piece, from, size);

        ic_comm_receive(comm, from, (char *)data + theirs.first,
                        theirs.end - theirs.first);
        ic_comm_send(comm, to, (const char *)data + mine.first, mine.end - mine.first);
    }
    return ic_comm_wait(comm, error);
}

/* Rank 0 sends a part to each rank, and then all gather the parts: no rank sends more
 * than twice the whole, however many ranks there are. */
ic_status ic_comm_broadcast(struct ic_comm *comm, void *data, size_t bytes,
                            struct ic_error *error)
{
    const int size = ic_comm_size(comm), rank = ic_comm_rank(comm);
    struct ic_stretch mine;
    ic_status status;

    if (size == 1 || bytes == 0)
        return IC_OK;
    assert(!comm->over);
    mine = ic_stretch_of(bytes, rank, size);
    if (rank > 0)
        ic_comm_receive(comm, 0, (char *)data + mine.first, mine.end - mine.first);
    for (int i = 1; i < size && rank == 0; i++) {
        const struct ic_stretch part = ic_stretch_of(bytes, i, size);

        ic_comm_send(comm, i, (const char *)data + part.first, part.end - part.first);
    }
    status = ic_comm_wait(comm, error);
    return status == IC_OK ? ic_comm_gather(comm, data, bytes, 1, error) : status;
}

/* Gathers every rank's value into the rank's word. */
static ic_status gather_values(struct ic_comm *comm, int value, struct ic_error *error)
{
    const size_t size = (size_t)comm->crew.size;

    comm->words[comm->crew.rank] = (struct ic_word){value, 0};
    return ic_comm_gather(comm, comm->words, size * sizeof *comm->words,
                          sizeof *comm->words, error);
}

static bool is_here(const struct ic_comm *comm, int rank)
{
    return strcmp(comm->hosts[rank], comm->hosts[comm->crew.rank]) == 0;
}

/* Sums over all ranks, or only over the ranks on this machine. */
static ic_status sum_of(struct ic_comm *comm, int *value, bool here,
                        struct ic_error *error)
{
    ic_status status;

    if (alone(comm))
        return IC_OK;
    status = gather_values(comm, *value, error);
    *value = 0;
    for (int i = 0; i < comm->crew.size; i++)
        if (!here || is_here(comm, i))
            *value += comm->words[i].status;
    return status;
}

ic_status ic_comm_sum(struct ic_comm *comm, int *value, struct ic_error *error)
{
    return sum_of(comm, value, false, error);
}

ic_status ic_comm_local_sum(struct ic_comm *comm, int *value, struct ic_error *error)
{
    return sum_of(comm, value, true, error);
}

ic_status ic_comm_local_alike(struct ic_comm *comm, int value, int *ret_count,
                              struct ic_error *error)
{
    ic_status status;

    *ret_count = 1;
    if (alone(comm))
        return IC_OK;
    status = gather_values(comm, value, error);
    *ret_count = 0;
    for (int i = 0; i < comm->crew.size; i++)
        *ret_count += is_here(comm, i) && comm->words[i].status == value;
    return status;
}

/* --- agreement -------------------------------------------------------------------- */

/* The lowest rank that failed; -1: none. */
static int first_failed(const struct ic_comm *comm)
{
    for (int i = 0; i < comm->crew.size; i++)
        if (comm->words[i].status != IC_OK)
            return i;
    return -1;
}

/* All ranks take over the failure of rank `from`, which sends its message to each. Each
 * rank reports back whether its own failure reads the same. */
static ic_status share_failure(struct ic_comm *comm, int from, ic_status own,
                               struct ic_error *error)
{
    const int size = comm->crew.size, rank = comm->crew.rank;
    const ic_status status = (ic_status)comm->words[from].status;
    struct ic_error theirs = {.status = status};
    int alike;
    ic_status sent;

    if (rank == from)
        memcpy(theirs.message, error->message, sizeof theirs.message);
    for (int i = 0; i < size; i++) {
        if (rank == from && i != from)
            ic_comm_send(comm, i, theirs.message, sizeof theirs.message);
        else if (rank != from && i == from)
            ic_comm_receive(comm, from, theirs.message, sizeof theirs.message);
    }
    sent = ic_comm_wait(comm, error);
    if (sent != IC_OK)
        return sent;
    theirs.message[sizeof theirs.message - 1] = '\0';
    alike = own == status && strcmp(error->message, theirs.message) == 0;
    sent = ic_comm_sum(comm, &alike, error);
    if (sent != IC_OK)
        return sent;
    comm->over = true;
    if (alike == size)
        return ic_fail(error, status, "%s", theirs.message);
    return ic_fail(error, status, "rank %d on %s: %s", from, comm->hosts[from],
                   theirs.message);
}

ic_status ic_comm_agree(struct ic_comm *comm, ic_status status, bool *stop,
                        struct ic_error *error)
{
    const double begin = ic_machine_seconds();
    const int size = ic_comm_size(comm);
    ic_status met;
    int failed;

    if (alone(comm) || comm->over)
        return status;
    comm->words[comm->crew.rank] = (struct ic_word){status, stop != NULL && *stop};
    met = ic_comm_gather(comm, comm->words, (size_t)size * sizeof *comm->words,
                         sizeof *comm->words, error);
    comm->waited += ic_machine_seconds() - begin;
    if (met != IC_OK)
        return met;
    for (int i = 0; i < size && stop != NULL; i++)
        *stop |= comm->words[i].stop != 0;
    failed = first_failed(comm);
    return failed < 0 ? IC_OK : share_failure(comm, failed, status, error);
}
