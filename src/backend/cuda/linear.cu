/*
 * The fully connected layer: three matrix products, and the sums of its bias. The
 * workspace holds the two operands of a product, one behind the other.
 */
#include "backend/cuda/operand.h"

/* Numbers of x, of weight and of y. */
struct counts {
    size_t x, weight, y;
};

static struct counts counts_of(const struct ic_linear *l)
{
    const size_t batch = (size_t)l->batch, ins = (size_t)l->in_features;
    const size_t outs = (size_t)l->out_features;
    const struct counts n = {batch * ins, outs * ins, batch * outs};

    return n;
}

/* Bytes of two operands. */
static size_t two(struct ic_device *device, size_t first, size_t second)
{
    return ic_cuda_with(ic_cuda_operand_room(device, first),
                        ic_cuda_operand_room(device, second));
}

size_t ic_cuda_linear_workspace(struct ic_device *device,
                                const struct ic_linear *linear, bool training)
{
    const struct counts n = counts_of(linear);
    const size_t forward = two(device, n.x, n.weight);
    const size_t input = two(device, n.y, n.weight), weight = two(device, n.y, n.x);
    const size_t backward = input > weight ? input : weight;

    return training && backward > forward ? backward : forward;
}

/* The second operand, behind a first of `first` numbers. */
static const void *second_operand(struct ic_device *device, void *workspace,
                                  size_t first, const float *x, size_t count)
{
    const size_t room = ic_cuda_operand_room(device, first);

    return ic_cuda_operand(device, ic_cuda_behind(workspace, room), x, count);
}

struct bias {
    float *out;
    const float *in;
    size_t batch, outs;
    bool accumulate;
};

/* Every row of y becomes the bias; a thread is an element. */
IC_EVERYWHERE void copy_bias(const struct bias *b, size_t i)
{
    b->out[i] = b->in[i % b->outs];
}

IC_KERNEL(copy_bias, struct bias)

/* y = x weight^T + bias */
void ic_cuda_linear_forward(struct ic_device *device, float *y, const float *x,
                            const float *weight, const float *bias, void *workspace,
                            const struct ic_linear *l)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct counts n = counts_of(l);
    const struct bias b = {y, bias, batch, outs, false};
    const void *const left = ic_cuda_operand(device, workspace, x, n.x);
    const void *const right = second_operand(device, workspace, n.x, weight, n.weight);

    if (bias != NULL)
        copy_bias_each(device, batch * outs, &b);
    ic_cuda_gemm(device, y, outs, ic_cuda_matrix(left, ins, false),
                 ic_cuda_matrix(right, ins, true), batch, outs, ins, bias != NULL);
}

/* dx = dy weight */
void ic_cuda_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_linear *l, bool accumulate)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct counts n = counts_of(l);
    const void *const left = ic_cuda_operand(device, workspace, dy, n.y);
    const void *const right = second_operand(device, workspace, n.y, weight, n.weight);

    ic_cuda_gemm(device, dx, ins, ic_cuda_matrix(left, outs, false),
                 ic_cuda_matrix(right, ins, false), batch, ins, outs, accumulate);
}

/* A thread is an output: the sum of dy over the batch. */
IC_EVERYWHERE void sum_bias(const struct bias *b, size_t i)
{
    float sum = b->accumulate ? b->out[i] : 0;

    for (size_t n = 0; n < b->batch; n++)
        sum += b->in[n * b->outs + i];
    b->out[i] = sum;
}

IC_KERNEL(sum_bias, struct bias)

/* dweight = dy^T x, and dbias */
void ic_cuda_linear_backward_weight(struct ic_device *device, float *dweight,
                                    float *dbias, const float *dy, const float *x,
                                    void *workspace, const struct ic_linear *l,
                                    bool accumulate)
{
    const size_t batch = (size_t)l->batch, outs = (size_t)l->out_features;
    const size_t ins = (size_t)l->in_features;
    const struct counts n = counts_of(l);
    const struct bias b = {dbias, dy, batch, outs, accumulate};

    if (dweight != NULL) {
        const void *const left = ic_cuda_operand(device, workspace, dy, n.y);
        const void *const right = second_operand(device, workspace, n.y, x, n.x);

        ic_cuda_gemm(device, dweight, ins, ic_cuda_matrix(left, outs, true),
                     ic_cuda_matrix(right, ins, false), outs, ins, batch, accumulate);
    }
    if (dbias != NULL)
        sum_bias_each(device, outs, &b);
}
