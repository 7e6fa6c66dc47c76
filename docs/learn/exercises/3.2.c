/* SPDX-License-Identifier: MIT */
/*
 * Exercise 3.2: a sum with a fixed order, for any number of threads.
 *
 * Cut the `count` numbers into chunks of `chunk` (the last may be shorter). Add up each
 * chunk on its own, from 0 on and from left to right. Then add the chunks' sums, from 0
 * on and in their order. All sums are floats. Any thread may compute any chunk: the
 * result has the same bits. The test compares every bit.
 */
static float sum_in_chunks(const float *numbers, int count, int chunk)
{
    float all = 0;

    /* Yours. */
    return all;
}
