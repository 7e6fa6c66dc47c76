/* SPDX-License-Identifier: MIT */
/*
 * The code that all fuzzing targets share. See fuzz.h.
 *
 * TARGET --seeds=DIR writes the target's seeds into the folder and ends. libFuzzer
 * itself ignores arguments that begin with two dashes.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/machine.h"
#include "format/tensor_file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);

/* --- a machine of little memory --------------------------------------------------- */

/* A request for more than 32 MiB at once gets no memory, and the reader must report
 * that. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=32";
}

/* Replaces machine.c's function, which reads a dozen system files for its answer. */
uint64_t ic_machine_memory(void)
{
    return (uint64_t)64 << 20;
}

/* --- seeds ------------------------------------------------------------------------ */

static const char *seeds_folder;

void fuzz_seed(const void *bytes, size_t size)
{
    static int number;
    char path[4096];
    FILE *stream;

    snprintf(path, sizeof path, "%s/seed-%d", seeds_folder, ++number);
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size ||
        fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char option[] = "--seeds=";

    for (int i = 1; i < *argc; i++)
        if (strncmp((*argv)[i], option, strlen(option)) == 0) {
            seeds_folder = (*argv)[i] + strlen(option);
            fuzz_seeds();
            exit(0);
        }
    return 0;
}

/* --- files ------------------------------------------------------------------------ */

const char *fuzz_file(const void *bytes, size_t size)
{
    static int descriptor = -1;
    static char path[64];

    if (descriptor < 0) {
        descriptor = memfd_create("im2cat-fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    if (ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, bytes, size, 0) != (ssize_t)size) {
        perror(path);
        exit(1);
    }
    return path;
}

/* --- checks ----------------------------------------------------------------------- */

void fuzz_check(int condition)
{
    if (!condition)
        abort();
}

void fuzz_check_refusal(const struct ic_error *error)
{
    fuzz_check(error->status != IC_OK && error->message[0] != '\0');
    for (const char *c = error->message; *c != '\0'; c++)
        fuzz_check((unsigned char)*c >= ' ' && *c != 127);
}

static volatile unsigned char sink; /* makes the reads happen */

void fuzz_read(const void *bytes, size_t size)
{
    unsigned char sum = 0;

    for (size_t i = 0; i < size; i++)
        sum ^= ((const unsigned char *)bytes)[i];
    sink = sum;
}

static void read_tensor(const struct ic_tensor *tensor)
{
    float *values = malloc(tensor->count * sizeof *values);

    fuzz_check(tensor->rank >= 0 && tensor->rank <= IC_TENSOR_MAX_RANK);
    fuzz_check(tensor->size == tensor->count * ic_dtype_size(tensor->dtype));
    fuzz_read(tensor->data, tensor->size);
    if (values != NULL)
        ic_tensor_to_float(values, tensor);
    free(values);
}

void fuzz_weights(const void *bytes, size_t size)
{
    struct ic_tensor_file *file;
    const struct ic_tensor_list *list;
    struct ic_error error = {.message = ""};

    if (ic_tensor_file_open(fuzz_file(bytes, size), &file, &error) != IC_OK) {
        fuzz_check_refusal(&error);
        return;
    }
    list = ic_tensor_file_tensors(file);
    for (size_t i = 0; i < list->count; i++) {
        read_tensor(&list->items[i]);
        fuzz_check(ic_tensor_find(list, list->items[i].name) == &list->items[i]);
    }
    ic_tensor_file_close(file);
}
