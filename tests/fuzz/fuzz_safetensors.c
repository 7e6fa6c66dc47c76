/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes safetensors files. The input is a header, which gets its length in front, and
 * after its first zero byte the data. An input that begins with a zero byte is the file
 * as it is.
 */
#include <string.h>

#include "bytes.h"
#include "format/torch.h"
#include "fuzz.h"

static void seed(const char *header, size_t data_size)
{
    struct bytes input = {0};

    bytes_text(&input, header);
    bytes_fill(&input, 0, 1 + data_size);
    fuzz_seed(input.at, input.size);
    bytes_free(&input);
}

void fuzz_seeds(void)
{
    seed("{}", 0);
    seed("{\"__metadata__\":{\"format\":\"pt\",\"im2cat\":\"1\"}}", 0);
    seed("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}  ", 24);
    seed("{\"a\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[8,14]},"
         "\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
         "\"c\":{\"dtype\":\"BF16\",\"shape\":[1,0],\"data_offsets\":[14,14]}}",
         14);
    seed("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[1,9]},"
         "\"c\":{\"dtype\":\"I32\",\"shape\":[1,1],\"data_offsets\":[9,13]}}",
         13);
    fuzz_seed("\0\2\0\0\0\0\0\0\0{}", 11);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const size_t length = strnlen((const char *)bytes, size);
    struct bytes file = {0};

    if (size == 0)
        return 0;
    if (length == 0) {
        if (!ic_torch_recognises(bytes + 1, size - 1)) /* another target's format */
            fuzz_weights(bytes + 1, size - 1);
        return 0;
    }
    bytes_number(&file, length, 8);
    bytes_put(&file, bytes, length);
    if (length < size)
        bytes_put(&file, bytes + length + 1, size - length - 1);
    fuzz_weights(file.at, file.size);
    bytes_free(&file);
    return 0;
}
