/* SPDX-License-Identifier: MIT */
/* Exercise 11.3: one panel, several, and a last one that is not full. */
#include "kit.h"

int main(void)
{
    for (int out = 1; out <= 20; out++)
        for (int length = 1; length <= 5; length += 2) {
            float w[100], found[200], wanted[200];

            fill(w, 100, 51);
            fill(found, 200, 52);
            memcpy(wanted, found, sizeof wanted);
            for (int i = 0; i < (out + PANEL - 1) / PANEL * PANEL * length; i++)
                wanted[i] = 0;
            for (int row = 0; row < out; row++)
                for (int k = 0; k < length; k++)
                    wanted[(row / PANEL * length + k) * PANEL + row % PANEL] =
                        w[row * length + k];
            pack(found, w, out, length);
            begin("%d rows of %d", out, length);
            same_all("panels", found, wanted, 200, 0);
        }
    return right();
}
