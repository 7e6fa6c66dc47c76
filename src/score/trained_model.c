/* SPDX-License-Identifier: MIT */
/*
 * Reads the description of a weights file's model. See trained_model.h.
 */
#include "score/trained_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/word.h"
#include "data/layout.h"
#include "model/head.h"
#include "model/pretrained.h"
#include "model/weights.h"

/* Describes a torchvision network: its last layer gives the number of classes. */
static ic_status describe_foreign(struct ic_model *model,
                                  const struct ic_model_source *source,
                                  const struct ic_tensor_list *list,
                                  struct ic_error *error)
{
    const char *head = source->head != NULL ? source->head : "plain";
    const char *name = ic_head_find(head)->last;
    const struct ic_tensor *last = ic_tensor_find(list, name);

    if (last == NULL || last->rank != 2 || last->shape[0] > INT32_MAX)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s has no matrix %s, the last layer of a %s with --head %s",
                       source->path, name, source->arch, head);
    return ic_model_init(model, source->arch, head, NULL, (int)last->shape[0],
                         source->labels != NULL
                             ? ic_labels_names[ic_labels_kind(source->labels)]
                             : "folder",
                         source->size > 0 ? source->size : 224, IC_FIT_CROP, error);
}

/* Whether an option is not given or agrees with the file. */
static bool agrees(const char *option, const char *found)
{
    return option == NULL || strcmp(option, found) == 0;
}

static ic_status describe(struct ic_trained_model *file,
                          const struct ic_model_source *source, struct ic_error *error)
{
    const struct ic_safetensors *own = ic_weights_file_safetensors(file->weights);
    const bool foreign = own == NULL || ic_safetensors_metadata(own, "im2cat") == NULL;
    struct ic_model *model = &file->model;
    ic_status status;

    if (own != NULL && ic_safetensors_metadata(own, "checkpoint.version") != NULL)
        return ic_fail(
            error, IC_ERR_USAGE,
            "%s is a checkpoint, which only train --resume reads; the weights are in "
            "the model.safetensors and best.safetensors beside it",
            source->path);
    if (foreign && source->arch == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s does not record its network: give --arch, --head and --size",
                       source->path);
    file->numbered = foreign;
    if (foreign)
        return describe_foreign(model, source, ic_weights_file_tensors(file->weights),
                                error);
    status = ic_model_from_metadata(model, own, source->path, error);
    if (status != IC_OK)
        return status;
    if (!agrees(source->arch, model->arch) || !agrees(source->head, model->head) ||
        (source->size != 0 && source->size != model->size))
        return ic_fail(
            error, IC_ERR_USAGE,
            "%s records that it is a %s for %d x %d pixels, with head %s; --arch, "
            "--size and the like are only for files that do not",
            source->path, model->arch, model->size, model->size, model->head);
    return IC_OK;
}

ic_status ic_trained_model_open(struct ic_trained_model *file,
                                const struct ic_model_source *source,
                                struct ic_error *error)
{
    ic_status status = IC_OK;

    *file = (struct ic_trained_model){.path = strdup(source->path)};
    if (source->labels != NULL)
        file->labels = strdup(source->labels);
    if (file->path == NULL || (source->labels != NULL && file->labels == NULL))
        status = ic_fail_memory(error, source->path, strlen(source->path) + 1);
    if (status == IC_OK)
        status = ic_weights_file_open(
            source->path, source->arch != NULL ? ic_arch_find(source->arch) : NULL,
            &file->weights, error);
    if (status == IC_OK)
        status = describe(file, source, error);
    if (status != IC_OK)
        ic_trained_model_close(file);
    return status;
}

ic_status ic_trained_model_load(const struct ic_trained_model *file, struct ic_net *net,
                                int64_t *ret_batches_tracked, struct ic_error *error)
{
    int64_t unasked;

    return ic_weights_load(net, ic_weights_file_tensors(file->weights), "", file->path,
                           ret_batches_tracked != NULL ? ret_batches_tracked : &unasked,
                           error);
}

void ic_trained_model_forget_weights(struct ic_trained_model *file)
{
    ic_weights_file_close(file->weights);
    file->weights = NULL;
}

/* --- data ---------------------------------------------------------------------- */

/* Refuses a folder whose layout does not fit the model's labels. */
static ic_status refuse_layout(const struct ic_model *model, const char *path,
                               const char *folder, bool oxford, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_USAGE, "%s was trained with --labels %s, but %s %s",
                   path, model->labels, folder,
                   oxford ? "has the Oxford layout (its pictures are in images/), not "
                            "one folder per class; use --labels species or breed"
                          : "has no folder images, so it does not have the Oxford "
                            "layout that these labels need; use --labels folder");
}

/* Opens the data set by the model's labels. The model does not contain the labels of a
 * CSV file; other data may have its classes in its layout. */
static ic_status open_by_model(const struct ic_trained_model *file, const char *folder,
                               struct ic_dataset *ret_dataset, struct ic_error *error)
{
    char *images = ic_file_join(folder, "images");
    const bool oxford = images != NULL && ic_file_is_folder(images);
    bool csv;
    int labels;
    ic_status status =
        ic_word_find("labels", file->model.labels, ic_labels_names, &labels, error);

    if (images == NULL)
        status = ic_fail_memory(error, folder, 0);
    free(images);
    if (status != IC_OK)
        return status;
    csv = labels == IC_LABELS_CSV;
    if (csv) {
        enum ic_labels suggested;

        status = ic_layout_labels(folder, &suggested, error);
        labels = (int)suggested;
    }
    if (status == IC_OK)
        status = ic_dataset_open(folder, labels, ret_dataset, error);
    if (status == IC_ERR_USAGE && csv)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s was trained with labels from a CSV file: give --labels FILE "
                       "for %s, too",
                       file->path, folder);
    if (status == IC_ERR_USAGE && !file->numbered &&
        oxford == (labels == IC_LABELS_FOLDER))
        status = refuse_layout(&file->model, file->path, folder, oxford, error);
    return status;
}

ic_status ic_trained_model_open_data(const struct ic_trained_model *file,
                                     const char *folder, struct ic_dataset *ret_dataset,
                                     struct ic_error *error)
{
    const struct ic_model *model = &file->model;
    const ic_status status =
        file->labels != NULL
            ? ic_dataset_open_asked(folder, file->labels, ret_dataset, error)
            : open_by_model(file, folder, ret_dataset, error);

    if (status != IC_OK)
        return status;
    if (!file->numbered)
        return ic_dataset_use_classes(ret_dataset, (const char *const *)model->classes,
                                      model->class_count, error);
    if (ret_dataset->class_count != model->class_count)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s has %d classes, but the network has %d outputs", folder,
                       ret_dataset->class_count, model->class_count);
    return IC_OK;
}

void ic_trained_model_close(struct ic_trained_model *file)
{
    ic_weights_file_close(file->weights);
    ic_model_free(&file->model);
    free(file->path);
    free(file->labels);
    *file = (struct ic_trained_model){0};
}
