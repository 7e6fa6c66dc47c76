/* SPDX-License-Identifier: MIT */
/*
 * im2cat convert: turns weights of any format that im2cat reads into a model file of
 * its own, with torchvision's names and order, or into what other programs load.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/word.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "export/mlflow_model.h"
#include "export/onnx.h"
#include "model/engine.h"
#include "score/trained_model.h"
#include "train/job_words.h"
#include "train/model_file.h"

struct convert_options {
    struct ic_model_source source;
    const char *input;
    bool mlflow_model;
};

#define ROW(name, field, ...) \
    IC_OPTION(struct convert_options, name, field, __VA_ARGS__)

static const struct ic_option table[] = {
    ROW("arch", source.arch, .choices = ic_words_arch, .unset = "from SRC",
        .help = "the network, if the file does not record it"),
    ROW("head", source.head, .choices = ic_words_head, .unset = "from SRC, or plain",
        .help = "the last layers, if the file does not record them"),
    ROW("size", source.size, .value = "N", .fallback = "0", .or_zero = true, .min = 32,
        .max = 4096,
        .help =
            "side of the pictures in pixels, if the file does not record it; 0: 224"),
    ROW("input", input, .choices = ic_onnx_input_names, .fallback = "uint8",
        .help = "input of the ONNX network; uint8: pictures as bytes, N x H x W x 3 "
                "(the output is probabilities); float: normalised numbers, N x 3 x H x "
                "W (the output is logits)"),
    ROW("mlflow-model", mlflow_model,
        .help = "writes DST as a folder that MLflow loads and serves, with the ONNX "
                "file in it; an existing folder must be empty"),
    {0}};

/* The target of the conversion: a file told by its ending, or a folder. */
enum target { TARGET_SAFETENSORS, TARGET_ONNX, ENDINGS, TARGET_MLFLOW = ENDINGS };

static const char *const endings[ENDINGS] = {
    [TARGET_SAFETENSORS] = ".safetensors", [TARGET_ONNX] = ".onnx"};

static bool ends_in(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);

    return length > tail && strcmp(text + length - tail, end) == 0;
}

static ic_status find_target(const struct ic_options *options, enum target *target,
                             struct ic_error *error)
{
    const struct convert_options *asked = options->values;
    const char *path = options->operands[1];
    int found = 0;

    while (found < ENDINGS && !ends_in(path, endings[found]))
        found++;
    if (asked->mlflow_model)
        found = TARGET_MLFLOW;
    else if (found == ENDINGS)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s: im2cat writes safetensors and ONNX; name a file that ends "
                       "in .safetensors or .onnx, or a folder with --mlflow-model",
                       path);
    if (found == TARGET_SAFETENSORS &&
        ic_options_source(options, "input") != IC_FROM_FALLBACK)
        return ic_fail(error, IC_ERR_USAGE,
                       "--input applies only to ONNX, but %s ends in .safetensors",
                       path);
    *target = (enum target)found;
    return IC_OK;
}

/* Loads SRC's weights into the network and frees the other copy, so that memory holds
 * the weights once. */
static ic_status load(struct ic_trained_model *file, struct ic_engine *engine,
                      int64_t *batches_tracked, struct ic_error *error)
{
    const struct ic_engine_options options = {
        .compute = ic_compute_default, .plan = {.batch = 1, .part = IC_PLAN_WEIGHTS}};
    ic_status status = ic_engine_open(engine, &file->model, &options, error);

    if (status == IC_OK)
        status = ic_trained_model_load(file, engine->net, batches_tracked, error);
    ic_trained_model_forget_weights(file);
    return status;
}

/* Saves the MLflow model with the modification time of SRC as its own time, so that the
 * same file gives the same bytes. */
static ic_status save_mlflow(const char *path, const char *from,
                             const struct ic_model *model, struct ic_net *net,
                             enum ic_onnx_input input, struct ic_error *error)
{
    struct stat about;

    if (stat(from, &about) != 0)
        return ic_fail_errno(error, "cannot read %s", from);
    return ic_mlflow_model_save(path, model, net, input, about.st_mtime, error);
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct convert_options *asked = options->values;
    const enum ic_onnx_input input = ic_word_index(ic_onnx_input_names, asked->input);
    const char *from = options->operands[0], *path = options->operands[1];
    struct ic_model_source source = asked->source;
    struct ic_trained_model file;
    struct ic_engine engine = {0};
    enum target target = TARGET_SAFETENSORS;
    int64_t batches_tracked;
    ic_status status = find_target(options, &target, error);

    if (status != IC_OK)
        return IC_EXIT_USAGE;
    source.path = from;
    status = ic_trained_model_open(&file, &source, error);
    if (status == IC_OK)
        status = load(&file, &engine, &batches_tracked, error);
    if (status != IC_OK)
        ;
    else if (target == TARGET_SAFETENSORS)
        status =
            ic_model_file_save(path, &file.model, engine.net, batches_tracked, error);
    else if (target == TARGET_ONNX)
        status = ic_onnx_save(path, &file.model, engine.net, input, error);
    else
        status = save_mlflow(path, from, &file.model, engine.net, input, error);
    ic_engine_close(&engine);
    ic_trained_model_close(&file);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_convert = {
    .name = "convert",
    .summary = "converts weights to a model file, to ONNX or for MLflow",
    .operands = "SRC DST",
    .text = "SRC is a safetensors file or a state dict saved by torch.save, recognised "
            "by content. The ending of DST selects the format. A .safetensors file "
            "gets torchvision's names and order, and the description that predict and "
            "eval need. A .onnx file holds the network, its weights and the "
            "description, for ONNX runtimes.\n",
    .options = table,
    .values_size = sizeof(struct convert_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
