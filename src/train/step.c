/*
 * One step of training. See step.h.
 */
#include "train/step.h"

#include <assert.h>

#include "train/numeric.h"

static double mean_of(const float *values, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

/* Forward and backward of a micro-batch: `count` pictures of the batch, from number
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
        const struct ic_mix mix = ic_mixup_from(stepper->mixup, first);

        ic_net_input_mixed(net, rgb, &mix, count, model->mean, model->std);
    } else {
        ic_net_input(net, rgb, count, model->mean, model->std);
    }
    ic_net_forward(net, true);
    ic_net_loss(net, batch->labels + first, stepper->label_smoothing, true,
                stepper->losses + first);
    ic_net_backward(net);
}

ic_status ic_step(const struct ic_stepper *stepper, const struct ic_batch *batch,
                  int64_t step, const struct ic_rates *rates, double *ret_loss,
                  struct ic_error *error)
{
    struct ic_net *net = stepper->net;
    const int most = ic_net_plan(net)->options.batch;
    double norm;
    ic_status status;

    ic_net_set_random(net, stepper->seed, (uint32_t)step);
    if (stepper->mixup != NULL)
        ic_mixup_draw(stepper->mixup, stepper->seed, step, batch, stepper->model->size);
    ic_net_begin_step(net, batch->count);
    for (int first = 0; first < batch->count; first += most) {
        const int left = batch->count - first;

        compute_micro_batch(stepper, batch, first, left < most ? left : most);
    }
    ic_net_end_step(net);

    *ret_loss = mean_of(stepper->losses, batch->count);
    norm = ic_numeric_gradient_norm(net);
    status = ic_net_backend(net)->sync(ic_net_device(net), error);
    if (status == IC_OK) /* what a device that failed has computed says nothing */
        status = ic_numeric_check_step(net, *ret_loss, norm, step + 1,
                                       rates->lr[IC_GROUP_HEAD], stepper->dataset,
                                       batch, error);
    if (status != IC_OK)
        return status;

    ic_optimizer_step(stepper->optimizer, net, rates,
                      ic_optimizer_clip(norm, stepper->clip_norm));
    return ic_net_backend(net)->sync(ic_net_device(net), error);
}
