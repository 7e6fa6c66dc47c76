/*
 * What a convolution algorithm is to the CPU backend: one const object a file.
 */
#ifndef IC_BACKEND_CPU_CONV_H
#define IC_BACKEND_CPU_CONV_H

#include "backend/cpu/cpu.h"

/* The entries are those of struct ic_backend. */
struct ic_cpu_conv {
    size_t (*workspace)(struct ic_device *device, const struct ic_conv *conv,
                        bool training);
    void (*forward)(struct ic_device *device, float *y, const float *x,
                    const float *weight, void *workspace, const struct ic_conv *conv);
    void (*backward_input)(struct ic_device *device, float *dx, const float *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate);
    void (*backward_weight)(struct ic_device *device, float *dweight, const float *dy,
                            const float *x, void *workspace, const struct ic_conv *conv,
                            bool accumulate);
};

extern const struct ic_cpu_conv ic_cpu_im2col;
extern const struct ic_cpu_conv ic_cpu_direct;
extern const struct ic_cpu_conv ic_cpu_winograd; /* 3x3, stride 1 */

#endif
