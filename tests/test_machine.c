/* SPDX-License-Identifier: MIT */
/*
 * The resources that the process may use: the affinity mask by setting it, the control
 * groups on made-up trees of both versions, the rest by conditions that hold on any
 * machine.
 */
#include "base/machine.h"

#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/file.h"
#include "check.h"

static char root[] = "/tmp/im2cat-test-machine-XXXXXX";

/* --- control groups --------------------------------------------------------------- */

/* Writes one file of the made-up tree, its folders included. */
static void put(const char *path, const char *content)
{
    struct ic_error error = {0};
    char whole[512], *slash;

    snprintf(whole, sizeof whole, "%s%s", root, path);
    slash = strrchr(whole, '/');
    *slash = '\0';
    CHECK_OK(ic_file_make_folder(whole, &error));
    *slash = '/';
    CHECK_OK(ic_file_write(whole, content, strlen(content), &error));
}

static void clear(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s/proc %s/sys", root, root);
    CHECK(system(command) == 0);
}

static void check_limits(double cpus, uint64_t memory)
{
    const double found = ic_cgroup_cpus(root);

    if (isinf(cpus))
        CHECK(isinf(found) && found > 0);
    else
        CHECK_NEAR(found, cpus, 1e-9);
    CHECK_INT(ic_cgroup_memory(root), memory);
    clear();
}

static void test_no_groups(void)
{
    check_limits(INFINITY, UINT64_MAX); /* no /proc at all */
    put("/proc/self/cgroup", "");
    check_limits(INFINITY, UINT64_MAX);
    put("/proc/self/cgroup", "0::/\n");
    check_limits(INFINITY, UINT64_MAX);
}

static void test_version_2(void)
{
    put("/proc/self/cgroup", "0::/user.slice/job.scope\n");
    put("/sys/fs/cgroup/user.slice/job.scope/cpu.max", "250000 100000\n");
    put("/sys/fs/cgroup/user.slice/job.scope/memory.max", "1073741824\n");
    check_limits(2.5, 1073741824);

    put("/proc/self/cgroup", "0::/job\n");
    put("/sys/fs/cgroup/job/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/job/memory.max", "max\n");
    check_limits(INFINITY, UINT64_MAX);

    /* A group above ours limits us too, whichever is tighter. */
    put("/proc/self/cgroup", "0::/outer/inner/leaf\n");
    put("/sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
    put("/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
    put("/sys/fs/cgroup/outer/inner/leaf/cpu.max", "400000 100000\n");
    put("/sys/fs/cgroup/outer/memory.max", "3000000\n");
    put("/sys/fs/cgroup/outer/inner/leaf/memory.max", "2000000\n");
    check_limits(1.5, 2000000);

    /* A container may see its own group at the mount point. */
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "50000 100000\n");
    put("/sys/fs/cgroup/memory.max", "123456\n");
    check_limits(0.5, 123456);
}

static void test_version_1(void)
{
    put("/proc/self/cgroup", "12:cpuset:/other\n"
                             "9:memory:/docker/abc\n"
                             "4:cpu,cpuacct:/docker/abc\n"
                             "1:name=systemd:/docker/abc\n");
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "300000\n");
    put("/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "5000000000\n");
    check_limits(3, 5000000000);

    /* A quota of -1 means none; an unlimited group's memory is a huge number. */
    put("/proc/self/cgroup", "9:memory:/\n4:cpuacct,cpu:/\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    check_limits(INFINITY, 9223372036854771712u);

    /* The path is the host's, but the container's own group is mounted. */
    put("/proc/self/cgroup", "9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "777\n");
    check_limits(2, 777);

    /* A controller whose name only begins with "cpu" is another one. */
    put("/proc/self/cgroup", "4:cpuset,cpuacct:/x\n");
    put("/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
    check_limits(INFINITY, UINT64_MAX);

    /* So is one whose name only ends with it. */
    put("/proc/self/cgroup", "4:net,vcpu:/x\n");
    put("/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
    check_limits(INFINITY, UINT64_MAX);
}

/* Both versions at once, as systemd mounted them for some years. */
static void test_hybrid(void)
{
    put("/proc/self/cgroup", "3:cpu:/a\n0::/b\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "200000\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/unified/b/memory.max", "4242\n");
    check_limits(2, 4242);
}

/* An invalid value sets no limit and does no harm. */
static void test_nonsense(void)
{
    static char wide[9000];

    put("/proc/self/cgroup", "0\n:\n::\n0:\nno colon at all\n0::/x\n");
    put("/sys/fs/cgroup/x/cpu.max", "-5 100000\n");
    put("/sys/fs/cgroup/x/memory.max", "plenty\n");
    put("/sys/fs/cgroup/cpu.max", "100000 0\n");
    check_limits(INFINITY, UINT64_MAX);

    memset(wide, 'y', sizeof wide - 1);
    memcpy(wide, "0::/", 4);
    put("/proc/self/cgroup", wide);
    put("/sys/fs/cgroup/memory.max", "");
    check_limits(INFINITY, UINT64_MAX);
}

/* --- cores of a rank -------------------------------------------------------------- */

static int share(int ranks, int own, int sum, int all, double quota)
{
    const struct ic_rank_cores cores = {ranks, own, sum, all, quota};

    return ic_machine_share_cores(&cores);
}

static void test_rank_cores(void)
{
    /* A single rank has the cores of its mask, all of the machine or a part of it. */
    CHECK_INT(share(1, 64, 64, 64, INFINITY), 64);
    CHECK_INT(share(1, 1, 1, 64, INFINITY), 1);

    /* Ranks bound to different cores keep those, whether equally many or not. */
    CHECK_INT(share(4, 16, 64, 64, INFINITY), 16);
    CHECK_INT(share(4, 1, 4, 64, INFINITY), 1);
    CHECK_INT(share(3, 40, 64, 64, INFINITY), 40);

    /* Ranks without binding share the machine. */
    CHECK_INT(share(2, 64, 128, 64, INFINITY), 32);
    CHECK_INT(share(3, 64, 192, 64, INFINITY), 21);
    CHECK_INT(share(3, 2, 6, 2, INFINITY), 1);
    CHECK_INT(share(8, 2, 16, 2, INFINITY), 1);

    /* Two ranks on each half of the machine; with unequal masks no rank exceeds its
     * own. */
    CHECK_INT(share(4, 32, 128, 64, INFINITY), 16);
    CHECK_INT(share(2, 3, 67, 64, INFINITY), 3);
    CHECK_INT(share(2, 64, 67, 64, INFINITY), 32);

    /* The quota covers all ranks together. */
    CHECK_INT(share(1, 8, 8, 8, 2.5), 3);
    CHECK_INT(share(2, 4, 8, 8, 6), 3);
    CHECK_INT(share(2, 8, 16, 8, 5), 3);
    CHECK_INT(share(2, 8, 16, 8, 100), 4);
    CHECK_INT(share(4, 8, 32, 8, 0.5), 1);
    CHECK_INT(share(4, 1, 4, 8, 16), 1);
}

/* --- the process itself ----------------------------------------------------------- */

/* Runs `body` in a process of its own, so that its settings end with it. */
static void in_child(void (*body)(void))
{
    int state = 0;
    const pid_t child = fork();

    if (child == 0) {
        check_failures = 0;
        body();
        _exit(check_result());
    }
    CHECK(child > 0 && waitpid(child, &state, 0) == child);
    CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
}

/* Pinned to one processor after another, the process has one core, and the machine has
 * as many as before. */
static void one_core(void)
{
    const int all = ic_machine_all_cores(), whole = ic_machine_mask_checksum();
    cpu_set_t mine;

    if (sched_getaffinity(0, sizeof mine, &mine) != 0)
        return;
    for (int i = 0; i < CPU_SETSIZE; i++) {
        cpu_set_t one;

        if (!CPU_ISSET(i, &mine))
            continue;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        if (sched_setaffinity(0, sizeof one, &one) == 0) {
            CHECK_INT(ic_machine_cores(), 1);
            CHECK_INT(ic_machine_mask_cores(), 1);
            CHECK_INT(ic_machine_rank_cores(2, 2, 1), 1);
            CHECK_INT(ic_machine_rank_cores(2, 2, 2), 1);
            CHECK_INT(ic_machine_all_cores(), all);
            CHECK((ic_machine_mask_checksum() == whole) == (CPU_COUNT(&mine) == 1));
        }
    }
}

static void test_cores(void)
{
    const int cores = ic_machine_cores(), mask = ic_machine_mask_cores();
    const int all = ic_machine_all_cores();
    cpu_set_t mine;

    CHECK(cores >= 1 && cores <= mask && mask <= all);
    CHECK(all <= sysconf(_SC_NPROCESSORS_CONF));
    CHECK_INT(ic_machine_rank_cores(1, mask, 1), cores);
    CHECK_INT(ic_machine_rank_cores(1 << 20, 1 << 20, 1), 1);
    /* Ranks that share a mask share its cores, whatever else the machine has. */
    CHECK_INT(ic_machine_rank_cores(2, 2 * mask, 2), mask >= 2 ? mask / 2 : 1);
    if (sched_getaffinity(0, sizeof mine, &mine) == 0)
        CHECK(cores <= CPU_COUNT(&mine));
    in_child(one_core);
}

static void test_memory(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    CHECK(ic_machine_memory() > (uint64_t)1 << 20);
    CHECK(ic_machine_memory() <= ic_cgroup_memory(""));
    if (pages > 0 && page > 0)
        CHECK(ic_machine_memory() <= (uint64_t)pages * (uint64_t)page);
}

/* 64 MiB that are touched and freed still count in the peak. */
static void peak_grows(void)
{
    const uint64_t before = ic_machine_peak_rss(), size = 64 << 20;
    char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(before > 0);
    if (memory == MAP_FAILED)
        return;
    memset(memory, 1, size);
    munmap(memory, size);
    CHECK(ic_machine_peak_rss() >= before + size / 2);
    CHECK(ic_machine_peak_rss() <= before + 16 * size);
}

static void test_seconds(void)
{
    double previous = ic_machine_seconds();
    const double start = previous;

    for (int i = 0; i < 1000; i++) {
        const double now = ic_machine_seconds();

        CHECK(now >= previous);
        previous = now;
    }
    usleep(20000);
    CHECK(ic_machine_seconds() - start >= 0.02);
    CHECK(ic_machine_seconds() - start < 60);
}

static void test_flush_denormals(void)
{
#if defined(__SSE__) || defined(__aarch64__)
    volatile float tiny = 1e-38f, half = 0.5f, denormal = tiny * half * half;

    CHECK(denormal > 0);
    ic_machine_flush_denormals();
    CHECK(tiny * half * half == 0); /* a result is flushed */
    CHECK(denormal * 0x1p60f == 0); /* and so is an input */
#else
    ic_machine_flush_denormals();
#endif
}

static void test_asked_threads(void)
{
    static const struct {
        const char *text;
        int threads;
    } cases[] = {{"1", 1},
                 {"3", 3},
                 {" 4096 ", 4096},
                 {"4,2,1", 4},
                 {"0", 0},
                 {"-2", 0},
                 {"4097", 0},
                 {"", 0},
                 {"two", 0},
                 {"2x", 0},
                 {"2 threads", 0},
                 {",3", 0},
                 {"99999999999999999999", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("OMP_NUM_THREADS", cases[i].text, 1);
        CHECK_INT(ic_machine_asked_threads(), cases[i].threads);
        CHECK_INT(ic_machine_threads(0),
                  cases[i].threads != 0 ? cases[i].threads : ic_machine_cores());
        CHECK_INT(ic_machine_threads(7), 7);
    }
    unsetenv("OMP_NUM_THREADS");
    CHECK_INT(ic_machine_asked_threads(), 0);
    CHECK_INT(ic_machine_threads(0), ic_machine_cores());
}

static void remove_root(void)
{
    clear();
    if (rmdir(root) != 0)
        fprintf(stderr, "%s was left behind\n", root);
}

int main(void)
{
    if (mkdtemp(root) == NULL) {
        perror(root);
        return 99;
    }
    test_no_groups();
    test_version_2();
    test_version_1();
    test_hybrid();
    test_nonsense();
    test_rank_cores();
    test_cores();
    test_memory();
    in_child(peak_grows);
    test_seconds();
    test_flush_denormals();
    test_asked_threads();
    remove_root();
    return check_result();
}
