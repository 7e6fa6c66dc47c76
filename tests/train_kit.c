/* SPDX-License-Identifier: MIT */
/*
 * Small training jobs for tests. See train_kit.h.
 */
#include "train_kit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/random.h"
#include "format/safetensors.h"
#include "image/encode.h"

/* --- pictures --------------------------------------------------------------------- */

static void draw(struct ic_image *image, int index)
{
    const bool cat = index % 2 == 0;
    struct ic_random random;
    int x0, y0;

    ic_random_init(&random, 1, IC_RANDOM_BENCH, 0, (uint32_t)index);
    x0 = 10 + (int)ic_random_below(&random, 20);
    y0 = 10 + (int)ic_random_below(&random, 16);
    for (int y = 0; y < image->height; y++) {
        for (int x = 0; x < image->width; x++) {
            uint8_t *pixel = image->rgb + 3 * (y * image->width + x);
            const bool disc = (x - x0) * (x - x0) + (y - y0) * (y - y0) < 81;
            const bool stripe = (x + x0) / 5 % 2 == 0;

            for (int c = 0; c < 3; c++)
                pixel[c] = (uint8_t)(ic_random_below(&random, 60) +
                                     (cat ? (disc ? 190 : 60) : (stripe ? 120 : 0)));
        }
    }
}

void kit_draw(const char *folder, int count)
{
    struct ic_error error;
    struct ic_image image;

    if (ic_image_alloc(&image, 40, 36, &error) != IC_OK)
        exit(99);
    for (int i = 0; i < count; i++) {
        char *path = folder_path(folder, "images/%s_%d.png", i % 2 ? "pug" : "Manx", i);

        folder_make_parents(path);
        draw(&image, i);
        if (ic_image_write_png(path, &image, false, &error) != IC_OK) {
            fprintf(stderr, "%s\n", error.message);
            exit(99);
        }
        free(path);
    }
    ic_image_free(&image);
}

struct ic_job kit_job(const char *data, const char *out)
{
    struct ic_job job;

    ic_job_defaults(&job);
    job.data = data;
    job.out = out;
    job.arch = "tiny";
    job.size = 32;
    job.batch = 4;
    job.epochs = 2;
    job.lr = 0.005;
    job.valid_pct = 0.5;
    job.optimizer = "sgd";
    job.compute.threads = 1;
    job.workers = 2;
    job.checkpoint_every = 3;
    return job;
}

/* --- a run in its own process ----------------------------------------------------- */

struct child {
    const struct kit_interrupt *interrupt;
    struct kit_result *result;
    atomic_int stop;
};

static void interrupt(struct child *child, enum kit_moment moment, int at)
{
    if (child->interrupt == NULL || child->interrupt->moment != moment ||
        child->interrupt->at != at)
        return;
    if (child->interrupt->action == KIT_KILL)
        kill(getpid(), SIGKILL);
    child->stop = 1;
}

static void on_start(void *context, const struct ic_start_report *report)
{
    struct child *child = context;

    child->result->starts++;
    child->result->start = *report;
}

static void on_step(void *context, const struct ic_step_report *report)
{
    struct child *child = context;
    struct kit_result *result = child->result;

    if (report->validating) {
        result->validation_steps++;
        interrupt(child, KIT_VALIDATION, report->epoch);
        return;
    }
    if (result->steps++ == 0)
        result->first_loss = report->loss;
    result->last_smooth_loss = report->smooth_loss;
    result->last_step = *report;
    interrupt(child, KIT_STEP, (int)report->step);
}

static void on_epoch(void *context, const struct ic_epoch_report *report)
{
    struct child *child = context;

    child->result->epochs++;
    child->result->last_epoch = *report;
    interrupt(child, KIT_EPOCH, report->epoch);
}

static void on_note(void *context, const char *sentence)
{
    struct kit_result *result = ((struct child *)context)->result;
    const size_t used = strlen(result->all_notes);

    result->notes++;
    snprintf(result->all_notes + used, sizeof result->all_notes - used, "%s\n",
             sentence);
}

static ic_status on_first_batch(void *context,
                                const struct ic_first_batch_report *report,
                                struct ic_error *error)
{
    struct child *child = context;

    child->result->first_batches++;
    child->result->first_batch_images = report->batch->count;
    child->result->first_batch_size = report->size;
    child->result->steps_before_batch = child->result->steps;
    if (child->interrupt != NULL && child->interrupt->moment == KIT_FIRST_BATCH)
        return ic_fail(error, IC_ERR_IO, "%s is full", report->folder);
    return IC_OK;
}

static void run_in_child(const struct ic_job *job,
                         const struct kit_interrupt *interrupt_or_null,
                         struct kit_result *result)
{
    struct child child = {interrupt_or_null, result, 0};
    struct ic_job own = *job; /* which the run completes */
    const struct ic_train_events events = {.context = &child,
                                           .on_start = on_start,
                                           .on_step = on_step,
                                           .on_epoch = on_epoch,
                                           .on_note = on_note,
                                           .on_first_batch = on_first_batch};

    interrupt(&child, KIT_BEGINNING, 0);
    result->status =
        ic_train_run(&own, NULL, &events, &child.stop, &result->end, &result->error);
    result->peak_rss = ic_machine_peak_rss();
    exit(0); /* not _exit: a leak checker reports at the end */
}

/* Shared pages are never given back: a test makes only a few dozen of them. */
struct kit_result *kit_run(const struct ic_job *job,
                           const struct kit_interrupt *interrupt_or_null)
{
    struct kit_result *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t process;
    int how = 0;

    if (result == MAP_FAILED)
        folder_broke("mmap");
    fflush(NULL);
    process = fork();
    if (process < 0)
        folder_broke("fork");
    if (process == 0)
        run_in_child(job, interrupt_or_null, result);
    if (interrupt_or_null != NULL && interrupt_or_null->after_ms > 0) {
        usleep((useconds_t)interrupt_or_null->after_ms * 1000);
        kill(process, SIGKILL);
    }
    if (waitpid(process, &how, 0) != process)
        folder_broke("waitpid");
    result->killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
    if (!result->killed && how != 0)
        CHECK_FAIL("the run's process ended with status %#x", how);
    return result;
}

/* --- files ------------------------------------------------------------------------ */

static uint8_t *read_file(const char *folder, const char *name, size_t *ret_size)
{
    char *path = folder_path(folder, "%s", name);
    uint8_t *bytes = NULL;
    struct ic_error error;

    if (ic_file_read(path, (size_t)1 << 30, &bytes, ret_size, &error) != IC_OK) {
        CHECK_FAIL("%s", error.message);
        *ret_size = 0;
        bytes = check_alloc(1, 1);
    }
    free(path);
    return bytes;
}

bool kit_same_file(const char *folder_a, const char *folder_b, const char *name)
{
    size_t size_a, size_b;
    uint8_t *a = read_file(folder_a, name, &size_a);
    uint8_t *b = read_file(folder_b, name, &size_b);
    const bool same = size_a == size_b && size_a > 0 && memcmp(a, b, size_a) == 0;

    free(a);
    free(b);
    return same;
}

char *kit_content(const char *folder, const char *name)
{
    size_t size;

    return (char *)read_file(folder, name, &size);
}

void kit_sign_header(const char *unchanged, uint8_t *bytes, size_t size)
{
    struct ic_safetensors *file = NULL;
    struct ic_error error;
    uint64_t length;
    uint32_t crc;

    CHECK_OK(ic_safetensors_open(unchanged, &file, &error));
    memcpy(&length, bytes, sizeof length);
    crc = ic_file_crc32(0, bytes, 8 + (size_t)length);
    memcpy(bytes + size - sizeof crc * ic_safetensors_count(file), &crc, sizeof crc);
    ic_safetensors_close(file);
}
