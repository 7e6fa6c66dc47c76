/* SPDX-License-Identifier: MIT */
/*
 * What computes, and how, in the words of the options --device, --conv, --precision and
 * --threads.
 */
#ifndef IC_BACKEND_COMPUTE_H
#define IC_BACKEND_COMPUTE_H

#include "backend/registry.h"

/* The words belong to the caller. */
struct ic_compute {
    const char *device;    /* of ic_backend_names */
    const char *conv;      /* of ic_conv_algorithm_names */
    const char *precision; /* of ic_precision_names */
    int ordinal;           /* which of several such devices, counted in a circle */
    int threads;           /* that compute; 0: as many as there are physical cores */
};

/* "cpu", "auto", "fp32" and all cores. */
extern const struct ic_compute ic_compute_default;

/* Opens the device; *ret_algorithm and *ret_type, bf16 in that precision, are what
 * a graph on it is to ask for. The caller closes it with (*ret_backend)->close.
 * Refused: unknown words, an algorithm or a precision that the device lacks, a device
 * that is not there. On failure nothing is open, and *ret_backend and *ret_device are
 * NULL. */
ic_status ic_compute_open(const struct ic_compute *compute,
                          const struct ic_backend **ret_backend,
                          struct ic_device **ret_device,
                          enum ic_conv_algorithm *ret_algorithm, enum ic_type *ret_type,
                          struct ic_error *error);

#endif
