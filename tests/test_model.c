/* SPDX-License-Identifier: MIT */
/*
 * Descriptions of models: refusals, and the round trip through a file's metadata, also
 * when the file is hostile.
 */
#include <stdbool.h>

#include "check.h"
#include "folder.h"
#include "model/weights.h"

static char *path;
static struct ic_error error;

static const char *const pets[] = {"cat", "dog"};

/* --- ic_model_init ---------------------------------------------------------------- */

static void test_init(void)
{
    char name[] = "cat";
    const char *classes[] = {name, "dog", "z\xc3\xbcrich \"q\" \\"};
    struct ic_model model;

    CHECK_OK(ic_model_init(&model, "resnet34", "plain", classes, 3, "species", 128,
                           IC_FIT_SQUISH, &error));
    name[0] = 'r'; /* the model has its own copy */
    CHECK_STRING(model.arch, "resnet34");
    CHECK_STRING(model.head, "plain");
    CHECK_STRING(model.labels, "species");
    CHECK_INT(model.class_count, 3);
    CHECK_STRING(model.classes[0], "cat");
    CHECK_STRING(model.classes[1], "dog");
    CHECK_INT(model.size, 128);
    CHECK_INT(model.fit, IC_FIT_SQUISH);
    CHECK(model.mean[0] == 0.485f && model.mean[1] == 0.456f &&
          model.mean[2] == 0.406f);
    CHECK(model.std[0] == 0.229f && model.std[1] == 0.224f && model.std[2] == 0.225f);
    ic_model_free(&model);
    CHECK(model.classes == NULL && model.class_count == 0);
    ic_model_free(&model);

    CHECK_OK(ic_model_init(&model, "resnet18", "plain", NULL, 1000, "none", 32,
                           IC_FIT_CROP, &error));
    CHECK_STRING(model.classes[0], "0");
    CHECK_STRING(model.classes[999], "999");
    ic_model_free(&model);
}

static void refused(const char *arch, const char *head, const char *const *classes,
                    int count, const char *labels, int size, const char *text)
{
    struct ic_model model;

    CHECK_FAILS(ic_model_init(&model, arch, head, classes, count, labels, size,
                              IC_FIT_CROP, &error),
                IC_ERR_USAGE, text);
    CHECK(model.arch == NULL && model.classes == NULL);
}

static void class_refused(const char *name, const char *text)
{
    const char *classes[] = {"cat", name};

    refused("resnet34", "plain", classes, 2, "folder", 224, text);
}

static void test_init_refuses(void)
{
    char long_name[300];

    refused("resnet51", "plain", pets, 2, "folder", 224, "\"resnet51\" is unknown");
    refused("", "plain", pets, 2, "folder", 224,
            "expected resnet18, resnet34, resnet50, resnet101 or resnet152");
    refused("resnet34", "linear", pets, 2, "folder", 224, "\"linear\" is unknown");
    refused("resnet34", "plain", pets, 0, "folder", 224, "0 classes");
    refused("resnet34", "plain", NULL, -1, "folder", 224, "-1 classes");
    refused("resnet34", "plain", NULL, 65537, "folder", 224, "65537 classes");
    refused("resnet34", "plain", pets, 2, "folder", 31, "31 pixels");
    refused("resnet34", "plain", pets, 2, "folder", 4097, "4097 pixels");
    refused("resnet34", "plain", pets, 2, "folder", -224, "-224 pixels");
    refused("resnet34", "plain", pets, 2, "", 224, "the kind of labels is empty");
    refused("resnet34", "plain", pets, 2, "\xff", 224, "is not UTF-8");
    class_refused("", "the class is empty");
    class_refused("cat", "\"cat\" is listed twice");
    class_refused("caf\xe9", "is not UTF-8");
    class_refused("two\nlines", "holds a control character");
    class_refused("tab\there", "holds a control character");
    class_refused("\x7f", "holds a control character");
    memset(long_name, 'x', sizeof long_name);
    long_name[201] = '\0';
    class_refused(long_name, "has 201 bytes, the limit is 200");
}

/* --- metadata --------------------------------------------------------------------- */

static ic_status read_back(struct ic_model *model)
{
    struct ic_safetensors *file;
    ic_status status;

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    status = ic_model_from_metadata(model, file, path, &error);
    ic_safetensors_close(file);
    return status;
}

static void check_round_trip(const struct ic_model *model)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_model back;

    CHECK_OK(ic_model_to_metadata(model, writer, &error));
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    CHECK_OK(read_back(&back));
    CHECK_STRING(back.arch, model->arch);
    CHECK_STRING(back.head, model->head);
    CHECK_STRING(back.labels, model->labels);
    CHECK_INT(back.class_count, model->class_count);
    for (int i = 0; i < back.class_count; i++)
        CHECK_STRING(back.classes[i], model->classes[i]);
    CHECK_INT(back.size, model->size);
    CHECK_INT(back.presize, model->presize);
    CHECK_INT(back.fit, model->fit);
    CHECK_INT(back.upright, model->upright);
    CHECK(memcmp(back.mean, model->mean, sizeof back.mean) == 0);
    CHECK(memcmp(back.std, model->std, sizeof back.std) == 0);
    ic_model_free(&back);
}

static void test_round_trip(void)
{
    const char *classes[] = {"a \"quoted\" one", "back\\slash", "[\"x\"]",
                             "\xe2\x82\xac", "\xf0\x9f\x90\x88"};
    struct ic_safetensors *file;
    struct ic_model model;

    for (int fit = IC_FIT_CROP; fit <= IC_FIT_SQUISH; fit++) {
        CHECK_OK(ic_model_init(&model, "resnet34", "plain", classes, 5, "breed",
                               100 + fit, (enum ic_fit)fit, &error));
        if (fit == IC_FIT_PAD) { /* floats that six digits do not reproduce */
            model.mean[0] = 1.0f / 3;
            model.mean[1] = -0x1.fffffep-3f;
            model.mean[2] = 0;
            model.std[0] = 0x1.000002p0f;
        }
        check_round_trip(&model);
        ic_model_free(&model);
    }
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", NULL, 1, "x", 4096, IC_FIT_CROP,
                           &error));
    check_round_trip(&model);
    ic_model_free(&model);

    /* The strings themselves are a format that other programs read. */
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", pets, 2, "species", 224,
                           IC_FIT_CROP, &error));
    check_round_trip(&model);
    model.upright = true;
    check_round_trip(&model);
    model.upright = false;
    model.presize = 460;
    check_round_trip(&model);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_STRING(ic_safetensors_metadata(file, "presize"), "460");
    ic_safetensors_close(file);
    model.presize = 0;
    check_round_trip(&model);
    ic_model_free(&model);
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK(ic_safetensors_metadata(file, "presize") == NULL);
    CHECK_STRING(ic_safetensors_metadata(file, "format"), "pt");
    CHECK_STRING(ic_safetensors_metadata(file, "im2cat"), "1");
    CHECK_STRING(ic_safetensors_metadata(file, "arch"), "resnet18");
    CHECK_STRING(ic_safetensors_metadata(file, "head"), "plain");
    CHECK_STRING(ic_safetensors_metadata(file, "labels"), "species");
    CHECK_STRING(ic_safetensors_metadata(file, "classes"), "[\"cat\", \"dog\"]");
    CHECK_STRING(ic_safetensors_metadata(file, "size"), "224");
    CHECK_STRING(ic_safetensors_metadata(file, "resize"), "crop");
    CHECK_STRING(ic_safetensors_metadata(file, "mean"), "[0.485, 0.456, 0.406]");
    CHECK_STRING(ic_safetensors_metadata(file, "std"), "[0.229, 0.224, 0.225]");
    ic_safetensors_close(file);
}

/* --- hostile metadata ------------------------------------------------------------- */

static const char *const good[][2] = {
    {"im2cat", "1"},
    {"arch", "resnet34"},
    {"head", "plain"},
    {"labels", "species"},
    {"classes", "[\"cat\",\"dog\"]"},
    {"size", "224"},
    {"resize", "crop"},
    {"presize", "460"},
    {"mean", "[0, 0.5, 1]"},
    {"std", "[1, 1, 1]"},
};

/* Writes the good metadata with one value changed, or left out when it is NULL. */
static ic_status read_changed(const char *key, const char *value)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_model model;
    ic_status status;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (strcmp(good[i][0], key) != 0)
            ic_safetensors_set_metadata(writer, good[i][0], good[i][1]);
        else if (value != NULL)
            ic_safetensors_set_metadata(writer, key, value);
    }
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
    status = read_back(&model);
    if (status != IC_OK)
        CHECK(model.classes == NULL && strstr(error.message, path) != NULL);
    ic_model_free(&model);
    return status;
}

static void test_hostile(void)
{
    static const struct {
        const char *key, *value, *text;
    } bad[] = {
        {"im2cat", "2", "version \"2\""},
        {"im2cat", "", "version \"\""},
        {"arch", "resnet1202", "\"resnet1202\" is unknown"},
        {"arch", "", "is unknown"},
        {"head", "../../etc/passwd", "is unknown"},
        {"labels", "", "labels is empty"},
        {"labels", "a\033[31mb", "control character"},
        {"classes", "", "expected a list of names"},
        {"classes", "[]", "expected a list of names"},
        {"classes", "{}", "expected a list of names"},
        {"classes", "\"cat\"", "expected a list of names"},
        {"classes", "[\"cat\",", "expected a list of names"},
        {"classes", "[\"cat\"] x", "expected a list of names"},
        {"classes", "[\"cat\",3]", "expected a list of names"},
        {"classes", "[\"cat\",null]", "expected a list of names"},
        {"classes", "[\"cat\",[\"dog\"]]", "expected a list of names"},
        {"classes", "[\"cat\",\"\"]", "the class is empty"},
        {"classes", "[\"cat\",\"cat\"]", "is listed twice"},
        {"classes", "[\"a\\nb\"]", "control character"},
        {"classes", "[\"a\\u0000b\"]", "expected a list of names"},
        {"size", "", "expected a number of pixels"},
        {"size", "-224", "expected a number of pixels"},
        {"size", "224.0", "expected a number of pixels"},
        {"size", " 224", "expected a number of pixels"},
        {"size", "224 ", "expected a number of pixels"},
        {"size", "0x40", "expected a number of pixels"},
        {"size", "99999999999999999999", "expected a number of pixels"},
        {"size", "0", "0 pixels"},
        {"size", "999999", "999999 pixels"},
        {"resize", "Crop", "expected crop, pad or squish"},
        {"resize", "", "expected crop, pad or squish"},
        {"presize", "", "expected a number of pixels"},
        {"presize", "-460", "expected a number of pixels"},
        {"presize", "223", "expected pixels, from the size to 16384"},
        {"presize", "16385", "expected pixels, from the size to 16384"},
        {"mean", "[0, 0]", "expected three numbers"},
        {"mean", "[0, 0, 0, 0]", "expected three numbers"},
        {"mean", "[0, 0, \"0\"]", "expected three numbers"},
        {"mean", "[0, 0, NaN]", "expected three numbers"},
        {"mean", "[0, 0, 1e999]", "expected three numbers"},
        {"mean", "[0, 0, 1001]", "expected three numbers"},
        {"mean", "0 0 0", "expected three numbers"},
        {"mean", "", "expected three numbers"},
        {"std", "[1, 0, 1]", "expected three numbers"},
        {"std", "[1, -1, 1]", "expected three numbers"},
        {"std", "[1, 1e-30, 1]", "expected three numbers"},
    };

    CHECK_OK(read_changed("none", NULL));
    CHECK_OK(read_changed("size", "0224"));
    CHECK_OK(read_changed("presize", NULL));
    CHECK_OK(read_changed("presize", "224"));
    CHECK_OK(read_changed("presize", "16384"));
    CHECK_FAILS(read_changed("im2cat", NULL), IC_ERR_USAGE, "give --arch");
    for (size_t i = 1; i < sizeof good / sizeof *good; i++)
        if (strcmp(good[i][0], "presize") != 0)
            CHECK_FAILS(read_changed(good[i][0], NULL), IC_ERR_FORMAT, good[i][0]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(read_changed(bad[i].key, bad[i].value), IC_ERR_FORMAT, bad[i].text);
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "model.safetensors");
    test_init();
    test_init_refuses();
    test_round_trip();
    test_hostile();
    free(path);
    folder_remove(folder);
    return check_result();
}
