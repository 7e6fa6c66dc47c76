/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes CSV files of labels.
 */
#include <string.h>

#include "data/label_list.h"
#include "fuzz.h"

enum { COUNT = 6 };

static const struct ic_sample samples[COUNT] = {
    {.name = "cats/1.jpg"}, {.name = "cats/a cat.png"}, {.name = "dogs/# 2.jpg"},
    {.name = "dogs/1.jpg"}, {.name = "dogs/3.jpg"},     {.name = "dogs/3.png"},
};

void fuzz_seeds(void)
{
    static const char *const lists[] = {
        "id,breed\r\ncats/1.jpg,cat\r\na cat,cat\r\n",
        "\xef\xbb\xbf"
        "a cat;cat;train\n\"# 2\";\"a \"\"dog\"\"\";valid\n",
        "label\tpath\tis_valid\ncat\tcats/1.jpg\tTrue\ndog\tdogs/3.jpg\t\n",
        "1,cat\n",
        "dogs/3.jpg,\"two\nlines\"\nnobody,dog\n",
    };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        fuzz_seed(lists[i], strlen(lists[i]));
}

/* Every sample that is kept has a class and is in order. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct ic_sample own[COUNT];
    struct ic_dataset dataset = {.folder = "pets", .samples = own, .count = COUNT};
    struct ic_error error = {.message = ""};
    const char *class_of[COUNT];

    memcpy(own, samples, sizeof own);
    if (ic_label_list_read(&dataset, fuzz_file(bytes, size), class_of, &error) ==
        IC_OK) {
        fuzz_check(dataset.count > 0 && dataset.count <= COUNT);
        for (size_t i = 0; i < dataset.count; i++) {
            fuzz_check(*class_of[i] != '\0');
            fuzz_check(i == 0 || strcmp(own[i - 1].name, own[i].name) < 0);
        }
    } else {
        fuzz_check_refusal(&error);
    }
    ic_arena_free(&dataset.arena);
    return 0;
}
