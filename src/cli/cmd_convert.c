/*
 * im2cat convert: weights of any format that im2cat reads into a model file of its own,
 * under torchvision's names and in its order.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "model/engine.h"
#include "score/trained_model.h"
#include "train/job_words.h"
#include "train/model_file.h"

#define ROW(name, field, ...) \
    IC_OPTION(struct ic_model_source, name, field, __VA_ARGS__)

static const struct ic_option table[] = {
    ROW("arch", arch, .choices = ic_words_arch, .unset = "what SRC says",
        .help = "the network, for weights that do not name it themselves"),
    ROW("head", head, .choices = ic_words_head, .unset = "what SRC says, or plain",
        .help = "the last layers, for weights that do not name them"),
    ROW("size", size, .value = "N", .fallback = "0", .or_zero = true, .min = 32,
        .max = 4096,
        .help =
            "side of the pictures in pixels, for weights that do not say it; 0: 224"),
    {0}};

static bool ends_in(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);

    return length > tail && strcmp(text + length - tail, end) == 0;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const char *target = options->operands[1];
    const struct ic_engine_options engine_options = {.compute = ic_compute_default,
                                                     .plan = {.batch = 1}};
    struct ic_model_source source = *(const struct ic_model_source *)options->values;
    struct ic_trained_model file;
    struct ic_engine engine = {0};
    int64_t batches_tracked;
    ic_status status;

    if (!ends_in(target, ".safetensors")) {
        ic_fail(error, IC_ERR_USAGE,
                "%s: im2cat writes safetensors; name a file that ends in .safetensors",
                target);
        return IC_EXIT_USAGE;
    }
    source.path = options->operands[0];
    status = ic_trained_model_open(&file, &source, error);
    if (status == IC_OK)
        status = ic_engine_open(&engine, &file.model, &engine_options, error);
    if (status == IC_OK)
        status = ic_trained_model_load(&file, engine.net, &batches_tracked, error);
    if (status == IC_OK)
        status =
            ic_model_file_save(target, &file.model, engine.net, batches_tracked, error);
    ic_engine_close(&engine);
    ic_trained_model_close(&file);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_convert = {
    .name = "convert",
    .summary = "writes weights of PyTorch as a model file",
    .operands = "SRC DST",
    .text = "SRC is safetensors or what torch.save wrote of a state dict; its content "
            "tells. "
            "DST, a .safetensors file, gets torchvision's names and order, and the "
            "description that predict and eval need.\n",
    .options = table,
    .values_size = sizeof(struct ic_model_source),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
