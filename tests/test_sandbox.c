/* SPDX-License-Identifier: MIT */
/*
 * The sandbox: what it refuses fails, in the thread that enters it, in a thread that is
 * started later and, where system calls are filtered, in one that was there before.
 * What the commands need still works: pictures are decoded, and a socket that listens
 * accepts. Each process that enters is a child of the test.
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "backend/cpu/gemm.h"
#include "backend/registry.h"
#include "check.h"
#include "folder.h"
#include "image_file.h"
#include "pictures.h"

static struct {
    char *folder, *inside, *picture, *file, *outside, *fresh; /* paths */
    bool landlock, seccomp;                                   /* what the kernel has */
    int listens;                                              /* a socket */
    pid_t parent;
} world;

/* --- what is refused ----------------------------------------------------------- */

/* An attempt returns whether it worked, with errno where it did not. */

static bool opened(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool write_file(void)
{
    return opened(world.file, O_WRONLY);
}

static bool create_file(void)
{
    return opened(world.fresh, O_WRONLY | O_CREAT);
}

static bool read_outside(void)
{
    return opened(world.outside, O_RDONLY);
}

static bool list_outside(void)
{
    return opened(world.folder, O_RDONLY | O_DIRECTORY);
}

static bool remove_file(void)
{
    return unlink(world.file) == 0;
}

static bool make_folder(void)
{
    return mkdir(world.fresh, 0700) == 0;
}

static bool change_mode(void)
{
    return chmod(world.file, 0600) == 0;
}

static bool start_program(void)
{
    char *arguments[] = {"/bin/sh", "-c", "exit 98", NULL};

    return execv("/bin/sh", arguments) == 0;
}

static bool trace_parent(void)
{
    return ptrace(PTRACE_SEIZE, world.parent, NULL, NULL) == 0;
}

static bool signal_parent(void)
{
    return kill(world.parent, 0) == 0;
}

static bool signal_thread_of_parent(void)
{
    return syscall(SYS_tgkill, world.parent, world.parent, 0) == 0;
}

static bool make_socket(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool connect_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(world.listens, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool mount_folder(void)
{
    return mount("none", world.folder, "tmpfs", 0, NULL) == 0;
}

static bool make_namespace(void)
{
    return unshare(CLONE_NEWUTS) == 0;
}

static const struct attempt {
    const char *name;
    bool (*attempt)(void);
    bool by_landlock; /* else by seccomp */
    int error;
} attempts[] = {
    {"writing to a file", write_file, true, EACCES},
    {"creating a file", create_file, true, EACCES},
    {"reading outside", read_outside, true, EACCES},
    {"listing a folder outside", list_outside, true, EACCES},
    {"removing a file", remove_file, true, EACCES},
    {"making a folder", make_folder, true, EACCES},
    {"changing a file's mode", change_mode, false, EPERM},
    {"starting a program", start_program, false, EPERM},
    {"tracing the parent", trace_parent, false, EPERM},
    {"signalling the parent", signal_parent, false, EPERM},
    {"signalling a thread of the parent", signal_thread_of_parent, false, EPERM},
    {"making a socket", make_socket, false, EPERM},
    {"connecting a socket", connect_socket, false, EPERM},
    {"mounting", mount_folder, false, EPERM},
    {"making a namespace", make_namespace, false, EPERM},
};

/* Checks all that the parts refuse. */
static void check_refused(const char *thread, bool landlock, bool seccomp)
{
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        const struct attempt *const one = &attempts[i];

        if (one->by_landlock ? !landlock : !seccomp)
            continue;
        errno = 0;
        if (one->attempt())
            CHECK_FAIL("%s, %s: works", thread, one->name);
        else if (errno != one->error)
            CHECK_FAIL("%s, %s: %s", thread, one->name, strerror(errno));
    }
}

/* --- what still works ---------------------------------------------------------- */

static atomic_int signalled;

static void take_signal(int number)
{
    signalled++;
}

static void check_allowed(void)
{
    struct ic_image image = {0};
    struct ic_error error;
    int fd;

    CHECK_OK(image_read(world.picture, &image, NULL, &error));
    ic_image_free(&image);
    CHECK(opened(world.inside, O_RDONLY | O_DIRECTORY));
    fd = accept(world.listens, NULL, NULL); /* the parent has connected */
    CHECK(fd >= 0);
    close(fd);
    signal(SIGUSR1, take_signal);
    raise(SIGUSR1);
    CHECK_INT(signalled, 1);
}

/* --- threads ------------------------------------------------------------------- */

static pthread_barrier_t entered;

/* Landlock does not bind threads that were there before. */
static void *thread_before(void *context)
{
    pthread_barrier_wait(&entered);
    check_refused("a thread from before", false, world.seccomp);
    return NULL;
}

static void *thread_after(void *context)
{
    check_refused("a later thread", world.landlock, world.seccomp);
    return NULL;
}

/* The child: exits with 0 if all checks held. */
static void be_restricted(void)
{
    const char *const readable[] = {world.inside, "/nowhere/at/all", NULL};
    struct ic_error error;
    pthread_t before, after;

    pthread_barrier_init(&entered, NULL, 2);
    CHECK_INT(pthread_create(&before, NULL, thread_before, NULL), 0);
    CHECK_OK(ic_sandbox_enter(readable, &error));
    pthread_barrier_wait(&entered);
    pthread_join(before, NULL);
    CHECK_INT(pthread_create(&after, NULL, thread_after, NULL), 0);
    pthread_join(after, NULL);
    check_refused("the thread that entered", world.landlock, world.seccomp);
    check_allowed();
    exit(check_result());
}

/* The child without a list: all may be read, nothing written. */
static void read_everything(void)
{
    struct ic_error error;

    CHECK_OK(ic_sandbox_enter(NULL, &error));
    CHECK(read_outside() && list_outside());
    if (world.landlock)
        CHECK(!write_file() && !create_file() && !remove_file());
    exit(check_result());
}

static void run_child(void (*child)(void))
{
    const pid_t pid = fork();
    int status = -1;

    if (pid == 0)
        child();
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* --- the world ----------------------------------------------------------------- */

static void make_world(void)
{
    world.folder = folder_make();
    world.inside = folder_path(world.folder, "inside");
    world.picture = folder_path(world.folder, "inside/picture.png");
    world.file = folder_path(world.folder, "inside/file");
    world.fresh = folder_path(world.folder, "inside/fresh");
    world.outside = folder_path(world.folder, "outside");
    world.parent = getpid();
    picture_put(world.inside, "picture.png", true, 20, 10, 1);
    folder_put_text(world.inside, "file", "file");
    folder_put_text(world.folder, "outside", "outside");
}

/* Listens on a free port, and returns a socket that has connected to it. */
static int make_sockets(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    const int caller = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    world.listens = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(world.listens, (struct sockaddr *)&address, size) != 0 ||
        listen(world.listens, 1) != 0 ||
        getsockname(world.listens, (struct sockaddr *)&address, &size) != 0 ||
        connect(caller, (struct sockaddr *)&address, size) != 0)
        folder_broke("a socket");
    return caller;
}

/* The BLAS's own threads, which Landlock would not bind, end and do not come back. */
static void test_threads_of_blas(void)
{
#ifdef HAVE_BLAS_THREAD_SHUTDOWN_
    const struct ic_device_options options = {.threads = 1};
    const struct ic_backend *backend;
    struct ic_device *device = NULL;
    struct ic_error error;

    ic_gemm_end_threads();
    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    CHECK_OK(backend->open(&options, &device, &error));
    CHECK_INT(folder_entries("/proc/self/task"), 1);
    backend->close(device);
#endif
}

int main(void)
{
    char text[80];
    int caller;

    ic_sandbox_describe(text, sizeof text);
    if (strncmp(text, "no ", 3) == 0)
        check_skip(text);
    world.landlock = strstr(text, "Landlock") != NULL;
    world.seccomp = strstr(text, "seccomp") != NULL;
    if (!world.landlock || !world.seccomp)
        fprintf(stderr, "left out: %s, which this system lacks\n",
                world.seccomp ? "Landlock" : "seccomp");
    make_world();
    caller = make_sockets();
    test_threads_of_blas();
    run_child(be_restricted);
    run_child(read_everything);
    CHECK(write_file() && read_outside()); /* the parent is free */
    close(caller);
    close(world.listens);
    folder_remove(world.folder);
    free(world.inside);
    free(world.picture);
    free(world.file);
    free(world.fresh);
    free(world.outside);
    return check_result();
}
