/* SPDX-License-Identifier: MIT */
/*
 * The arena gives zeroed, aligned memory that does not overlap, refuses sizes that
 * overflow, and copies texts.
 */
#include "base/arena.h"

#include <stdint.h>

#include "check.h"

/* Objects of many sizes, each filled with its own byte: none overwrites another. */
static void test_objects_are_apart(void)
{
    enum { OBJECTS = 3000 };
    static unsigned char *objects[OBJECTS];
    static size_t sizes[OBJECTS];
    struct ic_arena arena = {0};

    for (int i = 0; i < OBJECTS; i++) {
        sizes[i] = (size_t)(i * 7919 % 700);
        if (i % 500 == 499)
            sizes[i] = 100000; /* more than any ordinary block */
        objects[i] = ic_arena_alloc(&arena, sizes[i], 1);
        CHECK(objects[i] != NULL);
        if (objects[i] == NULL)
            return;
        CHECK_INT((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            if (objects[i][k] != 0)
                CHECK_FAIL("byte %zu of object %d is not zero", k, i);
        memset(objects[i], 1 + i % 255, sizes[i]);
    }
    for (int i = 0; i < OBJECTS; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            if (objects[i][k] != 1 + i % 255)
                CHECK_FAIL("byte %zu of object %d was overwritten", k, i);
    ic_arena_free(&arena);
}

/* An object of zero bytes has an address of its own. */
static void test_empty_objects(void)
{
    struct ic_arena arena = {0};
    const void *a = ic_arena_alloc(&arena, 0, 8), *b = ic_arena_alloc(&arena, 8, 0);

    CHECK(a != NULL && b != NULL && a != b);
    ic_arena_free(&arena);
}

static void test_overflow(void)
{
    struct ic_arena arena = {0};

    CHECK(ic_arena_alloc(&arena, SIZE_MAX, 1) == NULL);
    CHECK(ic_arena_alloc(&arena, SIZE_MAX - 8, 1) == NULL);
    CHECK(ic_arena_alloc(&arena, SIZE_MAX - 64, 1) == NULL);
    CHECK(ic_arena_alloc(&arena, SIZE_MAX / 2 + 1, 2) == NULL);
    CHECK(ic_arena_alloc(&arena, (size_t)1 << 33, (size_t)1 << 33) == NULL);
    /* The arena is still usable after the failures. */
    CHECK(ic_arena_alloc(&arena, 4, 4) != NULL);
    ic_arena_free(&arena);
}

static void test_texts(void)
{
    struct ic_arena arena = {0};
    const char unterminated[3] = {'a', 'b', 'c'};
    char wide[5000], *text;

    CHECK_STRING(ic_arena_strdup(&arena, "Abyssinian"), "Abyssinian");
    CHECK_STRING(ic_arena_strdup(&arena, ""), "");
    CHECK_STRING(ic_arena_strndup(&arena, "Abyssinian_5", 10), "Abyssinian");
    CHECK_STRING(ic_arena_strndup(&arena, "Abyssinian", 0), "");
    CHECK_STRING(ic_arena_strndup(&arena, "short", SIZE_MAX), "short");
    CHECK_STRING(ic_arena_strndup(&arena, unterminated, 3), "abc");
    CHECK_STRING(ic_arena_format(&arena, "layer%d.%d.%s", 4, 2, "conv1"),
                 "layer4.2.conv1");
    CHECK_STRING(ic_arena_format(&arena, "%s", ""), "");

    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    for (int i = 0; i < 10; i++)
        CHECK_STRING(ic_arena_format(&arena, "%s", wide), wide);

    /* A copy, not the text itself. */
    text = ic_arena_strdup(&arena, wide);
    wide[0] = 'x';
    CHECK(text != NULL && text[0] == 'w');
    ic_arena_free(&arena);
}

/* After it is freed, the arena is empty and usable again; freeing nothing is allowed.
 */
static void test_free(void)
{
    struct ic_arena arena = {0};

    ic_arena_free(&arena);
    for (int round = 0; round < 3; round++) {
        CHECK(ic_arena_alloc(&arena, 100, 1000) != NULL);
        CHECK_STRING(ic_arena_strdup(&arena, "again"), "again");
        ic_arena_free(&arena);
        CHECK(arena.blocks == NULL);
    }
}

int main(void)
{
    test_objects_are_apart();
    test_empty_objects();
    test_overflow();
    test_texts();
    test_free();
    return check_result();
}
