/* SPDX-License-Identifier: MIT */
/*
 * The tree by which micro-batches are added up. Texts take the place of numbers, so
 * that each sum shows what was added in which order.
 */
#include "check.h"
#include "graph/tree.h"

enum { MOST = 40, ROOM = 1000 };

/* The tree by its definition, over the leaves from `first` on; `span` is the number of
 * leaves of a full tree of this height. */
static void define(char *text, int first, int leaves, int span)
{
    if (span == 1) {
        text += sprintf(text, "%d", first);
        return;
    }
    if (first + span / 2 >= leaves) {
        define(text, first, leaves, span / 2);
        return;
    }
    text += sprintf(text, "(");
    define(text, first, leaves, span / 2);
    text += strlen(text);
    text += sprintf(text, "+");
    define(text, first + span / 2, leaves, span / 2);
    strcat(text, ")");
}

static void define_all(char *text, int leaves)
{
    int span = 1;

    while (span < leaves)
        span *= 2;
    define(text, 0, leaves, span);
}

/* The blocks that a stretch keeps: sums, and their text. */
struct stretch {
    struct ic_tree tree;
    char blocks[IC_TREE_NODES][ROOM];
    int most; /* the most blocks at once */
};

static void join(struct stretch *s)
{
    int block;

    while (ic_tree_join(&s->tree, &block)) {
        char sum[2 * ROOM + 4];

        snprintf(sum, sizeof sum, "(%s+%s)", s->blocks[block], s->blocks[block + 1]);
        CHECK(strlen(sum) < ROOM);
        strcpy(s->blocks[block], sum);
        strcpy(s->blocks[block + 1], "free");
    }
}

static void add_stretch(struct stretch *s, int first, int end, int leaves)
{
    s->tree = ic_tree_begin(first, leaves);
    s->most = 0;
    for (int leaf = first; leaf < end; leaf++) {
        const int block = ic_tree_add_leaf(&s->tree);

        s->most = block + 1 > s->most ? block + 1 : s->most;
        snprintf(s->blocks[block], ROOM, "%d", leaf);
        join(s);
    }
}

static void check_known(void)
{
    static const char *const known[] = {"0",
                                        "(0+1)",
                                        "((0+1)+2)",
                                        "((0+1)+(2+3))",
                                        "(((0+1)+(2+3))+4)",
                                        "(((0+1)+(2+3))+(4+5))",
                                        "(((0+1)+(2+3))+((4+5)+6))",
                                        "(((0+1)+(2+3))+((4+5)+(6+7)))"};
    static struct stretch s;

    for (int leaves = 1; leaves <= 8; leaves++) {
        add_stretch(&s, 0, leaves, leaves);
        CHECK_INT(s.tree.count, 1);
        CHECK_STRING(s.blocks[0], known[leaves - 1]);
    }
}

static void check_whole(void)
{
    static struct stretch s;

    for (int leaves = 1; leaves <= MOST; leaves++) {
        char expected[ROOM] = "";
        int height = 0;

        while (leaves >> (height + 1) > 0)
            height++;
        define_all(expected, leaves);
        add_stretch(&s, 0, leaves, leaves);
        CHECK_INT(s.tree.count, 1);
        CHECK_STRING(s.blocks[0], expected);
        CHECK_INT(s.most, height + 1);
        CHECK_INT(ic_tree_blocks(0, leaves, leaves), height + 1);
    }
    CHECK_INT(ic_tree_blocks(0, 65536, 65536), 17);
    CHECK_INT(ic_tree_blocks(65535, 65536, 65536), 1);
}

/* Two adjacent stretches, wherever they meet: the first takes over the second one's
 * blocks and makes the same tree. */
static void check_stretches(void)
{
    static struct stretch low, high;

    for (int leaves = 2; leaves <= 20; leaves++)
        for (int cut = 1; cut < leaves; cut++) {
            char expected[ROOM] = "";

            define_all(expected, leaves);
            add_stretch(&low, 0, cut, leaves);
            add_stretch(&high, cut, leaves, leaves);
            CHECK_INT(ic_tree_blocks(cut, leaves, leaves), high.most);
            for (int i = 0; i < high.tree.count; i++) {
                const int block = ic_tree_add_sum(&low.tree, high.tree.nodes[i]);

                strcpy(low.blocks[block], high.blocks[i]);
                join(&low);
            }
            CHECK_INT(low.tree.count, 1);
            CHECK_INT(low.tree.next, leaves);
            CHECK_STRING(low.blocks[0], expected);
        }
}

int main(void)
{
    check_known();
    check_whole();
    check_stretches();
    return check_result();
}
