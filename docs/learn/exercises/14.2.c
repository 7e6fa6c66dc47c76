/* SPDX-License-Identifier: MIT */
/*
 * Exercise 14.2: adding along the tree, leaf by leaf, with few sums in memory.
 *
 * The tree of `count` leaves adds neighbours in pairs, then the pairs' sums in pairs,
 * and so on; one that has no partner goes up alone. For 6 leaves it is
 * ((0 + 1) + (2 + 3)) + (4 + 5).
 *
 * Leaves come one after the other. Keep the sums that wait for a partner in `waiting`
 * (32 are enough: think of a binary counter), and the level of each in `level`: a leaf
 * is level 0, a sum of two of level l is level l + 1. When all leaves have come, add
 * what waits, from the right to the left: waiting[i] + (sum of what is right of it). For
 * 7 leaves sums of 4, 2 and 1 leaves wait, and the result is 4 + (2 + 1).
 * All sums are floats, the left one first. The test compares every bit.
 */
static float tree_sum(const float *leaves, int count)
{
    float waiting[32];
    int level[32], waits = 0;

    /* Yours. */
    (void)level;
    (void)leaves;
    (void)count;
    return waits > 0 ? waiting[0] : 0;
}
