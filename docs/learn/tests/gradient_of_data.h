/* SPDX-License-Identifier: MIT */
/*
 * The test of a data gradient, for exercises 4.1 and 4.3: the example of the page; then
 * element by element against the convolution of a picture that is 1 there and 0
 * elsewhere, since dx[k] = sum dy y of that picture.
 */
#include "kit.h"

/* The sum of dy y, where y is the convolution of x. */
static double loss(const float *dy, const float *x, const float *w,
                   const struct shape *s)
{
    double sum = 0;

    for (int y = 0; y < s->batch * s->out_height * s->out_width; y++)
        for (int tap = 0; tap < s->kernel * s->kernel; tap++) {
            const int n = y / (s->out_height * s->out_width);
            const int iy =
                y / s->out_width % s->out_height * s->stride + tap / s->kernel - s->pad;
            const int ix = y % s->out_width * s->stride + tap % s->kernel - s->pad;

            if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width)
                continue;
            for (int o = 0; o < s->out; o++)
                for (int i = 0; i < s->in; i++)
                    sum += dy[y * s->out + o] *
                           x[((n * s->height + iy) * s->width + ix) * s->in + i] *
                           w[(o * s->kernel * s->kernel + tap) * s->in + i];
        }
    return sum;
}

static void try(struct shape s)
{
    const int count = s.batch * s.height * s.width * s.in;
    float x[1000] = {0}, w[1000], dy[1000], found[1000];

    s.out_height = (s.height + 2 * s.pad - s.kernel) / s.stride + 1;
    s.out_width = (s.width + 2 * s.pad - s.kernel) / s.stride + 1;
    fill(w, 1000, 21);
    fill(dy, 1000, 22);
    fill(found, 1000, 23);
    data_gradient(found, dy, w, &s);
    begin("%d pictures of %d x %d x %d, %d out channels, kernel %d, stride %d, pad %d",
          s.batch, s.height, s.width, s.in, s.out, s.kernel, s.stride, s.pad);
    for (int k = 0; k < count; k++) {
        char name[20];

        x[k] = 1;
        snprintf(name, sizeof name, "dx[%d]", k);
        same(name, found[k], loss(dy, x, w, &s));
        x[k] = 0;
    }
}

static int try_all(void)
{
    const float w[] = {1, 2, 0, 0, 1, -1, 2, 0, 1}, dy[] = {1, 2, 0, -1};
    const float wanted[] = {1, -1, 2, -2, 0, 4, -2, 2, 0, 0, -1, 1, 0, -2, 0, -1};
    const struct shape page = {1, 4, 4, 1, 2, 2, 1, 3, 2, 1};
    float dx[16];

    fill(dx, 16, 24);
    begin("the example of the page");
    data_gradient(dx, dy, w, &page);
    same_all("dx", dx, wanted, 16, 0);
    try((struct shape){1, 5, 4, 2, .out = 3, .kernel = 1, .stride = 1, .pad = 0});
    try((struct shape){2, 4, 5, 2, .out = 2, .kernel = 3, .stride = 1, .pad = 1});
    try((struct shape){2, 7, 6, 1, .out = 3, .kernel = 3, .stride = 2, .pad = 1});
    try((struct shape){1, 6, 5, 2, .out = 3, .kernel = 1, .stride = 2, .pad = 0});
    try((struct shape){1, 9, 8, 2, .out = 1, .kernel = 7, .stride = 3, .pad = 3});
    return right();
}
