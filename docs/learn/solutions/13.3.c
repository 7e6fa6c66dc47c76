/* SPDX-License-Identifier: MIT */
/*
 * Exercise 13.3: a sum that remembers what it lost (Kahan 1965).
 *
 * Add up the numbers in float, and keep beside the sum what the last addition rounded
 * away:
 *
 *   lost = 0
 *   for each x:  y = x - lost             what should be added
 *                t = sum + y              is rounded
 *                lost = (t - sum) - y     what was added, less what should have been
 *                sum = t
 *
 * Use floats only.
 */
static float careful_sum(const float *numbers, int count)
{
    float sum = 0;

    float lost = 0;

    for (int i = 0; i < count; i++) {
        const float y = numbers[i] - lost;
        const float t = sum + y;

        lost = (t - sum) - y;
        sum = t;
    }
    return sum;
}
