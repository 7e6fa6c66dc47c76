/* SPDX-License-Identifier: MIT */
/*
 * Decodes four characters to three bytes. See base64.h.
 */
#include "serve/base64.h"

/* The value of a character, 0 to 63, or -1. */
static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool ic_base64_decode(uint8_t *bytes, size_t size, size_t *ret_size)
{
    uint8_t *out = bytes;
    size_t padding = 0;
    int8_t values[256];

    *ret_size = 0;
    if (size % 4 != 0)
        return false;
    for (int c = 0; c < 256; c++)
        values[c] = (int8_t)value_of((uint8_t)c);
    while (padding < 2 && size > 0 && bytes[size - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < size; i += 4) {
        const size_t missing = i + 4 == size ? padding : 0;
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            const int value = k < 4 - missing ? values[bytes[i + k]] : 0;

            if (value < 0)
                return false;
            bits = bits << 6 | (uint32_t)value;
        }
        if (missing > 0 && (bits & ((1u << 8 * missing) - 1)) != 0)
            return false; /* bits that belong to no byte */
        for (size_t k = 0; k < 3 - missing; k++)
            *out++ = (uint8_t)(bits >> (16 - 8 * k));
    }
    *ret_size = (size_t)(out - bytes);
    return true;
}
