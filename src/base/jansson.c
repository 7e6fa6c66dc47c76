/* SPDX-License-Identifier: MIT */
/*
 * Notes the allocations of libjansson that fail. See jansson.h.
 */
#include "base/jansson.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local unsigned failures;

/* The allocator that jansson had before: a program that links libim2cat may have set
 * one of its own. */
static json_malloc_t inner_malloc = malloc;
static json_free_t inner_free = free;

static void *watched_malloc(size_t size)
{
    void *memory = inner_malloc(size);

    failures += memory == NULL;
    return memory;
}

static void watched_free(void *memory)
{
    inner_free(memory);
}

/* jansson takes an allocator before its first use alone. */
__attribute__((constructor)) static void watch(void)
{
    json_get_alloc_funcs(&inner_malloc, &inner_free);
    json_set_alloc_funcs(watched_malloc, watched_free);
}

/* A library that is unloaded takes its functions with it. */
__attribute__((destructor)) static void stop_watching(void)
{
    json_malloc_t now = NULL;
    json_free_t release = NULL;

    json_get_alloc_funcs(&now, &release);
    if (now == watched_malloc)
        json_set_alloc_funcs(inner_malloc, inner_free);
}

unsigned ic_jansson_failures(void)
{
    return failures;
}

json_t *ic_jansson_load(const char *text, size_t size, size_t flags, json_error_t *why)
{
    const unsigned before = failures;
    json_t *json = json_loadb(text, size, flags, why);

    if (failures == before)
        return json;
    json_decref(json);
    return NULL;
}

char *ic_jansson_dump(const json_t *json, size_t flags, unsigned before)
{
    char *text = json_dumps(json, flags), *copy = NULL;

    if (failures == before && text != NULL)
        copy = strdup(text); /* the caller's to free, not jansson's */
    watched_free(text);
    return copy;
}
