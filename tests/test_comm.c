/* SPDX-License-Identifier: MIT */
/*
 * Ranks as processes of this machine: gathering, agreement and broadcasts, and what the
 * other ranks are told when one ends or hangs.
 *
 * Each case is a process of its own, which forks its ranks. Each rank counts its failed
 * checks, and the counts are added up at the end.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/stretch.h"
#include "check.h"
#include "comm/comm.h"

static struct ic_comm *join(int ranks, double timeout)
{
    const struct ic_comm_options options = {"local", ranks, timeout};
    struct ic_comm *comm;
    struct ic_error error;

    if (ic_comm_open(&options, &comm, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    return comm;
}

/* Runs a case with `ranks` ranks. Returns the exit status of the first rank. */
static int run_ranks(int ranks, double timeout, void (*run)(struct ic_comm *))
{
    const pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        struct ic_comm *comm = join(ranks, timeout);
        struct ic_error error;
        int failures;

        check_failures = 0;
        run(comm);
        failures = check_failures;
        CHECK(ic_comm_sum(comm, &failures, &error) == IC_OK);
        ic_comm_close(comm, 99);
        _exit(failures > 0 || check_failures > 0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check_ranks(int ranks, void (*run)(struct ic_comm *))
{
    CHECK_INT(run_ranks(ranks, 60, run), 0);
}

/* --- alone ------------------------------------------------------------------------ */

static void test_alone(void)
{
    const struct ic_comm_options none = {"none", 4, 60}, unknown = {"mpo", 4, 60};
    struct ic_comm *comm;
    struct ic_error error = {.message = "mine"};
    bool stop = true;
    int sum = 7;
    char byte = 5;

    CHECK(ic_comm_open(&unknown, &comm, &error) == IC_ERR_USAGE);
    CHECK_STRING(error.message, "--distributed is mpo, must be none, local or mpi");
    CHECK(ic_comm_open(&none, &comm, &error) == IC_OK && comm == NULL);
    CHECK_INT(ic_comm_size(comm), 1);
    CHECK_INT(ic_comm_rank(comm), 0);
    CHECK_INT(ic_comm_local_size(comm), 1);
    CHECK(ic_comm_speaks(comm));
    strcpy(error.message, "mine");
    CHECK(ic_comm_agree(comm, IC_ERR_IO, &stop, &error) == IC_ERR_IO && stop);
    CHECK_STRING(error.message, "mine");
    CHECK(ic_comm_sum(comm, &sum, &error) == IC_OK && sum == 7);
    CHECK(ic_comm_broadcast(comm, &byte, 1, &error) == IC_OK && byte == 5);
    CHECK(ic_comm_gather(comm, &byte, 1, 1, &error) == IC_OK && byte == 5);
    ic_comm_close(comm, 1);
}

/* --- meetings --------------------------------------------------------------------- */

static uint8_t byte_at(size_t i, unsigned seed)
{
    return (uint8_t)((i * 2654435761u + seed * 40503u) >> 13);
}

/* Arrays of many sizes, of which each rank fills its own pieces. */
static void gather(struct ic_comm *comm)
{
    static const size_t sizes[][2] = {{1, 1},      {5, 1},     {12, 4},         {13, 4},
                                      {3, 100},    {1000, 7},  {1 << 20, 12},   {0, 4},
                                      {100, 1000}, {65536, 1}, {12000017, 4096}};
    const int rank = ic_comm_rank(comm), size = ic_comm_size(comm);
    struct ic_error error;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t bytes = sizes[s][0], piece = sizes[s][1];
        const struct ic_stretch mine = ic_stretch_of_batches(bytes, piece, rank, size);
        uint8_t *data = calloc(bytes + 1, 1);
        size_t wrong = 0;

        for (size_t i = 0; i < bytes; i++)
            if (i >= mine.first && i < mine.end)
                data[i] = byte_at(i, (unsigned)s);
        CHECK(ic_comm_gather(comm, data, bytes, piece, &error) == IC_OK);
        for (size_t i = 0; i < bytes; i++)
            wrong += data[i] != byte_at(i, (unsigned)s);
        CHECK_INT(wrong, 0);
        free(data);
    }
}

static void broadcast(struct ic_comm *comm)
{
    static const size_t sizes[] = {1, 2, 3, 17, 1000, 12000017};
    struct ic_error error;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint8_t *data = calloc(sizes[s], 1);
        size_t wrong = 0;

        for (size_t i = 0; i < sizes[s] && ic_comm_rank(comm) == 0; i++)
            data[i] = byte_at(i, 3);
        CHECK(ic_comm_broadcast(comm, data, sizes[s], &error) == IC_OK);
        for (size_t i = 0; i < sizes[s]; i++)
            wrong += data[i] != byte_at(i, 3);
        CHECK_INT(wrong, 0);
        free(data);
    }
}

static void sum(struct ic_comm *comm)
{
    const int size = ic_comm_size(comm);
    struct ic_error error;
    int value = 1 + ic_comm_rank(comm);

    CHECK(ic_comm_sum(comm, &value, &error) == IC_OK);
    CHECK_INT(value, size * (size + 1) / 2);
}

/* --- agreement -------------------------------------------------------------------- */

static void stop_together(struct ic_comm *comm)
{
    struct ic_error error;
    bool stop = false;

    CHECK(ic_comm_agree(comm, IC_OK, &stop, &error) == IC_OK && !stop);
    stop = ic_comm_rank(comm) == ic_comm_size(comm) - 1;
    CHECK(ic_comm_agree(comm, IC_OK, &stop, &error) == IC_OK && stop);
    CHECK(ic_comm_agree(comm, IC_OK, NULL, &error) == IC_OK);
    CHECK_INT(ic_comm_speaks(comm), ic_comm_rank(comm) == 0);
}

/* After a failure that all ranks share, the sum that ends a case would find no rank,
 * so the process exits here. */
static void fail_on_the_last(struct ic_comm *comm)
{
    const int last = ic_comm_size(comm) - 1;
    const bool fails = ic_comm_rank(comm) == last;
    struct ic_error error = {0};
    char name[32];
    ic_status status = fails ? ic_fail(&error, IC_ERR_FORMAT, "a.jpg is cut") : IC_OK;

    status = ic_comm_agree(comm, status, NULL, &error);
    CHECK(status == IC_ERR_FORMAT);
    snprintf(name, sizeof name, "rank %d on ", last);
    CHECK(strncmp(error.message, name, strlen(name)) == 0);
    CHECK(strstr(error.message, ": a.jpg is cut") != NULL);
    CHECK(ic_comm_agree(comm, status, NULL, &error) ==
          IC_ERR_FORMAT); /* already reported */
    _exit(check_failures > 0);
}

/* A failure that is the same on all ranks names no rank. Otherwise the lowest rank's is
 * reported. */
static void fail_on_all(struct ic_comm *comm)
{
    struct ic_error error;
    ic_status status = ic_fail(&error, IC_ERR_USAGE, "--lr is 0");

    status = ic_comm_agree(comm, status, NULL, &error);
    CHECK(status == IC_ERR_USAGE);
    CHECK_STRING(error.message, "--lr is 0");
    _exit(check_failures > 0);
}

static void fail_on_two(struct ic_comm *comm)
{
    const int rank = ic_comm_rank(comm);
    struct ic_error error = {0};
    ic_status status =
        rank > 0 ? ic_fail(&error, IC_ERR_IO, "disk of %d", rank) : IC_OK;

    status = ic_comm_agree(comm, status, NULL, &error);
    CHECK(status == IC_ERR_IO && strncmp(error.message, "rank 1 on ", 10) == 0 &&
          strstr(error.message, ": disk of 1") != NULL);
    _exit(check_failures > 0);
}

/* --- ranks that are lost ---------------------------------------------------------- */

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* One rank ends. The others are told its name, and one of them reports it. */
static void one_ends(struct ic_comm *comm)
{
    struct ic_error error = {0};
    char name[32];

    if (ic_comm_rank(comm) == 1)
        _exit(0);
    CHECK(ic_comm_agree(comm, IC_OK, NULL, &error) == IC_ERR_RANK);
    snprintf(name, sizeof name, "rank 1 on ");
    CHECK(strncmp(error.message, name, strlen(name)) == 0);
    CHECK(strstr(error.message, " has ended during the training") != NULL);
    CHECK_INT(ic_comm_speaks(comm), ic_comm_rank(comm) == 0);
    if (ic_comm_rank(comm) > 0)
        _exit(0);
    ic_comm_close(comm, 0);
    _exit(check_failures > 0);
}

/* One rank hangs, and another one waits for it alone. A third, which waits for the
 * second, must not blame the second. The hanging rank is ended when the rest leave. */
static void one_hangs(struct ic_comm *comm)
{
    const int rank = ic_comm_rank(comm);
    const double begin = now();
    struct ic_error error = {0};
    char byte;

    if (rank == 2)
        raise(SIGSTOP);
    ic_comm_receive(comm, rank == 1 ? 2 : 1, &byte, 1);
    CHECK(ic_comm_wait(comm, &error) == IC_ERR_RANK);
    CHECK(now() - begin > 0.9 && now() - begin < 30);
    CHECK(strncmp(error.message, "rank 2 on ", 10) == 0);
    CHECK(strstr(error.message, " has not answered for 1 seconds (--comm-timeout)") !=
          NULL);
    CHECK_INT(ic_comm_speaks(comm), rank == 0);
    if (rank > 0)
        _exit(0);
    ic_comm_close(comm, 0);
    _exit(check_failures > 0);
}

/* A rank that is late is waited for: it sleeps from when it hears that the other one is
 * about to wait. */
static void one_is_late(struct ic_comm *comm)
{
    const struct timespec pause = {.tv_nsec = 300000000};
    struct ic_error error;
    char byte = 1;

    if (ic_comm_rank(comm) == 0)
        ic_comm_receive(comm, 1, &byte, 1);
    else
        ic_comm_send(comm, 0, &byte, 1);
    CHECK(ic_comm_wait(comm, &error) == IC_OK);
    if (ic_comm_rank(comm) == 0)
        nanosleep(&pause, NULL);
    CHECK(ic_comm_agree(comm, IC_OK, NULL, &error) == IC_OK);
    if (ic_comm_rank(comm) == 1)
        CHECK(ic_comm_waited(comm) > 0.2);
}

/* Rank 1 sends its last message and leaves while rank 0 still waits for rank 2. Rank 0
 * sees that rank 1 is gone, and must receive the message all the same. */
static void one_leaves(struct ic_comm *comm)
{
    const struct timespec pause = {.tv_nsec = 300000000};
    const int rank = ic_comm_rank(comm);
    struct ic_error error = {0};
    char byte = (char)('0' + rank);

    if (rank == 2)
        nanosleep(&pause, NULL);
    if (rank > 0) {
        ic_comm_send(comm, 0, &byte, 1);
        _exit(ic_comm_wait(comm, &error) != IC_OK);
    }
    for (int from = 2; from > 0; from--) {
        ic_comm_receive(comm, from, &byte, 1);
        CHECK(ic_comm_wait(comm, &error) == IC_OK);
        CHECK_INT(byte, '0' + from);
    }
    ic_comm_receive(comm, 1, &byte, 1); /* nothing more comes */
    CHECK(ic_comm_wait(comm, &error) == IC_ERR_RANK);
    _exit(check_failures > 0);
}

int main(void)
{
    test_alone();
    for (int ranks = 1; ranks <= 5; ranks++) {
        check_ranks(ranks, gather);
        check_ranks(ranks, broadcast);
        check_ranks(ranks, sum);
        check_ranks(ranks, stop_together);
    }
    check_ranks(2, fail_on_the_last);
    check_ranks(4, fail_on_the_last);
    check_ranks(3, fail_on_all);
    check_ranks(3, fail_on_two);
    check_ranks(3, one_ends);
    CHECK_INT(run_ranks(4, 1, one_hangs), 0);
    check_ranks(2, one_is_late);
    check_ranks(3, one_leaves);
    return check_result();
}
