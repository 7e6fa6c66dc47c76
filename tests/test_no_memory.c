/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of a call fails in turn, the first, the second and so on, until the
 * call succeeds. The library reports each failure in one sentence and frees all its
 * memory.
 *
 * The linker replaces the allocator's functions by those below, for the library and
 * this test (-Wl,--wrap). Of other libraries, libjansson's allocations count, whose
 * functions take an allocator; base/jansson.c notices those that fail.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/jansson.h"
#include "check.h"
#include "data/loader.h"
#include "data/split.h"
#include "folder.h"
#include "format/tensor_file.h"
#include "graph/fold.h"
#include "model/model.h"
#include "model/weights.h"
#include "pictures.h"
#include "track/description.h"
#include "track/outbox.h"

/* --- the allocator ---------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void __wrap_free(void *memory);

enum { TABLE = 1 << 16 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static long left = -1;    /* allocations until one fails; negative: none does */
static bool failed;       /* an allocation failed */
static void *live[TABLE]; /* not freed yet: a hash table, open addressing */
static size_t live_count;

/* Whether this allocation must fail. */
static bool fails(void)
{
    bool now;

    pthread_mutex_lock(&mutex);
    now = left == 0;
    if (left >= 0)
        left--;
    failed |= now;
    pthread_mutex_unlock(&mutex);
    return now;
}

static size_t slot_of(const void *memory)
{
    size_t slot = (uintptr_t)memory / 16 * 2654435761u % TABLE;

    while (live[slot] != NULL && live[slot] != memory)
        slot = (slot + 1) % TABLE;
    return slot;
}

static void *note(void *memory)
{
    if (memory == NULL)
        return NULL;
    pthread_mutex_lock(&mutex);
    if (live_count > TABLE / 2)
        exit(99);
    live[slot_of(memory)] = memory;
    live_count++;
    pthread_mutex_unlock(&mutex);
    return memory;
}

/* Forgets freed memory; memory of another library is not in the table. */
static void forget(const void *memory)
{
    size_t slot, next;

    if (memory == NULL)
        return;
    pthread_mutex_lock(&mutex);
    slot = slot_of(memory);
    if (live[slot] != NULL) {
        live[slot] = NULL;
        live_count--;
        for (next = (slot + 1) % TABLE; live[next] != NULL; next = (next + 1) % TABLE) {
            void *moved = live[next];

            live[next] = NULL;
            live[slot_of(moved)] = moved;
        }
    }
    pthread_mutex_unlock(&mutex);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (fails())
        return NULL;
    forget(memory);
    return note(__real_realloc(memory, size));
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    const int result = fails() ? 12 : __real_posix_memalign(memory, alignment, size);

    if (result == 0)
        note(*memory);
    return result;
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : note(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : note(__real_strndup(text, size));
}

void __wrap_free(void *memory)
{
    forget(memory);
    __real_free(memory);
}

/* --- calls ------------------------------------------------------------------------ */

/* Before base/jansson.c, which calls the allocator that was there. */
__attribute__((constructor(101))) static void lend_to_jansson(void)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

static char *folder, *weights_path;
static struct ic_error error;

/* Makes the calls and closes what they opened; returns the first failure's status. */
typedef ic_status (*calls)(void);

/* Moves the failing allocation through the calls. */
static void walk(const char *what, calls call)
{
    long n = 0;

    do {
        size_t before = live_count;
        ic_status status;

        error = (struct ic_error){0};
        failed = false;
        left = n;
        status = call();
        left = -1;
        if (failed && status == IC_OK)
            CHECK_FAIL("%s: allocation %ld failed, and nobody says so", what, n);
        if (failed && status != IC_OK && status != IC_ERR_LIMIT)
            CHECK_FAIL("%s: allocation %ld: status %d, %s", what, n, (int)status,
                       error.message);
        if (!failed && status != IC_OK)
            CHECK_FAIL("%s: %s", what, error.message);
        if (failed && status != IC_OK && strstr(error.message, "memory") == NULL &&
            strstr(error.message, "cannot allocate ") != error.message)
            CHECK_FAIL("%s: allocation %ld: \"%s\"", what, n, error.message);
        if (live_count != before)
            CHECK_FAIL("%s: allocation %ld: %ld blocks stay behind", what, n,
                       (long)live_count - (long)before);
        n++;
    } while (failed && n < 5000 && check_failures < 20);
    CHECK(!failed && n > 1);
}

static ic_status read_data(void)
{
    struct ic_dataset dataset;
    struct ic_split split = {0};
    ic_status status = ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error);

    if (status != IC_OK)
        return status;
    status = ic_split_make(&dataset, "random", 0.4, 1, 0, &split, &error);
    ic_split_free(&split);
    ic_dataset_close(&dataset);
    return status;
}

static ic_status load_batches(void)
{
    static const uint32_t samples[] = {0, 1, 2, 3};
    struct ic_dataset dataset;
    struct ic_loader_options options = {.dataset = &dataset,
                                        .samples = samples,
                                        .sample_count = 4,
                                        .batch = 2,
                                        .size = 32,
                                        .workers = 1,
                                        .train = true};
    struct ic_loader *loader = NULL;
    const struct ic_batch *batch;
    ic_status status = ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error);

    if (status != IC_OK)
        return status;
    status = ic_loader_open(&options, &loader, &error);
    do {
        if (status == IC_OK)
            status = ic_loader_next(loader, &batch, &error);
    } while (status == IC_OK && batch->count > 0);
    ic_loader_close(loader);
    ic_dataset_close(&dataset);
    return status;
}

static ic_status build_network(void)
{
    struct ic_model model;
    struct ic_graph graph;
    ic_status status = ic_model_init(&model, "resnet18", "fastai", NULL, 3, "folder",
                                     32, IC_FIT_CROP, &error);

    if (status != IC_OK)
        return status;
    status = ic_model_build(&model, IC_CONV_AUTO, IC_TYPE_FP32, &graph, &error);
    if (status == IC_OK) {
        status = ic_graph_fold(&graph, IC_FOLD_FOR_ONE, &error);
        ic_graph_free(&graph);
    }
    ic_model_free(&model);
    return status;
}

static ic_status write_weights(void)
{
    static const int64_t shape[] = {2, 3};
    static const float values[6] = {1, 2, 3, 4, 5, 6};
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    ic_status status;
    char name[20];

    if (writer == NULL)
        return ic_fail_memory(&error, "a writer", 0);
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "tensor%d", i);
        ic_safetensors_add(writer, name, IC_F32, 2, shape, values);
    }
    status = ic_safetensors_commit(writer, weights_path, &error);
    ic_safetensors_writer_free(writer);
    return status;
}

/* A model's description, whose class names are JSON within JSON. */
static ic_status write_and_read_model(void)
{
    static const char *const classes[] = {"a cat", "a dog",
                                          "something of a longer name"};
    struct ic_model model = {0}, found = {0};
    struct ic_safetensors *file = NULL;
    struct ic_safetensors_writer *writer = NULL;
    ic_status status = ic_model_init(&model, "resnet18", "plain", classes, 3, "folder",
                                     32, IC_FIT_CROP, &error);

    if (status != IC_OK)
        return status;
    writer = ic_safetensors_writer_new();
    status = writer != NULL ? ic_model_to_metadata(&model, writer, &error)
                            : ic_fail_memory(&error, "a writer", 0);
    if (status == IC_OK)
        status = ic_safetensors_commit(writer, weights_path, &error);
    if (status == IC_OK)
        status = ic_safetensors_open(weights_path, &file, &error);
    if (status == IC_OK)
        status = ic_model_from_metadata(&found, file, weights_path, &error);
    for (int i = 0; status == IC_OK && i < 3; i++)
        CHECK(strcmp(found.classes[i], classes[i]) == 0);
    ic_safetensors_close(file);
    ic_safetensors_writer_free(writer);
    ic_model_free(&found);
    ic_model_free(&model);
    return status;
}

static ic_status read_weights(void)
{
    struct ic_tensor_file *file;
    const ic_status status = ic_tensor_file_open(weights_path, &file, &error);

    if (status == IC_OK)
        ic_tensor_file_close(file);
    return status;
}

/* What a run tells a tracking server, kept in the outbox and read from there. */
static ic_status describe_run(void)
{
    static const char *const classes[] = {"cat", "dog"};
    static const struct ic_run_words words = {
        .name = "a run", .experiment = "pets", .user = "someone"};
    struct ic_job job;
    const struct ic_start_report report = {.job = &job,
                                           .fingerprint = "0123abcd",
                                           .arch = "resnet18",
                                           .device = "2 threads",
                                           .classes = classes,
                                           .class_count = 2,
                                           .train_images = 30,
                                           .valid_images = 6,
                                           .steps = 8,
                                           .ranks = 2,
                                           .transport = "local"};
    struct ic_outbox outbox = {0};
    json_t *record, *read = NULL;
    int64_t position = 0;
    ic_status status;

    ic_job_defaults(&job);
    job.data = folder;
    job.arch = "resnet18";
    job.out = "a run";
    status = ic_job_check(&job, &error);
    if (status != IC_OK)
        return status;
    record = ic_description_make(&words, &report);
    status = record != NULL ? ic_outbox_open(&outbox, folder, false, &error)
                            : ic_fail_memory(&error, "the description of a run", 0);
    if (status == IC_OK)
        status = ic_outbox_append(&outbox, record, &error);
    if (status == IC_OK)
        status = ic_outbox_read(&outbox, &position, &read, &error);
    if (status == IC_OK)
        CHECK(json_equal(read, record));
    if (outbox.path != NULL)
        remove(outbox.path);
    ic_outbox_close(&outbox);
    json_decref(read);
    json_decref(record);
    return status;
}

int main(void)
{
    folder = folder_make();
    weights_path = folder_path(folder, ".weights.safetensors");
    for (int i = 0; i < 4; i++) {
        char name[40];

        snprintf(name, sizeof name, "%s/%d.%s", i % 2 ? "cat" : "dog", i,
                 i < 2 ? "png" : "jpg");
        picture_put(folder, name, i < 2, 40, 36, i);
    }
    walk("a data set and its split", read_data);
    walk("batches of pictures", load_batches);
    walk("a network", build_network);
    walk("writing weights", write_weights);
    walk("reading weights", read_weights);
    walk("a model's description", write_and_read_model);
    walk("a run's description", describe_run);
    free(weights_path);
    folder_remove(folder);
    return check_result();
}
