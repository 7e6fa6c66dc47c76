/* SPDX-License-Identifier: MIT */
/*
 * Tracks which sums of a tree are complete. See tree.h.
 */
#include "graph/tree.h"

#include <assert.h>
#include <stdint.h>

struct ic_tree ic_tree_begin(int first, int leaves)
{
    assert(first >= 0 && first < leaves && leaves <= 1 << 30);
    return (struct ic_tree){.leaves = leaves, .next = first};
}

int ic_tree_add_sum(struct ic_tree *tree, struct ic_tree_node sum)
{
    const int64_t end = ((int64_t)sum.number + 1) << sum.level;

    assert((int64_t)sum.number << sum.level == tree->next);
    assert(tree->next < tree->leaves && tree->count < IC_TREE_NODES);
    tree->nodes[tree->count] = sum;
    tree->next = end < tree->leaves ? (int)end : tree->leaves;
    return tree->count++;
}

int ic_tree_add_leaf(struct ic_tree *tree)
{
    return ic_tree_add_sum(tree, (struct ic_tree_node){.number = tree->next});
}

/* At the tree's right edge a node may lack a sibling: then it stands for its parent. */
static void rise(struct ic_tree_node *node, int leaves)
{
    while (node->number > 0 && node->number % 2 == 0 &&
           node->number + 1 > (leaves - 1) >> node->level) {
        node->level++;
        node->number /= 2;
    }
}

bool ic_tree_join(struct ic_tree *tree, int *ret_block)
{
    struct ic_tree_node *left, *right;

    if (tree->count == 0)
        return false;
    right = &tree->nodes[tree->count - 1];
    rise(right, tree->leaves);
    if (tree->count == 1)
        return false;
    left = right - 1;
    if (right->number % 2 == 0 || left->level != right->level ||
        left->number != right->number - 1)
        return false;
    left->level++;
    left->number /= 2;
    tree->count--;
    *ret_block = tree->count - 1;
    return true;
}

int ic_tree_blocks(int first, int end, int leaves)
{
    struct ic_tree tree = ic_tree_begin(first, leaves);
    int most = 0, block;

    assert(end <= leaves);
    while (tree.next < end) {
        ic_tree_add_leaf(&tree);
        most = tree.count > most ? tree.count : most;
        while (ic_tree_join(&tree, &block))
            continue;
    }
    return most;
}
