/* SPDX-License-Identifier: MIT */
/*
 * Exercise 1.2: the picture of the page, then awkward shapes. The expected numbers come
 * from the other direction: each pixel of x is sent to the outputs that it meets.
 */
#include "kit.h"

static void send(float *y, const float *x, const float *w, const struct shape *s)
{
    memset(y, 0,
           sizeof *y * (size_t)(s->batch * s->out_height * s->out_width * s->out));
    for (int pixel = 0; pixel < s->batch * s->height * s->width; pixel++)
        for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
            const int n = pixel / (s->height * s->width);
            const int down = pixel / s->width % s->height + s->pad - tap / s->kernel;
            const int across = pixel % s->width + s->pad - tap % s->kernel;

            if (down < 0 || down % s->stride || down / s->stride >= s->out_height ||
                across < 0 || across % s->stride || across / s->stride >= s->out_width)
                continue;
            for (int o = 0; o < s->out; o++)
                for (int i = 0; i < s->in; i++)
                    y[((n * s->out_height + down / s->stride) * s->out_width +
                       across / s->stride) *
                          s->out +
                      o] += x[pixel * s->in + i] *
                            w[(o * s->kernel * s->kernel + tap) * s->in + i];
        }
}

static void try(struct shape s)
{
    float x[1000], w[1000], found[1000], wanted[1000];

    s.out_height = (s.height + 2 * s.pad - s.kernel) / s.stride + 1;
    s.out_width = (s.width + 2 * s.pad - s.kernel) / s.stride + 1;
    fill(x, 1000, 1);
    fill(w, 1000, 2);
    fill(found, 1000, 3); /* y is not zero before */
    convolve(found, x, w, &s);
    send(wanted, x, w, &s);
    begin("%d x %d x %d, %d out channels, kernel %d, stride %d, pad %d", s.height,
          s.width, s.in, s.out, s.kernel, s.stride, s.pad);
    same_all("y", found, wanted, s.batch * s.out_height * s.out_width * s.out, 0);
}

int main(void)
{
    const float x[] = {1, 2, 0, 1, 0, 1, 3, 1, 2, 1, 0, 0, 1, 0, 1, 2};
    const float w[] = {1, 2, 0, 0, 1, -1, 2, 0, 1}, wanted[] = {0, 2, 1, 9};
    const struct shape page = {1, 4, 4, 1, 2, 2, 1, 3, 2, 1};
    float y[4] = {5, 5, 5, 5};

    begin("the example of the page");
    convolve(y, x, w, &page);
    same_all("y", y, wanted, 4, 0);
    try((struct shape){1, 5, 4, 1, .out = 1, .kernel = 1, .stride = 1, .pad = 0});
    try((struct shape){2, 5, 4, 3, .out = 2, .kernel = 3, .stride = 1, .pad = 1});
    try((struct shape){2, 7, 6, 2, .out = 5, .kernel = 3, .stride = 2, .pad = 1});
    try((struct shape){1, 9, 8, 3, .out = 4, .kernel = 7, .stride = 2, .pad = 3});
    try((struct shape){1, 5, 6, 2, .out = 3, .kernel = 1, .stride = 2, .pad = 0});
    return right();
}
