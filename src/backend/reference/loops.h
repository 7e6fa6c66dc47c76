/* SPDX-License-Identifier: MIT */
/*
 * The loops of the reference backend (loops.c): functions of arrays of double, without
 * a device. kernels.c calls them for the backend's table; backend/backend.h says what
 * each kernel does, and which arrays may be NULL or the same.
 */
#ifndef IC_BACKEND_REFERENCE_LOOPS_H
#define IC_BACKEND_REFERENCE_LOOPS_H

#include "backend/shapes.h"

void ic_loops_normalize(int batch, size_t pixels, double x[][pixels][3],
                        const uint8_t rgb[][pixels][3],
                        const uint8_t (*other)[pixels][3], const double *share,
                        const float mean[3], const float std[3]);
void ic_loops_conv2d_forward(
    const struct ic_conv *v, double y[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels]);
void ic_loops_conv2d_backward_input(
    const struct ic_conv *v, double dx[][v->in_height][v->in_width][v->in_channels],
    const double dy[][v->out_height][v->out_width][v->out_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels], bool accumulate);
void ic_loops_conv2d_backward_weight(
    const struct ic_conv *v, double dweight[][v->kernel][v->kernel][v->in_channels],
    const double dy[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels]);
void ic_loops_batchnorm_statistics(const struct ic_batchnorm *bn, double *mean,
                                   double *invstd, double *unbiased,
                                   const double x[][bn->channels]);
void ic_loops_batchnorm_move(size_t count, double *running, const double *batch,
                             double momentum);
void ic_loops_batchnorm_forward(const struct ic_batchnorm *bn, double y[][bn->channels],
                                const double x[][bn->channels],
                                const double residual[][bn->channels],
                                const double *weight, const double *bias,
                                const double *mean, const double *invstd,
                                const double *var);
void ic_loops_batchnorm_backward(const struct ic_batchnorm *bn,
                                 double dx[][bn->channels],
                                 double dresidual[][bn->channels], double *dweight,
                                 double *dbias, const double dy[][bn->channels],
                                 const double x[][bn->channels],
                                 const double y[][bn->channels], const double *weight,
                                 const double *bias, const double *mean,
                                 const double *invstd, bool add_residual);
void ic_loops_conv2d_fold(int channels, int taps, double folded[][taps],
                          double *folded_bias, const double weight[][taps],
                          const double *gamma, const double *beta, const double *mean,
                          const double *var, double epsilon);
void ic_loops_conv2d_forward_folded(
    const struct ic_conv *v, double y[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels],
    const double residual[][v->out_height][v->out_width][v->out_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels], const double *bias,
    bool relu);
void ic_loops_relu_forward(size_t count, double *y, const double *x);
void ic_loops_relu_backward(size_t count, double *dx, const double *dy, const double *y,
                            bool accumulate);
void ic_loops_fill(size_t count, double *x, double value);
void ic_loops_add(size_t count, double *sum, const double *x);
void ic_loops_maxpool_forward(const struct ic_pool *p,
                              double y[][p->out_height][p->out_width][p->channels],
                              uint8_t place[][p->out_height][p->out_width][p->channels],
                              const double x[][p->in_height][p->in_width][p->channels]);
void ic_loops_maxpool_backward(
    const struct ic_pool *p, double dx[][p->in_height][p->in_width][p->channels],
    const double dy[][p->out_height][p->out_width][p->channels],
    const uint8_t place[][p->out_height][p->out_width][p->channels], bool accumulate);
void ic_loops_avgpool_forward(const struct ic_globalpool *g, double y[][g->channels],
                              const double x[][g->pixels][g->channels]);
void ic_loops_avgpool_backward(const struct ic_globalpool *g,
                               double dx[][g->pixels][g->channels],
                               const double dy[][g->channels], bool accumulate);
void ic_loops_concatpool_forward(const struct ic_globalpool *g,
                                 double y[][2][g->channels],
                                 int32_t place[][g->channels],
                                 const double x[][g->pixels][g->channels]);
void ic_loops_concatpool_backward(const struct ic_globalpool *g,
                                  double dx[][g->pixels][g->channels],
                                  const double dy[][2][g->channels],
                                  const int32_t place[][g->channels], bool accumulate);
void ic_loops_dropout(const struct ic_dropout *d, double *y, const double *x,
                      bool accumulate);
void ic_loops_linear_forward(const struct ic_linear *l, double y[][l->out_features],
                             const double x[][l->in_features],
                             const double weight[][l->in_features], const double *bias);
void ic_loops_linear_backward_input(const struct ic_linear *l,
                                    double dx[][l->in_features],
                                    const double dy[][l->out_features],
                                    const double weight[][l->in_features],
                                    bool accumulate);
void ic_loops_linear_backward_weight(const struct ic_linear *l,
                                     double dweight[][l->in_features], double *dbias,
                                     const double dy[][l->out_features],
                                     const double x[][l->in_features]);
void ic_loops_cross_entropy(const struct ic_cross_entropy *s, double *loss,
                            double dlogits[][s->classes],
                            const double logits[][s->classes], const int32_t *labels,
                            const int32_t *other_labels, const double *share,
                            const double *class_weight);
double ic_loops_sum_squares(size_t count, const double *x);
void ic_loops_adam_step(const struct ic_update_span *span, const struct ic_adam *adam,
                        double *p, double *m, double *v, const double *gradient);
void ic_loops_sgd_step(const struct ic_update_span *span, const struct ic_sgd *sgd,
                       double *p, double *m, const double *gradient);
void ic_loops_average(size_t count, double *mean, const double *x, double share);

#endif
