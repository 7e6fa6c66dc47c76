/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the file in which a run keeps what an MLflow server is to know. Each line of
 * the input becomes the text of a record, which gets its checksum in front; a line that
 * begins with '!' stays as it is behind that sign.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/jansson.h"
#include "bytes.h"
#include "fuzz.h"
#include "track/batch.h"

void fuzz_seeds(void)
{
    static const char *const files[] = {
        "{\"kind\":\"begin\",\"time\":1,\"name\":\"a\",\"params\":{\"lr\":\"0.1\"},"
        "\"tags\":{}}\n"
        "{\"kind\":\"step\",\"step\":1,\"time\":2,\"metrics\":{\"loss\":0.5}}\n"
        "{\"kind\":\"epoch\",\"epoch\":0,\"step\":1,\"time\":3,\"metrics\":"
        "{\"error_rate\":\"NaN\"}}\n"
        "{\"kind\":\"end\",\"step\":1,\"time\":5,\"status\":\"FINISHED\"}\n",
        "!00000000 {}\n{\"kind\":\"step\",\"step\":\"x\",\"metrics\":[]}\n!",
        "{\"kind\":7}\n{}\n[]\n{\"kind\":\"step\",\"metrics\":{\"a\":true,\"b\":1e999}"
        "}",
    };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        fuzz_seed(files[i], strlen(files[i]));
}

/* The file that the input stands for. */
static void make_file(struct bytes *file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const uint8_t *end = memchr(bytes, '\n', size);
        const size_t length = end != NULL ? (size_t)(end - bytes) : size;
        char sum[16];

        if (bytes[0] == '!') {
            bytes_put(file, bytes + 1, length - 1);
        } else {
            snprintf(sum, sizeof sum, "%08x ", ic_file_crc32(0, bytes, length));
            bytes_text(file, sum);
            bytes_put(file, bytes, length);
        }
        if (end != NULL)
            bytes_put(file, "\n", 1);
        bytes += length + (end != NULL);
        size -= length + (end != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bytes file = {0};
    struct ic_outbox outbox = {.path = "outbox"};
    struct ic_error error = {.message = ""};
    int64_t position = 0, before;
    FILE *stream;

    make_file(&file, bytes, size);
    stream = fopen(fuzz_file(file.at, file.size), "r");
    fuzz_check(stream != NULL);
    outbox.file = fileno(stream);
    outbox.size = (long long)file.size;
    do {
        json_t *metrics = NULL, *other = NULL;
        json_t *texts;

        before = position;
        if (ic_batch_take(&outbox, &position, &metrics, &other, &error) != IC_OK) {
            fuzz_check_refusal(&error);
            break;
        }
        fuzz_check(position > before || (metrics == NULL && other == NULL));
        texts = ic_batch_texts(json_object_get(other, "params"), 100);
        json_decref(texts);
        json_decref(metrics);
        json_decref(other);
    } while (position > before);
    fuzz_check(position <= outbox.size);
    fclose(stream);
    bytes_free(&file);
    return 0;
}
