/* SPDX-License-Identifier: MIT */
/*
 * The emulated GPU's struct ic_device, shared by its files.
 */
#ifndef IC_TESTS_EMULATED_GPU_H
#define IC_TESTS_EMULATED_GPU_H

#include "backend/cuda/cuda.h"

struct ic_device {
    struct ic_task_log *log;
    double *scratch;
    enum ic_precision precision;
    char name[40], description[40];
    bool turn;
    long kernels, fault; /* kernels so far; the first that fails, 0 for none */
    const char *failed;
    struct emulated_plan *plans; /* of convolutions by cuDNN */
};

/* The number in an environment variable, or `otherwise`. */
long emulated_setting(const char *name, long otherwise);

/* The value that the tensor cores read for an element of an array of `type`. */
double emulated_value(const struct ic_device *device, const void *array, size_t i,
                      enum ic_type type);

void emulated_free_plans(struct ic_device *device);

#endif
