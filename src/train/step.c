/* SPDX-License-Identifier: MIT */
/*
 * One step of training. See step.h.
 */
#include "train/step.h"

#include <assert.h>
#include <string.h>

#include "train/numeric.h"

static double mean_of(const float *values, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

/* Runs a micro-batch forward and backward: `count` pictures of the batch, from number
 * `first` on, which must be loaded. */
static void compute_micro_batch(const struct ic_stepper *stepper,
                                const struct ic_batch *batch, int first, int count)
{
    const struct ic_model *model = stepper->model;
    const size_t picture = 3 * (size_t)model->size * (size_t)model->size;
    const uint8_t *rgb = batch->rgb + (size_t)(first - batch->first) * picture;
    struct ic_net *net = stepper->net;

    assert(first >= batch->first && first + count <= batch->first + batch->own);
    if (stepper->features != NULL) {
        ic_features_input(stepper->features, net, batch->samples + first, count);
    } else if (stepper->mixup != NULL) {
        ic_mixup_input(stepper->mixup, net, rgb, first, count, model->mean, model->std);
    } else {
        ic_net_input(net, rgb, count, model->mean, model->std);
    }
    ic_net_forward(net, true);
    ic_net_loss(net, batch->labels + first, stepper->label_smoothing, true,
                stepper->losses + first);
    ic_net_backward(net);
}

/* Draws the partners and shares of the batch. A partner may be a picture of another
 * rank; then all ranks get the whole batch. */
static ic_status draw_mixup(const struct ic_stepper *stepper,
                            const struct ic_batch *batch, int64_t step,
                            struct ic_error *error)
{
    const size_t side = (size_t)stepper->model->size, picture = 3 * side * side;
    const size_t micro = (size_t)ic_net_plan(stepper->net)->options.batch;
    struct ic_batch whole = *batch;
    ic_status status = IC_OK;

    if (ic_comm_size(stepper->comm) > 1) {
        whole.rgb = stepper->pictures;
        whole.first = 0;
        whole.own = batch->count;
        memcpy(whole.rgb + (size_t)batch->first * picture, batch->rgb,
               (size_t)batch->own * picture);
        status = ic_comm_gather(stepper->comm, whole.rgb,
                                (size_t)batch->count * picture, micro * picture, error);
    }
    if (status == IC_OK)
        ic_mixup_draw(stepper->mixup, stepper->seed, step, &whole);
    return status;
}

/* Runs this rank's micro-batches forward and backward, and waits. */
static ic_status compute(const struct ic_stepper *stepper, const struct ic_batch *batch,
                         int64_t step, struct ic_error *error)
{
    struct ic_net *net = stepper->net;
    const struct ic_plan_options *plan = &ic_net_plan(net)->options;
    const struct ic_stretch own = ic_plan_own_pictures(plan, batch->count);

    ic_net_set_random(net, stepper->seed, (uint32_t)step);
    ic_net_begin_step(net, batch->count);
    for (int first = (int)own.first; first < (int)own.end; first += plan->batch) {
        const int left = (int)own.end - first;

        compute_micro_batch(stepper, batch, first,
                            left < plan->batch ? left : plan->batch);
    }
    return ic_net_backend(net)->sync(ic_net_device(net), error);
}

/* Sums the gradients and losses of all ranks, then updates the weights. */
static ic_status update(const struct ic_stepper *stepper, const struct ic_batch *batch,
                        int64_t step, const struct ic_rates *rates, double *ret_loss,
                        struct ic_error *error)
{
    struct ic_net *net = stepper->net;
    const size_t micro = (size_t)ic_net_plan(net)->options.batch;
    const size_t count = (size_t)batch->count, loss = sizeof *stepper->losses;
    double norm;
    ic_status status = ic_net_end_step(net, error);

    if (status == IC_OK)
        status = ic_comm_gather(stepper->comm, stepper->losses, count * loss,
                                micro * loss, error);
    if (status != IC_OK)
        return status;
    *ret_loss = mean_of(stepper->losses, batch->count);
    norm = ic_numeric_gradient_norm(net);
    status = ic_net_backend(net)->sync(ic_net_device(net), error);
    if (status == IC_OK) /* the results of a device that failed mean nothing */
        status = ic_numeric_check_step(net, *ret_loss, norm, step + 1,
                                       rates->lr[IC_GROUP_HEAD], stepper->dataset,
                                       batch, error);
    if (status != IC_OK)
        return status;

    ic_optimizer_step(stepper->optimizer, net, rates,
                      ic_optimizer_clip(norm, stepper->clip_norm));
    return ic_net_backend(net)->sync(ic_net_device(net), error);
}

ic_status ic_step(const struct ic_stepper *stepper, const struct ic_batch *batch,
                  int64_t step, const struct ic_rates *rates, double *ret_loss,
                  bool *stop, struct ic_error *error)
{
    ic_status status = batch != NULL ? IC_OK : error->status;

    if (stepper->mixup != NULL) {
        status = ic_comm_agree(stepper->comm, status, NULL, error);
        if (status == IC_OK)
            status = draw_mixup(stepper, batch, step, error);
    }
    if (status == IC_OK)
        status = compute(stepper, batch, step, error);
    status = ic_comm_agree(stepper->comm, status, stop, error);
    if (status == IC_OK)
        status = update(stepper, batch, step, rates, ret_loss, error);
    return status;
}
