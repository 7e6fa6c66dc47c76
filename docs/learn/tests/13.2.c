/* SPDX-License-Identifier: MIT */
/* Exercise 13.2: ones, and sums whose products need 16 bits. */
#include "kit.h"

static uint16_t half(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)(bits >> 16);
}

int main(void)
{
    uint16_t a[1000], b[1000];

    for (int i = 0; i < 1000; i++)
        a[i] = b[i] = half(1);
    begin("1000 ones times ones");
    same("the dot product", dot(a, b, 1000), 1000);
    begin("251 ones times ones");
    same("the dot product", dot(a, b, 251), 251);
    a[0] = b[0] = half(255); /* 65025 */
    a[1] = half(-254);
    b[1] = half(256); /* -65024 */
    begin("255 * 255 - 254 * 256");
    same("the dot product", dot(a, b, 2), 1);
    for (int i = 0; i < 300; i++) {
        a[i] = half((float)(i % 5 - 1));
        b[i] = half(0.25f);
    }
    begin("300 products of -1 .. 3 and 1/4");
    same("the dot product", dot(a, b, 300), 75);
    return right();
}
