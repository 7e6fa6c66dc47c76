/* SPDX-License-Identifier: MIT */
/*
 * Loads a classifier. See classifier.h.
 */
#include "backend/registry.h"
#include "score/classifier.h"

#include <stdlib.h>

#include "base/word.h"
#include "model/engine.h"

struct ic_classifier {
    struct ic_trained_model file;
    struct ic_compute compute;
    struct ic_engine engine; /* its net holds only weights */
};

/* Replaces the caller's words, already checked, by the lists' own copies. */
static struct ic_compute lasting(const struct ic_compute *compute)
{
    const char *const *const algorithms = ic_conv_algorithm_names;
    const char *const *const precisions = ic_precision_names;

    return (struct ic_compute){
        .device = ic_backend_names[ic_word_index(ic_backend_names, compute->device)],
        .conv = algorithms[ic_word_index(algorithms, compute->conv)],
        .precision = precisions[ic_word_index(precisions, compute->precision)],
        .threads = compute->threads,
    };
}

/* Opens the network with the file's weights, ready for other devices to read. */
static ic_status load(struct ic_classifier *classifier,
                      const struct ic_engine_options *options, struct ic_error *error)
{
    struct ic_engine *engine = &classifier->engine;
    ic_status status = ic_engine_open(engine, &classifier->file.model, options, error);

    if (status == IC_OK)
        status = ic_trained_model_load(&classifier->file, engine->net, NULL, error);
    ic_trained_model_forget_weights(
        &classifier->file); /* before more memory is needed */
    if (status == IC_OK) {
        ic_net_pack_weights(engine->net);
        status = engine->backend->sync(engine->device, error);
    }
    return status;
}

ic_status ic_classifier_open(const struct ic_model_source *source,
                             const struct ic_compute *compute, int batch,
                             enum ic_fold fold, struct ic_classifier **ret_classifier,
                             struct ic_error *error)
{
    const struct ic_engine_options options = {
        .compute = *compute,
        .plan = {.batch = batch, .part = IC_PLAN_WEIGHTS},
        .fold = fold,
    };
    struct ic_classifier *classifier = calloc(1, sizeof *classifier);
    ic_status status;

    *ret_classifier = NULL;
    if (classifier == NULL)
        return ic_fail_memory(error, "a classifier", sizeof *classifier);
    status = ic_trained_model_open(&classifier->file, source, error);
    if (status == IC_OK)
        status = load(classifier, &options, error);
    if (status != IC_OK) {
        ic_classifier_close(classifier);
        return status;
    }
    classifier->compute = lasting(compute);
    *ret_classifier = classifier;
    return IC_OK;
}

void ic_classifier_close(struct ic_classifier *classifier)
{
    if (classifier == NULL)
        return;
    ic_engine_close(&classifier->engine);
    ic_trained_model_close(&classifier->file);
    free(classifier);
}

const struct ic_model *ic_classifier_model(const struct ic_classifier *classifier)
{
    return &classifier->file.model;
}

ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *folder, struct ic_dataset *ret_dataset,
                                  struct ic_error *error)
{
    return ic_trained_model_open_data(&classifier->file, folder, ret_dataset, error);
}

const struct ic_net *ic_classifier_net(const struct ic_classifier *classifier)
{
    return classifier->engine.net;
}

void ic_classifier_set_threads(struct ic_classifier *classifier, int threads)
{
    classifier->compute.threads = threads;
}

const struct ic_compute *ic_classifier_compute(const struct ic_classifier *classifier)
{
    return &classifier->compute;
}
