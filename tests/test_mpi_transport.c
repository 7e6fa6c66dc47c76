/* SPDX-License-Identifier: MIT */
/*
 * The transport of the module im2cat-mpi.so. tests/mpi_transport.sh starts it by mpirun
 * with several ranks. Started alone it is one rank, and skipped where the module was
 * not built. The argument selects the task: none (all tests), "describe" or "abandon".
 * Rank 0 reports a failure to start, all ranks report failed checks.
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "check.h"
#include "comm/registry.h"

enum { PARCELS = 60, LARGEST = 8 << 20 };

static const struct ic_transport *transport;
static struct ic_link *link_;
static struct ic_crew crew;
static struct ic_error error;

/* MPI never frees some memory, which the address sanitizer would report. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

/* --- helpers ---------------------------------------------------------------------- */

/* After a failure here the test cannot continue. */
static void must(ic_status status)
{
    if (status == IC_OK)
        return;
    fprintf(stderr, "test_mpi_transport: %s\n", error.message);
    transport->abandon(link_, 1);
}

static void wait_for(struct ic_message *messages, int count)
{
    bool all = false, moved;

    while (!all) {
        must(transport->advance(link_, messages, count, &moved, &error));
        all = true;
        for (int i = 0; i < count; i++)
            all = all && messages[i].done;
    }
}

/* Each rank waits for a byte from every other rank. */
static void meet(void)
{
    struct ic_message messages[2 * 64];
    char out = 1, in[64];
    int count = 0;

    for (int rank = 0; rank < crew.size && rank < 64; rank++)
        if (rank != crew.rank) {
            messages[count++] =
                (struct ic_message){.peer = rank, .send = &out, .bytes = 1};
            messages[count++] =
                (struct ic_message){.peer = rank, .receive = &in[rank], .bytes = 1};
        }
    transport->post(link_, messages, count);
    wait_for(messages, count);
    for (int i = 0; i < count; i++)
        if (messages[i].receive != NULL)
            CHECK_INT(*(char *)messages[i].receive, 1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- joining ---------------------------------------------------------------------- */

static void handler(int signal) {}

/* MPI leaves the program's signals and processors unchanged. */
static void open_link(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    cpu_set_t before, after;
    ic_status status;

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], handler);
    CHECK(sched_getaffinity(0, sizeof before, &before) == 0);
    status = transport->open(0, &link_, &crew, &error);
    if (status != IC_OK) {
        CHECK(link_ == NULL);
        if (crew.rank == 0)
            fprintf(stderr, "test_mpi_transport: %s\n", error.message);
        exit(crew.rank == 0 && status == IC_ERR_RANK);
    }
    CHECK(sched_getaffinity(0, sizeof after, &after) == 0);
    CHECK(CPU_EQUAL(&before, &after));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        CHECK(signal(signals[i], SIG_DFL) == handler);
    CHECK(crew.rank >= 0 && crew.rank < crew.size);
    CHECK(crew.local_rank >= 0 && crew.local_rank < crew.local_size);
    CHECK(crew.local_size <= crew.size);
}

/* --- messages --------------------------------------------------------------------- */

struct parcel {
    int from, to;
    size_t bytes;
    unsigned char *data;
};

static unsigned char byte_of(int parcel, size_t at)
{
    return (unsigned char)((at + 7 * (unsigned)parcel) * 2654435761u >> 13);
}

/* The same parcels on every rank, between all pairs, of 1 byte to 8 MiB. */
static void draw_parcels(struct parcel *parcels)
{
    struct ic_random random;

    ic_random_init(&random, 20, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < PARCELS; i++) {
        struct parcel *p = &parcels[i];

        p->from = (int)ic_random_below(&random, (uint32_t)crew.size);
        p->to = (int)ic_random_below(&random, (uint32_t)crew.size - 1);
        p->to += p->to >= p->from;
        p->bytes = i == 0   ? 1
                   : i == 1 ? LARGEST
                            : 1 + (ic_random_u32(&random) &
                                   ((2u << ic_random_below(&random, 23)) - 1));
        if (crew.rank != p->from && crew.rank != p->to)
            continue;
        p->data = malloc(p->bytes);
        for (size_t at = 0; crew.rank == p->from && at < p->bytes; at++)
            p->data[at] = byte_of(i, at);
    }
}

/* One of this rank's parcels that is not posted yet: any, or the first between the same
 * two ranks, which must keep their order. -1: none. */
static int draw_next(const struct parcel *parcels, const bool *posted,
                     struct ic_random *random)
{
    const int start = (int)ic_random_below(random, PARCELS);
    int first = -1;

    for (int i = 0; i < PARCELS && first < 0; i++) {
        const int j = (start + i) % PARCELS;

        if (parcels[j].data != NULL && !posted[j])
            first = j;
    }
    for (int i = 0; i < first; i++)
        if (parcels[i].from == parcels[first].from &&
            parcels[i].to == parcels[first].to && !posted[i])
            return i;
    return first;
}

/* Posts in a random order of the rank's own, and meanwhile waits for some posted
 * parcels. */
static void exchange(const struct parcel *parcels)
{
    struct ic_message messages[PARCELS];
    bool posted[PARCELS] = {false}, moved;
    struct ic_random random;
    int count = 0, next;

    ic_random_init(&random, 21, IC_RANDOM_BENCH, 0, (uint32_t)crew.rank);
    while ((next = draw_next(parcels, posted, &random)) >= 0) {
        const struct parcel *p = &parcels[next];
        const bool send = p->from == crew.rank;

        posted[next] = true;
        messages[count] = (struct ic_message){.peer = send ? p->to : p->from,
                                              .send = send ? p->data : NULL,
                                              .receive = send ? NULL : p->data,
                                              .bytes = p->bytes};
        transport->post(link_, &messages[count++], 1);
        if (ic_random_below(&random, 3) == 0) {
            const int from = (int)ic_random_below(&random, (uint32_t)count);

            must(transport->advance(link_, messages + from, count - from, &moved,
                                    &error));
        }
    }
    while (count > 0) { /* the last parcels first */
        const int some = 1 + (int)ic_random_below(&random, (uint32_t)count);

        wait_for(messages + count - some, some);
        count -= some;
    }
}

static void test_messages(void)
{
    struct parcel parcels[PARCELS] = {{0}};

    draw_parcels(parcels);
    exchange(parcels);
    for (int i = 0; i < PARCELS; i++) {
        const struct parcel *p = &parcels[i];
        size_t equal = 0;

        while (p->data != NULL && equal < p->bytes &&
               p->data[equal] == byte_of(i, equal))
            equal++;
        if (p->data != NULL && equal < p->bytes)
            CHECK_FAIL("rank %d: %zu bytes from %d to %d differ at %zu", crew.rank,
                       p->bytes, p->from, p->to, equal);
        free(p->data);
    }
}

/* A rank that waits for a second uses little processor time meanwhile. */
static void test_waiting(void)
{
    const double begin = seconds(CLOCK_MONOTONIC);
    const double used = seconds(CLOCK_PROCESS_CPUTIME_ID);

    if (crew.rank == 1)
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    meet();
    if (crew.rank == 0) {
        CHECK(seconds(CLOCK_MONOTONIC) - begin > 0.9);
        CHECK(seconds(CLOCK_PROCESS_CPUTIME_ID) - used <
              0.6 * (seconds(CLOCK_MONOTONIC) - begin));
    }
}

/* `advance` returns although its message does not come: rank 1 sends it only when rank
 * 0 says so. */
static void test_patience(void)
{
    char byte = 1, other = 1;
    struct ic_message send = {.peer = 1 - crew.rank, .send = &byte, .bytes = 1};
    struct ic_message receive = {.peer = 1 - crew.rank, .receive = &other, .bytes = 1};
    const double begin = seconds(CLOCK_MONOTONIC);
    bool moved = true;

    if (crew.rank > 1)
        return;
    transport->post(link_, &receive, 1);
    if (crew.rank == 0) {
        CHECK_OK(transport->advance(link_, &receive, 1, &moved, &error));
        CHECK(!moved && !receive.done);
        CHECK(seconds(CLOCK_MONOTONIC) - begin > 0.01);
    } else {
        wait_for(&receive, 1);
    }
    transport->post(link_, &send, 1);
    wait_for(&send, 1);
    wait_for(&receive, 1);
}

/* The last rank calls. Every other rank hears the call, and no call of another rank. */
static void test_call(void)
{
    enum ic_peer peers[64];
    const int caller = crew.size - 1;

    CHECK(!transport->listen(link_, peers));
    meet();
    if (crew.rank == caller)
        transport->call(link_);
    meet(); /* a call under way does not disturb messages */
    while (crew.rank != caller && !transport->listen(link_, peers))
        sched_yield();
    for (int rank = 0; rank < crew.size; rank++)
        if (crew.rank != caller)
            CHECK_INT(peers[rank], rank == caller ? IC_PEER_CALLED : IC_PEER_QUIET);
    meet();
    CHECK(crew.rank == caller || transport->listen(link_, peers));
}

int main(int argc, char **argv)
{
    const char *const task = argc > 1 ? argv[1] : "";

    if (ic_transport_load("mpi", &transport, &error) != IC_OK)
        check_skip("the module im2cat-mpi.so was not built (configure --with-mpi)");
    alarm(300); /* a hanging rank ends all */
    open_link();
    if (strcmp(task, "describe") == 0) {
        puts(transport->describe(link_));
    } else if (strcmp(task, "abandon") == 0) {
        struct ic_message never = {.peer = 0, .receive = &(char){0}, .bytes = 1};

        if (crew.rank == 0)
            transport->abandon(link_, 3);
        transport->post(link_, &never, 1);
        wait_for(&never, 1);
        pause();
    } else if (crew.size > 1) {
        test_messages();
        test_waiting();
        test_patience();
        test_call();
    }
    if (strcmp(task, "") == 0 && crew.rank == 0)
        printf("%s: %d ranks\n", transport->describe(link_), crew.size);
    transport->close(link_);
    transport->close(NULL);
    return check_result();
}
