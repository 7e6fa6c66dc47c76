/* SPDX-License-Identifier: MIT */
/*
 * Where two dumps part: the first tensor, in the order of computation, on which they
 * disagree, and why, where the numbers prove it.
 */
#ifndef IC_REPORT_DEPARTURE_H
#define IC_REPORT_DEPARTURE_H

#include "format/safetensors.h"

struct ic_departure {
    bool found;      /* false: nothing departs, or neither file records its order */
    char name[160];  /* the tensor */
    double relative; /* its difference; infinite where the shapes differ */
    char cause[320]; /* a clause about A and B; empty: none is proven */
};

/* Looks at the tensors that both files hold; those whose relative difference exceeds
 * `tolerance` depart. The order is that of the metadata of `b`, or else of `a`. */
ic_status ic_departure_find(struct ic_departure *departure,
                            const struct ic_safetensors *a,
                            const struct ic_safetensors *b, const char *const paths[2],
                            double tolerance, struct ic_error *error);

#endif
