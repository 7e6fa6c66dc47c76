/* SPDX-License-Identifier: MIT */
/*
 * The order in which the micro-batches of a step are added up: a binary tree over their
 * numbers, whose shape depends only on how many there are. For 6:
 *
 *          *                 level 3
 *         / \
 *        *   \               level 2   ((0 + 1) + (2 + 3)) + (4 + 5)
 *       / \   \
 *      *   *   *             level 1   the micro-batches that 8 would have are left out
 *     / \ / \ / \
 *     0 1 2 3 4 5            level 0   a leaf: the gradients of a micro-batch
 *
 * Floats added in another order have other last bits. Here each sum is the same, no
 * matter which process computes which stretch of the leaves, so a step has the same
 * gradients on one process and on many.
 *
 * Leaves come one after the other. Two siblings are added as soon as both exist, so
 * that few sums wait at a time, as in a binary counter: after leaf 0 a sum of 1 leaf,
 * after leaf 1 a sum of 2, after leaf 2 sums of 2 and of 1, after leaf 3 a sum of 4. A
 * stretch that begins or ends inside the tree keeps the sums whose siblings lie
 * outside.
 *
 * The tree knows no array. It says which of the caller's blocks, numbered from 0, holds
 * which sum: for each leaf of the stretch
 *
 *     put its values into block ic_tree_add_leaf(tree)
 *     while (ic_tree_join(tree, &block))
 *         block `block` += block `block` + 1
 */
#ifndef IC_GRAPH_TREE_H
#define IC_GRAPH_TREE_H

#include <stdbool.h>

/* A sum of neighbours: of 1 << level leaves from leaf number << level on, or of as many
 * of these as exist. */
struct ic_tree_node {
    int level, number;
};

/* At most two sums of each level wait, one at either end of the stretch. */
enum { IC_TREE_NODES = 64 };

struct ic_tree {
    int leaves;                               /* of the whole tree */
    int next;                                 /* the leaf to come */
    int count;                                /* sums that wait, block i has nodes[i] */
    struct ic_tree_node nodes[IC_TREE_NODES]; /* in the order of their leaves */
};

/* Begins a stretch of leaves from `first` on, which is empty so far. A tree has at most
 * 2^30 leaves. */
struct ic_tree ic_tree_begin(int first, int leaves);

/* The number of the block that takes the next leaf's values. */
int ic_tree_add_leaf(struct ic_tree *tree);

/* The same for a sum that the tree of another stretch ended with. The sum must begin
 * where this stretch ends so far. */
int ic_tree_add_sum(struct ic_tree *tree, struct ic_tree_node sum);

/* Whether the last two sums are siblings: then the block numbered *ret_block is to be
 * increased by the one after it, which becomes free. */
bool ic_tree_join(struct ic_tree *tree, int *ret_block);

/* The most blocks that the stretch first .. end - 1 needs: log2(leaves) + 1, rounded
 * down, for a whole tree. */
int ic_tree_blocks(int first, int end, int leaves);

#endif
