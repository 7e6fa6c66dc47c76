/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the description of a network in a model file. The input is the JSON object
 * after "__metadata__" of an otherwise empty safetensors file.
 */
#include "bytes.h"
#include "fuzz.h"
#include "model/weights.h"

static void seed(const char *classes, const char *numbers, const char *more)
{
    struct bytes input = {0};

    bytes_text(&input, "{\"format\":\"pt\",\"im2cat\":\"1\",\"arch\":\"resnet18\","
                       "\"head\":\"fastai\",\"labels\":\"species\",\"classes\":\"[");
    bytes_text(&input, classes);
    bytes_text(&input, "]\",\"mean\":\"[0.485, 0.456, 0.406]\",\"std\":\"[");
    bytes_text(&input, numbers);
    bytes_text(&input, "]\",\"resize\":\"");
    bytes_text(&input, more);
    bytes_text(&input, "\"}");
    fuzz_seed(input.at, input.size);
    bytes_free(&input);
}

void fuzz_seeds(void)
{
    static const char cats[] = "\\\"cat\\\", \\\"dog\\\"";
    static const char numbers[] = "0.229, 0.224, 0.225";

    seed(cats, numbers, "crop\",\"size\":\"224");
    seed("\\\"a\\\\u00e9\\\"", numbers, "pad\",\"size\":\"32\",\"presize\":\"460");
    seed(cats, "1, 1e2, 0.5", "squish\",\"size\":\"4096\",\"presize\":\"16384");
    seed("", numbers, "crop\",\"size\":\"224");
    seed("1, null", numbers, "crop\",\"size\":\"224");
    seed(cats, "0, -1, 1e9", "crop\",\"size\":\"224");
    seed(cats, "1, 2", "crop\",\"size\":\"224");
    seed(cats, numbers, "bend\",\"size\":\"224");
    seed(cats, numbers, "crop\",\"size\":\"999999");
    seed(cats, numbers, "crop\",\"size\":\"224\",\"presize\":\"100");
    seed(cats, numbers, "crop\",\"size\":\"224\",\"head\":\"plain");
    seed(cats, numbers, "crop");
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
