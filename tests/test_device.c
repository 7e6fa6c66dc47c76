/* SPDX-License-Identifier: MIT */
/*
 * The registry of backends, and the functions of every device: it opens, describes
 * itself, gives zeroed and aligned memory, and copies bytes in and out.
 */
#include "backend/registry.h"
#include "check.h"
#include "kit.h"

static void test_registry(void)
{
    const struct ic_backend *backend = NULL;
    struct ic_error error;

    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    CHECK_STRING(backend->name, "cpu");
    CHECK(ic_backend_built_in("cpu") && ic_backend_built_in("reference"));
    CHECK(!ic_backend_built_in("cuda") && !ic_backend_built_in("abacus"));
    CHECK_FAILS(ic_backend_find("abacus", &backend, &error), IC_ERR_USAGE, "abacus");
    CHECK(strstr(error.message, "cpu") != NULL);
    CHECK(backend == NULL);
    CHECK_FAILS(ic_backend_find("", &backend, &error), IC_ERR_USAGE, "cpu");
}

static void test_open(void)
{
    const struct ic_backend *backend;
    struct ic_device_options options = {.threads = 0};
    struct ic_device *device = NULL;
    struct ic_error error;

    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    CHECK_FAILS(backend->open(&options, &device, &error), IC_ERR_USAGE, "thread");
    CHECK(device == NULL);
    options.threads = -3;
    CHECK_FAILS(backend->open(&options, &device, &error), IC_ERR_USAGE, "-3");
    options.threads = 3;
    CHECK_OK(backend->open(&options, &device, &error));
    CHECK(strstr(backend->describe(device), "3 threads") != NULL);
    backend->close(device);
    backend->close(NULL);
    options.precision = IC_PRECISION_TF32;
    CHECK_FAILS(backend->open(&options, &device, &error), IC_ERR_USAGE,
                "the device cpu computes in fp32 or bf16: --precision tf32 needs "
                "--device cuda");
    CHECK(device == NULL);
}

/* A GPU's description names the precision. */
static void test_precision(struct kit *kit, void *data)
{
    const char *const line = kit->backend->describe(kit->device);

    if (kit->precision != IC_PRECISION_FP32 || kit->emulated)
        CHECK(strstr(line, ic_precision_name(kit->precision)) != NULL);
}

/* Every entry of the kernel table is set; host_memory and its neighbour alone may be
 * NULL. */
static void test_table(struct kit *kit, void *data)
{
    void (*entry)(void);
    const char *const table = (const char *)kit->backend;

    for (size_t at = sizeof kit->backend->name; at < sizeof *kit->backend;
         at += sizeof entry) {
        memcpy(&entry, table + at, sizeof entry);
        CHECK(entry != NULL || at == offsetof(struct ic_backend, host_memory));
    }
}

static void test_memory(struct kit *kit, void *data)
{
    static const size_t sizes[] = {0, 1, 4, 255, 256, 257, 100000, (1 << 21) + 4};
    const struct ic_backend *const b = kit->backend;
    struct ic_error error;

    CHECK(b->memory_limit(kit->device) > 1 << 20);
    CHECK(strlen(b->describe(kit->device)) > 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t bytes = sizes[i];
        uint8_t *const host = kit_host(kit, bytes, 1);
        uint8_t *const back = kit_host(kit, bytes, 1);
        size_t differ = 0;
        void *memory;

        CHECK_OK(b->alloc(kit->device, bytes, &memory, &error));
        CHECK_INT((uintptr_t)memory % 256, 0);
        memset(back, 1, bytes);
        b->download(kit->device, back, memory, bytes);
        for (size_t j = 0; j < bytes; j++)
            differ += back[j] != 0;
        CHECK_INT(differ, 0);
        for (size_t j = 0; j < bytes; j++)
            host[j] = (uint8_t)(j * 7 + j / 256);
        b->upload(kit->device, memory, host, bytes);
        CHECK_OK(b->sync(kit->device, &error));
        b->download(kit->device, back, memory, bytes);
        CHECK(memcmp(host, back, bytes) == 0);
        b->release(kit->device, memory);
    }
    b->release(kit->device, NULL);
}

static void test_too_much(struct kit *kit, void *data)
{
    struct ic_error error;
    void *memory = &error;

    CHECK_FAILS(kit->backend->alloc(kit->device, SIZE_MAX - 8, &memory, &error),
                IC_ERR_LIMIT, "memory");
    CHECK(memory == NULL);
    CHECK_FAILS(kit->backend->alloc(kit->device, SIZE_MAX / 2, &memory, &error),
                IC_ERR_LIMIT, "memory");
}

int main(void)
{
    test_registry();
    test_open();
    kit_run_precisions(2, test_precision, NULL);
    kit_run(2, test_table, NULL);
    kit_run(2, test_memory, NULL);
    kit_run(2, test_too_much, NULL);
    return check_result() | kit_result();
}
