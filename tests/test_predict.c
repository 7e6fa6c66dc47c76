/* SPDX-License-Identifier: MIT */
/*
 * Counts how often `im2cat predict` and `im2cat eval` decode and compute: the linker
 * routes their calls of the decoder, the net and the sandbox through this file (see
 * Makefile.am).
 */
#include "backend/cpu/sandbox.h"
#include "check.h"
#include "cli/command.h"
#include "folder.h"
#include "graph/net.h"
#include "image/image.h"
#include "model/engine.h"
#include "model/init.h"
#include "pictures.h"
#include "train/model_file.h"

enum { COUNT = 300 };

static struct ic_error error;
static char *folder, *pictures, *weights;

/* --- counters ------------------------------------------------------------------ */

static _Atomic int decodes, whole; /* of these, at full size */
static int batches, largest;

ic_status __real_ic_image_decode_reduced(const uint8_t *bytes, size_t size,
                                         const char *name, int side,
                                         struct ic_image *ret_image, char *warning,
                                         struct ic_error *e);
ic_status __wrap_ic_image_decode_reduced(const uint8_t *bytes, size_t size,
                                         const char *name, int side,
                                         struct ic_image *ret_image, char *warning,
                                         struct ic_error *e);
ic_status __real_ic_image_decode(const uint8_t *bytes, size_t size, const char *name,
                                 struct ic_image *ret_image, char *warning,
                                 struct ic_error *e);
ic_status __wrap_ic_image_decode(const uint8_t *bytes, size_t size, const char *name,
                                 struct ic_image *ret_image, char *warning,
                                 struct ic_error *e);
void __real_ic_net_input(struct ic_net *net, const uint8_t *rgb, int count,
                         const float mean[3], const float std[3]);
void __wrap_ic_net_input(struct ic_net *net, const uint8_t *rgb, int count,
                         const float mean[3], const float std[3]);

ic_status __wrap_ic_image_decode_reduced(const uint8_t *bytes, size_t size,
                                         const char *name, int side,
                                         struct ic_image *ret_image, char *warning,
                                         struct ic_error *e)
{
    decodes++;
    whole += side == 0;
    return __real_ic_image_decode_reduced(bytes, size, name, side, ret_image, warning,
                                          e);
}

ic_status __wrap_ic_image_decode(const uint8_t *bytes, size_t size, const char *name,
                                 struct ic_image *ret_image, char *warning,
                                 struct ic_error *e)
{
    decodes++;
    whole++;
    return __real_ic_image_decode(bytes, size, name, ret_image, warning, e);
}

void __wrap_ic_net_input(struct ic_net *net, const uint8_t *rgb, int count,
                         const float mean[3], const float std[3])
{
    batches++;
    largest = count > largest ? count : largest;
    __real_ic_net_input(net, rgb, count, mean, std);
}

/* Enters none: the test runs the command several times and then removes its files. */
static int entered;

ic_status __wrap_ic_cpu_enter_sandbox(const char *const *readable, struct ic_error *e);

ic_status __wrap_ic_cpu_enter_sandbox(const char *const *readable, struct ic_error *e)
{
    CHECK(readable == NULL && decodes == 0);
    entered++;
    return IC_OK;
}

/* --- runs ---------------------------------------------------------------------- */

/* Counts the lines of a file in the folder. */
static int lines(const char *name)
{
    char *path = folder_path(folder, "%s", name);
    FILE *file = fopen(path, "r");
    int count = 0, c;

    if (file == NULL)
        exit(99);
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    free(path);
    return count;
}

/* Runs a command with these words; its output goes to the files `out` and `err`. */
static enum ic_exit run(const char *name, int argc, char **argv)
{
    const struct ic_command *command = ic_command_find(name);
    void *values = check_alloc(1, command->values_size);
    char *out = folder_path(folder, "out"), *err = folder_path(folder, "err");
    struct ic_options options = {0};
    const int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO);
    enum ic_exit result;

    decodes = whole = entered = 0;
    batches = largest = 0;
    CHECK_OK(
        ic_options_parse(&options, name, command->options, values, argc, argv, &error));
    if (freopen(out, "w", stdout) == NULL || freopen(err, "w", stderr) == NULL)
        exit(99);
    result = command->run(&options, &error);
    CHECK_INT(entered, strcmp(name, "predict") == 0 ? 1 : 0);
    fflush(stdout);
    fflush(stderr);
    dup2(old_out, STDOUT_FILENO);
    dup2(old_err, STDERR_FILENO);
    close(old_out);
    close(old_err);
    ic_options_free(&options);
    free(values);
    free(out);
    free(err);
    return result;
}

static enum ic_exit predict(const char *batch, const char *decode)
{
    char *argv[] = {
        (char *)"--model",  weights,        (char *)"--batch", (char *)batch,
        (char *)"--decode", (char *)decode, pictures};

    return run("predict", 7, argv);
}

/* Evaluates the pictures of two classes; returns the line "loss ..." of the output. */
static char *evaluate(const char *decode, const char *seed)
{
    char *data = folder_path(folder, "data"), *out = folder_path(folder, "out");
    char *argv[] = {
        (char *)"--model", weights,       (char *)"--data",   data,
        (char *)"--split", (char *)"all", (char *)"--decode", (char *)decode,
        (char *)"--seed",  (char *)seed,  (char *)"--tta"};
    uint8_t *text = NULL;
    size_t size = 0;
    char *line;

    CHECK_INT(run("eval", strcmp(seed, "0") == 0 ? 8 : 11, argv), IC_EXIT_DONE);
    CHECK_OK(ic_file_read(out, 1 << 20, &text, &size, &error));
    line = text != NULL ? strstr((char *)text, "loss ") : NULL;
    CHECK(line != NULL);
    line = strndup(line != NULL ? line : "", line != NULL ? strcspn(line, "\n") : 0);
    free(text);
    free(data);
    free(out);
    return line;
}

/* eval decodes as it is asked to, and --seed chooses the views of --tta. */
static void test_eval(void)
{
    char *one, *other;

    for (int i = 0; i < 6; i++) {
        char name[40];

        snprintf(name, sizeof name, "data/%s/%d.jpg", i % 2 ? "1" : "0", i);
        picture_put(folder, name, false, 80 + i, 70, i);
    }
    free(evaluate("exact", "0"));
    CHECK_INT(decodes, 6);
    CHECK_INT(whole, 6);
    free(evaluate("fast", "0"));
    CHECK_INT(decodes, 6);
    CHECK_INT(whole, 0);
    one = evaluate("exact", "1");
    other = evaluate("exact", "1");
    CHECK_STRING(other, one);
    free(other);
    other = evaluate("exact", "2");
    CHECK(strcmp(other, one) != 0);
    free(one);
    free(other);
}

static void make_files(void)
{
    const struct ic_engine_options options = {.compute = ic_compute_default,
                                              .plan = {.batch = 1}};
    struct ic_engine engine;
    struct ic_model model;

    folder = folder_make();
    pictures = folder_path(folder, "pictures");
    weights = folder_path(folder, "model.safetensors");
    for (int i = 0; i < COUNT; i++) {
        char name[40];

        snprintf(name, sizeof name, "pictures/%03d.jpg", i);
        picture_put(folder, name, false, 80, 70, i);
    }
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", NULL, 2, "folder", 32,
                           IC_FIT_CROP, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    CHECK_OK(ic_init_weights(engine.net, 5, &error));
    CHECK_OK(ic_model_file_save(weights, &model, engine.net, 0, &error));
    ic_engine_close(&engine);
    ic_model_free(&model);
}

int main(void)
{
    make_files();

    /* Each picture is decoded once, and a batch is as large as --batch says. */
    CHECK_INT(predict("32", "exact"), IC_EXIT_DONE);
    CHECK_INT(decodes, COUNT);
    CHECK_INT(whole, COUNT);
    CHECK_INT(batches, (COUNT + 31) / 32);
    CHECK_INT(largest, 32);
    CHECK_INT(lines("out"), COUNT);
    CHECK_INT(predict("300", "exact"), IC_EXIT_DONE);
    CHECK_INT(decodes, COUNT);
    CHECK_INT(batches, 1);
    CHECK_INT(largest, COUNT);
    CHECK_INT(predict("299", "exact"), IC_EXIT_DONE);
    CHECK_INT(batches, 2);
    CHECK_INT(largest, 299);

    /* With --decode fast, no picture that can be reduced is decoded at full size. */
    CHECK_INT(predict("65536", "fast"), IC_EXIT_DONE);
    CHECK_INT(decodes, COUNT);
    CHECK_INT(whole, 0);
    CHECK_INT(batches, 1);

    /* Unreadable pictures cost one line each, and the others are still predicted: mixed
     * with others, in a batch of their own, and alone. */
    for (int i = 1; i < COUNT; i++) {
        char name[40];

        snprintf(name, sizeof name, "pictures/%03d.jpg", i);
        if (i % 7 == 0 || (i >= 64 && i < 96))
            folder_put_text(folder, name, "\xff\xd8\xff no more");
    }
    CHECK_INT(predict("32", "exact"), IC_EXIT_FAILED);
    CHECK_INT(decodes, COUNT);
    CHECK_INT(lines("out") + lines("err"), COUNT);
    CHECK_INT(lines("err"), 42 + 32 - 4);
    CHECK_INT(batches, 9);
    CHECK_INT(predict("1", "exact"), IC_EXIT_FAILED);
    CHECK_INT(lines("out") + lines("err"), COUNT);
    CHECK_INT(batches, lines("out"));

    test_eval();
    free(pictures);
    free(weights);
    folder_remove(folder);
    return check_result();
}
