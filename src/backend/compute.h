/* SPDX-License-Identifier: MIT */
/*
 * The choice of device, convolution algorithm, precision and threads, in the words of
 * the options --device, --conv, --precision and --threads.
 */
#ifndef IC_BACKEND_COMPUTE_H
#define IC_BACKEND_COMPUTE_H

#include "backend/registry.h"

/* The strings belong to the caller. */
struct ic_compute {
    const char *device;    /* of ic_backend_names */
    const char *conv;      /* of ic_conv_algorithm_names */
    const char *precision; /* of ic_precision_names */
    int ordinal;           /* number of the device, modulo the number of such devices */
    int threads;           /* that compute; 0: one per physical core */
};

/* "cpu", "auto", "fp32" and all cores. */
extern const struct ic_compute ic_compute_default;

/* Opens the device. A graph on it is to ask for *ret_algorithm and *ret_type, which is
 * bf16 in that precision. The caller closes the device with (*ret_backend)->close.
 * Refused: unknown words, an algorithm or a precision that the device lacks, a device
 * that does not exist. On failure nothing is open, and *ret_backend and *ret_device
 * are NULL. */
ic_status ic_compute_open(const struct ic_compute *compute,
                          const struct ic_backend **ret_backend,
                          struct ic_device **ret_device,
                          enum ic_conv_algorithm *ret_algorithm, enum ic_type *ret_type,
                          struct ic_error *error);

#endif
