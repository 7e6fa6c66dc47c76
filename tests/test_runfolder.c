/* SPDX-License-Identifier: MIT */
/*
 * The run folder: which folders can be used, which state a resume finds, and its tables
 * after every kind of interruption.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "syncs.h"
#include "train/runfolder.h"

#define STEPS_HEAD "step,phase,lr,momentum,loss\n"
#define METRICS_HEAD                                                    \
    "phase,epoch,step,train_loss,valid_loss,error_rate,seconds,images_" \
    "per_second\n"

static struct ic_error error;

static struct ic_sample samples[] = {
    {.name = "images/a.jpg"}, {.name = "images/b.jpg"}, {.name = "images/c.jpg"}};
static const struct ic_dataset dataset = {.samples = samples, .count = 3};
static uint32_t train_indices[] = {1}, valid_indices[] = {0, 2};
static const struct ic_split split = {train_indices, valid_indices, 1, 2};

/* The whole content of folder/name; the caller frees it. */
static char *content(const char *folder, const char *name)
{
    char *path = folder_path(folder, "%s", name);
    uint8_t *bytes = NULL;
    size_t size;

    if (ic_file_read(path, 1 << 20, &bytes, &size, &error) != IC_OK) {
        CHECK_FAIL("%s", error.message);
        bytes = (uint8_t *)strdup("");
    }
    free(path);
    return (char *)bytes;
}

#define CHECK_CONTENT(folder, name, expected)    \
    do {                                         \
        char *check_c = content((folder), name); \
        CHECK_STRING(check_c, (expected));       \
        free(check_c);                           \
    } while (0)

static bool there(const char *folder, const char *name)
{
    char *path = folder_path(folder, "%s", name);
    const bool exists = ic_file_exists(path);

    free(path);
    return exists;
}

static void add_rows(struct ic_runfolder *run, int first, int last)
{
    for (int i = first; i <= last; i++) {
        const struct ic_step_report step = {
            .step = i, .phase = "one-cycle", .lr = 0.25, .momentum = 0.5, .loss = i};

        CHECK_OK(ic_runfolder_add_step(run, &step, &error));
    }
}

/* --- which folders can be used ---------------------------------------------------- */

static void a_new_run(const char *base)
{
    const struct ic_epoch_report epoch = {
        .phase = "one-cycle",
        .epoch = 0,
        .step = 2,
        .train_loss = 0.5,
        .valid_loss = 1.0 / 3,
        .error_rate = 0.25,
        .seconds = 12.3456,
        .images_per_second = 8,
    };
    char *path = folder_path(base, "deep/er/run");
    struct ic_runfolder run;
    bool checkpoint = true;

    CHECK_OK(ic_runfolder_check(path, false, &error));
    CHECK(!ic_file_exists(path)); /* the check writes no file */
    CHECK_OK(ic_runfolder_open(&run, path, false, &checkpoint, &error));
    CHECK(!checkpoint);
    CHECK_OK(ic_runfolder_begin(&run, "lr = 1\n", &dataset, &split, 0, 0, &error));
    add_rows(&run, 1, 2);
    CHECK_OK(ic_runfolder_add_epoch(&run, &epoch, &error));
    CHECK_OK(ic_runfolder_sync(&run, &error));
    CHECK_CONTENT(path, "job.conf", "lr = 1\n");
    CHECK_CONTENT(path, "split.txt", "images/a.jpg\nimages/c.jpg\n");
    CHECK_CONTENT(path, "steps.csv",
                  STEPS_HEAD "1,one-cycle,0.25,0.5,1\n2,one-cycle,0.25,0.5,2\n");
    CHECK_CONTENT(path, "metrics.csv",
                  METRICS_HEAD "one-cycle,0,2,0.5,0.333333333,0.25,12.346,8.000\n");
    ic_runfolder_close(&run);
    ic_runfolder_close(&run); /* closing twice is allowed */
    free(path);
}

static void refused_folders(const char *base)
{
    char *file = folder_path(base, "file"), *foreign = folder_path(base, "foreign"),
         *used = folder_path(base, "used"), *empty = folder_path(base, "empty");
    char *below = folder_path(file, "run");
    char *killed = folder_path(base, "killed");
    struct ic_runfolder run, second;
    bool checkpoint;

    folder_put_text(base, "file", "x");
    folder_put_text(foreign, "holiday.jpg", "x");
    folder_put_text(used, "steps.csv", STEPS_HEAD);
    mkdir(empty, 0777);

    CHECK_FAILS(ic_runfolder_check(file, false, &error), IC_ERR_USAGE, "is a file");
    CHECK_FAILS(ic_runfolder_check(foreign, false, &error), IC_ERR_USAGE, "exists");
    CHECK_FAILS(ic_runfolder_check(foreign, true, &error), IC_ERR_USAGE,
                "is not a run folder");
    CHECK_FAILS(ic_runfolder_check(used, false, &error), IC_ERR_USAGE,
                "use --resume to continue");
    CHECK_FAILS(ic_runfolder_open(&run, used, false, &checkpoint, &error), IC_ERR_USAGE,
                "exists");
    CHECK(run.path == NULL && run.steps == NULL);
    CHECK_FAILS(ic_runfolder_open(&run, below, false, &checkpoint, &error), IC_ERR_IO,
                "file");
    CHECK_OK(ic_runfolder_check(used, true, &error));

    /* Killed before anything was saved: the run starts again. */
    folder_put_text(killed, "steps.csv", "");
    folder_put_text(killed, "job.conf.tmp-77", "data = pe");
    CHECK_OK(ic_runfolder_check(killed, false, &error));
    CHECK_OK(ic_runfolder_open(&run, killed, false, &checkpoint, &error));
    CHECK(!checkpoint);
    CHECK_FAILS(ic_runfolder_open(&second, killed, false, &checkpoint, &error),
                IC_ERR_USAGE, "another process is training in");
    ic_runfolder_close(&run);
    folder_put_text(killed, "steps.csv", STEPS_HEAD);
    CHECK_FAILS(ic_runfolder_check(killed, false, &error), IC_ERR_USAGE,
                "use --resume to continue");
    CHECK_OK(ic_runfolder_check(empty, false, &error));
    CHECK_OK(ic_runfolder_check(empty, true, &error));
    free(file), free(foreign), free(used), free(empty), free(below), free(killed);
}

static void no_permission(const char *base)
{
    char *closed = folder_path(base, "closed"), *path = folder_path(closed, "run");
    struct ic_runfolder run;
    bool checkpoint;

    if (geteuid() != 0) { /* root can write everywhere */
        mkdir(closed, 0555);
        CHECK_FAILS(ic_runfolder_open(&run, path, false, &checkpoint, &error),
                    IC_ERR_IO, "ermission");
    }
    free(closed), free(path);
}

/* Puts another file in the place of folder/name. */
static void save_as_an_editor_does(const char *folder, const char *name)
{
    char *path = folder_path(folder, name), *other = folder_path(folder, "other");
    FILE *file = fopen(other, "w");

    CHECK(file != NULL && fclose(file) == 0 && rename(other, path) == 0);
    free(other), free(path);
}

/* A second process is kept out as long as the first one holds the folder. */
static void one_process_at_a_time(const char *base)
{
    char *path = folder_path(base, "locked");
    struct ic_runfolder run;
    bool checkpoint;
    int result = 0;

    CHECK_OK(ic_runfolder_open(&run, path, false, &checkpoint, &error));
    save_as_an_editor_does(path, "steps.csv"); /* the lock holds all the same */
    if (fork() == 0) {
        struct ic_runfolder other;

        CHECK_FAILS(ic_runfolder_open(&other, path, true, &checkpoint, &error),
                    IC_ERR_USAGE, "another process is training in");
        _exit(check_result());
    }
    wait(&result);
    CHECK_INT(result, 0);
    ic_runfolder_close(&run);
    CHECK_OK(ic_runfolder_open(&run, path, true, &checkpoint, &error));
    ic_runfolder_close(&run);
    free(path);
}

static void leftovers_go(const char *base)
{
    char *path = folder_path(base, "left");
    struct ic_runfolder run;
    bool checkpoint = false;

    folder_put_text(path, "checkpoint.safetensors", "x");
    folder_put_text(path, "checkpoint.safetensors.tmp-12", "x");
    folder_put_text(path, "job.conf.tmp-12", "x");
    folder_put_text(path, "notes.tmp-12", "x");
    CHECK_OK(ic_runfolder_open(&run, path, true, &checkpoint, &error));
    CHECK(checkpoint);
    CHECK(there(path, "checkpoint.safetensors"));
    CHECK(!there(path, "checkpoint.safetensors.tmp-12"));
    CHECK(!there(path, "job.conf.tmp-12"));
    CHECK(there(path, "notes.tmp-12")); /* not one of ours */
    ic_runfolder_close(&run);
    free(path);
}

/* --- how a resume repairs the tables ---------------------------------------------- */

/* Writes `text` as steps.csv, resumes with `rows` rows, and adds one. */
static ic_status resume_steps(const char *base, const char *text, int rows)
{
    char *path = folder_path(base, "resumed");
    struct ic_runfolder run;
    bool checkpoint;
    ic_status status;

    folder_put_text(path, "steps.csv", text);
    status = ic_runfolder_open(&run, path, true, &checkpoint, &error);
    if (status == IC_OK)
        status = ic_runfolder_begin(&run, "", &dataset, &split, rows, 0, &error);
    if (status == IC_OK)
        add_rows(&run, 9, 9);
    ic_runfolder_close(&run);
    free(path);
    return status;
}

static void tables(const char *base)
{
    const char *const row = "9,one-cycle,0.25,0.5,9\n";
    char *path = folder_path(base, "resumed");
    char expected[200];

    /* Rows after the checkpoint are dropped, a torn one among them. */
    CHECK_OK(resume_steps(base, STEPS_HEAD "1,a\n2,b\n3,c\n4,", 2));
    snprintf(expected, sizeof expected, STEPS_HEAD "1,a\n2,b\n%s", row);
    CHECK_CONTENT(path, "steps.csv", expected);

    /* Exactly the expected number of rows. */
    CHECK_OK(resume_steps(base, STEPS_HEAD "1,a\n2,b\n", 2));
    CHECK_CONTENT(path, "steps.csv", expected);

    /* No rows expected: the header is written again, whatever the content. */
    snprintf(expected, sizeof expected, STEPS_HEAD "%s", row);
    CHECK_OK(resume_steps(base, STEPS_HEAD "1,a\n", 0));
    CHECK_CONTENT(path, "steps.csv", expected);
    CHECK_OK(resume_steps(base, "step,ph", 0));
    CHECK_CONTENT(path, "steps.csv", expected);
    CHECK_OK(resume_steps(base, "", 0));
    CHECK_CONTENT(path, "steps.csv", expected);

    /* Too few rows, or another table: refused, and left unchanged. */
    CHECK_FAILS(resume_steps(base, STEPS_HEAD "1,a\n2,b", 2), IC_ERR_FORMAT,
                "steps.csv has 1 rows, but the checkpoint was written after 2");
    CHECK_CONTENT(path, "steps.csv", STEPS_HEAD "1,a\n2,b");
    CHECK_FAILS(resume_steps(base, "step;phase\n1\n", 1), IC_ERR_FORMAT,
                "does not begin with");
    CHECK_FAILS(resume_steps(base, "", 1), IC_ERR_FORMAT, "does not begin with");
    free(path);
}

/* A new run whose tables have a row each. */
static char *open_run(const char *base, const char *name, struct ic_runfolder *run)
{
    bool checkpoint;
    char *path = folder_path(base, "%s", name);

    mkdir(path, 0777);
    CHECK_OK(ic_runfolder_open(run, path, true, &checkpoint, &error));
    CHECK_OK(ic_runfolder_begin(run, "", &dataset, &split, 0, 0, &error));
    add_rows(run, 1, 1);
    return path;
}

static ic_status add_row(struct ic_runfolder *run)
{
    const struct ic_step_report step = {.step = 2, .phase = "one-cycle"};

    return ic_runfolder_add_step(run, &step, &error);
}

static void remove_table(const char *folder, const char *table)
{
    (void)folder;
    CHECK_INT(remove(table), 0);
}

static void replace_table(const char *folder, const char *table)
{
    char *copy = folder_path(folder, "copy");

    folder_put_text(folder, "copy", STEPS_HEAD "1,one-cycle,0.25,0.5,1\n");
    CHECK_INT(rename(copy, table), 0);
    free(copy);
}

static void empty_table(const char *folder, const char *table)
{
    (void)folder;
    CHECK_INT(truncate(table, 0), 0);
}

static void lengthen_table(const char *folder, const char *table)
{
    FILE *stream = fopen(table, "a");

    (void)folder;
    CHECK(stream != NULL && fputs("2,x\n", stream) >= 0 && fclose(stream) == 0);
}

/* A run does not go on with a table that another program has removed, replaced, emptied
 * or written to. */
static void changed_tables(const char *base)
{
    static const struct {
        const char *name;
        void (*change)(const char *folder, const char *table);
        const char *message;
    } cases[] = {
        {"removed", remove_table, "steps.csv was removed or replaced"},
        {"replaced", replace_table, "steps.csv was removed or replaced"},
        {"emptied", empty_table, "another program wrote to"},
        {"longer", lengthen_table, "another program wrote to"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ic_runfolder run;
        char *path = open_run(base, cases[i].name, &run);
        char *table = folder_path(path, "steps.csv");

        cases[i].change(path, table);
        CHECK_FAILS(add_row(&run), IC_ERR_IO, cases[i].message);
        ic_runfolder_close(&run);
        free(path), free(table);
    }
}

/* A link in the place of a table is refused, and its target stays as it was. */
static void linked_table(const char *base)
{
    char *path = folder_path(base, "linked"), *table = folder_path(path, "steps.csv");
    char *target = folder_path(base, "target.csv");
    struct ic_runfolder run;
    bool checkpoint;

    mkdir(path, 0777);
    folder_put_text(base, "target.csv", "somebody's own\n");
    CHECK_INT(symlink(target, table), 0);
    CHECK_FAILS(ic_runfolder_open(&run, path, true, &checkpoint, &error), IC_ERR_IO,
                "steps.csv is a symbolic link, not a file of the run");
    ic_runfolder_close(&run);
    CHECK_CONTENT(base, "target.csv", "somebody's own\n");
    free(path), free(table), free(target);
}

/* A table on a full disk reports the failure. A limit of the file size stands for the
 * disk. */
static void full_disk(const char *base)
{
    struct rlimit before, limit;
    struct ic_runfolder run;
    char *path = open_run(base, "full", &run);
    ic_status status = IC_OK;

    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 80;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (int i = 0; i < 4 && status == IC_OK; i++)
        status = add_row(&run);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_FAILS(status, IC_ERR_IO, "steps.csv: File too large");
    ic_runfolder_close(&run);
    free(path);
}

/* Before a checkpoint both tables are on disk. A sync that fails is reported, but not
 * that of a file that cannot be synced. */
static void synced_tables(const char *base)
{
    struct ic_runfolder run;
    char *path = open_run(base, "synced", &run);

    syncs_begin(0, 0);
    CHECK_OK(ic_runfolder_sync(&run, &error));
    CHECK_STRING(syncs, "ff");
    syncs_begin(EINVAL, 0);
    CHECK_OK(ic_runfolder_sync(&run, &error));
    syncs_begin(EIO, 0);
    CHECK_FAILS(ic_runfolder_sync(&run, &error), IC_ERR_IO,
                "steps.csv: Input/output error");
    syncs_begin(0, 0);
    ic_runfolder_close(&run);
    free(path);
}

int main(void)
{
    char *base = folder_make();

    a_new_run(base);
    refused_folders(base);
    no_permission(base);
    one_process_at_a_time(base);
    leftovers_go(base);
    tables(base);
    changed_tables(base);
    linked_table(base);
    synced_tables(base);
    full_disk(base);
    folder_remove(base);
    return check_result();
}
