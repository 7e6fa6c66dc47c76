/* SPDX-License-Identifier: MIT */
/*
 * Rounding to bf16, against the definition in double: every pattern of 16 bits, values
 * just beside and halfway between two neighbours, and many patterns of 32 bits; and
 * typed arrays on every backend.
 */
#include <math.h>

#include "backend/bf16.h"
#include "check.h"
#include "kit.h"

enum { DIGITS = 8 };

static float of_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool right(uint32_t bits)
{
    const float x = of_bits(bits), found = ic_bf16_float(ic_bf16_of(x));

    if (isnan(x))
        return isnan(found) && (bits_of(found) >> 22 & 1) == 1;
    return bits_of(found) == bits_of((float)kit_round(x, DIGITS));
}

/* An array of each type that a backend has keeps its values, rounded. */
static void test_arrays(struct kit *kit, void *data)
{
    enum { COUNT = 1001 };
    const float *const x = kit_normal(kit, COUNT, 1);
    const float *const kept =
        kit_read_typed(kit, kit_typed(kit, x, COUNT, kit->type), COUNT, kit->type);
    const float *const rounded = kit_rounded(kit, x, COUNT, kit->type);

    CHECK(memcmp(kept, rounded, COUNT * sizeof *kept) == 0);
    CHECK((memcmp(kept, x, COUNT * sizeof *kept) == 0) == (kit->type == IC_TYPE_FP32));
    CHECK(
        isnan(*kit_read_typed(kit, kit_typed(kit, NULL, 1, kit->type), 1, kit->type)));
}

int main(void)
{
    size_t wrong = 0;

    for (uint32_t high = 0; high <= 0xffff; high++) {
        static const uint32_t lows[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

        for (size_t i = 0; i < sizeof lows / sizeof *lows; i++)
            wrong += !right(high << 16 | lows[i]);
        if (!isnan(ic_bf16_float((uint16_t)high)))
            wrong += ic_bf16_of(ic_bf16_float((uint16_t)high)) != high;
    }
    CHECK_INT(wrong, 0);
    for (uint64_t i = 0; i < 1 << 22; i++)
        wrong += !right((uint32_t)(i * 2654435761u));
    CHECK_INT(wrong, 0);

    /* By hand: ties to even, the largest, subnormal numbers. */
    CHECK(ic_bf16_of(1.0f) == 0x3f80);
    CHECK(ic_bf16_of(1.00390625f) == 0x3f80);
    CHECK(ic_bf16_of(1.01171875f) == 0x3f82);
    CHECK(ic_bf16_of(-0.0f) == 0x8000);
    CHECK(ic_bf16_of(0x1.fep127f) == 0x7f7f);
    CHECK(ic_bf16_of(0x1.fffp127f) == 0x7f80);
    CHECK(ic_bf16_of(-INFINITY) == 0xff80);
    CHECK(ic_bf16_of(0x1p-133f) == 1);
    CHECK(ic_bf16_of(0x1p-134f) == 0);
    CHECK(ic_bf16_of(0x1.8p-133f) == 2);
    kit_types(1, test_arrays, NULL);
    return check_result() | kit_result();
}
