/* SPDX-License-Identifier: MIT */
/*
 * Exercise 3.1: the example of the page; then dw against the difference quotient of the
 * loss sum dy y, which is exact: the loss is linear in w, and all numbers are whole.
 */
#include "kit.h"

static double loss(const float *dy, const float *x, const float *w,
                   const struct shape *s)
{
    double sum = 0;

    for (int n = 0; n < s->batch; n++)
        for (int oy = 0; oy < s->out_height; oy++)
            for (int ox = 0; ox < s->out_width; ox++)
                for (int o = 0; o < s->out; o++)
                    for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
                        const int iy = oy * s->stride + tap / s->kernel - s->pad;
                        const int ix = ox * s->stride + tap % s->kernel - s->pad;
                        const int y = (n * s->out_height + oy) * s->out_width + ox;

                        if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width)
                            continue;
                        for (int i = 0; i < s->in; i++)
                            sum +=
                                dy[y * s->out + o] *
                                x[((n * s->height + iy) * s->width + ix) * s->in + i] *
                                w[(o * s->kernel * s->kernel + tap) * s->in + i];
                    }
    return sum;
}

static void try(struct shape s)
{
    const int count = s.out * s.kernel * s.kernel * s.in;
    float x[1000], w[1000], dy[1000], found[1000];

    s.out_height = (s.height + 2 * s.pad - s.kernel) / s.stride + 1;
    s.out_width = (s.width + 2 * s.pad - s.kernel) / s.stride + 1;
    fill(x, 1000, 11);
    fill(w, 1000, 12);
    fill(dy, 1000, 13);
    fill(found, 1000, 14);
    weight_gradient(found, dy, x, &s);
    begin("%d pictures of %d x %d x %d, %d out channels, kernel %d, stride %d, pad %d",
          s.batch, s.height, s.width, s.in, s.out, s.kernel, s.stride, s.pad);
    for (int k = 0; k < count; k++) {
        const double before = loss(dy, x, w, &s);
        char name[20];

        w[k] += 1;
        snprintf(name, sizeof name, "dw[%d]", k);
        same(name, found[k], loss(dy, x, w, &s) - before);
        w[k] -= 1;
    }
}

int main(void)
{
    const float x[] = {1, 2, 0, 1, 0, 1, 3, 1, 2, 1, 0, 0, 1, 0, 1, 2};
    const float dy[] = {1, 2, 0, -1}, wanted[] = {-1, -3, -1, 3, 1, 4, 2, 5, 1};
    const struct shape page = {1, 4, 4, 1, 2, 2, 1, 3, 2, 1};
    float dw[9] = {5, 5, 5, 5, 5, 5, 5, 5, 5};

    begin("the example of the page");
    weight_gradient(dw, dy, x, &page);
    same_all("dw", dw, wanted, 9, 0);
    try((struct shape){1, 5, 4, 2, .out = 3, .kernel = 1, .stride = 1, .pad = 0});
    try((struct shape){3, 4, 5, 2, .out = 2, .kernel = 3, .stride = 1, .pad = 1});
    try((struct shape){2, 7, 6, 1, .out = 3, .kernel = 3, .stride = 2, .pad = 1});
    try((struct shape){1, 9, 8, 2, .out = 1, .kernel = 5, .stride = 3, .pad = 2});
    return right();
}
