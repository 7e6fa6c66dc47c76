/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes PyTorch's legacy checkpoints. The input is the part after the first three
 * pickles (the object, the keys of its storages, their values), or a whole file.
 */
#include "format/torch.h"
#include "fuzz.h"
#include "torch_files.h"

void fuzz_seeds(void)
{
    static const char *const types[] = {"FloatStorage", "BFloat16Storage",
                                        "LongStorage", "IntStorage"};
    static const char wrapped[] = "\x80\x02}X\x0a\0\0\0state_dict";
    struct bytes file = {0};

    for (int i = 0; i < 4; i++) {
        bytes_clear(&file);
        pickle_dict(&file, types[i], &torch_plain, false);
        legacy_end(&file, 6);
        bytes_fill(&file, 0, 24);
        fuzz_seed(file.at, file.size);
    }
    bytes_clear(&file);
    bytes_put(&file, wrapped, sizeof wrapped - 1);
    pickle_dict(&file, "FloatStorage", &torch_plain, false);
    file.size--; /* the end */
    bytes_text(&file, "s.");
    legacy_end(&file, 6);
    fuzz_seed(file.at, file.size);
    torch_make_legacy(&file, "FloatStorage", &torch_plain, 6);
    fuzz_seed(file.at, file.size);
    bytes_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bytes file = {0};

    if (!ic_torch_recognises(bytes, size))
        legacy_begin(&file);
    bytes_put(&file, bytes, size);
    fuzz_weights(file.at, file.size);
    bytes_free(&file);
    return 0;
}
