/* SPDX-License-Identifier: MIT */
/*
 * Mixup: its draws, and a mixed batch as fastai computes it.
 */
#include "backend/registry.h"
#include "base/random.h"
#include "check.h"
#include "golden.h"
#include "graph/ops.h"
#include "train/mixup.h"

static struct ic_error error;

/* --- the draws -------------------------------------------------------------------- */

enum { BATCH = 7, SIZE = 2, PICTURE = 3 * SIZE * SIZE };

static uint8_t rgb[BATCH * PICTURE];
static int32_t labels[BATCH] = {0, 1, 2, 3, 4, 5, 6};
static const struct ic_batch batch = {
    .rgb = rgb, .labels = labels, .count = BATCH, .own = BATCH};

static const struct ic_mixup_options mixup_of = {
    .alpha = 0.4, .batch = BATCH + 1, .micro = 3, .size = SIZE};
static const struct ic_mixup_options cutmix_of = {
    .alpha = 1, .cutmix = true, .batch = BATCH + 1, .micro = 3, .size = SIZE};

/* Partners are a permutation; their pictures and labels go with them. */
static void partners(const struct ic_mixup_options *options)
{
    struct ic_mixup mixup;

    CHECK_OK(ic_mixup_open(&mixup, options, &error));
    for (int64_t step = 0; step < 50; step++) {
        int seen[BATCH] = {0};

        ic_mixup_draw(&mixup, 3, step, &batch);
        for (int i = 0; i < BATCH; i++) {
            const int32_t label = mixup.labels[i];

            CHECK(label >= 0 && label < BATCH && !seen[label]);
            seen[label] = 1;
            CHECK(mixup.rgb[i] == rgb + label * PICTURE);
            CHECK(mixup.share[i] >= (options->cutmix ? 0 : 0.5f));
            CHECK(mixup.share[i] <= 1);
        }
    }
    ic_mixup_close(&mixup);
    ic_mixup_close(&mixup); /* closing twice is fine */
}

/* The same seed and step give the same draws, and others give others; the streams are
 * those of mixup.h. */
static void streams(void)
{
    static const struct {
        uint64_t seed;
        int64_t step;
    } draws[] = {{3, 5}, {3, 5}, {3, 6}, {4, 5}};
    float share[4][BATCH];
    int32_t others[4][BATCH];
    struct ic_random random;
    struct ic_mixup mixup;
    double x;

    CHECK_OK(ic_mixup_open(&mixup, &mixup_of, &error));
    for (int i = 0; i < 4; i++) {
        ic_mixup_draw(&mixup, draws[i].seed, draws[i].step, &batch);
        memcpy(share[i], mixup.share, sizeof share[i]);
        memcpy(others[i], mixup.labels, sizeof others[i]);
    }
    CHECK(memcmp(share[0], share[1], sizeof share[0]) == 0);
    CHECK(memcmp(others[0], others[1], sizeof others[0]) == 0);
    for (int i = 2; i < 4; i++) {
        CHECK(memcmp(share[0], share[i], sizeof share[0]) != 0);
        CHECK(memcmp(others[0], others[i], sizeof others[0]) != 0);
    }
    ic_random_init(&random, 3, IC_RANDOM_MIXUP, 5, 1 + 4);
    x = ic_random_beta(&random, 0.4);
    CHECK_NEAR(share[0][4], fmax(x, 1 - x), 1e-7);
    ic_mixup_close(&mixup);
}

/* Over many steps: E max(x, 1 - x) is 1/2 + E |x - 1/2|; of Beta(1, 1) that is 3/4, of
 * Beta(1/2, 1/2), where x = sin(u)^2, 1/2 + 1 / pi. The variance of |x - 1/2| is at
 * most 1/16. */
static void shares(void)
{
    static const struct {
        double alpha, mean;
    } cases[] = {{1, 0.75}, {0.5, 0.81830988618}};

    for (int k = 0; k < 2; k++) {
        struct ic_mixup_options options = mixup_of;
        const int steps = 2000;
        struct ic_mixup mixup;
        double sum = 0;

        options.alpha = cases[k].alpha;
        CHECK_OK(ic_mixup_open(&mixup, &options, &error));
        for (int64_t step = 0; step < steps; step++) {
            ic_mixup_draw(&mixup, 1, step, &batch);
            for (int i = 0; i < BATCH; i++)
                sum += mixup.share[i];
        }
        CHECK_NEAR(sum / steps / BATCH, cases[k].mean, 5 * 0.25 / sqrt(steps * BATCH));
        ic_mixup_close(&mixup);
    }
}

/* --- CutMix ----------------------------------------------------------------------- */

/* The rectangles that fastai cuts for given draws. */
static void rectangles_are_fastai(void)
{
    FILE *golden = golden_open_body("cutmix.txt");
    double x, share;
    int size, centre_x, centre_y, left, top, right, bottom, cases = 0;

    while (fscanf(golden, "%d %lf %d %d %d %d %d %d %lf", &size, &x, &centre_x,
                  &centre_y, &left, &top, &right, &bottom, &share) == 9) {
        const struct ic_cut cut = ic_cut_at(x, centre_x, centre_y, size);

        CHECK_INT(cut.left, left);
        CHECK_INT(cut.top, top);
        CHECK_INT(cut.right, right);
        CHECK_INT(cut.bottom, bottom);
        CHECK_NEAR(ic_cut_share(&cut, size), share, 1e-6);
        cases++;
    }
    CHECK(cases >= 200);
    fclose(golden);
}

/* Each pixel is the other picture's inside the rectangle, and the own one's outside. */
static void pixels_are_cut(void)
{
    enum { SIDE = 9, BYTES = 3 * SIDE * SIDE };
    static uint8_t own[BYTES], other[BYTES], mixed[BYTES];
    struct ic_random random;
    int inside = 0;

    for (int i = 0; i < BYTES; i++) {
        own[i] = (uint8_t)(i % 100);
        other[i] = (uint8_t)(100 + i % 100);
    }
    ic_random_init(&random, 1, IC_RANDOM_MIXUP, 0, 1);
    for (int round = 0; round < 200; round++) {
        const struct ic_cut cut = ic_cut_draw(1, SIDE, &random);
        int wrong = 0, area = 0;

        CHECK(cut.left >= 0 && cut.left <= cut.right && cut.right <= SIDE);
        CHECK(cut.top >= 0 && cut.top <= cut.bottom && cut.bottom <= SIDE);
        ic_cut_apply(mixed, own, other, &cut, SIDE);
        for (int i = 0; i < BYTES; i++) {
            const int x = i / 3 % SIDE, y = i / 3 / SIDE;
            const bool in =
                x >= cut.left && x < cut.right && y >= cut.top && y < cut.bottom;

            wrong += mixed[i] != (in ? other[i] : own[i]);
            area += in;
        }
        CHECK_INT(wrong, 0);
        CHECK_NEAR(ic_cut_share(&cut, SIDE), 1 - area / (double)BYTES, 1e-12);
        inside += area > 0;
    }
    CHECK(inside > 150);
}

/* The whole batch has one rectangle, and its share. */
static void batch_has_one_rectangle(void)
{
    struct ic_mixup mixup;
    struct ic_random random;
    struct ic_cut cut;

    CHECK_OK(ic_mixup_open(&mixup, &cutmix_of, &error));
    for (int64_t step = 0; step < 20; step++) {
        ic_mixup_draw(&mixup, 3, step, &batch);
        ic_random_init(&random, 3, IC_RANDOM_MIXUP, (uint32_t)step, 1);
        cut = ic_cut_draw(1, SIZE, &random);
        for (int i = 0; i < BATCH; i++)
            CHECK(mixup.share[i] == (float)ic_cut_share(&cut, SIZE));
    }
    ic_mixup_close(&mixup);
}

/* --- fastai's batch --------------------------------------------------------------- */

enum { COUNT = 5, FEATURES = 2 * 3 * 3, CLASSES = 4 };

/* The network of the golden: element i of the weight is sin(i) / 2. */
static void open_linear(struct ic_graph *graph, const struct ic_backend *backend,
                        struct ic_device *device, struct ic_net **net)
{
    const struct ic_plan_options options = {
        .batch = COUNT, .training = true, .mixing = true, .keep_all = true};
    float weight[CLASSES * FEATURES];

    ic_graph_init(graph, 2, 3, 3, IC_CONV_AUTO);
    ic_linear_unbiased(graph, "fc", 0, CLASSES);
    CHECK_OK(ic_graph_finish(graph, &error));
    CHECK_OK(ic_net_open(graph, backend, device, &options, net, &error));
    if (*net == NULL)
        exit(99);
    for (int i = 0; i < CLASSES * FEATURES; i++)
        weight[i] = (float)(sin(i) / 2);
    backend->upload(device, ic_net_params(*net), weight, sizeof weight);
}

static void read_numbers(FILE *golden, double *numbers, int count)
{
    for (int i = 0; i < count; i++)
        CHECK_INT(fscanf(golden, "%lf", &numbers[i]), 1);
}

/* The batch that the golden describes: bytes by a formula, the rest from the file. */
static void input(struct ic_net *net, FILE *golden, int32_t own[COUNT])
{
    static const float mean[3] = {0.485f, 0.456f, 0.406f};
    static const float std[3] = {0.229f, 0.224f, 0.225f};
    double share[COUNT], partner[COUNT], label[COUNT];
    uint8_t pictures[COUNT * FEATURES];
    const uint8_t *others[COUNT];
    int32_t other_labels[COUNT];
    float shares_given[COUNT];
    const struct ic_mix mix = {shares_given, others, other_labels};

    for (int i = 0; i < COUNT * FEATURES; i++)
        pictures[i] = (uint8_t)(37 * i + i * i);
    read_numbers(golden, share, COUNT);
    read_numbers(golden, partner, COUNT);
    read_numbers(golden, label, COUNT);
    for (int i = 0; i < COUNT; i++) {
        own[i] = (int32_t)label[i];
        shares_given[i] = (float)share[i];
        others[i] = pictures + (int)partner[i] * FEATURES;
        other_labels[i] = (int32_t)label[(int)partner[i]];
    }
    ic_net_input_mixed(net, pictures, &mix, COUNT, mean, std);
}

static void compare(struct ic_net *net, FILE *golden, const char *what,
                    const float *memory, int count)
{
    double expected[COUNT * FEATURES];
    float found[COUNT * FEATURES];

    read_numbers(golden, expected, count);
    ic_net_backend(net)->download(ic_net_device(net), found, memory,
                                  (size_t)count * sizeof *found);
    if (!(check_relative_norm(found, expected, (size_t)count) <= 1e-6))
        CHECK_FAIL("%s differ from fastai's by %g", what,
                   check_relative_norm(found, expected, (size_t)count));
}

static void against_fastai(void)
{
    FILE *golden = golden_open_body("mixup.txt");
    const struct ic_device_options options = {.threads = 2};
    const struct ic_backend *backend;
    struct ic_device *device = NULL;
    struct ic_graph graph;
    struct ic_net *net = NULL;
    double smoothing, loss;
    int cases = 0;

    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    CHECK_OK(backend->open(&options, &device, &error));
    open_linear(&graph, backend, device, &net);
    while (fscanf(golden, " smoothing %lf", &smoothing) == 1) {
        float losses[COUNT], sum = 0;
        int32_t own[COUNT];

        input(net, golden, own);
        compare(net, golden, "mixed pictures", ic_net_output(net, 0), COUNT * FEATURES);
        ic_net_forward(net, true);
        ic_net_loss(net, own, (float)smoothing, true, losses);
        ic_net_backward(net);
        for (int i = 0; i < COUNT; i++)
            sum += losses[i] / COUNT;
        CHECK_INT(fscanf(golden, "%lf", &loss), 1);
        CHECK_NEAR(sum, loss, 2e-6);
        compare(net, golden, "gradients", ic_net_grads(net), CLASSES * FEATURES);
        cases++;
    }
    CHECK_INT(cases, 2);
    ic_net_close(net);
    ic_graph_free(&graph);
    backend->close(device);
    fclose(golden);
}

int main(void)
{
    partners(&mixup_of);
    partners(&cutmix_of);
    streams();
    shares();
    rectangles_are_fastai();
    pixels_are_cut();
    batch_has_one_rectangle();
    against_fastai();
    return check_result();
}
