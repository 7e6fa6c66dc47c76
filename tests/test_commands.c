/* SPDX-License-Identifier: MIT */
/*
 * The commands' tables are sound, their help fits a terminal, and `train`'s table
 * agrees with the job of train/job.h, which has the last word.
 */
#include <unistd.h>

#include "backend/registry.h"
#include "check.h"
#include "cli/command.h"
#include "data/dataset.h"
#include "folder.h"
#include "train/job.h"

static struct ic_error error;

static void check_row(const struct ic_command *command, const struct ic_option *row)
{
    union ic_option_value value = {0};
    const size_t length = strlen(row->help);

    if (row->fallback != NULL)
        CHECK_OK(ic_option_set(row, &value, row->fallback, row->name, &error));
    if (row->fallback == NULL && row->type != IC_OPTION_FLAG && !row->required)
        CHECK(row->unset != NULL);
    CHECK(row->type == IC_OPTION_FLAG || row->value != NULL || row->choices != NULL);
    CHECK(length > 5 && row->help[length - 1] != '.');
    CHECK(strlen(row->name) < 60 && strchr(row->name, '_') == NULL);
    for (const struct ic_option *o = command->options; o != row; o++) {
        CHECK(strcmp(o->name, row->name) != 0);
        CHECK(o->offset != row->offset);
    }
    CHECK(row->offset < command->values_size);
}

static void check_help(const struct ic_command *command)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ic_command_print_help(command, stream);
    fclose(stream);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const size_t length = strcspn(line, "\n");
        if (length > 79 || (length > 0 && line[length - 1] == ' '))
            CHECK_FAIL("%s --help: \"%.*s\"", command->name, (int)length, line);
    }
    free(text);
}

static void test_tables(void)
{
    for (int i = 0; ic_commands[i] != NULL; i++) {
        const struct ic_command *command = ic_commands[i];

        CHECK(ic_command_find(command->name) == command);
        CHECK(strlen(command->name) <= 12 && strlen(command->summary) <= 64);
        CHECK(command->max_operands >= command->min_operands);
        for (const struct ic_option *o = command->options; o->name != NULL; o++)
            check_row(command, o);
        check_help(command);
    }
    CHECK(ic_command_find("trian") == NULL);
}

/* --- train's table against the job ------------------------------------------------ */

static void *values;
static struct ic_options options;

/* Parses "train --data d --out o" with one more option, unless it is NULL, and with the
 * augmentation whose parts are options. The job is the first field of train's
 * structure. */
static struct ic_job *parse_train(const char *name, const char *text)
{
    const struct ic_command *train = ic_command_find("train");
    static char option[200];
    char *argv[] = {"--data=d", "--out=o", "--augment=fastai", option};

    ic_options_free(&options);
    free(values);
    values = check_alloc(1, train->values_size);
    if (name != NULL)
        snprintf(option, sizeof option, "--%s=%s", name, text);
    CHECK_OK(ic_options_parse(&options, "train", train->options, values,
                              name != NULL ? 4 : 2, argv, &error));
    return values;
}

static void test_defaults(void)
{
    struct ic_job expected, *found = parse_train(NULL, NULL);
    char *expected_text, *found_text;

    ic_job_defaults(&expected);
    expected.data = "d";
    expected.out = "o";
    CHECK_OK(ic_job_check(&expected, &error));
    CHECK_OK(ic_job_check(found, &error));
    expected_text = ic_job_to_text(&expected, false);
    found_text = ic_job_to_text(found, false);
    CHECK_STRING(found_text, expected_text);
    free(expected_text);
    free(found_text);
}

/* A value that the table accepts passes the job's own check. */
static void test_ranges(void)
{
    for (const struct ic_option *o = ic_command_find("train")->options; o->name; o++) {
        char text[40];

        if (o->choices != NULL)
            for (const char *const *c = o->choices; *c != NULL; c++)
                CHECK_OK(ic_job_check(parse_train(o->name, *c), &error));
        if (o->type == IC_OPTION_TEXT || o->type == IC_OPTION_FLAG)
            continue;
        snprintf(text, sizeof text, "%.17g", o->min);
        CHECK_OK(ic_job_check(parse_train(o->name, text), &error));
        snprintf(text, sizeof text, "%.17g", o->below_max ? 0.99 * o->max : o->max);
        CHECK_OK(ic_job_check(parse_train(o->name, text), &error));
    }
}

/* A job written as job.conf and read back is the same job. */
static void test_round_trip(void)
{
    char *folder = folder_make(), *path = folder_path(folder, "job.conf"), *before,
         *after;
    struct ic_job *job = parse_train("seed", "7");

    job->data = " odd \"path\" # with\\blanks ";
    job->out = "runs/#1";
    job->lr = 0.1 + 0.2;
    job->labels = ic_labels_names[1];
    job->max_steps = 123456789;
    CHECK_OK(ic_job_check(job, &error));
    before = ic_job_to_text(job, false);
    folder_put_text(folder, "job.conf", before);

    job = parse_train(NULL, NULL);
    memset(options.sources, IC_FROM_FALLBACK, sizeof options.sources);
    CHECK_OK(ic_options_read_job(&options, options.table, path, &error));
    CHECK_STRING(job->data, " odd \"path\" # with\\blanks ");
    after = ic_job_to_text(job, false);
    CHECK_STRING(after, before);
    free(before);
    free(after);
    free(path);
    folder_remove(folder);
}

/* The options of "train --resume --out DIR", with --job FILE unless it is NULL. */
static const struct ic_job *resume(const char *folder, const char *job_file)
{
    const struct ic_command *train = ic_command_find("train");
    char *argv[] = {"--resume", "--out", (char *)folder, "--job", (char *)job_file};

    ic_options_free(&options);
    free(values);
    values = check_alloc(1, train->values_size);
    CHECK_OK(ic_options_parse(&options, "train", train->options, values,
                              job_file != NULL ? 5 : 3, argv, &error));
    CHECK_OK(train->add_options(&options, &error));
    return values;
}

/* A resumed run may have moved to another machine: its threads and workers are chosen
 * anew. Its micro-batches decide its bits, so they are kept even with another job file.
 */
static void test_resumed_job(void)
{
    char *folder = folder_make(), *other = folder_path(folder, "other.conf");
    char text[300];
    const struct ic_job *job;

    snprintf(text, sizeof text,
             "data = %s\nthreads = 7\nworkers = 5\nmicro-batch = 3\n", folder);
    folder_put_text(folder, "job.conf", text);
    folder_put_text(folder, "other.conf", "data = elsewhere\n");
    job = resume(folder, NULL);
    CHECK_STRING(job->data, folder);
    CHECK_INT(job->compute.threads, 0);
    CHECK_INT(job->workers, 0);
    CHECK_INT(job->micro_batch, 3);
    job = resume(folder, other);
    CHECK_STRING(job->data, "elsewhere");
    CHECK_INT(job->micro_batch, 3);
    free(other);
    folder_remove(folder);
}

static void test_devices(void)
{
    for (int i = 0; ic_backend_names[i] != NULL; i++) {
        const struct ic_backend *backend;
        const ic_status status = ic_backend_find(ic_backend_names[i], &backend, &error);

        CHECK(status == IC_OK || status == IC_ERR_DEVICE); /* without its module */
    }
}

int main(void)
{
    test_tables();
    test_defaults();
    test_ranges();
    test_round_trip();
    test_resumed_job();
    test_devices();
    ic_options_free(&options);
    free(values);
    return check_result();
}
