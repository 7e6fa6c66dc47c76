/* SPDX-License-Identifier: MIT */
/*
 * The one-cycle schedule against fastai's own figures and against a second formula.
 */
#include "check.h"
#include "golden.h"
#include "train/schedule.h"

/* Every step of tests/golden/one-cycle.txt. fastai rounds positions to float, hence the
 * tolerance. */
static void against_fastai(void)
{
    FILE *golden = golden_open("one-cycle.txt");
    struct ic_phase phase = {0};
    int steps = 0, checked = 0, number;
    double lr, pct, div, div_final, momentum;
    char line[200];

    while (golden_line(golden, line, sizeof line)) {
        if (sscanf(line, "phase %d %lf %lf %lf %lf", &steps, &lr, &pct, &div,
                   &div_final) == 5) {
            phase = ic_phase_one_cycle(1, lr);
            phase.pct_start = pct;
            phase.div = div;
            phase.div_final = div_final;
        } else if (sscanf(line, "step %d %lf %lf", &number, &lr, &momentum) == 3) {
            const struct ic_rates rates =
                ic_phase_rates(&phase, (double)number / steps);

            CHECK_NEAR(rates.lr[0], lr, 1e-6 * phase.lr[0]);
            CHECK_NEAR(rates.lr[2], lr, 1e-6 * phase.lr[2]);
            CHECK_NEAR(rates.momentum, momentum, 1e-6);
            checked++;
        } else
            CHECK_FAIL("cannot read the line: %s", line);
    }
    CHECK_INT(checked, 40 + 1 + 7 + 13 + 30);
    fclose(golden);
}

/* Every step of fastai's fine_tune(2): frozen layers, learning rates, momentum. */
static void fine_tune_against_fastai(void)
{
    enum { STEPS = 11 }; /* per epoch */
    const struct ic_recipe recipe = ic_recipe_fine_tune(1, 2, 2e-3, false);
    FILE *golden = golden_open("fine-tune.txt");
    char line[200];
    int step = 0;

    CHECK_INT(recipe.count, 2);
    CHECK_INT(ic_recipe_epochs(&recipe), 3);
    for (; golden_line(golden, line, sizeof line); step++) {
        int64_t first;
        const struct ic_phase *phase =
            &recipe.phases[ic_recipe_phase_at(&recipe, step / STEPS, &first)];
        const double done = step - (double)first * STEPS;
        const struct ic_rates rates =
            ic_phase_rates(phase, done / (phase->epochs * STEPS));
        double lr[IC_GROUPS], momentum;
        int frozen;

        if (sscanf(line, "%d %lf %lf %lf %lf", &frozen, &lr[0], &lr[1], &lr[2],
                   &momentum) != 5)
            CHECK_FAIL("cannot read the line: %s", line);
        CHECK_INT(phase->freeze.groups, frozen);
        CHECK(!phase->freeze.norms);
        for (int group = 0; group < IC_GROUPS; group++)
            CHECK_NEAR(rates.lr[group], lr[group], 1e-6 * phase->lr[group]);
        CHECK_NEAR(rates.momentum, momentum, 1e-6);
    }
    CHECK_INT(step, 3 * STEPS);
    fclose(golden);
}

/* Phases of zero epochs are left out, and the position after the last epoch belongs to
 * the last phase. */
static void recipes(void)
{
    struct ic_recipe recipe = ic_recipe_fine_tune(0, 2, 1e-3, false);
    int64_t first = -1;

    CHECK_INT(recipe.count, 1);
    CHECK_STRING(recipe.phases[0].name, "unfrozen");
    CHECK_INT(ic_recipe_phase_at(&recipe, 2, &first), 0);
    CHECK_INT(first, 0);
    recipe = ic_recipe_fine_tune(3, 2, 1e-3, true);
    CHECK_INT(recipe.phases[0].freeze.groups, 2);
    CHECK(recipe.phases[0].freeze.norms);
    CHECK_INT(recipe.phases[1].freeze.groups, 0);
    CHECK(!recipe.phases[1].freeze.norms);
    for (int epoch = 0; epoch <= 5; epoch++) {
        CHECK_INT(ic_recipe_phase_at(&recipe, epoch, &first), epoch >= 3);
        CHECK_INT(first, epoch >= 3 ? 3 : 0);
    }
    recipe = ic_recipe_one_cycle(4, 1e-3);
    CHECK_INT(recipe.count, 1);
    CHECK_INT(ic_recipe_epochs(&recipe), 4);
    CHECK_INT(ic_recipe_phase_at(&recipe, 4, &first), 0);
}

/* The same curve as a squared sine, and its required values at the corners. */
static void properties(void)
{
    const struct ic_phase phase = ic_phase_one_cycle(3, 0.1);
    double last = 0;

    CHECK_INT(phase.epochs, 3);
    CHECK_INT(phase.freeze.groups, 0);
    CHECK_NEAR(ic_phase_rates(&phase, 0).lr[0], 0.1 / 25, 1e-17);
    CHECK_NEAR(ic_phase_rates(&phase, 0.25).lr[0], 0.1, 1e-17);
    CHECK_NEAR(ic_phase_rates(&phase, 1).lr[0], 0.1 / 1e5, 1e-17);
    CHECK_NEAR(ic_phase_rates(&phase, 0).momentum, 0.95, 1e-15);
    CHECK_NEAR(ic_phase_rates(&phase, 0.25).momentum, 0.85, 1e-15);
    CHECK_NEAR(ic_phase_rates(&phase, 1).momentum, 0.95, 1e-15);

    for (int i = 0; i <= 1000; i++) {
        const double position = i / 1000.0;
        const struct ic_rates rates = ic_phase_rates(&phase, position);
        const int rising = position < 0.25;
        const double part = rising ? position / 0.25 : (position - 0.25) / 0.75;
        const double wave = sin(M_PI / 2 * part) * sin(M_PI / 2 * part);
        const double from = rising ? 0.1 / 25 : 0.1, to = rising ? 0.1 : 0.1 / 1e5;

        CHECK_NEAR(rates.lr[1], from + (to - from) * wave, 1e-15);
        CHECK(rising || i == 250 ? rates.lr[1] > last : rates.lr[1] < last);
        last = rates.lr[1];
    }
}

/* Parameter groups scale the curve without changing its shape. */
static void groups(void)
{
    struct ic_phase phase = ic_phase_one_cycle(1, 1);

    phase.lr[0] = 0.01;
    phase.lr[1] = 0.1;
    for (int i = 0; i < 20; i++) {
        const struct ic_rates rates = ic_phase_rates(&phase, i / 20.0);

        CHECK_NEAR(rates.lr[0], 0.01 * rates.lr[2], 1e-15);
        CHECK_NEAR(rates.lr[1], 0.1 * rates.lr[2], 1e-15);
    }
}

int main(void)
{
    against_fastai();
    fine_tune_against_fastai();
    recipes();
    properties();
    groups();
    return check_result();
}
