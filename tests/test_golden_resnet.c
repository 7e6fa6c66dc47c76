/*
 * ResNet-18 and ResNet-34 against PyTorch: logits, loss, every parameter's gradient,
 * running statistics, and the losses of ten steps of Adam and of SGD. The goldens come
 * from scripts/golden-pytorch.py, in float64; the measured errors stand in the log.
 *
 * A golden vector is its norm, its first and last element, and eight products with
 * directions of +1 and -1. Those of a difference have the difference's squared norm as
 * their mean square.
 */
#include <stdbool.h>

#include "check.h"
#include "formula.h"
#include "golden.h"
#include "model/names.h"
#include "train/engine.h"
#include "train/optimizer.h"

#define CLASSES 5
#define BATCH   4
#define SIZE    64
#define STEPS   10
#define NUMBERS 20 /* the most in a line of the golden */

static const double logits_tolerance = 1e-5, gradient_tolerance = 1e-4,
                    loss_tolerance = 1e-4, statistics_tolerance = 1e-5;

static struct ic_error error;

/* --- the golden ---------------------------------------------------------------------
 */

struct line {
    char key[16], name[64];
    double numbers[NUMBERS];
    int count;
};

struct golden {
    struct line *lines;
    int count;
};

static struct golden read_golden(const char *arch)
{
    struct golden golden = {check_alloc(1000, sizeof *golden.lines), 0};
    char name[64], text[1024];
    FILE *file;
    int used;

    snprintf(name, sizeof name, "%s.txt", arch);
    file = golden_open(name);
    while (golden_line(file, text, sizeof text)) {
        struct line *line = &golden.lines[golden.count];
        const char *at;

        if (golden.count++ == 1000 ||
            sscanf(text, "%15s %63s%n", line->key, line->name, &used) != 2)
            exit(99);
        at = text + used;
        while (line->count < NUMBERS &&
               sscanf(at, "%lf%n", &line->numbers[line->count], &used) == 1) {
            line->count++;
            at += used;
        }
    }
    fclose(file);
    return golden;
}

static const struct line *find_line(const struct golden *golden, const char *key,
                                    const char *name, int count)
{
    for (int i = 0; i < golden->count; i++)
        if (strcmp(golden->lines[i].key, key) == 0 &&
            strcmp(golden->lines[i].name, name) == 0 && golden->lines[i].count == count)
            return &golden->lines[i];
    fprintf(stderr, "the golden has no %s %s\n", key, name);
    exit(99);
}

/* --- the network --------------------------------------------------------------------
 */

struct run {
    const char *arch;
    struct golden golden;
    struct ic_model model;
    struct ic_engine engine;
    struct ic_weight_name *names;
    size_t name_count;
    struct ic_arena arena;
    float *scratch, *file_order; /* of the largest array */
};

static void open_run(struct run *run, const char *arch)
{
    const struct ic_engine_options options = {
        .device = "cpu",
        .conv = "auto",
        .threads = 2,
        .plan = {.batch = BATCH, .training = true, .slots = 2},
    };
    ic_status status;

    *run = (struct run){.arch = arch, .golden = read_golden(arch)};
    status = ic_model_init(&run->model, arch, "plain", NULL, CLASSES, "none", SIZE,
                           IC_FIT_CROP, &error);
    if (status == IC_OK)
        status = ic_engine_open(&run->engine, &run->model, &options, &error);
    if (status == IC_OK)
        status = ic_weight_names(&run->engine.graph, &run->arena, &run->names,
                                 &run->name_count, &error);
    if (status != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    run->scratch = check_alloc(run->engine.graph.param_floats, sizeof(float));
    run->file_order = check_alloc(run->engine.graph.param_floats, sizeof(float));
}

static void close_run(struct run *run)
{
    ic_engine_close(&run->engine);
    ic_model_free(&run->model);
    ic_arena_free(&run->arena);
    free(run->golden.lines);
    free(run->scratch);
    free(run->file_order);
}

/* Weights from the formula, optimiser state zero. */
static void reset(struct run *run)
{
    const struct ic_backend *backend = run->engine.backend;
    struct ic_device *device = run->engine.device;
    struct ic_net *net = run->engine.net;

    for (size_t i = 0; i < run->name_count; i++) {
        const struct ic_array *array = run->names[i].array;

        if (array == NULL)
            continue;
        for (size_t k = 0; k < array->count; k++)
            run->file_order[k] = formula_weight(array, (unsigned)i, k);
        ic_weights_from_file_layout(run->scratch, run->file_order, array);
        backend->upload(
            device,
            (run->names[i].is_state ? ic_net_states(net) : ic_net_params(net)) +
                array->offset,
            run->scratch, array->count * sizeof(float));
    }
    for (int slot = 0; slot < 2; slot++)
        backend->fill(device, ic_net_slot(net, slot), 0,
                      run->engine.graph.param_floats);
}

static double mean_loss(const float *losses)
{
    double sum = 0;

    for (int k = 0; k < BATCH; k++)
        sum += losses[k];
    return sum / BATCH;
}

/* One batch forward and, when training, backward. Returns the loss. */
static double pass(struct run *run, int step, bool training, float *logits)
{
    static float pixels[BATCH * SIZE * SIZE * 3];
    struct ic_net *net = run->engine.net;
    float losses[BATCH];
    int32_t labels[BATCH];

    formula_pictures(pixels, step, BATCH, SIZE);
    formula_labels(labels, step, BATCH, CLASSES);
    ic_net_input_floats(net, pixels, BATCH);
    ic_net_forward(net, training);
    if (logits != NULL)
        ic_net_logits(net, logits);
    ic_net_loss(net, labels, 0, training, losses);
    if (training)
        ic_net_backward(net);
    return mean_loss(losses);
}

/* --- comparisons --------------------------------------------------------------------
 */

static void judge(const struct run *run, const char *what, const char *name,
                  double found, double tolerance)
{
    printf("%s: %s off by %.2g%s%s\n", run->arch, what, found, name ? ", worst " : "",
           name ? name : "");
    if (!(found <= tolerance))
        CHECK_FAIL("%s: %s%s%s off by %.3g, more than %.0e", run->arch, what,
                   name ? " of " : "", name ? name : "", found, tolerance);
}

static void check_logits(const struct run *run, const char *name, const float *logits)
{
    const struct line *line = find_line(&run->golden, "logits", name, BATCH * CLASSES);

    judge(run, "logits", name, check_relative_norm(logits, line->numbers, line->count),
          logits_tolerance);
}

/* The relative error of one array, as far as eight projections tell. */
static double array_error(const struct run *run, const char *key, size_t i,
                          const float *block)
{
    const struct ic_array *array = run->names[i].array;
    const struct line *line = find_line(&run->golden, key, array->name, 11);
    const double *expected = line->numbers, norm = expected[0];
    double products[8], squares = 0, size = 0, worst;

    run->engine.backend->download(run->engine.device, run->scratch,
                                  block + array->offset, array->count * sizeof(float));
    ic_weights_to_file_layout(run->file_order, run->scratch, array);
    for (size_t k = 0; k < array->count; k++)
        size += (double)run->file_order[k] * run->file_order[k];
    formula_project(products, run->file_order, (unsigned)i, array->count);
    for (int d = 0; d < 8; d++)
        squares += pow(products[d] - expected[3 + d], 2);
    worst = sqrt(squares / 8);
    worst = fmax(worst, fabs(sqrt(size) - norm));
    worst = fmax(worst, fabs(run->file_order[0] - expected[1]));
    worst = fmax(worst, fabs(run->file_order[array->count - 1] - expected[2]));
    return isfinite(size) ? worst / norm : INFINITY;
}

/* The worst of all parameters or of all states. */
static void check_arrays(const struct run *run, const char *key, bool states,
                         const float *block, double tolerance)
{
    double worst = -1;
    size_t at = 0;

    for (size_t i = 0; i < run->name_count; i++) {
        double found;

        if (run->names[i].array == NULL || run->names[i].is_state != states)
            continue;
        found = array_error(run, key, i, block);
        if (!(found <= worst)) {
            worst = found;
            at = i;
        }
    }
    judge(run, key, run->names[at].name, worst, tolerance);
}

/* --- the tests ----------------------------------------------------------------------
 */

static void test_one_step(struct run *run)
{
    float logits[BATCH * CLASSES];
    double loss, expected;

    reset(run);
    pass(run, 0, false, logits);
    check_logits(run, "eval", logits);
    loss = pass(run, 0, true, logits);
    check_logits(run, "train", logits);
    expected = find_line(&run->golden, "losses", "first", 1)->numbers[0];
    judge(run, "loss", NULL, fabs(loss - expected) / expected, loss_tolerance);
    check_arrays(run, "gradient", false, ic_net_grads(run->engine.net),
                 gradient_tolerance);
    check_arrays(run, "statistics", true, ic_net_states(run->engine.net),
                 statistics_tolerance);
}

static void test_training(struct run *run, enum ic_optimizer_kind kind, double lr)
{
    const char *name = kind == IC_OPTIMIZER_ADAM ? "adam" : "sgd";
    const struct ic_rates rates = {.lr = {lr / 4, lr / 2, lr}, .momentum = 0.9};
    const double *expected = find_line(&run->golden, "losses", name, STEPS)->numbers;
    struct ic_optimizer optimizer;
    double worst = 0;

    reset(run);
    CHECK_OK(ic_optimizer_open(&optimizer, &run->engine.graph, kind, 1.0,
                               (struct ic_freeze){0}, &error));
    for (int step = 0; step < STEPS; step++) {
        const double loss = pass(run, step, true, NULL);
        const double found = fabs(loss - expected[step]) / expected[step];

        worst = found <= worst ? worst : found;
        ic_optimizer_step(&optimizer, run->engine.net, &rates, 1);
    }
    judge(run, "ten losses", name, worst, loss_tolerance);
    check_arrays(run, name, true, ic_net_states(run->engine.net), statistics_tolerance);
    ic_optimizer_close(&optimizer);
}

int main(void)
{
    static const char *const archs[] = {"resnet18", "resnet34"};

    for (int i = 0; i < 2; i++) {
        struct run run;

        open_run(&run, archs[i]);
        test_one_step(&run);
        test_training(&run, IC_OPTIMIZER_ADAM, 1e-4);
        test_training(&run, IC_OPTIMIZER_SGD, 2e-4);
        close_run(&run);
    }
    return check_result();
}
