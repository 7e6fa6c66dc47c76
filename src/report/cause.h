/* SPDX-License-Identifier: MIT */
/*
 * Causes of a departure: a table of rules, one function each, in cause_*.c. A rule
 * makes the subject's tensor from what the reference holds and one assumed mistake, and
 * speaks only if the result agrees with the subject's numbers. Where a rule computes
 * anew, it first makes sure that the subject is not what the reference's inputs give
 * without a mistake: then the mistake is the reference's.
 */
#ifndef IC_REPORT_CAUSE_H
#define IC_REPORT_CAUSE_H

#include "format/safetensors.h"
#include "report/difference.h"
#include "report/sequence.h"
#include "report/values.h"

struct ic_case {
    const struct ic_safetensors *subject, *reference;
    const char *s, *r; /* their letters in a sentence: "A" and "B" */
    const struct ic_node_list *nodes;
    const struct ic_sequence_entry *at; /* the tensor that departs */
    const struct ic_listed_node *node;  /* which it belongs to; NULL: none */
    struct ic_values a, b;              /* the subject's and the reference's values */
    const float *before; /* of updated arrays: the reference's before; else NULL */
    bool same_shape;     /* but for axes of size 1 */
    double departure;    /* relative; infinite: other shapes */
    double tolerance;
    struct ic_arena arena;
    bool no_memory; /* a rule lacked memory */
    char text[320]; /* the cause, a clause */
};

/* Whether the rule explains the departure; then it has written the cause. */
typedef bool ic_cause_rule(struct ic_case *c);

/* Tries the rules that concern the stage, in the order of the table, each on both
 * files: cases[1] is cases[0] with subject and reference exchanged. Returns the cause,
 * which is in one of the cases, or NULL. */
const char *ic_cause_find(struct ic_case cases[2]);

/* --- for the rules ---------------------------------------------------------------- */

/* The reference's tensor of that name, if there is one. */
bool ic_cause_values(struct ic_case *c, const char *name, struct ic_values *ret_values);

/* The output of input `i` of the node. */
bool ic_cause_input(struct ic_case *c, int i, struct ic_values *ret_values);

/* A number, or a word (NULL: absent), of the reference's metadata, else of the
 * subject's. */
bool ic_cause_number(const struct ic_case *c, const char *key, double *ret_number);
const char *ic_cause_word(const struct ic_case *c, const char *key);

/* Memory for a prediction of the subject's values. */
float *ic_cause_floats(struct ic_case *c, size_t count);

/* Whether the prediction of the subject's values agrees with them: within the
 * tolerance, and at least four times as well as the reference. */
bool ic_cause_agrees(const struct ic_case *c, const float *prediction);

/* Writes the cause; returns true. */
bool ic_cause_say(struct ic_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The rules. */
extern ic_cause_rule ic_cause_not_finite, ic_cause_zero, ic_cause_one_slice,
    ic_cause_factor, ic_cause_offset;                           /* cause_values */
extern ic_cause_rule ic_cause_permuted, ic_cause_reversed;      /* cause_axes */
extern ic_cause_rule ic_cause_shifted, ic_cause_border;         /* cause_shift */
extern ic_cause_rule ic_cause_normalisation, ic_cause_channels; /* cause_input */
extern ic_cause_rule ic_cause_skipped, ic_cause_no_relu;        /* cause_node */
extern ic_cause_rule ic_cause_bias;                             /* cause_node */
extern ic_cause_rule ic_cause_convolution;                      /* cause_conv */
extern ic_cause_rule ic_cause_pooling;                          /* cause_pool */
extern ic_cause_rule ic_cause_norm;                             /* cause_norm */
extern ic_cause_rule ic_cause_statistics;                       /* cause_statistics */
extern ic_cause_rule ic_cause_smoothing, ic_cause_sum;          /* cause_loss */
extern ic_cause_rule ic_cause_state, ic_cause_update, ic_cause_rate; /* cause_step */

#endif
