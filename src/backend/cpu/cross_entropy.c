/* SPDX-License-Identifier: MIT */
/*
 * Cross-entropy of the softmax: one task per picture. See backend/cross_entropy.h.
 */
#include "backend/cross_entropy.h"
#include "backend/cpu/cpu.h"

static void picture(const void *args, size_t index, int thread)
{
    ic_losses_picture(args, index);
}

void ic_cpu_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                          const float *logits, const int32_t *labels,
                          const int32_t *other_labels, const float *share,
                          const float *class_weight,
                          const struct ic_cross_entropy *shape)
{
    const struct ic_losses ce = {loss,         dlogits, logits,       labels,
                                 other_labels, share,   class_weight, *shape};

    ic_cpu_run(device, (size_t)shape->batch, picture, &ce);
}
