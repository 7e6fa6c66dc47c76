/* SPDX-License-Identifier: MIT */
/*
 * Cases of the conformance set: batch norm, in training with its gradients and the
 * running statistics, and in evaluation.
 */
#include "backend/reference/loops.h"
#include "cli/conformance.h"

static const struct {
    const char *name;
    int batch, height, width, channels;
    bool relu, residual;
} norms[] = {
    {"batchnorm", 2, 3, 4, 5, false, false},
    {"batchnorm-relu", 3, 2, 5, 7, true, false},
    {"batchnorm-residual-relu", 2, 4, 3, 6, true, true},
    {"batchnorm-features", 8, 1, 1, 9, false, false},
};

/* What training and evaluation have in common. */
struct arrays {
    struct ic_batchnorm bn;
    ic_conformance_shape shape, per_channel;
    double *x, *residual, *weight, *bias, *mean, *var, *y;
};

static void begin(struct ic_conformance_case *c, const char *name, const char *op,
                  size_t i, struct arrays *a)
{
    const int channels = norms[i].channels;

    *a = (struct arrays){
        .bn = {.rows = (size_t)(norms[i].batch * norms[i].height * norms[i].width),
               .channels = channels,
               .relu = norms[i].relu,
               .epsilon = 0x1p-10f},
        .shape = {norms[i].batch, norms[i].height, norms[i].width, channels},
        .per_channel = {channels}};
    ic_conformance_begin(c, name, op);
    ic_conformance_real(c, "epsilon", a->bn.epsilon);
    ic_conformance_set(c, "relu", json_boolean(a->bn.relu));
    a->x = ic_conformance_draw(c, "in.x", a->shape);
    if (norms[i].residual)
        a->residual = ic_conformance_draw(c, "in.residual", a->shape);
    a->weight = ic_conformance_draw(c, "param.weight", a->per_channel);
    a->bias = ic_conformance_draw(c, "param.bias", a->per_channel);
    a->mean = ic_conformance_draw(c, "in.running_mean", a->per_channel);
    a->var = ic_conformance_draw(c, "in.running_var", a->per_channel);
    for (int k = 0; a->var != NULL && k < channels; k++)
        a->var[k] = 1 + a->var[k] / 2; /* from 1/2 to 3/2 */
    a->y = ic_conformance_array(c, "out.y", a->shape);
}

static ic_status training(struct ic_conformance_case *c, size_t i,
                          struct ic_error *error)
{
    static const double momentum = 0.125;
    const size_t channels = (size_t)norms[i].channels;
    struct arrays a;
    double *dy, *dx, *dresidual = NULL, *dweight, *dbias, *new_mean, *new_var;
    double *mean, *invstd, *unbiased;

    begin(c, norms[i].name, "batchnorm", i, &a);
    ic_conformance_real(c, "momentum", momentum);
    dy = ic_conformance_draw(c, "in.dy", a.shape);
    new_mean = ic_conformance_array(c, "out.running_mean", a.per_channel);
    new_var = ic_conformance_array(c, "out.running_var", a.per_channel);
    dx = ic_conformance_array(c, "grad.x", a.shape);
    if (a.residual != NULL)
        dresidual = ic_conformance_array(c, "grad.residual", a.shape);
    dweight = ic_conformance_array(c, "grad.weight", a.per_channel);
    dbias = ic_conformance_array(c, "grad.bias", a.per_channel);
    mean = ic_arena_alloc(&c->arena, 3 * channels, sizeof *mean);
    c->failed = c->failed || mean == NULL;
    if (ic_conformance_ready(c)) {
        invstd = mean + channels;
        unbiased = invstd + channels;
        ic_loops_batchnorm_statistics(&a.bn, mean, invstd, unbiased, (void *)a.x);
        ic_loops_batchnorm_forward(&a.bn, (void *)a.y, (void *)a.x, (void *)a.residual,
                                   a.weight, a.bias, mean, invstd, NULL);
        ic_loops_batchnorm_backward(&a.bn, (void *)dx, (void *)dresidual, dweight,
                                    dbias, (void *)dy, (void *)a.x, (void *)a.y,
                                    a.weight, a.bias, mean, invstd, false);
        for (size_t k = 0; k < channels; k++) {
            new_mean[k] = a.mean[k];
            new_var[k] = a.var[k];
        }
        ic_loops_batchnorm_move(channels, new_mean, mean, momentum);
        ic_loops_batchnorm_move(channels, new_var, unbiased, momentum);
    }
    return ic_conformance_end(c, error);
}

static ic_status evaluation(struct ic_conformance_case *c, struct ic_error *error)
{
    struct arrays a;

    begin(c, "batchnorm-eval", "batchnorm-eval", 2, &a);
    if (ic_conformance_ready(c))
        ic_loops_batchnorm_forward(&a.bn, (void *)a.y, (void *)a.x, (void *)a.residual,
                                   a.weight, a.bias, a.mean, NULL, a.var);
    return ic_conformance_end(c, error);
}

ic_status ic_conformance_norms(struct ic_conformance_case *c, struct ic_error *error)
{
    ic_status status = IC_OK;

    for (size_t i = 0; status == IC_OK && i < sizeof norms / sizeof *norms; i++)
        status = training(c, i, error);
    if (status == IC_OK)
        status = evaluation(c, error);
    return status;
}
