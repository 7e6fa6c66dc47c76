/* SPDX-License-Identifier: MIT */
/*
 * im2cat dump: runs one batch through a network and writes everything that it computes
 * there to a safetensors file, for a look at a layer, for a class, or for `compare`
 * against another machine, algorithm or program. dump_file.h lists the contents of the
 * file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/word.h"
#include "cli/commands.h"
#include "cli/dump_file.h"
#include "cli/shared_options.h"
#include "data/loader.h"
#include "model/engine.h"
#include "model/init.h"
#include "score/trained_model.h"

struct dump_options {
    struct ic_model_source source;
    struct ic_compute compute;
    const char *mode, *data;
    int classes, batch;
    uint64_t seed;
};

static const char *const modes[] = {"train", "eval", NULL};

static const struct ic_option table[] = {
    IC_OPTION(struct dump_options, "model", source.path, .value = "FILE",
              .unset = "random weights", .help = "weights of the network"),
    IC_OPTION(struct dump_options, "arch", source.arch, .choices = ic_words_arch,
              .unset = "from FILE, or resnet34", .help = "the network"),
    IC_OPTION(struct dump_options, "head", source.head, .choices = ic_words_head,
              .unset = "from FILE, or plain", .help = "the network's last layers"),
    IC_OPTION(struct dump_options, "classes", classes, .value = "N", .fallback = "2",
              .min = 1, .max = 65536,
              .help = "outputs of a network with random weights"),
    IC_OPTION(struct dump_options, "size", source.size, .value = "N", .fallback = "0",
              .or_zero = true, .min = 32, .max = 4096,
              .help = "side of the pictures in pixels; 0: from FILE, or 224"),
    IC_OPTION(struct dump_options, "data", data, .value = "DIR",
              .unset = "random pictures",
              .help = "takes the first pictures of this data set"),
    IC_OPTION(struct dump_options, "labels", source.labels,
              .value = "species|breed|folder|FILE",
              .unset = "as in training; species for random weights",
              .help =
                  "how the classes of DIR are read; FILE: a CSV file of pictures and "
                  "their classes"),
    IC_OPTION(struct dump_options, "mode", mode, .choices = modes, .fallback = "train",
              .help = "train: batch statistics and gradients; eval: the forward pass "
                      "with running statistics"),
    IC_OPTION_BATCH_AT_A_TIME(struct dump_options, batch, "4"),
    IC_OPTION_SEED(struct dump_options, seed, .fallback = "42",
                   .help = "random seed of weights and pictures"),
    IC_COMPUTE_OPTIONS(struct dump_options, compute),
    {0}};

/* The pictures that go through the network. */
struct batch {
    uint8_t *rgb;
    int32_t *labels;
    int count;
    size_t picture; /* bytes per picture */
};

/* The network, and the file that its weights come from. With fresh weights the file has
 * only the model. */
struct network {
    struct ic_trained_model file;
    struct ic_engine engine;
};

static ic_status open_network(struct network *network, const struct dump_options *asked,
                              const struct ic_plan_options *plan,
                              struct ic_error *error)
{
    const struct ic_model_source *source = &asked->source;
    const struct ic_engine_options options = {.compute = asked->compute, .plan = *plan};
    struct ic_model *model = &network->file.model;
    struct ic_engine *engine = &network->engine;
    const bool fresh = source->path == NULL;
    ic_status status;

    if (fresh)
        status = ic_model_init(
            model, source->arch ? source->arch : "resnet34",
            source->head ? source->head : "plain", NULL, asked->classes,
            source->labels != NULL ? ic_labels_names[ic_labels_kind(source->labels)]
                                   : "species",
            source->size ? source->size : 224, IC_FIT_CROP, error);
    else
        status = ic_trained_model_open(&network->file, source, error);
    if (status == IC_OK)
        status = ic_engine_open(engine, model, &options, error);
    if (status == IC_OK && fresh)
        status = ic_init_weights(engine->net, asked->seed, error);
    else if (status == IC_OK)
        status = ic_trained_model_load(&network->file, engine->net, NULL, error);
    ic_trained_model_forget_weights(&network->file);
    return status;
}

static void close_network(struct network *network)
{
    ic_engine_close(&network->engine);
    ic_trained_model_close(&network->file);
}

static void draw_pictures(struct batch *batch, const struct ic_model *model,
                          uint64_t seed)
{
    struct ic_random random;

    ic_random_init(&random, seed, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < (size_t)batch->count * batch->picture; i++)
        batch->rgb[i] = (uint8_t)(ic_random_u32(&random) >> 24);
    for (int i = 0; i < batch->count; i++)
        batch->labels[i] =
            (int32_t)ic_random_below(&random, (uint32_t)model->class_count);
}

/* Opens the data set with the model's classes. */
static ic_status open_dataset(struct ic_dataset *dataset,
                              const struct ic_trained_model *file,
                              const struct dump_options *asked, struct ic_error *error)
{
    const struct ic_model *model = &file->model;
    const char *const labels =
        asked->source.labels != NULL ? asked->source.labels : model->labels;
    ic_status status;

    if (asked->source.path != NULL)
        return ic_trained_model_open_data(file, asked->data, dataset, error);
    status = ic_dataset_open_asked(asked->data, labels, dataset, error);
    if (status != IC_OK)
        return status;
    if (dataset->class_count > model->class_count)
        return ic_fail(
            error, IC_ERR_USAGE,
            "%s has %d classes, but the network has only %d outputs (--classes)",
            asked->data, dataset->class_count, model->class_count);
    return IC_OK;
}

/* Reads the first pictures of a data set, as validation sees them. */
static ic_status read_pictures(struct batch *batch, const struct ic_trained_model *file,
                               const struct dump_options *asked, struct ic_error *error)
{
    const struct ic_model *model = &file->model;
    struct ic_loader_options options = {.batch = batch->count,
                                        .size = model->size,
                                        .presize = model->presize,
                                        .upright = model->upright,
                                        .fit = model->fit,
                                        .workers = 1};
    struct ic_dataset dataset = {0};
    struct ic_loader *loader = NULL;
    const struct ic_batch *loaded;
    uint32_t *samples = calloc((size_t)batch->count, sizeof *samples);
    ic_status status;

    if (samples == NULL)
        return ic_fail_memory(error, "a batch", (size_t)batch->count * sizeof *samples);
    for (int i = 0; i < batch->count; i++)
        samples[i] = (uint32_t)i;
    status = open_dataset(&dataset, file, asked, error);
    if (status == IC_OK) {
        if (dataset.count < (size_t)batch->count)
            batch->count = (int)dataset.count;
        options.dataset = &dataset;
        options.samples = samples;
        options.sample_count = (size_t)batch->count;
        status = ic_loader_open(&options, &loader, error);
    }
    if (status == IC_OK)
        status = ic_loader_next(loader, &loaded, error);
    if (status == IC_OK) {
        memcpy(batch->rgb, loaded->rgb, (size_t)batch->count * batch->picture);
        memcpy(batch->labels, loaded->labels,
               (size_t)batch->count * sizeof *batch->labels);
    }
    ic_loader_close(loader);
    ic_dataset_close(&dataset);
    free(samples);
    return status;
}

static ic_status make_batch(struct batch *batch, const struct ic_trained_model *file,
                            const struct dump_options *asked, struct ic_error *error)
{
    const struct ic_model *model = &file->model;

    *batch = (struct batch){.count = asked->batch,
                            .picture = (size_t)model->size * (size_t)model->size * 3};
    batch->rgb = calloc((size_t)batch->count, batch->picture);
    batch->labels = calloc((size_t)batch->count, sizeof *batch->labels);
    if (batch->rgb == NULL || batch->labels == NULL)
        return ic_fail_memory(error, "a batch", (size_t)batch->count * batch->picture);
    if (asked->data != NULL)
        return read_pictures(batch, file, asked, error);
    draw_pictures(batch, model, asked->seed);
    return IC_OK;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct dump_options *asked = options->values;
    const bool training = strcmp(asked->mode, "train") == 0;
    const struct ic_plan_options plan = {
        .batch = asked->batch, .training = training, .keep_all = true};
    struct network network = {0};
    const struct ic_model *model = &network.file.model;
    struct batch batch = {0};
    ic_status status;

    if (asked->source.path != NULL &&
        ic_options_source(options, "classes") != IC_FROM_FALLBACK)
        status = ic_fail(error, IC_ERR_USAGE,
                         "--classes applies only to random weights; %s records its own "
                         "number of classes",
                         asked->source.path);
    else if (asked->source.path != NULL && asked->source.labels != NULL &&
             asked->data == NULL)
        status = ic_fail(error, IC_ERR_USAGE,
                         "--labels applies only to the pictures of --data");
    else
        status = open_network(&network, asked, &plan, error);
    if (status == IC_OK)
        status = make_batch(&batch, &network.file, asked, error);
    if (status == IC_OK) {
        struct ic_net *net = network.engine.net;

        ic_net_input(net, batch.rgb, batch.count, model->mean, model->std);
        ic_net_forward(net, training);
        status = ic_dump_write(options->operands[0], net, batch.labels, batch.count,
                               training, error);
    }
    free(batch.rgb);
    free(batch.labels);
    close_network(&network);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_dump = {
    .name = "dump",
    .summary = "writes all tensors that a batch computes to a safetensors file",
    .operands = "OUT",
    .text = "Sends one batch through a network and writes its input, every activation "
            "and gradient, the running statistics and the loss to OUT, named and laid "
            "out as in PyTorch. Use compare to compare two such files.\n",
    .options = table,
    .values_size = sizeof(struct dump_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
