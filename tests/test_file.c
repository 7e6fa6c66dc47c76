/* SPDX-License-Identifier: MIT */
/*
 * Files and folders: which are read and which refused, and above all that a file is
 * replaced whole or not at all, whatever happens in between.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/temporary.h"
#include "check.h"
#include "syncs.h"

static char folder[] = "/tmp/im2cat-test-file-XXXXXX";

/* A path below the test's folder, valid until the eighth call after it. */
static const char *in_folder(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void check_content(const char *path, const char *expected)
{
    struct ic_error error = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(path, 1000, &bytes, &size, &error));
    if (bytes != NULL) {
        CHECK_INT(size, strlen(expected));
        CHECK_STRING((const char *)bytes, expected);
    }
    free(bytes);
}

/* The names in a folder, including those that start with a dot, so that temporary files
 * show. */
static int count_names(const char *path)
{
    struct ic_error error = {0};
    char **names = NULL;
    size_t count = 0;

    CHECK_OK(ic_file_list(path, &names, &count, &error));
    ic_file_free_names(names, count);
    return (int)count;
}

static void test_round_trip(void)
{
    const char *path = in_folder("round-trip");
    struct ic_error error = {0};
    uint8_t bytes[256], *found = NULL;
    size_t size = 0;

    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    CHECK_OK(ic_file_write(path, bytes, sizeof bytes, &error));
    CHECK_OK(ic_file_read(path, 256, &found, &size, &error));
    CHECK_INT(size, 256);
    CHECK(found != NULL && memcmp(found, bytes, 256) == 0 && found[256] == 0);
    free(found);

    found = NULL;
    CHECK_OK(ic_file_write(path, NULL, 0, &error));
    CHECK_OK(ic_file_read(path, 0, &found, &size, &error));
    CHECK_INT(size, 0);
    CHECK(found != NULL && found[0] == 0);
    free(found);
}

static void test_read_refuses(void)
{
    struct ic_error error = {0};
    uint8_t *bytes = NULL;
    size_t size;

    CHECK_FAILS(ic_file_read(in_folder("absent"), 10, &bytes, &size, &error), IC_ERR_IO,
                "absent: No such file");
    CHECK_FAILS(ic_file_read("", 10, &bytes, &size, &error), IC_ERR_IO, "");
    CHECK_FAILS(ic_file_read(folder, 10, &bytes, &size, &error), IC_ERR_IO,
                "is a folder");
    CHECK_FAILS(ic_file_read("/dev/zero", 10, &bytes, &size, &error), IC_ERR_IO,
                "is a special file");

    /* A pipe without a writer would hold a plain open(2) for ever. */
    CHECK(mkfifo(in_folder("pipe"), 0600) == 0);
    CHECK_FAILS(ic_file_read(in_folder("pipe"), 10, &bytes, &size, &error), IC_ERR_IO,
                "is a special file");

    CHECK_OK(ic_file_write(in_folder("eleven"), "hello world", 11, &error));
    CHECK_FAILS(ic_file_read(in_folder("eleven"), 10, &bytes, &size, &error),
                IC_ERR_LIMIT, "has 11 bytes, the limit is 10");
    check_content(in_folder("eleven"), "hello world");

    /* A sparse file of four tebibytes is refused by its size, before memory is
     * requested. */
    CHECK_OK(ic_file_write(in_folder("hole"), "", 0, &error));
    if (truncate(in_folder("hole"), (off_t)1 << 42) == 0)
        CHECK_FAILS(ic_file_read(in_folder("hole"), 1000, &bytes, &size, &error),
                    IC_ERR_LIMIT, "4398046511104");
    CHECK(bytes == NULL);
    unlink(in_folder("hole"));
}

/* Before the commit no file exists, after it the whole file does. */
static void test_commit(void)
{
    const char *path = in_folder("committed");
    struct ic_file_writer writer = {0};
    struct ic_error error = {0};
    const int before = count_names(folder);

    CHECK_OK(ic_file_writer_open(&writer, path, &error));
    fprintf(writer.stream, "epoch,train_loss\n");
    fflush(writer.stream);
    CHECK(!ic_file_exists(path));
    CHECK_OK(ic_file_writer_commit(&writer, &error));
    CHECK(writer.stream == NULL && writer.path == NULL && writer.temporary == NULL);
    check_content(path, "epoch,train_loss\n");
    CHECK_INT(count_names(folder), before + 1);
}

/* What survives a power failure: the content is synced before the file gets its name,
 * and the name behind it. A failing sync leaves the old file, a signal disturbs none.
 */
static void test_syncs(void)
{
    const char *path = in_folder("synced");
    struct ic_file_writer writer = {0};
    struct ic_error error = {0};

    syncs_begin(0, 0);
    CHECK_OK(ic_file_write(path, "old", 3, &error));
    CHECK_STRING(syncs, "fd");
    syncs_begin(0, 3);
    CHECK_OK(ic_file_write(path, "newer", 5, &error));
    CHECK_STRING(syncs, "fd");
    CHECK_INT(sync_interrupts, 0);
    syncs_begin(EIO, 0);
    CHECK_FAILS(ic_file_write(path, "newest", 6, &error), IC_ERR_IO,
                "synced: Input/output error");
    CHECK_STRING(syncs, "f");
    check_content(path, "newer");

    syncs_begin(0, 0);
    CHECK_OK(ic_file_writer_open(&writer, path, &error));
    writer.hasty = true;
    CHECK_OK(ic_file_writer_commit(&writer, &error));
    CHECK_STRING(syncs, "");
    CHECK_OK(ic_file_make_folder(in_folder("synced-1/synced-2"), &error));
    CHECK_STRING(syncs, "dd");
}

static void test_abort(void)
{
    const char *path = in_folder("aborted");
    struct ic_file_writer writer = {0};
    struct ic_error error = {0};
    const int before = count_names(folder);

    ic_file_writer_abort(&writer); /* not open: nothing happens */
    CHECK_OK(ic_file_writer_open(&writer, path, &error));
    fprintf(writer.stream, "half of a line");
    ic_file_writer_abort(&writer);
    ic_file_writer_abort(&writer);
    CHECK_INT(count_names(folder), before);
}

/* A name without a folder means the current folder, also for the temporary file. */
static void test_relative(void)
{
    struct ic_error error = {0};
    char back[4096];

    if (getcwd(back, sizeof back) == NULL || chdir(folder) != 0)
        return;
    CHECK_OK(ic_file_write("relative", "here", 4, &error));
    CHECK(chdir(back) == 0);
    check_content(in_folder("relative"), "here");
}

/* A process that is killed while it writes leaves the old file as it was. */
static void test_killed(void)
{
    const char *path = in_folder("killed");
    struct ic_error error = {0};
    int channel[2], state = 0;
    char ready;
    pid_t child;

    CHECK_OK(ic_file_write(path, "old", 3, &error));
    if (pipe(channel) != 0 || (child = fork()) < 0)
        return;
    if (child == 0) {
        struct ic_file_writer writer;

        if (ic_file_writer_open(&writer, path, NULL) != IC_OK)
            _exit(99);
        fprintf(writer.stream, "new, but only half of i");
        fflush(writer.stream);
        if (write(channel[1], "r", 1) != 1)
            _exit(99);
        pause();
        _exit(98);
    }
    close(channel[1]);
    CHECK_INT(read(channel[0], &ready, 1), 1);
    close(channel[0]);
    kill(child, SIGKILL);
    CHECK(waitpid(child, &state, 0) == child && WIFSIGNALED(state));
    check_content(path, "old");

    /* The leftover temporary file disturbs nobody. */
    CHECK_OK(ic_file_write(path, "newer", 5, &error));
    check_content(path, "newer");
}

static void test_write_refuses(void)
{
    struct ic_file_writer writer = {0};
    struct ic_error error = {0};
    struct stat about;
    const int before = count_names(folder);

    CHECK_FAILS(ic_file_write(in_folder("no/such"), "x", 1, &error), IC_ERR_IO,
                "no/such: No such file or directory");
    CHECK_FAILS(ic_file_write("", "x", 1, &error), IC_ERR_USAGE, "without a name");
    CHECK_FAILS(ic_file_writer_open(&writer, folder, &error), IC_ERR_USAGE,
                "it is a folder");
    CHECK(writer.stream == NULL && writer.path == NULL && writer.temporary == NULL);

    CHECK_INT(count_names(folder), before);

    /* The superuser could replace a device by a plain file. A pipe stands for the
     * device: if this check fails, it is gone. */
    CHECK(mkfifo(in_folder("device"), 0600) == 0);
    CHECK_FAILS(ic_file_write(in_folder("device"), "x", 1, &error), IC_ERR_USAGE,
                "it is a special file");
    CHECK(stat(in_folder("device"), &about) == 0 && S_ISFIFO(about.st_mode));

    if (geteuid() != 0) {
        CHECK(mkdir(in_folder("locked"), 0500) == 0);
        CHECK_FAILS(ic_file_write(in_folder("locked/x"), "x", 1, &error), IC_ERR_IO,
                    "Permission denied");
    }
}

/* The new content does not fit: the old file stays and no other file remains. `path` is
 * on a full disk, or beyond a limit on the size of files. */
static void check_no_room(const char *path, const char *cause)
{
    const size_t size = (size_t)4 << 20;
    char *large = check_alloc(size, 1);
    struct ic_file_writer writer = {0};
    struct ic_error error = {0};

    CHECK_OK(ic_file_write(path, "old", 3, &error));
    CHECK_FAILS(ic_file_write(path, large, size, &error), IC_ERR_IO, cause);
    CHECK(strstr(error.message, path) != NULL);
    check_content(path, "old");

    /* The same holds where the caller ignores the results of writes: commit fails. */
    CHECK_OK(ic_file_writer_open(&writer, path, &error));
    for (size_t i = 0; i < size; i += 4096)
        fwrite(large + i, 1, 4096, writer.stream);
    fputs("and a last word that the stream still holds", writer.stream);
    CHECK_FAILS(ic_file_writer_commit(&writer, &error), IC_ERR_IO, cause);
    CHECK(strstr(error.message, path) != NULL);
    check_content(path, "old");
    free(large);
}

static void test_size_limit(void)
{
    const int before = count_names(folder);
    struct rlimit old, low;

    if (getrlimit(RLIMIT_FSIZE, &old) != 0)
        return;
    signal(SIGXFSZ, SIG_IGN);
    low = old;
    low.rlim_cur = 1 << 20;
    if (setrlimit(RLIMIT_FSIZE, &low) == 0) {
        check_no_room(in_folder("limited"), "File too large");
        CHECK_INT(count_names(folder), before + 1);
    }
    setrlimit(RLIMIT_FSIZE, &old);
}

/* A real full disk, where this process may mount one. */
static void test_full_disk(void)
{
    const char *disk = in_folder("disk");
    char path[600];

    CHECK(mkdir(disk, 0700) == 0);
    if (mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        fprintf(stderr, "left out: a full disk, mount: %s\n", strerror(errno));
        return;
    }
    snprintf(path, sizeof path, "%s/model.safetensors", disk);
    check_no_room(path, "No space left on device");
    CHECK_INT(count_names(disk), 1);
    umount(disk);
}

static void test_make_folder(void)
{
    struct ic_error error = {0};

    CHECK_OK(ic_file_make_folder(in_folder("a/b//c/"), &error));
    CHECK(ic_file_is_folder(in_folder("a/b/c")));
    CHECK_OK(ic_file_make_folder(in_folder("a/b/c"), &error));
    CHECK_OK(ic_file_make_folder("/", &error));
    CHECK_OK(ic_file_make_folder(".", &error));
    CHECK_FAILS(ic_file_make_folder("", &error), IC_ERR_USAGE, "without a name");
    CHECK_OK(ic_file_write(in_folder("plain"), "", 0, &error));
    CHECK_FAILS(ic_file_make_folder(in_folder("plain"), &error), IC_ERR_IO,
                "plain: Not a directory");
    CHECK_FAILS(ic_file_make_folder(in_folder("plain/below"), &error), IC_ERR_IO,
                "plain");
    CHECK(symlink("nowhere", in_folder("link")) == 0);
    CHECK_FAILS(ic_file_make_folder(in_folder("link"), &error), IC_ERR_IO,
                "link: File exists");
    CHECK(ic_file_exists(in_folder("plain")) && !ic_file_is_folder(in_folder("plain")));
    CHECK(!ic_file_exists(in_folder("absent")) && !ic_file_is_folder("/absent"));
    CHECK(!ic_file_exists(in_folder("plain/below")));
    /* What cannot be told counts as there. */
    CHECK(symlink("loop", in_folder("loop")) == 0);
    CHECK(ic_file_exists(in_folder("loop")) && !ic_file_is_folder(in_folder("loop")));
}

/* Nothing is created, and the message names the requested path. */
static void test_check_folder(void)
{
    char *closed = NULL;
    struct ic_error error = {0};

    CHECK_OK(ic_file_check_folder(in_folder(""), &error));
    CHECK_OK(ic_file_check_folder(in_folder("new"), &error));
    CHECK_OK(ic_file_check_folder(in_folder("new/b//c/"), &error));
    CHECK(!ic_file_exists(in_folder("new")));
    CHECK_OK(ic_file_check_folder("new", &error));
    CHECK_OK(ic_file_check_folder(".", &error));
    CHECK_OK(ic_file_check_folder("new/../x", &error));

    CHECK_OK(ic_file_write(in_folder("text"), "", 0, &error));
    CHECK_FAILS(ic_file_check_folder(in_folder("text"), &error), IC_ERR_IO,
                "text: Not a directory");
    CHECK_FAILS(ic_file_check_folder(in_folder("text/a/b"), &error), IC_ERR_IO,
                "text/a/b: Not a directory");
    closed = check_alloc(400, 1);
    memset(closed, 'x', 399);
    CHECK_FAILS(ic_file_check_folder(closed, &error), IC_ERR_IO, "File name too long");
    free(closed);
    if (geteuid() != 0) {
        CHECK_OK(ic_file_make_folder(in_folder("closed"), &error));
        CHECK(chmod(in_folder("closed"), 0555) == 0);
        CHECK_FAILS(ic_file_check_folder(in_folder("closed"), &error), IC_ERR_IO,
                    "cannot write in the folder");
        CHECK_FAILS(ic_file_check_folder(in_folder("closed/a"), &error), IC_ERR_IO,
                    "closed/a: Permission denied");
    }
}

static void test_list(void)
{
    static const char *const made[] = {"b",     "a",   ".hidden", "B",
                                       "a.jpg", "a-b", "\xff"};
    static const char *const sorted[] = {"B", "a", "a-b", "a.jpg", "b", "\xff"};
    struct ic_error error = {0};
    char **names = NULL, path[64];
    size_t count = 7;

    CHECK_OK(ic_file_make_folder(in_folder("list"), &error));
    CHECK_OK(ic_file_list(in_folder("list"), &names, &count, &error));
    CHECK_INT(count, 0);
    ic_file_free_names(names, count);

    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        snprintf(path, sizeof path, "list/%s", made[i]);
        CHECK_OK(ic_file_write(in_folder(path), "", 0, &error));
    }
    CHECK_OK(ic_file_list(in_folder("list"), &names, &count, &error));
    CHECK_INT(count, sizeof sorted / sizeof sorted[0]);
    for (size_t i = 0; i < count && i < sizeof sorted / sizeof sorted[0]; i++)
        CHECK_STRING(names[i], sorted[i]);
    ic_file_free_names(names, count);

    CHECK_FAILS(ic_file_list(in_folder("absent"), &names, &count, &error), IC_ERR_IO,
                "absent: No such file");
    CHECK_FAILS(ic_file_list(in_folder("list/a"), &names, &count, &error), IC_ERR_IO,
                "Not a directory");
}

static void test_join(void)
{
    static const char *const cases[][3] = {
        {"images", "a.jpg", "images/a.jpg"},
        {"images/", "a.jpg", "images/a.jpg"},
        {"/", "a.jpg", "/a.jpg"},
        {"", "a.jpg", "a.jpg"},
        {"a/b", "", "a/b/"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = ic_file_join(cases[i][0], cases[i][1]);

        CHECK_STRING(path, cases[i][2]);
        free(path);
    }
}

static void test_crc32(void)
{
    /* The check value of this CRC in the catalogues. */
    const char *digits = "123456789";
    const uint32_t half = ic_file_crc32(0, digits, 4);

    CHECK_INT(ic_file_crc32(0, digits, 9), 0xcbf43926);
    CHECK_INT(ic_file_crc32(half, digits + 4, 5), 0xcbf43926);
    CHECK_INT(ic_file_crc32(half, NULL, 0), half);
    CHECK_INT(ic_file_crc32(0, NULL, 0), 0);
}

static void remove_folder(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s was left behind\n", folder);
}

static int repeats; /* so many random numbers are 0 */

int __real_getentropy(void *bytes, size_t size);
int __wrap_getentropy(void *bytes, size_t size);

int __wrap_getentropy(void *bytes, size_t size)
{
    if (repeats == 0)
        return __real_getentropy(bytes, size);
    repeats--;
    memset(bytes, 0, size);
    return 0;
}

/* A temporary name that is taken is passed over, and its file stays untouched. */
static void test_taken_name(void)
{
    const char *path = in_folder("taken");
    char *taken = check_alloc(strlen(path) + IC_TEMPORARY_MORE, 1);
    char *name = check_alloc(strlen(path) + IC_TEMPORARY_MORE, 1);
    struct ic_error error = {0};
    int descriptor;

    repeats = 1;
    ic_temporary_name(taken, path);
    CHECK_OK(ic_file_write(taken, "somebody's own", 14, &error));
    repeats = 2;
    descriptor = ic_temporary_file(name, path);
    CHECK(descriptor >= 0 && strcmp(name, taken) != 0);
    CHECK_INT(repeats, 0);
    close(descriptor);
    check_content(taken, "somebody's own");
    unlink(name);
    unlink(taken);
    free(name);
    free(taken);
}

/* Two writers of one file use two temporary files, and the last commit wins as a whole.
 * An existing file with a temporary name stays untouched. */
static void test_two_writers(void)
{
    struct ic_file_writer one, other;
    const char *path = in_folder("twice");
    struct ic_error error = {0};
    char *name;
    int descriptor;

    CHECK_OK(ic_file_writer_open(&one, path, &error));
    CHECK_OK(ic_file_writer_open(&other, path, &error));
    CHECK(strcmp(one.temporary, other.temporary) != 0);
    CHECK_OK(ic_file_writer_add(&one, "first", 5, &error));
    CHECK_OK(ic_file_writer_add(&other, "second", 6, &error));
    CHECK_OK(ic_file_writer_commit(&one, &error));
    CHECK_OK(ic_file_writer_commit(&other, &error));
    check_content(path, "second");

    name = check_alloc(strlen(path) + IC_TEMPORARY_MORE, 1);
    for (int i = 0; i < 100; i++) {
        descriptor = ic_temporary_file(name, path);
        CHECK(descriptor >= 0);
        CHECK(open(name, O_WRONLY | O_CREAT | O_EXCL, 0666) < 0 && errno == EEXIST);
        close(descriptor);
        unlink(name);
    }
    CHECK(ic_temporary_file(name, "/nowhere/x") < 0 && errno == ENOENT);
    unlink(path);
    free(name);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 99;
    }
    test_round_trip();
    test_read_refuses();
    test_commit();
    test_syncs();
    test_abort();
    test_relative();
    test_killed();
    test_two_writers();
    test_taken_name();
    test_write_refuses();
    test_size_limit();
    test_full_disk();
    test_make_folder();
    test_check_folder();
    test_list();
    test_join();
    test_crc32();
    remove_folder();
    return check_result();
}
