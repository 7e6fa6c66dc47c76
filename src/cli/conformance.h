/* SPDX-License-Identifier: MIT */
/*
 * The conformance set: small inputs, weights and expected numbers of every op and of
 * one training step, in double precision, by which an engine in any language can be
 * tested without im2cat. docs/conformance.md describes the files.
 *
 * A case is one op with one shape: a safetensors file with its arrays, and an entry of
 * the index with its numbers. Inputs are multiples of 1/64, so that floats, and bf16
 * too, have them exactly. The expected arrays come from the loops of the reference
 * (backend/reference/).
 */
#ifndef IC_CLI_CONFORMANCE_H
#define IC_CLI_CONFORMANCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/jansson.h"
#include "base/random.h"
#include "format/safetensors.h"

/* Writes the set to a folder that is empty or does not exist: the same bytes each time.
 */
ic_status ic_conformance_write(const char *folder, int *ret_cases,
                               struct ic_error *error);

/* --- a case ----------------------------------------------------------------------- *
 *
 * Made by ic_conformance_begin, then arrays and numbers, then the computation, then
 * ic_conformance_end. The first failure sticks and is returned by the end; an array is
 * then NULL, so that a computation first asks ic_conformance_ready. */

struct ic_conformance_case {
    const char *folder, *name; /* the file is folder/name.safetensors */
    json_t *index;             /* the cases so far */
    json_t *entry;             /* this one */
    struct ic_arena arena;
    struct ic_conformance_array *arrays; /* the newest first */
    struct ic_random random;
    unsigned before; /* failures of libjansson */
    bool failed;
};

/* Its inputs are a function of the name. */
void ic_conformance_begin(struct ic_conformance_case *c, const char *name,
                          const char *op);

/* A number of the op, such as its stride, or an array of JSON, which it takes over. */
void ic_conformance_integer(struct ic_conformance_case *c, const char *key, int value);
void ic_conformance_real(struct ic_conformance_case *c, const char *key, double value);
void ic_conformance_set(struct ic_conformance_case *c, const char *key, json_t *value);

/* Sizes of an array as it lies in memory, of which the first 0 ends the list. Pictures
 * are {n, height, width, channels} and kernels {out, row, column, in}; the file has the
 * channels second, as PyTorch. */
typedef int ic_conformance_shape[4];

/* An array of the file, zero. */
double *ic_conformance_array(struct ic_conformance_case *c, const char *name,
                             const ic_conformance_shape shape);

/* The same with multiples of 1/64 from -1 to 1, by chance. */
double *ic_conformance_draw(struct ic_conformance_case *c, const char *name,
                            const ic_conformance_shape shape);

/* Labels from 0 to classes - 1, as I64 in the file. */
int32_t *ic_conformance_labels(struct ic_conformance_case *c, const char *name,
                               int count, int classes);

bool ic_conformance_ready(const struct ic_conformance_case *c);

/* Writes the file and the entry, and frees the case. */
ic_status ic_conformance_end(struct ic_conformance_case *c, struct ic_error *error);

/* --- the cases -------------------------------------------------------------------- */

/* Each function adds cases, one after the other, to the set that `c` has the folder and
 * the index of. */
ic_status ic_conformance_layers(struct ic_conformance_case *c, struct ic_error *error);
ic_status ic_conformance_norms(struct ic_conformance_case *c, struct ic_error *error);
ic_status ic_conformance_training(struct ic_conformance_case *c,
                                  struct ic_error *error);
ic_status ic_conformance_step(struct ic_conformance_case *c, struct ic_error *error);

#endif
