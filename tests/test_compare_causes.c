/* SPDX-License-Identifier: MIT */
/*
 * Where two dumps part, and why (report/departure.h): a small network computed by plain
 * loops, once as it should be and once with one mistake. The first tensor that departs
 * and the cause are known from the mistake. Each pair is compared in both orders.
 */
#include "check.h"
#include "folder.h"
#include "report/departure.h"
#include "report/node_list.h"

enum { N = 3, SIDE = 10, HALF = 5, IN = 3, C = 4, CLASSES = 4, PICTURE = SIDE * SIDE };

/* One mistake each; all zero: none. */
struct mistake {
    double mean, std;                /* added to those of the input */
    bool bgr, bgr_normalised, shift; /* of the input */
    bool transposed;                 /* conv2.weight */
    int conv_pad, conv_stride, conv_dilation;
    bool flipped;
    double epsilon;
    bool no_relu, running, skipped, no_shortcut, noise;
    bool average, unpadded;
    double momentum;
    bool biased;
    bool no_bias;
    double smoothing;
    bool summed;
    double scale; /* of the gradient of the logits */
    bool nesterov, decay_all, coupled;
    double rate;
    bool not_a_number, one_channel;
};

/* What the network computes. */
struct tensors {
    float pixels[N * IN * PICTURE], input[N * IN * PICTURE], labels[N];
    float w1[C * IN * 9], w2[C * C * 9], gamma[C], beta[C], mean[C], var[C];
    float fc[CLASSES * C], bias[CLASSES];
    float conv1[N * C * PICTURE], bn1[N * C * PICTURE];
    float pool[N * C * HALF * HALF], conv2[N * C * HALF * HALF];
    float bn2[N * C * HALF * HALF], mean_after[C], var_after[C];
    float average[N * C], logits[N * CLASSES], losses[N], loss;
    float dlogits[N * CLASSES], dfc[CLASSES * C], dbias[CLASSES];
    float velocity[CLASSES * C], fc_after[CLASSES * C];
    float bias_velocity[CLASSES], bias_after[CLASSES];
    int conv1_side, pool_side;
};

static const double means[IN] = {0.485, 0.456, 0.406}, stds[IN] = {0.229, 0.224, 0.225};
static const double lr = 0.1, momentum = 0.9, decay = 0.05;

static uint32_t state = 1;

/* Between -1 and 1. */
static float draw(void)
{
    state = state * 1664525 + 1013904223;
    return (float)(state >> 8) / (1 << 23) - 1;
}

static void fill(float *values, size_t count, float start, float size)
{
    for (size_t i = 0; i < count; i++)
        values[i] = start + size * draw();
}

static void make_input(struct tensors *t, const struct mistake *m)
{
    for (int i = 0; i < N * IN * PICTURE; i++) {
        const int c = i / PICTURE % IN;
        const int from = m->bgr || m->bgr_normalised ? i + (2 - 2 * c) * PICTURE : i;
        const int k = m->bgr_normalised ? 2 - c : c;
        const int at = m->shift && i % SIDE + 1 < SIDE ? from + 1 : from;

        t->input[i] =
            (float)((t->pixels[at] / 255. - means[k] - m->mean) / (stds[k] + m->std));
    }
}

/* 3x3, with a padding of 1. Returns the side of the output. */
static int convolve(float *y, const float *x, const float *w, int in, int side,
                    const struct mistake *m)
{
    const int stride = m->conv_stride ? m->conv_stride : 1;
    const int dilation = m->conv_dilation ? m->conv_dilation : 1;
    const int pad = 1 + m->conv_pad, out = (side - 1) / stride + 1;

    for (int i = 0; i < N * C * out * out; i++) {
        const int n = i / (C * out * out), o = i / (out * out) % C;
        double sum = 0;

        for (int tap = 0; tap < in * 9; tap++) {
            const int c = tap / 9, ky = tap / 3 % 3, kx = tap % 3;
            const int v = i / out % out * stride + ky * dilation - pad;
            const int u = i % out * stride + kx * dilation - pad;

            if (v >= 0 && u >= 0 && v < side && u < side)
                sum += w[(o * in + c) * 9 + (m->flipped ? 8 - tap % 9 : tap % 9)] *
                       x[((n * in + c) * side + v) * side + u];
        }
        y[i] = (float)sum;
    }
    return out;
}

static void measure(const float *x, int c, int area, double *mean, double *var)
{
    double sum = 0, squares = 0;

    for (int i = 0; i < N * area; i++)
        sum += x[(i / area * C + c) * area + i % area];
    *mean = sum / (N * area);
    for (int i = 0; i < N * area; i++)
        squares += pow(x[(i / area * C + c) * area + i % area] - *mean, 2);
    *var = squares / (N * area);
}

/* relu(norm(x) + shortcut), in training. */
static void normalise(float *y, const float *x, const float *shortcut, int side,
                      const struct tensors *t, const struct mistake *m)
{
    const int area = side * side;
    const double epsilon = m->epsilon > 0 ? m->epsilon : 1e-5;

    for (int i = 0; i < N * C * area; i++) {
        const int c = i / area % C;
        double mean, var, z;

        measure(x, c, area, &mean, &var);
        if (m->running) {
            mean = t->mean[c];
            var = t->var[c];
        }
        z = (x[i] - mean) / sqrt(var + epsilon) * t->gamma[c] + t->beta[c];
        if (shortcut != NULL && !m->no_shortcut)
            z += shortcut[i];
        y[i] = m->skipped ? x[i] : (float)(z < 0 && !m->no_relu ? 0 : z);
        if (m->noise)
            y[i] += 0.05f * (float)(i * 7919 % 13);
    }
}

/* 3x3, with stride 2 and a padding of 1. Returns the side of the output. */
static int pool(float *y, const float *x, int side, const struct mistake *m)
{
    const int pad = m->unpadded ? 0 : 1,
              out = m->unpadded ? (side - 3) / 2 + 1 : side / 2;

    for (int i = 0; i < N * C * out * out; i++) {
        const int top = i / out % out * 2 - pad, left = i % out * 2 - pad;
        const float *plane = x + i / (out * out) * side * side;
        double largest = -INFINITY, sum = 0;

        for (int k = 0; k < 9; k++) {
            const int v = top + k / 3, u = left + k % 3;

            if (v < 0 || u < 0 || v >= side || u >= side)
                continue;
            largest = fmax(largest, plane[v * side + u]);
            sum += plane[v * side + u];
        }
        y[i] = (float)(m->average ? sum / 9 : largest);
    }
    return out;
}

static void update_statistics(struct tensors *t, const struct mistake *m)
{
    const double share = m->momentum > 0 ? m->momentum : 0.1;
    const double count = N * PICTURE;

    for (int c = 0; c < C; c++) {
        double mean, var;

        measure(t->conv1, c, PICTURE, &mean, &var);
        if (!m->biased)
            var *= count / (count - 1);
        t->mean_after[c] = (float)(t->mean[c] + share * (mean - t->mean[c]));
        t->var_after[c] = (float)(t->var[c] + share * (var - t->var[c]));
    }
}

static void classify(struct tensors *t, const struct mistake *m, int area)
{
    double loss = 0;

    for (int i = 0; i < N * C; i++) {
        double sum = 0;

        for (int p = 0; p < area; p++)
            sum += t->bn2[i * area + p];
        t->average[i] = (float)(sum / area);
    }
    for (int n = 0; n < N; n++) {
        double z[CLASSES], sum = 0, target, each = 0;

        for (int k = 0; k < CLASSES; k++) {
            z[k] = m->no_bias ? 0 : t->bias[k];
            for (int c = 0; c < C; c++)
                z[k] += t->fc[k * C + c] * t->average[n * C + c];
            t->logits[n * CLASSES + k] = (float)z[k];
            sum += exp(z[k]);
        }
        for (int k = 0; k < CLASSES; k++) {
            target =
                (1 - m->smoothing) * (k == (int)t->labels[n]) + m->smoothing / CLASSES;
            each -= target * (z[k] - log(sum));
            t->dlogits[n * CLASSES + k] =
                (float)((exp(z[k]) / sum - target) / N * (m->scale > 0 ? m->scale : 1));
        }
        t->losses[n] = (float)each;
        loss += m->summed ? each : each / N;
    }
    t->loss = (float)loss;
}

/* One step of SGD for `count` values. */
static void take_step(float *after, float *velocity, const float *p, const float *g,
                      int count, bool decays, const struct mistake *m)
{
    const double rate = m->rate > 0 ? m->rate : lr;

    for (int i = 0; i < count; i++) {
        const double own = decays || m->decay_all ? decay : 0;
        const double v = g[i] + (m->coupled ? own * p[i] : 0);

        velocity[i] = (float)v;
        after[i] = (float)(p[i] - (m->coupled ? 0 : rate * own * p[i]) -
                           rate * (m->nesterov ? 1 + momentum : 1) * v);
    }
}

static void compute(struct tensors *t, const struct mistake *m)
{
    const struct mistake none = {0};

    state = 7;
    for (int i = 0; i < N * IN * PICTURE; i++)
        t->pixels[i] = (float)(int)(127.5f + 127 * draw());
    for (int n = 0; n < N; n++)
        t->labels[n] = (float)(n % CLASSES);
    fill(t->w1, C * IN * 9, 0, 0.05f); /* small, so that epsilon shows */
    fill(t->w2, C * C * 9, 0, 0.3f);
    fill(t->gamma, C, 1, 0.5f);
    fill(t->beta, C, 0, 0.5f);
    fill(t->mean, C, 0, 0.1f);
    fill(t->var, C, 1, 0.2f);
    fill(t->fc, CLASSES * C, 0, 1);
    fill(t->bias, CLASSES, 0, 1);
    if (m->transposed)
        for (int i = 0; i < C * C * 9; i++)
            if (i / 9 / C < i / 9 % C) {
                float *other = &t->w2[(i / 9 % C * C + i / 9 / C) * 9 + i % 9];
                const float kept = t->w2[i];

                t->w2[i] = *other;
                *other = kept;
            }
    make_input(t, m);
    t->conv1_side = convolve(t->conv1, t->input, t->w1, IN, SIDE, m);
    if (m->one_channel)
        for (int i = 0; i < PICTURE * N; i++)
            t->conv1[i / PICTURE * C * PICTURE + 2 * PICTURE + i % PICTURE] = draw();
    if (m->not_a_number)
        t->conv1[5] = NAN;
    normalise(t->bn1, t->conv1, NULL, t->conv1_side, t, m);
    update_statistics(t, m);
    t->pool_side = pool(t->pool, t->bn1, t->conv1_side, m);
    convolve(t->conv2, t->pool, t->w2, C, t->pool_side, &none);
    normalise(t->bn2, t->conv2, t->pool, t->pool_side, t, m->no_shortcut ? m : &none);
    classify(t, m, t->pool_side * t->pool_side);
    for (int i = 0; i < CLASSES * (C + 1); i++) {
        const int k = i % CLASSES, c = i / CLASSES;
        double sum = 0;

        for (int n = 0; n < N; n++)
            sum += t->dlogits[n * CLASSES + k] * (c < C ? t->average[n * C + c] : 1);
        if (c < C)
            t->dfc[k * C + c] = (float)sum;
        else
            t->dbias[k] = (float)sum;
    }
    take_step(t->fc_after, t->velocity, t->fc, t->dfc, CLASSES * C, true, m);
    take_step(t->bias_after, t->bias_velocity, t->bias, t->dbias, CLASSES, false, m);
}

/* --- files ---------------------------------------------------------------------- */

#define NORM(name, input, more)                                                       \
    "{\"name\":\"" name "\",\"op\":\"batchnorm\",\"inputs\":[\"" input "\"" more "]," \
    "\"parameters\":[\"" name ".weight\",\"" name ".bias\"],"                         \
    "\"states\":[\"" name ".running_mean\",\"" name ".running_var\"],"                \
    "\"epsilon\":1e-5,\"momentum\":0.1,\"relu\":true}"
#define WINDOW(name, op, input, params, stride)                                 \
    "{\"name\":\"" name "\",\"op\":\"" op "\",\"inputs\":[\"" input "\"],"      \
    "\"parameters\":[" params "],\"states\":[],\"kernel\":3,\"stride\":" stride \
    ",\"padding\":1}"
#define PLAIN(name, op, inputs, params)                                 \
    "{\"name\":\"" name "\",\"op\":\"" op "\",\"inputs\":[" inputs "]," \
    "\"parameters\":[" params "],\"states\":[]}"

static const char nodes[] =
    "[" PLAIN("input", "input", "", "") "," WINDOW("conv1", "conv2d", "input", "\"conv1.weight\"", "1") "," NORM(
        "bn1", "conv1",
        "") "," WINDOW("maxpool", "maxpool", "bn1", "",
                       "2") "," WINDOW("conv2", "conv2d", "maxpool", "\"conv2.weight\"",
                                       "1") "," NORM("bn2", "conv2",
                                                     ",\"maxpool\"") "," PLAIN("avgpoo"
                                                                               "l",
                                                                               "avgpoo"
                                                                               "l",
                                                                               "\"bn2"
                                                                               "\"",
                                                                               "") "," PLAIN("fc",
                                                                                             "linear",
                                                                                             "\"avgpool\"",
                                                                                             "\"fc.weight\",\"fc.bias\"") "]";

/* One part of a dump, a pair of its metadata or a tensor, may be left out, or the last
 * row of a tensor. */
static struct {
    int part; /* parts are counted in the order of writing; -1: none */
    bool cut; /* only the last row */
} missing = {-1, false};
static int parts; /* written or left out so far */

static void describe(struct ic_safetensors_writer *writer, const char *key,
                     const char *value)
{
    if (parts++ != missing.part)
        ic_safetensors_set_metadata(writer, key, value);
}

static void add(struct ic_safetensors_writer *writer, const char *name, int rank, int n,
                int c, int h, int w, const float *data)
{
    const bool here = parts++ == missing.part;

    if (here && missing.cut && n > 1)
        n--;
    else if (here)
        return;
    ic_safetensors_add(writer, name, IC_F32, rank, (const int64_t[4]){n, c, h, w},
                       data);
}

static void write_arrays(struct ic_safetensors_writer *writer, const struct tensors *t)
{
    const char *const norms[] = {"bn1", "bn2"};
    char name[40];

    add(writer, "conv1.weight", 4, C, IN, 3, 3, t->w1);
    add(writer, "conv2.weight", 4, C, C, 3, 3, t->w2);
    add(writer, "fc.weight", 2, CLASSES, C, 0, 0, t->fc);
    add(writer, "fc.bias", 1, CLASSES, 0, 0, 0, t->bias);
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s.weight", norms[i]);
        add(writer, name, 1, C, 0, 0, 0, t->gamma);
        snprintf(name, sizeof name, "%s.bias", norms[i]);
        add(writer, name, 1, C, 0, 0, 0, t->beta);
        snprintf(name, sizeof name, "%s.running_mean", norms[i]);
        add(writer, name, 1, C, 0, 0, 0, t->mean);
        snprintf(name, sizeof name, "%s.running_var", norms[i]);
        add(writer, name, 1, C, 0, 0, 0, t->var);
    }
}

/* Writes the dump; with `described`, its metadata, too. */
static void write_dump(const char *path, const struct tensors *t, bool described)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    const int s = t->conv1_side, p = t->pool_side;
    struct ic_error error;

    parts = 0;
    if (described) {
        static const char *const pairs[][2] = {{"nodes", nodes},
                                               {"mode", "train"},
                                               {"optimizer", "sgd"},
                                               {"lr", "0.1"},
                                               {"momentum", "0.9"},
                                               {"weight-decay", "0.05"},
                                               {"beta2", "0.99"},
                                               {"label-smoothing", "0"},
                                               {"optimizer-epsilon", "1e-5"},
                                               {"mean", "[0.485, 0.456, 0.406]"},
                                               {"std", "[0.229, 0.224, 0.225]"}};

        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            describe(writer, pairs[i][0], pairs[i][1]);
    }
    add(writer, "pixels", 4, N, IN, SIDE, SIDE, t->pixels);
    add(writer, "input", 4, N, IN, SIDE, SIDE, t->input);
    add(writer, "labels", 1, N, 0, 0, 0, t->labels);
    write_arrays(writer, t);
    add(writer, "activation.conv1", 4, N, C, s, s, t->conv1);
    add(writer, "activation.bn1", 4, N, C, s, s, t->bn1);
    add(writer, "updated.bn1.running_mean", 1, C, 0, 0, 0, t->mean_after);
    add(writer, "updated.bn1.running_var", 1, C, 0, 0, 0, t->var_after);
    add(writer, "activation.maxpool", 4, N, C, p, p, t->pool);
    add(writer, "activation.conv2", 4, N, C, p, p, t->conv2);
    add(writer, "activation.bn2", 4, N, C, p, p, t->bn2);
    add(writer, "activation.avgpool", described ? 2 : 4, N, C, 1, 1, t->average);
    add(writer, "activation.fc", 2, N, CLASSES, 0, 0, t->logits);
    add(writer, "logits", 2, N, CLASSES, 0, 0, t->logits);
    add(writer, "losses", 1, N, 0, 0, 0, t->losses);
    add(writer, "loss", 0, 0, 0, 0, 0, &t->loss);
    add(writer, "gradient.fc", 2, N, CLASSES, 0, 0, t->dlogits);
    add(writer, "fc.weight.grad", 2, CLASSES, C, 0, 0, t->dfc);
    add(writer, "fc.bias.grad", 1, CLASSES, 0, 0, 0, t->dbias);
    add(writer, "optimizer.velocity.fc.weight", 2, CLASSES, C, 0, 0, t->velocity);
    add(writer, "updated.fc.weight", 2, CLASSES, C, 0, 0, t->fc_after);
    add(writer, "optimizer.velocity.fc.bias", 1, CLASSES, 0, 0, 0, t->bias_velocity);
    add(writer, "updated.fc.bias", 1, CLASSES, 0, 0, 0, t->bias_after);
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
}

/* The two files: A with a mistake, B without. */
struct pair {
    char *paths[2];
};

/* --- the trial ------------------------------------------------------------------ */

static const struct {
    struct mistake mistake;
    const char *tensor; /* NULL: nothing departs */
    const char *cause;  /* what it says after the letter; NULL: none */
    bool mutual;        /* compared the other way round, it speaks of the other file */
} rows[] = {
    {{0}, NULL, NULL, false},
    {{.mean = 0.1}, "input", " subtracts the mean [0.585, 0.556, 0.506]", false},
    {{.std = 0.1},
     "input",
     " divides by the standard deviation [0.329, 0.324, 0.325]",
     false},
    {{.bgr = true},
     "input",
     "'s channels are in reverse order (BGR for RGB) before",
     false},
    {{.bgr_normalised = true},
     "input",
     "'s channels are in reverse order (BGR for RGB)",
     true},
    {{.shift = true}, "input", "the pixel of", true},
    {{.transposed = true}, "conv2.weight", " holds ", true},
    {{.conv_pad = -1}, "activation.conv1", " pads one row and column less", false},
    {{.conv_stride = 2}, "activation.conv1", " has stride 2", false},
    {{.conv_dilation = 2, false},
     "activation.conv1",
     " has dilation 2, with the same padding",
     false},
    {{.flipped = true}, "activation.conv1", " turns its kernels by 180 degrees", false},
    {{.not_a_number = true}, "activation.conv1", "1 of ", false},
    {{.one_channel = true}, "activation.conv1", "only channel 2 of 4", true},
    {{.epsilon = 1e-3}, "activation.bn1", " has epsilon 1e-3", false},
    {{.no_relu = true}, "activation.bn1", ": a missing ReLU", false},
    {{.running = true},
     "activation.bn1",
     " normalises by the running statistics",
     false},
    {{.skipped = true},
     "activation.bn1",
     " passes on the output of conv1 unchanged",
     false},
    {{.noise = true}, "activation.bn1", NULL, false},
    {{.momentum = 0.3}, "updated.bn1.running_mean", " has the momentum 0.3", false},
    {{.momentum = 0.9}, "updated.bn1.running_mean", "where 1 minus it is meant", false},
    {{.biased = true},
     "updated.bn1.running_var",
     " updates the running variance with",
     false},
    {{.average = true},
     "activation.maxpool",
     " takes averages, the padding's zeros",
     false},
    {{.unpadded = true},
     "activation.maxpool",
     " does not pad before the picture",
     false},
    {{.no_shortcut = true}, "activation.bn2", " does not add the shortcut", false},
    {{.no_bias = true}, "activation.fc", " does not add fc.bias", false},
    {{.smoothing = 0.1}, "losses", " has a label smoothing of 0.1", false},
    {{.summed = true},
     "loss",
     " takes the sum over the 3 pictures of the batch",
     false},
    {{.scale = 512}, "gradient.fc", "'s values are 512 times", true},
    {{.scale = N, false},
     "gradient.fc",
     " takes the sum over the 3 pictures of the batch",
     true},
    {{.coupled = true},
     "optimizer.velocity.fc.weight",
     " adds the weight decay to the",
     false},
    {{.nesterov = true}, "updated.fc.weight", " takes Nesterov's momentum", false},
    {{.decay_all = true},
     "updated.fc.bias",
     " applies the weight decay to biases",
     false},
    {{.rate = 0.2, false},
     "updated.fc.weight",
     " moves 2 times as far, as with the learning",
     true},
};

/* Whether the clause speaks about the letter: "A has ..." or "... in A". */
static void check_row(size_t row, const struct ic_departure *found, char letter)
{
    char begin[160];

    CHECK_INT(found->found, rows[row].tensor != NULL);
    if (!found->found || rows[row].tensor == NULL)
        return;
    CHECK_STRING(found->name, rows[row].tensor);
    if (rows[row].cause == NULL) {
        CHECK_STRING(found->cause, "");
        return;
    }
    if (rows[row].cause[0] == ' ' || rows[row].cause[0] == '\'')
        snprintf(begin, sizeof begin, "%c%s", letter, rows[row].cause);
    else
        snprintf(begin, sizeof begin, "%s", rows[row].cause);
    if (strstr(found->cause, begin) == NULL)
        CHECK_FAIL("row %zu says \"%s\", expected \"%s\"", row, found->cause, begin);
}

static void compare(const struct pair *pair, size_t row, bool swapped)
{
    const char *const paths[2] = {pair->paths[swapped], pair->paths[!swapped]};
    struct ic_safetensors *a = NULL, *b = NULL;
    struct ic_departure found;
    struct ic_error error;

    CHECK_OK(ic_safetensors_open(paths[0], &a, &error));
    CHECK_OK(ic_safetensors_open(paths[1], &b, &error));
    CHECK_OK(ic_departure_find(&found, a, b, paths, 1e-4, &error));
    check_row(row, &found, swapped ? 'B' : 'A');
    ic_safetensors_close(b);
    ic_safetensors_close(a);
}

/* Dumps that lack something of what a cause is found by: the comparison ends all the
 * same, and what it says is a sentence or nothing. */
static void test_incomplete(const struct pair *pair, const struct tensors *right,
                            const struct tensors *wrong)
{
    write_dump(pair->paths[0], wrong, false);
    for (missing.part = 0; missing.part == 0 || missing.part < parts; missing.part++) {
        for (int cut = 0; cut < 2; cut++) {
            struct ic_safetensors *a = NULL, *b = NULL;
            const char *const paths[2] = {pair->paths[0], pair->paths[1]};
            struct ic_departure found = {0};
            struct ic_error error = {0};

            missing.cut = cut == 1;
            write_dump(paths[1], right, true);
            CHECK_OK(ic_safetensors_open(paths[0], &a, &error));
            CHECK_OK(ic_safetensors_open(paths[1], &b, &error));
            if (ic_departure_find(&found, a, b, paths, 1e-4, &error) != IC_OK)
                CHECK(error.message[0] != '\0');
            else
                CHECK(memchr(found.cause, '\0', sizeof found.cause) != NULL);
            ic_safetensors_close(b);
            ic_safetensors_close(a);
        }
    }
    missing.part = -1;
    write_dump(pair->paths[1], right, true);
}

/* The list of nodes of a file is refused where it is not one. */
static void test_bad_lists(const struct pair *pair)
{
    static const char *const lists[] = {
        "",
        "[]",
        "{}",
        "[1]",
        "[{\"name\": \"a\"}]",
        "[" PLAIN("input", "linear", "", "") "]",
        "[" PLAIN("input", "input", "", "") "," PLAIN("a", "relu", "\"b\"", "") "]",
        "[" PLAIN("input", "input", "", "") "," PLAIN("a", "relu", "", "") "]",
        "[" PLAIN("input", "input", "", "") "," PLAIN("a", "conv2d", "\"input\"",
                                                      "") "]"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct ic_arena arena = {0};
        struct ic_node_list list;
        struct ic_error error;

        CHECK_FAILS(ic_node_list_read(lists[i], pair->paths[0], &arena, &list, &error),
                    IC_ERR_FORMAT, "is not a node as im2cat dump writes it");
        ic_arena_free(&arena);
    }
}

int main(void)
{
    static struct tensors right, wrong;
    char *folder = folder_make();
    const struct pair pair = {{folder_path(folder, "a"), folder_path(folder, "b")}};
    const struct mistake none = {0};

    compute(&right, &none);
    write_dump(pair.paths[1], &right, true);
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        compute(&wrong, &rows[row].mistake);
        write_dump(pair.paths[0], &wrong, false);
        compare(&pair, row, false);
        if (!rows[row].mutual)
            compare(&pair, row, true);
        if (row % 3 == 0 || getenv("IC_SLOW") != NULL) /* each dump is synced */
            test_incomplete(&pair, &right, &wrong);
    }
    test_bad_lists(&pair);
    free(pair.paths[0]);
    free(pair.paths[1]);
    folder_remove(folder);
    return check_result();
}
