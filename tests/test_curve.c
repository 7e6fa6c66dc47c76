/* SPDX-License-Identifier: MIT */
/*
 * The table and the drawing of a range test: their numbers, and what happens where the
 * curve leaves the plot.
 */
#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "report/axis.h"
#include "report/curve.h"

static struct ic_error error;
static char *csv, *svg;

static char *content(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(path, 1 << 20, &bytes, &size, &error));
    return (char *)bytes;
}

/* A test of `count` losses, at most 20, with its suggestion. */
static struct ic_lr_curve curve_of(const double *losses, int count)
{
    struct ic_lr_curve curve;

    CHECK_OK(ic_lr_curve_open(&curve, 20, &error));
    for (int i = 0; i < count && curve.end == IC_LR_GOES_ON; i++)
        ic_lr_curve_add(&curve, losses[i]);
    CHECK_INT(curve.count, count);
    CHECK_OK(ic_lr_curve_suggest(&curve, &error));
    return curve;
}

/* Falls from 2 to 1, then the loss is infinite. */
static struct ic_lr_curve diverged(void)
{
    double losses[12];

    for (int i = 0; i < 11; i++)
        losses[i] = 2 - 0.1 * i;
    losses[11] = INFINITY;
    return curve_of(losses, 12);
}

static void check_csv(void)
{
    struct ic_lr_curve curve = diverged();
    char *text;
    double lr = 0, loss = 0, smooth_loss = 0;
    const char *row;

    CHECK_OK(ic_curve_write_csv(&curve, csv, &error));
    text = content(csv);
    CHECK(strncmp(text, "step,lr,loss,smooth_loss\n1,1e-07,2,2\n2,", 39) == 0);
    row = strstr(text, "\n11,");
    CHECK(row != NULL &&
          sscanf(row, "\n11,%lf,%lf,%lf", &lr, &loss, &smooth_loss) == 3);
    CHECK_NEAR(lr, 1e-3, 1e-11);
    CHECK_NEAR(loss, 1, 1e-8);
    CHECK_NEAR(smooth_loss, curve.points[10].smooth_loss, 1e-8);
    CHECK(strstr(text, ",inf,inf\n") != NULL);
    free(text);
    ic_lr_curve_free(&curve);
}

/* Reads the points of the drawing's one polyline; returns how many there are. */
static int polyline(const char *text, double points[20][2])
{
    const char *at = strstr(text, "points=\"");
    int count = 0, used;

    CHECK(at != NULL);
    for (at += strlen("points=\""); count < 20; count++, at += used)
        if (sscanf(at, "%lf,%lf%n", &points[count][0], &points[count][1], &used) != 2)
            break;
    CHECK(*at == '"');
    return count;
}

/* The curve stays within the plot, with the last point on its upper edge above the
 * point before. */
static void check_svg(void)
{
    struct ic_lr_curve curve = diverged();
    double points[20][2], lowest = 0;
    char *text, label[60];

    CHECK_OK(ic_curve_write_svg(&curve, svg, &error));
    text = content(svg);
    CHECK_INT(polyline(text, points), 12);
    for (int i = 0; i < 12; i++) {
        CHECK(points[i][0] >= 64 && points[i][0] <= 616);
        CHECK(points[i][1] >= 48 && points[i][1] <= 336);
        lowest = fmax(lowest, points[i][1]);
    }
    CHECK_NEAR(points[0][0], 64, 0.01);              /* 1e-7 */
    CHECK_NEAR(points[10][0], 64 + 552 / 2.0, 0.01); /* 1e-3, half of 8 decades */
    CHECK(lowest == points[10][1]);                  /* the best is the lowest */
    CHECK_NEAR(points[11][0], points[10][0], 0.01);  /* straight up ... */
    CHECK_NEAR(points[11][1], 48, 0.01);             /* ... to the edge */
    snprintf(label, sizeof label, ">suggested %.3g</text>",
             curve.points[curve.suggested].lr);
    CHECK(strstr(text, label) != NULL);
    free(text);
    ic_lr_curve_free(&curve);
}

/* A constant or huge curve has an axis all the same. */
static void check_odd(void)
{
    const double values[] = {0.7, 1e-9, 3e38, 0};

    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        double losses[20], points[20][2];
        struct ic_lr_curve curve;
        char *text;

        for (int i = 0; i < 20; i++)
            losses[i] = values[v];
        curve = curve_of(losses, 20);
        CHECK_OK(ic_curve_write_svg(&curve, svg, &error));
        text = content(svg);
        CHECK_INT(polyline(text, points), 20);
        for (int i = 0; i < 20; i++)
            CHECK_NEAR(points[i][1], 192, 0.5); /* in the middle */
        CHECK(strstr(text, "nan") == NULL && strstr(text, "inf") == NULL);
        free(text);
        ic_lr_curve_free(&curve);
    }
}

static void check_failures_of_files(void)
{
    struct ic_lr_curve curve = diverged();

    CHECK_FAILS(ic_curve_write_csv(&curve, "no/such/folder/a.csv", &error), IC_ERR_IO,
                "no/such/folder/a.csv");
    CHECK_FAILS(ic_curve_write_svg(&curve, "no/such/folder/a.svg", &error), IC_ERR_IO,
                "no/such/folder/a.svg");
    ic_lr_curve_free(&curve);
}

static void check_step(double low, double high, double step, int decimals)
{
    int found = -1;

    CHECK_NEAR(ic_axis_step(low, high, 5, &found), step, 1e-12 * step);
    CHECK_INT(found, decimals);
}

static void axes(void)
{
    const struct ic_axis axis = {2, 4, 300, 100};

    CHECK_NEAR(ic_axis_place(&axis, 2), 300, 0);
    CHECK_NEAR(ic_axis_place(&axis, 4), 100, 0);
    CHECK_NEAR(ic_axis_place(&axis, 2.5), 250, 0);
    CHECK_NEAR(ic_axis_place(&axis, 5), 0, 0);
    check_step(0, 5, 1, 0);
    check_step(0, 5.1, 2, 0);
    check_step(0.6, 2.25, 0.5, 1);
    check_step(0.69, 0.699, 0.002, 3);
    check_step(1, 4.3, 1, 0);
    check_step(-40, 2600, 1000, 0);
}

int main(void)
{
    char *folder = folder_make();

    csv = folder_path(folder, "a.csv");
    svg = folder_path(folder, "a.svg");
    check_csv();
    check_svg();
    check_odd();
    check_failures_of_files();
    axes();
    free(csv);
    free(svg);
    folder_remove(folder);
    return check_result();
}
