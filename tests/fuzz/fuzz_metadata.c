/*
 * The description of a network in a model file. The input is the JSON object that
 * stands behind "__metadata__" of an otherwise empty safetensors file.
 */
#include "bytes.h"
#include "fuzz.h"
#include "model/weights.h"

static void seed(const char *head, const char *classes, const char *more)
{
    struct bytes input = {0};

    bytes_text(&input, "{\"format\":\"pt\",\"im2cat\":\"1\",\"arch\":\"resnet18\","
                       "\"head\":\"");
    bytes_text(&input, head);
    bytes_text(&input, "\",\"labels\":\"species\",\"classes\":\"[");
    bytes_text(&input, classes);
    bytes_text(&input, "]\",\"size\":\"224\",\"mean\":\"[0.485, 0.456, 0.406]\","
                       "\"std\":\"[0.229, 0.224, 0.225]\",");
    bytes_text(&input, more);
    bytes_text(&input, "}");
    fuzz_seed(input.at, input.size);
    bytes_free(&input);
}

void fuzz_seeds(void)
{
    seed("fastai", "\\\"cat\\\", \\\"dog\\\"", "\"resize\":\"crop\"");
    seed("plain", "\\\"a\\\\u00e9\\\"", "\"resize\":\"pad\",\"presize\":\"460\"");
    seed("plain", "", "\"resize\":\"squish\",\"presize\":\"16384\"");
}

static void check_model(const struct ic_model *model)
{
    fuzz_check(model->size >= 32 && model->size <= 4096);
    fuzz_check(model->presize == 0 || model->presize >= model->size);
    fuzz_check(model->class_count >= 1);
    for (int i = 0; i < model->class_count; i++)
        fuzz_check(model->classes[i][0] != '\0');
    for (int i = 0; i < 3; i++)
        fuzz_check(model->std[i] > 0 && model->mean[i] >= -1e3f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char before[] = "{\"__metadata__\":";
    struct ic_safetensors *safetensors = NULL;
    struct ic_error error = {.message = ""};
    struct ic_model model = {0};
    struct bytes file = {0};
    const char *path;

    bytes_number(&file, strlen(before) + size + 1, 8);
    bytes_text(&file, before);
    bytes_put(&file, bytes, size);
    bytes_text(&file, "}");
    path = fuzz_file(file.at, file.size);
    if (ic_safetensors_open(path, &safetensors, &error) == IC_OK &&
        ic_model_from_metadata(&model, safetensors, path, &error) == IC_OK)
        check_model(&model);
    else
        fuzz_check_refusal(&error);
    ic_model_free(&model);
    ic_safetensors_close(safetensors);
    bytes_free(&file);
    return 0;
}
