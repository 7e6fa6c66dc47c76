/* SPDX-License-Identifier: MIT */
/*
 * A switch and the cables to it, for tests. It joins network namespaces as a network of
 * a given rate and delay joins machines, on kernels without netem.
 *
 *     link MBIT_PER_SECOND DELAY_MICROSECONDS NAMESPACE...
 *
 * makes a device "net0" in each namespace of `ip netns`. The address of the n-th, which
 * the caller sets, ends in n (IPv4). A packet takes its sender's cable for size / rate,
 * the delay, and then its receiver's cable: it leaves at max(arrival + delay, the
 * departure before it + size / rate). A sender whose cable is busy keeps its packets in
 * the queue of the device; this program has one queue per receiver. Full queues drop
 * packets.
 *
 * SIGUSR1 cuts all cables: packets under way are lost, and so are new ones. SIGUSR2
 * joins the cables again. The devices end with the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS = 8, PACKET = 9000, QUEUE = 128, HEADER = 20 };

/* In seconds: a packet that was taken later than this does not keep its cable busy in
 * the past. */
static const double late_most = 2e-3;

struct packet {
    double leaves; /* when it has arrived in full */
    int size;
    char bytes[PACKET];
};

struct host {
    int device;
    bool waits;      /* its device may hold packets */
    double sends;    /* when its cable to the switch is free */
    double receives; /* when the last packet to it leaves */
    int first, count;
    struct packet queue[QUEUE];
};

static struct host hosts[HOSTS];
static int host_count;
static double rate, delay; /* bytes per second, seconds */
static volatile sig_atomic_t cut;

static void give_up(const char *what)
{
    fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void change(int signal)
{
    cut = signal == SIGUSR1;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Makes the device of a namespace, inside it. */
static int open_device(const char *name)
{
    struct ifreq request = {.ifr_name = "net0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    char path[256];
    int namespace, device;

    snprintf(path, sizeof path, "/run/netns/%s", name);
    namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0 || setns(namespace, CLONE_NEWNET) != 0)
        give_up(path);
    close(namespace);
    device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0)
        give_up("/dev/net/tun");
    return device;
}

/* The host that a packet goes to, or NULL. */
static struct host *receiver_of(const char *packet, int size)
{
    const int number = size >= HEADER && packet[0] >> 4 == 4 ? packet[19] : 0;

    return number > 0 && number <= host_count ? &hosts[number - 1] : NULL;
}

/* Takes a packet from a sender whose cable is free to the queue of its receiver. */
static void take(struct host *sender, double time)
{
    static char bytes[PACKET];
    const int size = (int)read(sender->device, bytes, sizeof bytes);
    struct host *to = receiver_of(bytes, size);
    struct packet *packet;
    double begins = sender->sends;

    if (!sender->waits)
        begins = time;
    else if (begins < time - late_most)
        begins = time - late_most;
    sender->waits = size > 0;
    if (size <= 0)
        return;
    sender->sends = begins + size / rate;
    if (to == NULL || cut || to->count == QUEUE)
        return;
    to->receives += size / rate;
    if (to->receives < sender->sends + delay)
        to->receives = sender->sends + delay;
    packet = &to->queue[(to->first + to->count++) % QUEUE];
    packet->leaves = to->receives;
    packet->size = size;
    memcpy(packet->bytes, bytes, (size_t)size);
}

/* Hands over the packets to a host that are due. A packet for a full device is lost. */
static void deliver(struct host *to, double time)
{
    while (to->count > 0 && (cut || to->queue[to->first].leaves <= time)) {
        const struct packet *packet = &to->queue[to->first];

        if (!cut && write(to->device, packet->bytes, (size_t)packet->size) < 0 &&
            errno != EAGAIN && errno != EIO && errno != ENOBUFS)
            give_up("a packet");
        to->first = (to->first + 1) % QUEUE;
        to->count--;
    }
}

/* Does what can be done now. Returns when more is due, should no new packet come. */
static double go_on(struct pollfd *polls)
{
    double time = now(), next = time + 1;

    for (int i = 0; i < host_count; i++) {
        struct host *host = &hosts[i];

        if (host->sends <= time)
            take(host, time);
        deliver(host, time);
    }
    for (int i = 0; i < host_count; i++) {
        const struct host *host = &hosts[i];

        polls[i].fd = host->waits ? -1 : host->device;
        if (host->waits && host->sends < next)
            next = host->sends;
        if (host->count > 0 && host->queue[host->first].leaves < next)
            next = host->queue[host->first].leaves;
    }
    return next;
}

int main(int count, char **words)
{
    const struct sigaction action = {.sa_handler = change};
    struct pollfd polls[HOSTS];

    if (count < 4 || count > 3 + HOSTS) {
        fprintf(stderr, "link MBIT_PER_SECOND DELAY_MICROSECONDS NAMESPACE...\n");
        return 2;
    }
    rate = atof(words[1]) * 1e6 / 8;
    delay = atof(words[2]) * 1e-6;
    host_count = count - 3;
    for (int i = 0; i < host_count; i++) {
        hosts[i].device = open_device(words[3 + i]);
        polls[i] = (struct pollfd){.events = POLLIN};
    }
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    prctl(PR_SET_TIMERSLACK, 1UL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        const double left = go_on(polls) - now();
        const struct timespec wait = {.tv_nsec = left > 0 ? (long)(left * 1e9) : 0};

        if (left > 0 && ppoll(polls, (nfds_t)host_count, &wait, NULL) < 0 &&
            errno != EINTR)
            give_up("poll");
    }
}
