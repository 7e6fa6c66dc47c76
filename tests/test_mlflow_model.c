/* SPDX-License-Identifier: MIT */
/*
 * Folders for MLflow: their content, the same bytes for the same weights, and no folder
 * where one cannot be made. tests/onnx.sh checks that MLflow accepts the folders.
 */
#include <signal.h>
#include <sys/resource.h>

#include "base/file.h"
#include "check.h"
#include "export/mlflow_model.h"
#include "folder.h"
#include "model/engine.h"
#include "model/init.h"

static char *folder, *path;
static struct ic_error error;
static struct ic_model model;
static struct ic_engine engine;

/* 29 November 2026, 12:34:56 UTC. */
#define CREATED INT64_C(1795955696)

static void open_all(void)
{
    static const char *const classes[] = {"cat", "a \"dog\" \\",
                                          "\xef\xbf\xbe\xef\xbf\xbf"};
    const struct ic_engine_options options = {
        .compute = ic_compute_default, .plan = {.batch = 1, .part = IC_PLAN_WEIGHTS}};

    CHECK_OK(ic_model_init(&model, "resnet18", "fastai", classes, 3, "folder", 48,
                           IC_FIT_PAD, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    if (check_failures)
        exit(1);
    CHECK_OK(ic_init_weights(engine.net, 1, &error));
}

/* The content of a file in the folder, which the caller frees. */
static char *content(const char *name, size_t *size)
{
    char *file = folder_path(path, "%s", name);
    uint8_t *bytes = NULL;

    CHECK_OK(ic_file_read(file, (size_t)1 << 27, &bytes, size, &error));
    free(file);
    return (char *)bytes;
}

/* MLmodel without its UUID, which changes with weights and version. */
static void check_mlmodel(const char *middle, const char *signature)
{
    char *text, *number;
    size_t size;

    text = content("MLmodel", &size);
    number = strstr(text, "model_uuid: ");
    CHECK(number != NULL && strspn(number + 12, "0123456789abcdef") == 32);
    if (number == NULL)
        return;
    CHECK(number[12 + 12] == '8'); /* RFC 9562, version 8 */
    CHECK(strchr("89ab", number[12 + 16]) != NULL);
    CHECK_STRING(number + 12 + 32, signature);
    *number = '\0';
    CHECK_STRING(text, middle);
    free(text);
}

static void remove_files(void)
{
    static const char *const names[] = {"MLmodel", "model.onnx", "requirements.txt",
                                        "python_env.yaml", "conda.yaml"};

    CHECK_INT(folder_entries(path), 5);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *file = folder_path(path, "%s", names[i]);

        CHECK(unlink(file) == 0);
        free(file);
    }
}

static const char head[] =
    "flavors:\n"
    "  onnx:\n"
    "    code: null\n"
    "    data: model.onnx\n"
    "    providers:\n"
    "    - CPUExecutionProvider\n"
    "  python_function:\n"
    "    data: model.onnx\n"
    "    env:\n"
    "      conda: conda.yaml\n"
    "      virtualenv: python_env.yaml\n"
    "    loader_module: mlflow.onnx\n"
    "metadata:\n"
    "  im2cat: \"1\"\n"
    "  arch: \"resnet18\"\n"
    "  head: \"fastai\"\n"
    "  labels: \"folder\"\n"
    "  classes: \"[\\\"cat\\\", \\\"a \\\\\\\"dog\\\\\\\" \\\\\\\\\\\", "
    "\\\"\\uFFFE\\uFFFF\\\"]\"\n"
    "  size: \"48\"\n"
    "  resize: \"pad\"\n"
    "  mean: \"[0.485, 0.456, 0.406]\"\n"
    "  std: \"[0.229, 0.224, 0.225]\"\n";

static void test_bytes(void)
{
    char *first, *again, *described;
    size_t size, size_again, size_described;

    CHECK_OK(
        ic_mlflow_model_save(path, &model, engine.net, IC_ONNX_UINT8, CREATED, &error));
    check_mlmodel(head, "\nsignature:\n"
                        "  inputs: '[{\"name\": \"image\", \"type\": \"tensor\", "
                        "\"tensor-spec\": {\"dtype\": \"uint8\", \"shape\": [-1, 48, "
                        "48, 3]}}]'\n"
                        "  outputs: '[{\"name\": \"probabilities\", \"type\": "
                        "\"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", "
                        "\"shape\": [-1, 3]}}]'\n"
                        "  params: null\n"
                        "utc_time_created: '2026-11-29 12:34:56.000000'\n");
    first = content("model.onnx", &size);
    described = content("MLmodel", &size_described);
    CHECK_FAILS(
        ic_mlflow_model_save(path, &model, engine.net, IC_ONNX_UINT8, CREATED, &error),
        IC_ERR_USAGE, "holds something");
    remove_files();

    /* Writes into the remaining empty folder. */
    CHECK_OK(
        ic_mlflow_model_save(path, &model, engine.net, IC_ONNX_UINT8, CREATED, &error));
    again = content("model.onnx", &size_again);
    CHECK(size == size_again && memcmp(first, again, size) == 0);
    free(again);
    again = content("MLmodel", &size_again);
    CHECK_STRING(again, described);
    remove_files();
    free(again);
    free(described);
    free(first);
}

static void test_floats(void)
{
    CHECK_OK(
        ic_mlflow_model_save(path, &model, engine.net, IC_ONNX_FLOAT, CREATED, &error));
    check_mlmodel(head, "\nsignature:\n"
                        "  inputs: '[{\"name\": \"image\", \"type\": \"tensor\", "
                        "\"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 3, "
                        "48, 48]}}]'\n"
                        "  outputs: '[{\"name\": \"logits\", \"type\": \"tensor\", "
                        "\"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, "
                        "3]}}]'\n"
                        "  params: null\n"
                        "utc_time_created: '2026-11-29 12:34:56.000000'\n");
    remove_files();
    rmdir(path);
}

/* The disk fills up within the ONNX file: no folder, and no leftover beside it. */
static void test_full_disk(void)
{
    const struct rlimit limit = {1 << 20, RLIM_INFINITY};
    struct rlimit before;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &limit);
    CHECK_FAILS(
        ic_mlflow_model_save(path, &model, engine.net, IC_ONNX_UINT8, CREATED, &error),
        IC_ERR_IO, "cannot write");
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK_INT(folder_entries(folder), 0);
}

int main(void)
{
    folder = folder_make();
    path = folder_path(folder, "served");
    open_all();
    test_bytes();
    test_floats();
    test_full_disk();
    ic_engine_close(&engine);
    ic_model_free(&model);
    free(path);
    folder_remove(folder);
    return check_result();
}
