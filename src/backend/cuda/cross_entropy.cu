/* SPDX-License-Identifier: MIT */
/*
 * Cross-entropy of the softmax: one thread per picture. See backend/cross_entropy.h.
 */
#include "backend/cross_entropy.h"
#include "backend/cuda/cuda.h"

IC_KERNEL(ic_losses_picture, struct ic_losses)

void ic_cuda_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                           const float *logits, const int32_t *labels,
                           const int32_t *other_labels, const float *share,
                           const float *class_weight,
                           const struct ic_cross_entropy *shape)
{
    const struct ic_losses ce = {loss,         dlogits, logits,       labels,
                                 other_labels, share,   class_weight, *shape};

    ic_losses_picture_each(device, (size_t)shape->batch, &ce);
}
