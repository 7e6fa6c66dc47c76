/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes lists of the pictures that a split keeps for validation.
 */
#include <string.h>

#include "data/split.h"
#include "fuzz.h"

enum { COUNT = 6 };

static struct ic_sample samples[COUNT] = {
    {.name = "cats/1.jpg"}, {.name = "cats/a cat.png"}, {.name = "dogs/# 2.jpg"},
    {.name = "dogs/1.jpg"}, {.name = "dogs/3.jpg"},     {.name = "dogs/3.png"},
};

void fuzz_seeds(void)
{
    static const char *const lists[] = {
        "# which\r\n\ncats/1.jpg\n a cat\n",
        "\xef\xbb\xbf# 2\ndogs/3.jpg",
        "1\n",
        "3.png\ndogs/3.png\n",
        "cats/1.jpg\ncats/a cat.png\ndogs/# 2\ndogs/1\ndogs/3.jpg\n3.png\n",
        "nobody\n../cats/1.jpg\n",
    };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        fuzz_seed(lists[i], strlen(lists[i]));
}

/* Every picture is on one side, and no side is empty. */
static void check_split(const struct ic_split *split)
{
    int seen[COUNT] = {0};

    fuzz_check(split->train_count > 0 && split->valid_count > 0);
    for (size_t i = 0; i < split->train_count; i++)
        seen[split->train[i]]++;
    for (size_t i = 0; i < split->valid_count; i++)
        seen[split->valid[i]]++;
    for (int i = 0; i < COUNT; i++)
        fuzz_check(seen[i] == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct ic_dataset dataset = {
        .folder = "pets", .samples = samples, .count = COUNT, .class_count = 1};
    struct ic_error error = {.message = ""};
    struct ic_split split;

    if (ic_split_make(&dataset, fuzz_file(bytes, size), 0.2, 42, 0, &split, &error) ==
        IC_OK)
        check_split(&split);
    else
        fuzz_check_refusal(&error);
    ic_split_free(&split);
    return 0;
}
