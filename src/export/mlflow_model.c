/* SPDX-License-Identifier: MIT */
/*
 * Writes MLflow models. See mlflow_model.h.
 *
 * The YAML is written by hand: all of it is fixed words and numbers, except the model's
 * description, whose texts are quoted.
 */
#include "export/mlflow_model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/fingerprint.h"
#include "base/folder_writer.h"
#include "base/text.h"
#include "model/weights.h"

#define MODEL_FILE "model.onnx"

/* No versions are required: the file's operators and format are old and stable. */
#define PACKAGES(ROW) ROW("mlflow") ROW("numpy") ROW("onnx") ROW("onnxruntime")
#define LINE(package) package "\n"
#define ITEM(package) "  - " package "\n"

static const char requirements[] = PACKAGES(LINE);

static const char python_env[] = "build_dependencies:\n"
                                 "- pip\n"
                                 "dependencies:\n"
                                 "- -r requirements.txt\n";

static const char conda[] = "channels:\n"
                            "- conda-forge\n"
                            "dependencies:\n"
                            "- python>=3.10\n"
                            "- pip\n"
                            "- pip:\n" PACKAGES(ITEM) "name: mlflow-env\n";

/* The content of MLmodel. */
struct description {
    const struct ic_model *model;
    enum ic_onnx_input input;
    struct ic_fingerprint fingerprint; /* of model.onnx */
    struct tm created;                 /* UTC */
};

/* --- MLmodel ---------------------------------------------------------------------- */

/* Prints a text, one line without control characters, in double quotes. YAML takes all
 * other characters except U+FFFE and U+FFFF as they are. */
static void print_quoted(FILE *stream, const char *text)
{
    putc('"', stream);
    while (*text != '\0') {
        const int length = ic_text_utf8_length(text);

        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if (strncmp(text, "\xef\xbf\xbe", 3) == 0)
            fputs("\\uFFFE", stream);
        else if (strncmp(text, "\xef\xbf\xbf", 3) == 0)
            fputs("\\uFFFF", stream);
        else
            fwrite(text, 1, (size_t)length, stream);
        text += length;
    }
    putc('"', stream);
}

static void print_description(void *context, const char *key, const char *text)
{
    FILE *stream = context;

    fprintf(stream, "  %s: ", key);
    print_quoted(stream, text);
    putc('\n', stream);
}

static void print_flavours(FILE *stream)
{
    fputs("flavors:\n"
          "  onnx:\n"
          "    code: null\n"
          "    data: " MODEL_FILE "\n"
          "    providers:\n"
          "    - CPUExecutionProvider\n"
          "  python_function:\n"
          "    data: " MODEL_FILE "\n"
          "    env:\n"
          "      conda: conda.yaml\n"
          "      virtualenv: python_env.yaml\n"
          "    loader_module: mlflow.onnx\n",
          stream);
}

/* Prints one line of JSON within YAML. */
static void print_tensor(FILE *stream, const char *side, const char *name,
                         const char *type, const char *shape)
{
    fprintf(stream,
            "  %s: '[{\"name\": \"%s\", \"type\": \"tensor\", \"tensor-spec\": "
            "{\"dtype\": \"%s\", \"shape\": [%s]}}]'\n",
            side, name, type, shape);
}

static void print_signature(FILE *stream, const struct description *description)
{
    const bool bytes = description->input == IC_ONNX_UINT8;
    const int size = description->model->size;
    char shape[64];

    fputs("signature:\n", stream);
    snprintf(shape, sizeof shape, bytes ? "-1, %d, %d, 3" : "-1, 3, %d, %d", size,
             size);
    print_tensor(stream, "inputs", "image", bytes ? "uint8" : "float32", shape);
    snprintf(shape, sizeof shape, "-1, %d", description->model->class_count);
    print_tensor(stream, "outputs", bytes ? "probabilities" : "logits", "float32",
                 shape);
    fputs("  params: null\n", stream);
}

static ic_status write_mlmodel(const char *path, const struct description *description,
                               struct ic_error *error)
{
    struct ic_file_writer file;
    ic_status status = ic_file_writer_open(&file, path, error);
    char created[64];

    if (status != IC_OK)
        return status;
    print_flavours(file.stream);
    fputs("metadata:\n", file.stream);
    status =
        ic_model_describe(description->model, print_description, file.stream, error);
    fprintf(file.stream, "model_uuid: %016" PRIx64 "%016" PRIx64 "\n",
            description->fingerprint.high, description->fingerprint.low);
    print_signature(file.stream, description);
    strftime(created, sizeof created, "%Y-%m-%d %H:%M:%S", &description->created);
    fprintf(file.stream, "utc_time_created: '%s.000000'\n", created);
    if (status == IC_OK)
        status = ic_file_writer_commit(&file, error);
    ic_file_writer_abort(&file);
    return status;
}

/* --- the folder ------------------------------------------------------------------- */

/* Makes the fingerprint a UUID of version 8 (RFC 9562), in place of a random number. */
static void make_uuid(struct ic_fingerprint *fingerprint)
{
    fingerprint->high = (fingerprint->high & ~UINT64_C(0xf000)) | 0x8000;
    fingerprint->low = (fingerprint->low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
}

static ic_status write_text(const char *folder, const char *name, const char *text,
                            struct ic_error *error)
{
    char *path = ic_file_join(folder, name);
    const ic_status status = path != NULL
                                 ? ic_file_write(path, text, strlen(text), error)
                                 : ic_fail_memory(error, "a path", 0);

    free(path);
    return status;
}

static ic_status write_files(const char *folder, struct description *description,
                             struct ic_net *net, struct ic_error *error)
{
    char *onnx = ic_file_join(folder, MODEL_FILE);
    char *mlmodel = ic_file_join(folder, "MLmodel");
    ic_status status = IC_OK;

    if (onnx == NULL || mlmodel == NULL)
        status = ic_fail_memory(error, "a path", 0);
    if (status == IC_OK)
        status = ic_onnx_save(onnx, description->model, net, description->input, error);
    if (status == IC_OK)
        status = ic_fingerprint_file(onnx, &description->fingerprint, error);
    make_uuid(&description->fingerprint);
    if (status == IC_OK)
        status = write_mlmodel(mlmodel, description, error);
    if (status == IC_OK)
        status = write_text(folder, "requirements.txt", requirements, error);
    if (status == IC_OK)
        status = write_text(folder, "python_env.yaml", python_env, error);
    if (status == IC_OK)
        status = write_text(folder, "conda.yaml", conda, error);
    free(onnx);
    free(mlmodel);
    return status;
}

ic_status ic_mlflow_model_save(const char *path, const struct ic_model *model,
                               struct ic_net *net, enum ic_onnx_input input,
                               int64_t created, struct ic_error *error)
{
    struct description description = {.model = model, .input = input};
    const time_t seconds = (time_t)created;
    struct ic_folder_writer folder = {0};
    ic_status status;

    if (gmtime_r(&seconds, &description.created) == NULL)
        return ic_fail_errno(error, "cannot write %s: its time is no date", path);
    status = ic_folder_writer_open(&folder, path, error);
    if (status == IC_OK)
        status = write_files(folder.temporary, &description, net, error);
    if (status == IC_OK)
        status = ic_folder_writer_commit(&folder, error);
    ic_folder_writer_abort(&folder);
    return status;
}
