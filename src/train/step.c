/*
 * One step of training. See step.h.
 */
#include "train/step.h"

#include "train/numeric.h"

static double mean_of(const float *values, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

ic_status ic_step(const struct ic_stepper *stepper, const struct ic_batch *batch,
                  int64_t step, const struct ic_rates *rates, double *ret_loss,
                  struct ic_error *error)
{
    const struct ic_model *model = stepper->model;
    struct ic_net *net = stepper->net;
    ic_status status;

    if (stepper->features != NULL)
        ic_features_input(stepper->features, net, batch);
    else
        ic_net_input(net, batch->rgb, batch->count, model->mean, model->std);
    ic_net_set_draw(net, stepper->seed, (uint32_t)step);
    ic_net_forward(net, true);
    ic_net_loss(net, batch->labels, stepper->label_smoothing, true, stepper->losses);
    ic_net_backward(net);

    *ret_loss = mean_of(stepper->losses, batch->count);
    status = ic_numeric_check_step(net, *ret_loss, step + 1, rates->lr[IC_GROUPS - 1],
                                   stepper->dataset, batch, error);
    if (status != IC_OK)
        return status;

    ic_optimizer_step(stepper->optimizer, net, rates);
    return ic_net_backend(net)->sync(ic_net_device(net), error);
}
