/* SPDX-License-Identifier: MIT */
/*
 * Finds where two dumps part. See departure.h.
 */
#include "report/departure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/cause.h"

/* The two files, the order of their tensors, and the memory of it all. */
struct search {
    const struct ic_safetensors *a, *b;
    struct ic_node_list nodes;
    struct ic_sequence sequence;
    double tolerance;
    struct ic_arena arena;
};

/* Reads what `c->at` names, which both files hold. */
static ic_status read_case(struct ic_case *c, struct ic_error *error)
{
    const struct ic_tensor *a = ic_safetensors_find(c->subject, c->at->name);
    const struct ic_tensor *b = ic_safetensors_find(c->reference, c->at->name);
    const struct ic_tensor *before = ic_difference_before(c->reference, b);
    struct ic_difference difference;
    struct ic_values values;
    ic_status status = ic_difference_of_tensors(&difference, a, b, c->reference, error);

    if (status == IC_OK)
        status = ic_values_read(&c->a, a, &c->arena, error);
    if (status == IC_OK)
        status = ic_values_read(&c->b, b, &c->arena, error);
    if (status == IC_OK && before != NULL)
        status = ic_values_read(&values, before, &c->arena, error);
    if (status != IC_OK)
        return status;
    c->same_shape = ic_difference_same_shape(a, b);
    c->before = before != NULL && c->same_shape ? values.v : NULL;
    c->departure = difference.relative;
    return IC_OK;
}

static struct ic_case case_of(const struct search *search,
                              const struct ic_sequence_entry *at, bool swapped)
{
    return (struct ic_case){
        .subject = swapped ? search->b : search->a,
        .reference = swapped ? search->a : search->b,
        .s = swapped ? "B" : "A",
        .r = swapped ? "A" : "B",
        .nodes = &search->nodes,
        .at = at,
        .node = at->node >= 0 ? &search->nodes.nodes[at->node] : NULL,
        .tolerance = search->tolerance,
    };
}

/* Looks for the cause in both files: either may be the one that is wrong. */
static ic_status explain(const struct search *search, struct ic_departure *departure,
                         const struct ic_sequence_entry *at, struct ic_error *error)
{
    struct ic_case cases[2] = {case_of(search, at, false), case_of(search, at, true)};
    ic_status status = read_case(&cases[0], error);

    if (status == IC_OK)
        status = read_case(&cases[1], error);
    if (status == IC_OK) {
        const char *cause = ic_cause_find(cases);

        snprintf(departure->cause, sizeof departure->cause, "%s",
                 cause != NULL ? cause : "");
    }
    for (int i = 0; i < 2; i++) {
        if (cases[i].no_memory)
            status = ic_fail_memory(error, at->name, 0);
        ic_arena_free(&cases[i].arena);
    }
    return status;
}

static ic_status search_in_order(struct search *search, struct ic_departure *departure,
                                 struct ic_error *error)
{
    ic_status status = IC_OK;

    for (size_t i = 0; i < search->sequence.count && status == IC_OK; i++) {
        const struct ic_sequence_entry *at = &search->sequence.entries[i];
        const struct ic_tensor *a = ic_safetensors_find(search->a, at->name);
        const struct ic_tensor *b = ic_safetensors_find(search->b, at->name);
        struct ic_difference difference;

        if (a == NULL || b == NULL)
            continue;
        status = ic_difference_of_tensors(&difference, a, b, search->b, error);
        if (status != IC_OK || difference.relative <= search->tolerance)
            continue;
        departure->found = true;
        departure->relative = difference.relative;
        ic_text_show(departure->name, sizeof departure->name, at->name,
                     strlen(at->name));
        return explain(search, departure, at, error);
    }
    return status;
}

ic_status ic_departure_find(struct ic_departure *departure,
                            const struct ic_safetensors *a,
                            const struct ic_safetensors *b, const char *const paths[2],
                            double tolerance, struct ic_error *error)
{
    struct search search = {.a = a, .b = b, .tolerance = tolerance};
    const char *of_a = ic_safetensors_metadata(a, "nodes");
    const char *of_b = ic_safetensors_metadata(b, "nodes");
    ic_status status;

    *departure = (struct ic_departure){0};
    if (of_a == NULL && of_b == NULL)
        return IC_OK;
    status = ic_node_list_read(of_b != NULL ? of_b : of_a, paths[of_b != NULL],
                               &search.arena, &search.nodes, error);
    if (status == IC_OK)
        status =
            ic_sequence_make(&search.sequence, &search.nodes, &search.arena, error);
    if (status == IC_OK)
        status = search_in_order(&search, departure, error);
    ic_arena_free(&search.arena);
    return status;
}
