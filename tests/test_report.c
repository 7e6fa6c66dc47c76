/* SPDX-License-Identifier: MIT */
/*
 * The table, the fields of CSV files and the progress line, letter by letter.
 */
#include "check.h"
#include "report/csv.h"
#include "report/progress.h"
#include "report/table.h"

#define CHECK_TIME(seconds, expected)                \
    do {                                             \
        char text[32];                               \
        ic_table_time(text, sizeof text, (seconds)); \
        CHECK_STRING(text, (expected));              \
    } while (0)

static void times(void)
{
    CHECK_TIME(0, "00:00");
    CHECK_TIME(0.4, "00:00");
    CHECK_TIME(59.6, "01:00");
    CHECK_TIME(754, "12:34");
    CHECK_TIME(3599, "59:59");
    CHECK_TIME(3600, "1:00:00");
    CHECK_TIME(3600 * 27 + 61, "27:01:01");
    CHECK_TIME(-1, "--:--");
    CHECK_TIME(INFINITY, "--:--");
    CHECK_TIME(NAN, "--:--");
}

static void table(void)
{
    struct ic_epoch_report epoch = {
        .epoch = 0,
        .epochs = 10,
        .train_loss = 0.697131,
        .valid_loss = 0.66012749,
        .error_rate = 0.31,
        .seconds = 41.3,
    };
    char line[IC_TABLE_LINE];

    ic_table_header(line);
    CHECK_STRING(line, "epoch     train_loss  valid_loss  error_rate  time");
    ic_table_row(line, &epoch);
    CHECK_STRING(line, "0         0.697131    0.660127    0.310000    00:41");
    epoch.epoch = 12;
    epoch.train_loss = 12.5;
    epoch.seconds = 3725;
    ic_table_row(line, &epoch);
    CHECK_STRING(line, "12        12.500000   0.660127    0.310000    1:02:05");
    epoch.train_loss = epoch.valid_loss = -1e308; /* too wide: truncated, no overrun */
    ic_table_row(line, &epoch);
    CHECK_INT(strlen(line), IC_TABLE_LINE - 1);
}

/* Fields as RFC 4180 has them; no spreadsheet takes a name for a formula. */
static void csv_fields(void)
{
    static const char *const fields[][2] = {
        {"cat", "cat"},
        {"", ""},
        {"a, b", "\"a, b\""},
        {"the \"dog\"", "\"the \"\"dog\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"a\rb", "\"a\rb\""},
        {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
        {"-a/b.jpg", "\"'-a/b.jpg\""},
        {"\t=1", "\"'\t=1\""},
        {"-1", "-1"},
        {"+2.5e3", "+2.5e3"},
        {"a=b", "a=b"},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char text[80] = "";
        FILE *stream = fmemopen(text, sizeof text, "w");

        if (stream == NULL)
            exit(99);
        ic_csv_field(stream, fields[i][0]);
        fclose(stream);
        CHECK_STRING(text, fields[i][1]);
    }
}

static void progress(void)
{
    struct ic_progress state = {0};
    struct ic_step_report step = {
        .epoch = 2,
        .epochs = 10,
        .batch = 121,
        .batches = 400,
        .smooth_loss = 0.43118,
        .train_left = 900,
        .valid_left = 300,
    };
    char line[IC_PROGRESS_LINE];

    ic_progress_line(&state, line, &step); /* nothing is known yet */
    CHECK_STRING(line, "epoch 3/10  step 121/400  loss 0.4312  0.0 img/s  left --:--");

    step.epoch_images = 50;
    step.epoch_seconds = 5;
    ic_progress_line(&state, line, &step); /* 900 / 10 + 300 / 30 seconds */
    CHECK_STRING(line, "epoch 3/10  step 121/400  loss 0.4312  10.0 img/s  left 01:40");

    step.validating = true;
    step.epoch_images = 300;
    ic_progress_line(&state, line, &step); /* 900 / 10 + 300 / 60 */
    CHECK_STRING(line,
                 "epoch 3/10  validating 121/400  loss 0.4312  60.0 img/s  left 01:35");

    step.validating = false;
    step.epoch_images = 100;
    step.train_left = 0;
    step.valid_left = 0;
    ic_progress_line(&state, line, &step);
    CHECK_STRING(line, "epoch 3/10  step 121/400  loss 0.4312  20.0 img/s  left 00:00");
}

int main(void)
{
    times();
    table();
    csv_fields();
    progress();
    return check_result();
}
