/* SPDX-License-Identifier: MIT */
/*
 * Writes a model's description as the strings of a safetensors file's metadata, and
 * reads it back. The keys are described in docs/formats.md.
 *
 * A description from a file is checked as strictly as a user's, by the same
 * ic_model_init.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jansson.h"
#include "base/word.h"
#include "model/weights.h"

#define METADATA_VERSION "1"
#define MAX_PRESIZE      16384

/* --- writing ---------------------------------------------------------------------- */

/* "[0.485, 0.456, 0.406]": with the fewest digits that read back as the same floats. */
static const char *triple_text(char text[80], const float values[3])
{
    char number[24];
    size_t used = 0;

    for (int i = 0; i < 3; i++) {
        for (int digits = 6; digits <= 9; digits++) {
            snprintf(number, sizeof number, "%.*g", digits, (double)values[i]);
            if (strtof(number, NULL) == values[i])
                break;
        }
        used +=
            (size_t)snprintf(text + used, 80 - used, "%s%s", i ? ", " : "[", number);
    }
    snprintf(text + used, 80 - used, "]");
    return text;
}

/* ["cat", "dog"]; NULL when out of memory. */
static char *classes_text(const struct ic_model *model)
{
    const unsigned before = ic_jansson_failures();
    json_t *list = json_array();
    char *text = NULL;
    bool complete = list != NULL;

    for (int i = 0; complete && i < model->class_count; i++)
        complete = json_array_append_new(list, json_string(model->classes[i])) == 0;
    if (complete)
        text = ic_jansson_dump(list, 0, before);
    json_decref(list);
    return text;
}

ic_status ic_model_describe(const struct ic_model *model, ic_metadata_set *set,
                            void *context, struct ic_error *error)
{
    char *classes = classes_text(model), size[16], presize[16], triple[80];

    if (classes == NULL)
        return ic_fail_memory(error, "class names", 0);
    snprintf(size, sizeof size, "%d", model->size);
    snprintf(presize, sizeof presize, "%d", model->presize);
    set(context, "im2cat", METADATA_VERSION);
    set(context, "arch", model->arch);
    set(context, "head", model->head);
    set(context, "labels", model->labels);
    set(context, "classes", classes);
    set(context, "size", size);
    set(context, "resize", ic_fit_names[model->fit]);
    if (model->presize > 0)
        set(context, "presize", presize);
    if (model->upright)
        set(context, "exif-orientation", "apply");
    set(context, "mean", triple_text(triple, model->mean));
    set(context, "std", triple_text(triple, model->std));
    free(classes);
    return IC_OK;
}

static void set_metadata(void *context, const char *key, const char *text)
{
    ic_safetensors_set_metadata(context, key, text);
}

ic_status ic_model_to_metadata(const struct ic_model *model,
                               struct ic_safetensors_writer *writer,
                               struct ic_error *error)
{
    ic_safetensors_set_metadata(writer, "format", "pt");
    return ic_model_describe(model, set_metadata, writer, error);
}

/* --- reading ---------------------------------------------------------------------- */

/* The values as read, before ic_model_init. */
struct description {
    const char *arch, *head, *labels;
    json_t *list;         /* owns the class names */
    const char **classes; /* within `list` */
    int class_count, size;
    enum ic_fit fit;
    float mean[3], std[3];
};

struct source {
    const struct ic_safetensors *file;
    const char *path;
};

static ic_status get(const struct source *source, const char *key, const char **text,
                     struct ic_error *error)
{
    *text = ic_safetensors_metadata(source->file, key);
    if (*text == NULL)
        return ic_fail(error, IC_ERR_FORMAT, "%s: the metadata has no \"%s\"",
                       source->path, key);
    return IC_OK;
}

/* Fails since the value of `key` is invalid. */
static ic_status refuse(const struct source *source, const char *key, const char *text,
                        const char *expected, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s: the metadata's %s is \"%.60s\", expected %s", source->path, key,
                   text, expected);
}

static ic_status get_pixels(const struct source *source, const char *key, int *pixels,
                            struct ic_error *error)
{
    const char *text;
    ic_status status = get(source, key, &text, error);

    if (status != IC_OK)
        return status;
    if (text[0] == '\0' || strlen(text) > 6 ||
        strspn(text, "0123456789") != strlen(text))
        return refuse(source, key, text, "a number of pixels", error);
    *pixels = (int)strtol(text, NULL, 10);
    return IC_OK;
}

/* Reads a key that may be missing; the size is already known. */
static ic_status get_presize(const struct source *source, int size, int *presize,
                             struct ic_error *error)
{
    const char *text = ic_safetensors_metadata(source->file, "presize");
    ic_status status;

    *presize = 0;
    if (text == NULL)
        return IC_OK;
    status = get_pixels(source, "presize", presize, error);
    if (status == IC_OK && (*presize < size || *presize > MAX_PRESIZE))
        return refuse(source, "presize", text, "pixels, from the size to 16384", error);
    return status;
}

/* Reads a key that may be missing: then pictures are taken as stored. */
static ic_status get_upright(const struct source *source, bool *upright,
                             struct ic_error *error)
{
    const char *text = ic_safetensors_metadata(source->file, "exif-orientation");

    *upright = text != NULL && strcmp(text, "apply") == 0;
    if (text != NULL && !*upright && strcmp(text, "ignore") != 0)
        return refuse(source, "exif-orientation", text, "apply or ignore", error);
    return IC_OK;
}

static ic_status get_fit(const struct source *source, enum ic_fit *fit,
                         struct ic_error *error)
{
    const char *text;
    ic_status status = get(source, "resize", &text, error);
    int index;

    if (status != IC_OK)
        return status;
    index = ic_word_index(ic_fit_names, text);
    if (index < 0)
        return refuse(source, "resize", text, "crop, pad or squish", error);
    *fit = (enum ic_fit)index;
    return IC_OK;
}

/* Reads three numbers from `least` to `most`. */
static ic_status get_triple(const struct source *source, const char *key, double least,
                            double most, float values[3], struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    const char *text;
    ic_status status = get(source, key, &text, error);
    json_t *list;
    bool good;

    if (status != IC_OK)
        return status;
    list = ic_jansson_load(text, strlen(text), 0, NULL);
    if (ic_jansson_failures() != before)
        return ic_fail_memory(error, key, strlen(text));
    good = json_is_array(list) && json_array_size(list) == 3;
    for (size_t i = 0; good && i < 3; i++) {
        const json_t *number = json_array_get(list, i);
        const double value = json_number_value(number);

        good = json_is_number(number) && value >= least && value <= most;
        values[i] = (float)value;
    }
    json_decref(list);
    if (!good)
        return refuse(source, key, text, "three numbers for red, green and blue",
                      error);
    return IC_OK;
}

static ic_status get_classes(const struct source *source,
                             struct description *description, struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    const char *text;
    ic_status status = get(source, "classes", &text, error);
    size_t count;

    if (status != IC_OK)
        return status;
    description->list = ic_jansson_load(text, strlen(text), 0, NULL);
    if (ic_jansson_failures() != before)
        return ic_fail_memory(error, "class names", strlen(text));
    count = json_array_size(description->list);
    if (count == 0)
        return refuse(source, "classes", text, "a list of names", error);
    description->classes = calloc(count, sizeof *description->classes);
    if (description->classes == NULL)
        return ic_fail_memory(error, "class names",
                              count * sizeof *description->classes);
    for (size_t i = 0; i < count; i++) {
        description->classes[i] =
            json_string_value(json_array_get(description->list, i));
        if (description->classes[i] == NULL)
            return refuse(source, "classes", text, "a list of names", error);
    }
    description->class_count = (int)count;
    return IC_OK;
}

static ic_status read_description(const struct source *source,
                                  struct description *description,
                                  struct ic_error *error)
{
    ic_status status;

    if ((status = get(source, "arch", &description->arch, error)) != IC_OK ||
        (status = get(source, "head", &description->head, error)) != IC_OK ||
        (status = get(source, "labels", &description->labels, error)) != IC_OK ||
        (status = get_classes(source, description, error)) != IC_OK ||
        (status = get_pixels(source, "size", &description->size, error)) != IC_OK ||
        (status = get_fit(source, &description->fit, error)) != IC_OK ||
        (status = get_triple(source, "mean", -1e3, 1e3, description->mean, error)) !=
            IC_OK)
        return status;
    return get_triple(source, "std", 1e-3, 1e3, description->std, error);
}

ic_status ic_model_from_metadata(struct ic_model *ret_model,
                                 const struct ic_safetensors *file, const char *path,
                                 struct ic_error *error)
{
    const struct source source = {file, path};
    const char *version = ic_safetensors_metadata(file, "im2cat");
    struct description description = {0};
    struct ic_error cause;
    ic_status status;

    *ret_model = (struct ic_model){0};
    if (version == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s does not record its network: give --arch, --head and --size",
                       path);
    if (strcmp(version, METADATA_VERSION) != 0)
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s: its metadata is of version \"%.20s\", im2cat reads " METADATA_VERSION,
            path, version);
    status = read_description(&source, &description, error);
    if (status == IC_OK) {
        status = ic_model_init(ret_model, description.arch, description.head,
                               description.classes, description.class_count,
                               description.labels, description.size, description.fit,
                               &cause);
        if (status == IC_ERR_LIMIT)
            *error = cause; /* missing memory is not the file's fault */
        else if (status != IC_OK)
            status = ic_fail(error, IC_ERR_FORMAT, "%s: %s", path, cause.message);
    }
    if (status == IC_OK) {
        memcpy(ret_model->mean, description.mean, sizeof ret_model->mean);
        memcpy(ret_model->std, description.std, sizeof ret_model->std);
        status = get_presize(&source, ret_model->size, &ret_model->presize, error);
        if (status == IC_OK)
            status = get_upright(&source, &ret_model->upright, error);
        if (status != IC_OK)
            ic_model_free(ret_model);
    }
    free(description.classes);
    json_decref(description.list);
    return status;
}
