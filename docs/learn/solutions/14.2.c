/* SPDX-License-Identifier: MIT */
/*
 * Exercise 14.2: adding along the tree, leaf by leaf, with few sums in memory.
 *
 * The tree of `count` leaves adds neighbours in pairs, then the pairs' sums in pairs,
 * and so on; one that has no partner goes up alone. For 6: ((0 + 1) + (2 + 3)) + (4 +
 * 5).
 *
 * Leaves come one after the other. Keep the sums that wait for a partner in `waiting`
 * (32 are enough: think of a binary counter), and the level of each in `level`: a leaf
 * is level 0, a sum of two of level l is level l + 1. When all leaves have come, add
 * what waits, from the right to the left: waiting[i] + (sum of what is right of it).
 * All sums are floats, the left one first. The test compares every bit.
 */
static float tree_sum(const float *leaves, int count)
{
    float waiting[32];
    int level[32], waits = 0;

    for (int i = 0; i < count; i++) {
        waiting[waits] = leaves[i];
        level[waits] = 0;
        waits++;
        while (waits > 1 && level[waits - 1] == level[waits - 2]) {
            waits--;
            waiting[waits - 1] += waiting[waits];
            level[waits - 1]++;
        }
    }
    while (waits > 1) {
        waits--;
        waiting[waits - 1] += waiting[waits];
    }
    return waits > 0 ? waiting[0] : 0;
}
