/* SPDX-License-Identifier: MIT */
/*
 * A whole fine_tune(1) of ResNet-34 against fastai's own: 20 steps with the body frozen
 * and 20 unfrozen, by the code that `train` runs (recipe, change of phase, step). The
 * goldens come from scripts/golden-fastai-learner.py, in float64. docs/fastai.md lists
 * the measured errors, which this test prints to its log.
 *
 * The file holds the movement of each tensor, since in 20 steps the body's weights move
 * by a thousandth of themselves. The error of the movement is compared with the
 * movement as well as with the tensors. Errors are taken over a parameter group as a
 * whole.
 */
#include "check.h"
#include "formula.h"
#include "golden_network.h"
#include "train/course.h"
#include "train/learner.h"

#define CLASSES 5
#define BATCH   8
#define SIZE    64
#define STEPS   20 /* per phase */
#define SEED    42
#define BASE_LR 2e-4

static const double loss_tolerance = 1e-4, rate_tolerance = 1e-6,
                    parameters_tolerance = 1e-5, statistics_tolerance = 5e-5;
/* Tolerances of groups 0, 1, 2. Group 0 moves by little more than its rounding errors.
 * The last bias of group 1 has almost no gradient, since the head's batch norm
 * subtracts the mean again. Its movement is noise, in fastai's float32 too. */
static const double movement_tolerance[IC_GROUPS] = {3e-2, 1e-1, 3e-4};

static struct ic_error error;

/* --- a backend without dropout ---------------------------------------------------- */

static const struct ic_backend *whole_backend;

static void drop_nothing(struct ic_device *device, float *y, const float *x,
                         const struct ic_dropout *dropout, bool accumulate)
{
    struct ic_dropout without = *dropout;

    without.rate = 0;
    whole_backend->dropout(device, y, x, &without, accumulate);
}

/* Opens the engine's net again, on a table whose dropout keeps everything. */
static void remove_dropout(struct ic_engine *engine, const struct ic_plan_options *plan)
{
    static struct ic_backend backend;

    whole_backend = engine->backend;
    backend = *whole_backend;
    backend.dropout = drop_nothing;
    ic_net_close(engine->net);
    engine->backend = &backend;
    CHECK_OK(ic_net_open(&engine->graph, engine->backend, engine->device, plan,
                         &engine->net, &error));
}

/* --- the training ----------------------------------------------------------------- */

struct run {
    char name[64]; /* in the log */
    struct golden_file golden;
    struct golden_network network;
    struct ic_course course;
    struct ic_run_position position;
    struct ic_learner learner; /* the parts that phases and steps need */
    float losses[BATCH];
    double loss_error; /* the worst of the phase */
};

static void enter_phase(struct run *run)
{
    const struct ic_freeze freeze = ic_course_phase(&run->course)->freeze;

    CHECK_OK(ic_learner_enter_phase(&run->learner, freeze, 0, &error));
}

/* The state before step 0, as fine_tune(1, BASE_LR) sets it. */
static void open_run(struct run *run, bool dropout, const char *conv)
{
    struct ic_learner *learner = &run->learner;
    const struct ic_engine_options options = {
        .compute = {.device = "cpu", .conv = conv, .precision = "fp32", .threads = 2},
        .plan = {.batch = BATCH, .training = true, .slots = 2},
    };

    struct ic_job job;

    ic_job_defaults(&job);
    job.recipe = "fine-tune";
    job.lr = BASE_LR;
    *run = (struct run){
        .course = ic_course_make(&job, STEPS),
        .position = ic_run_position_start(),
        .learner = {.optimizer = {.kind = IC_OPTIMIZER_ADAM,
                                  .weight_decay = job.weight_decay}},
        .golden = golden_read(dropout ? "fine-tune-resnet34-dropout.txt"
                                      : "fine-tune-resnet34.txt"),
    };
    snprintf(run->name, sizeof run->name, "dropout %s, %s", dropout ? "on" : "off",
             conv);
    golden_network_open(&run->network, &learner->engine, &learner->model, &options,
                        "resnet34", "fastai", CLASSES, SIZE);
    if (!dropout)
        remove_dropout(&learner->engine, &options.plan);
    golden_network_set(&run->network, formula_tame_weights);

    enter_phase(run);
}

static void close_run(struct run *run)
{
    ic_optimizer_close(&run->learner.optimizer);
    golden_network_close(&run->network);
    ic_engine_close(&run->learner.engine);
    ic_model_free(&run->learner.model);
    free(run->golden.entries);
}

static void check_rates(const double *expected, const struct ic_rates *rates)
{
    for (int group = 0; group < IC_GROUPS; group++)
        CHECK_NEAR(rates->lr[group], expected[1 + group],
                   rate_tolerance * expected[1 + group]);
    CHECK_NEAR(rates->momentum, expected[1 + IC_GROUPS], rate_tolerance);
}

/* Takes one step of the training, with the pictures of step `number` of the phase. */
static void train_step(struct run *run, int number)
{
    static uint8_t rgb[BATCH * SIZE * SIZE * 3];
    static int32_t labels[BATCH];
    static uint32_t samples[BATCH];
    static struct ic_sample sample = {.name = "a picture of the formula"};
    const struct ic_dataset dataset = {.samples = &sample, .count = 1};
    const struct ic_batch batch = {rgb, labels, samples, BATCH, 0, BATCH};
    struct ic_learner *learner = &run->learner;
    struct ic_run_position *position = &run->position;
    const struct ic_rates rates = ic_course_rates(&run->course, position);
    const struct ic_stepper stepper = {
        .net = learner->engine.net,
        .optimizer = &learner->optimizer,
        .model = &learner->model,
        .dataset = &dataset,
        .seed = SEED,
        .losses = run->losses,
    };
    char name[16];
    const double *expected;
    double loss = NAN, found;

    snprintf(name, sizeof name, "%d", (int)position->step);
    expected = golden_need(&run->golden, "step", name, 2 + IC_GROUPS);
    formula_labels(labels, number, BATCH, CLASSES);
    formula_class_pictures(rgb, labels, number, BATCH, SIZE);
    check_rates(expected, &rates);
    CHECK_OK(ic_step(&stepper, &batch, position->step, &rates, &loss, NULL, &error));
    position->step++;
    found = fabs(loss - expected[0]) / expected[0];
    run->loss_error = found <= run->loss_error ? run->loss_error : found;
}

/* --- comparisons ------------------------------------------------------------------ */

static void judge(const struct run *run, const char *what, double found,
                  double tolerance)
{
    printf("%s, %s: %s off by %.2g\n", run->name, ic_course_phase(&run->course)->name,
           what, found);
    if (!(found <= tolerance))
        CHECK_FAIL("%s, %s: %s off by %.3g, more than %.0e", run->name,
                   ic_course_phase(&run->course)->name, what, found, tolerance);
}

/* Squared norms, summed over tensors. */
struct sums {
    double error, size, movement;
};

/* Adds tensor `i`, in its current state in network->vector. A tensor without a line in
 * the golden did not move there. A frozen tensor must not have moved in either, not by
 * a bit. */
static void add_tensor(struct run *run, size_t i, struct sums *sums)
{
    static const double still[GOLDEN_VECTOR];
    const struct ic_phase *phase = ic_course_phase(&run->course);
    const struct ic_array *array = run->network.names[i].array;
    float *const vector = run->network.vector, *const begun = run->network.scratch;
    const double *golden =
        golden_find(&run->golden, phase->name, array->name, GOLDEN_VECTOR);
    double moved = 0;

    if (golden == NULL)
        golden = still;
    formula_tame_weights(begun, array, (unsigned)i);
    for (size_t k = 0; k < array->count; k++) {
        sums->size += (double)vector[k] * vector[k];
        vector[k] -= begun[k];
        moved += (double)vector[k] * vector[k];
    }
    if (ic_array_frozen(array, phase->freeze)) {
        CHECK(moved == 0 && golden == still);
        return;
    }
    sums->error += pow(golden_network_error(&run->network, i, golden), 2);
    sums->movement += golden[0] * golden[0];
}

/* Parameters and statistics of one group after a phase. */
static void check_group(struct run *run, int group)
{
    struct sums sums[2] = {{0}};
    char what[64];
    int at = 0; /* the module's group, whose parameters come before its states */

    for (size_t i = 0; i < run->network.name_count; i++) {
        const struct ic_weight_name *name = &run->network.names[i];

        if (name->array != NULL && !name->is_state)
            at = name->array->group;
        if (name->array == NULL || at != group)
            continue;
        golden_network_read(&run->network, i, golden_network_block(&run->network, i));
        add_tensor(run, i, &sums[name->is_state]);
    }
    snprintf(what, sizeof what, "parameters of group %d", group);
    judge(run, what, sqrt(sums[0].error / sums[0].size), parameters_tolerance);
    snprintf(what, sizeof what, "movement of group %d", group);
    judge(run, what, sqrt(sums[0].error / sums[0].movement), movement_tolerance[group]);
    snprintf(what, sizeof what, "statistics of group %d", group);
    judge(run, what, sqrt(sums[1].error / sums[1].size), statistics_tolerance);
}

static void fine_tune(bool dropout, const char *conv)
{
    struct run run;

    open_run(&run, dropout, conv);
    for (int phase = 0; phase < 2; phase++) {
        run.loss_error = 0;
        for (int step = 0; step < STEPS; step++)
            train_step(&run, step);
        judge(&run, "losses", run.loss_error, loss_tolerance);
        for (int group = 0; group < IC_GROUPS; group++)
            check_group(&run, group);
        ic_course_end_epoch(&run.course, &run.position, 0, 0);
        enter_phase(&run);
    }
    close_run(&run);
}

int main(void)
{
    fine_tune(false, "auto");
    fine_tune(true, "auto");
    if (getenv("IC_SLOW") != NULL) {
        fine_tune(true, "winograd");
        fine_tune(true, "im2col");
    }
    return check_result();
}
