/*
 * Opens classifiers for the commands. See classifier.h.
 */
#include "cli/classifier.h"

#include <string.h>

#include "base/machine.h"
#include "model/pretrained.h"
#include "model/resnet.h"
#include "model/weights.h"

int ic_classifier_threads(int threads)
{
    return threads > 0 ? threads : ic_machine_cores();
}

/* A torchvision network: its last layer tells how many classes there are. */
static ic_status describe_foreign(struct ic_model *model,
                                  const struct ic_classifier_options *options,
                                  const struct ic_tensor_list *list,
                                  struct ic_error *error)
{
    const char *name = ic_resnet_last_weight(options->head);
    const struct ic_tensor *last = ic_tensor_find(list, name);

    if (last == NULL || last->rank != 2 || last->shape[0] > INT32_MAX)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s has no matrix %s, which a %s with --head %s ends with",
                       options->model, name, options->arch, options->head);
    return ic_model_init(model, options->arch, options->head, NULL, (int)last->shape[0],
                         "folder", options->size > 0 ? options->size : 224, IC_FIT_CROP,
                         error);
}

static ic_status describe(struct ic_model *model,
                          const struct ic_classifier_options *options,
                          const struct ic_weights_file *weights, struct ic_error *error)
{
    const struct ic_safetensors *file = ic_weights_file_safetensors(weights);
    ic_status status;

    const bool foreign =
        file == NULL || ic_safetensors_metadata(file, "im2cat") == NULL;

    if (file != NULL && ic_safetensors_metadata(file, "checkpoint.version") != NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s is a checkpoint, which training goes on from; the weights "
                       "are in the model.safetensors and best.safetensors beside it",
                       options->model);
    if (foreign && options->arch == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s does not say what network it is for: give --arch, --head "
                       "and --size",
                       options->model);
    if (foreign)
        return describe_foreign(model, options, ic_weights_file_tensors(weights),
                                error);
    status = ic_model_from_metadata(model, file, options->model, error);
    if (status != IC_OK)
        return status;
    if ((options->arch != NULL && strcmp(options->arch, model->arch) != 0) ||
        (options->size != 0 && options->size != model->size))
        return ic_fail(error, IC_ERR_USAGE,
                       "%s says itself that it is a %s for %d x %d pixels; --arch and "
                       "--size are for files that do not",
                       options->model, model->arch, model->size, model->size);
    return IC_OK;
}

ic_status ic_classifier_open(struct ic_classifier *classifier,
                             const struct ic_classifier_options *options,
                             const struct ic_plan_options *plan, enum ic_fold fold,
                             struct ic_error *error)
{
    const struct ic_engine_options engine = {
        .device = options->device,
        .conv = options->conv,
        .precision = options->precision,
        .threads = ic_classifier_threads(options->threads),
        .plan = *plan,
        .fold = fold,
    };
    struct ic_weights_file *file = NULL;
    ic_status status;

    *classifier = (struct ic_classifier){0};
    status = ic_weights_file_open(options->model, &file, error);
    if (status == IC_OK)
        status = describe(&classifier->model, options, file, error);
    if (status == IC_OK)
        status =
            ic_engine_open(&classifier->engine, &classifier->model, &engine, error);
    if (status == IC_OK)
        status = ic_weights_load_list(
            classifier->engine.net, ic_weights_file_tensors(file), "", IC_WEIGHTS_ALL,
            options->model, &classifier->batches_tracked, error);
    ic_weights_file_close(file); /* before more memory is needed */
    if (status == IC_OK)
        ic_net_prepare(classifier->engine.net);
    if (status != IC_OK)
        ic_classifier_close(classifier);
    return status;
}

void ic_classifier_close(struct ic_classifier *classifier)
{
    ic_engine_close(&classifier->engine);
    ic_model_free(&classifier->model);
}
