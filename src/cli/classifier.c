/*
 * Opens classifiers for the commands. See classifier.h.
 */
#include "cli/classifier.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/word.h"
#include "model/head.h"
#include "model/pretrained.h"
#include "model/weights.h"

/* A torchvision network: its last layer tells how many classes there are. */
static ic_status describe_foreign(struct ic_model *model,
                                  const struct ic_classifier_options *options,
                                  const struct ic_tensor_list *list,
                                  struct ic_error *error)
{
    const char *head = options->head != NULL ? options->head : "plain";
    const char *name = ic_head_find(head)->last;
    const struct ic_tensor *last = ic_tensor_find(list, name);

    if (last == NULL || last->rank != 2 || last->shape[0] > INT32_MAX)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s has no matrix %s, which a %s with --head %s ends with",
                       options->model, name, options->arch, head);
    return ic_model_init(model, options->arch, head, NULL, (int)last->shape[0],
                         options->labels != NULL ? options->labels : "folder",
                         options->size > 0 ? options->size : 224, IC_FIT_CROP, error);
}

/* Whether an option is not given or says what the file says. */
static bool agrees(const char *option, const char *found)
{
    return option == NULL || strcmp(option, found) == 0;
}

static ic_status describe(struct ic_classifier *classifier,
                          const struct ic_classifier_options *options,
                          const struct ic_weights_file *weights, struct ic_error *error)
{
    const struct ic_safetensors *file = ic_weights_file_safetensors(weights);
    struct ic_model *model = &classifier->model;
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
    classifier->numbered = foreign;
    if (foreign)
        return describe_foreign(model, options, ic_weights_file_tensors(weights),
                                error);
    status = ic_model_from_metadata(model, file, options->model, error);
    if (status != IC_OK)
        return status;
    if (!agrees(options->arch, model->arch) || !agrees(options->head, model->head) ||
        !agrees(options->labels, model->labels) ||
        (options->size != 0 && options->size != model->size))
        return ic_fail(error, IC_ERR_USAGE,
                       "%s says itself that it is a %s for %d x %d pixels, with head "
                       "%s and labels %s; --arch, --size and the like are for files "
                       "that do not",
                       options->model, model->arch, model->size, model->size,
                       model->head, model->labels);
    return IC_OK;
}

ic_status ic_classifier_open(struct ic_classifier *classifier,
                             const struct ic_classifier_options *options,
                             const struct ic_plan_options *plan, enum ic_fold fold,
                             struct ic_error *error)
{
    const struct ic_engine_options engine = {
        .compute = options->compute,
        .plan = *plan,
        .fold = fold,
    };
    struct ic_weights_file *file = NULL;
    ic_status status;

    *classifier = (struct ic_classifier){0};
    status = ic_weights_file_open(
        options->model, options->arch != NULL ? ic_arch_find(options->arch) : NULL,
        &file, error);
    if (status == IC_OK)
        status = describe(classifier, options, file, error);
    if (status == IC_OK)
        status =
            ic_engine_open(&classifier->engine, &classifier->model, &engine, error);
    if (status == IC_OK)
        status =
            ic_weights_load(classifier->engine.net, ic_weights_file_tensors(file), "",
                            options->model, &classifier->batches_tracked, error);
    ic_weights_file_close(file); /* before more memory is needed */
    if (status == IC_OK)
        ic_net_prepare(classifier->engine.net);
    if (status != IC_OK)
        ic_classifier_close(classifier);
    return status;
}

/* Refuses a folder of the layout that the model's labels are not read from: another
 * --labels would not help. */
static ic_status refuse_layout(const struct ic_model *model, const char *path,
                               const char *folder, bool oxford, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_USAGE, "%s was trained with --labels %s, but %s %s",
                   path, model->labels, folder,
                   oxford ? "has the Oxford layout (it holds a folder images), not a "
                            "folder a class"
                          : "has no folder images, so it is not of the Oxford layout "
                            "that they are read from");
}

/* The data set by the model's labels. */
static ic_status open_labelled(const struct ic_classifier *classifier, const char *path,
                               const char *folder, struct ic_dataset *ret_dataset,
                               struct ic_error *error)
{
    char *images = ic_file_join(folder, "images");
    const bool oxford = images != NULL && ic_file_is_folder(images);
    int labels;
    ic_status status = ic_word_find("labels", classifier->model.labels, ic_labels_names,
                                    &labels, error);

    free(images);
    if (status == IC_OK)
        status = ic_dataset_open(folder, labels, ret_dataset, error);
    if (status == IC_ERR_USAGE && !classifier->numbered &&
        oxford == (labels == IC_LABELS_FOLDER))
        status = refuse_layout(&classifier->model, path, folder, oxford, error);
    return status;
}

ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *path, const char *folder,
                                  struct ic_dataset *ret_dataset,
                                  struct ic_error *error)
{
    const struct ic_model *model = &classifier->model;
    const ic_status status =
        open_labelled(classifier, path, folder, ret_dataset, error);

    if (status != IC_OK)
        return status;
    if (!classifier->numbered)
        return ic_dataset_use_classes(ret_dataset, (const char *const *)model->classes,
                                      model->class_count, error);
    if (ret_dataset->class_count != model->class_count)
        return ic_fail(error, IC_ERR_USAGE, "%s has %d classes, the network %d outputs",
                       folder, ret_dataset->class_count, model->class_count);
    return IC_OK;
}

void ic_classifier_close(struct ic_classifier *classifier)
{
    ic_engine_close(&classifier->engine);
    ic_model_free(&classifier->model);
}
