/* SPDX-License-Identifier: MIT */
/*
 * The weights that a learner starts from, and those that it measures and saves. See
 * learner.h.
 */
#include <string.h>

#include "model/init.h"
#include "model/pretrained.h"
#include "train/learner.h"
#include "train/model_file.h"

ic_status ic_learner_start_weights(struct ic_learner *learner,
                                   const struct ic_listener *listener,
                                   struct ic_error *error)
{
    const struct ic_job *job = learner->job;
    struct ic_net *net = learner->engine.net;
    struct ic_pretrained_report report;
    ic_status status = ic_init_weights(net, job->seed, error);

    if (status != IC_OK || strcmp(job->pretrained, "none") == 0)
        return status;
    status = ic_weights_load_pretrained(net, &learner->model, job->pretrained, &report,
                                        error);
    if (status == IC_OK && report.head_replaced)
        ic_listener_note(listener,
                         "%s has a different head or different classes: the head "
                         "starts from random weights",
                         job->pretrained);
    else if (status == IC_OK && report.known < learner->model.class_count)
        ic_listener_note(listener,
                         "%s has %d of the %d classes: the head keeps their weights "
                         "and starts from random weights for the others",
                         job->pretrained, report.known, learner->model.class_count);
    return status;
}

enum ic_net_set ic_learner_ema_or_weights(const struct ic_learner *learner)
{
    return learner->job->ema > 0 ? IC_NET_AVERAGE : IC_NET_WEIGHTS;
}

ic_status ic_learner_save_model(struct ic_learner *learner, const char *path,
                                int64_t steps, struct ic_error *error)
{
    const int micro = ic_job_micro_batch(learner->job);
    const int64_t per_step = (learner->job->batch + micro - 1) / micro;
    struct ic_net *net = learner->engine.net;
    ic_status status;

    ic_net_select(net, ic_learner_ema_or_weights(learner));
    status = ic_model_file_save(path, &learner->model, net, steps * per_step, error);
    ic_net_select(net, IC_NET_WEIGHTS);
    return status;
}
