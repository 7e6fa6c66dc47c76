/*
 * A libFuzzer target for the readers of weights files: safetensors, zip and legacy
 * checkpoints, told by content. `make fuzz-weights` builds it (it needs clang); then
 *
 *     mkdir corpus && ./fuzz-weights -max_total_time=300 corpus
 *
 * Whatever comes is refused with one line, or gives tensors that can be read to their
 * last byte. tests/test_torch_hostile.c and tests/test_safetensors_hostile.c damage
 * good files in every byte as part of `make check`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/tensor_file.h"

static volatile unsigned char sink; /* makes the reads happen */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look(const struct ic_tensor_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        unsigned char sum = 0;

        for (size_t k = 0; k < list->items[i].size; k++)
            sum ^= ((const unsigned char *)list->items[i].data)[k];
        sink = sum;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char path[64];
    struct ic_tensor_file *file;
    struct ic_error error;
    FILE *stream;

    snprintf(path, sizeof path, "/tmp/im2cat-fuzz-%ld", (long)getpid());
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        exit(99);
    if (ic_tensor_file_open(path, &file, &error) == IC_OK)
        look(ic_tensor_file_tensors(file));
    else if (error.message[0] == '\0' || strchr(error.message, '\n') != NULL)
        abort();
    ic_tensor_file_close(file);
    unlink(path);
    return 0;
}
