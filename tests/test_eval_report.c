/* SPDX-License-Identifier: MIT */
/*
 * The report of an evaluation, file by file, with names that CSV must quote.
 */
#include "report/eval_report.h"

#include "check.h"
#include "drawing.h"
#include "folder.h"
#include "pictures.h"
#include "report/csv.h"

enum { SIZE = 32, CLASSES = 3 };

/* Names in the order of a data set: with a comma, plain, with quotes. */
static const char *const classes[CLASSES] = {"a, b", "plain", "the \"dog\""};
static const char *const pictures[] = {"a, b/1, 2.png", "plain/x.png",
                                       "the \"dog\"/\"y\".png"};

static struct ic_error error;
static struct ic_dataset dataset;
static struct ic_model model;
static char *base;

/* --- fields ----------------------------------------------------------------------- */

static void check_field(const char *text, const char *expected)
{
    char *written = NULL;
    size_t size;
    FILE *stream = open_memstream(&written, &size);

    ic_csv_field(stream, text);
    fclose(stream);
    CHECK_STRING(written, expected);
    free(written);
}

static void fields(void)
{
    check_field("", "");
    check_field("pug 3.jpg", "pug 3.jpg");
    check_field("a,b", "\"a,b\"");
    check_field("\"", "\"\"\"\"");
    check_field("a \"b\" c", "\"a \"\"b\"\" c\"");
    check_field("a\nb", "\"a\nb\"");
    check_field("a\rb", "\"a\rb\"");
    check_field("h\xc3\xa9\xff", "h\xc3\xa9\xff");
}

/* --- the folder ------------------------------------------------------------------- */

static void open_data(const char *folder)
{
    for (int i = 0; i < CLASSES; i++)
        picture_put(folder, pictures[i], i != 1, 40 + 9 * i, 70 - 8 * i, i);
    picture_add_exif(folder, pictures[1], 6); /* a JPEG, to be turned where asked */
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, CLASSES);
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", classes, CLASSES, "folder",
                           SIZE, IC_FIT_PAD, &error));
}

static struct ic_eval_report report_of(const struct ic_scores *scores,
                                       const struct ic_top_losses *top)
{
    return (struct ic_eval_report){.model = &model,
                                   .dataset = &dataset,
                                   .scores = scores,
                                   .top = top,
                                   .workers = 2};
}

static void check_file(const char *folder, const char *name, const char *expected)
{
    char *path = folder_path(folder, "%s", name), *text = drawing_read(path);

    CHECK_STRING(text, expected);
    free(text);
    free(path);
}

/* The drawing has the pictures that the loader gives in validation. */
static void check_pictures(const char *text, const struct ic_top_losses *top)
{
    uint32_t samples[IC_TOP_LOSSES];
    const struct ic_loader_options options = {
        .dataset = &dataset,
        .samples = samples,
        .sample_count = (size_t)top->count,
        .batch = IC_TOP_LOSSES,
        .size = SIZE,
        .presize = model.presize,
        .upright = model.upright,
        .fit = IC_FIT_PAD,
        .workers = 1,
    };
    struct ic_loader *loader;
    const struct ic_batch *batch;

    for (int i = 0; i < top->count; i++)
        samples[i] = top->items[i].sample;
    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    CHECK_INT(batch->count, top->count);
    for (int i = 0; i < batch->count; i++)
        drawing_check_picture(text, i, "png", batch->rgb + i * SIZE * SIZE * 3, SIZE,
                              SIZE);
    ic_loader_close(loader);
}

static uint64_t confusion[] = {5, 1, 2, 0, 0, 0, 2, 0, 6};
static const struct ic_scores scores = {
    .images = 16, .wrong = 5, .classes = CLASSES, .confusion = confusion};
static const struct ic_top_losses top = {
    {{2, 2, 0, 3.25, 0.875}, {0, 0, 2, 1.5, 0.5}, {1, 1, 1, 0.0625, 0.9375}}, 3};

static void tables(const char *folder)
{
    check_file(folder, "confusion.csv",
               "class,\"a, b\",plain,\"the \"\"dog\"\"\"\n"
               "\"a, b\",5,1,2\n"
               "plain,0,0,0\n"
               "\"the \"\"dog\"\"\",2,0,6\n");
    check_file(folder, "classes.csv",
               "class,images,errors,precision,recall,f1\n"
               "\"a, b\",8,3,0.714286,0.625000,0.666667\n"
               "plain,0,0,0.000000,0.000000,0.000000\n"
               "\"the \"\"dog\"\"\",8,2,0.750000,0.750000,0.750000\n");
    check_file(folder, "confused.csv",
               "class,predicted,images\n"
               "\"a, b\",\"the \"\"dog\"\"\",2\n"
               "\"the \"\"dog\"\"\",\"a, b\",2\n"
               "\"a, b\",plain,1\n");
    check_file(folder, "top-losses.csv",
               "path,class,predicted,loss,probability\n"
               "\"the \"\"dog\"\"/\"\"y\"\".png\",\"the \"\"dog\"\"\",\"a, b\","
               "3.250000,0.875000\n"
               "\"a, b/1, 2.png\",\"a, b\",\"the \"\"dog\"\"\",1.500000,0.500000\n"
               "plain/x.png,plain,plain,0.062500,0.937500\n");
}

static void drawings(const char *folder)
{
    char *path = folder_path(folder, "top-losses.svg"), *text = drawing_read(path);

    CHECK_INT(drawing_count(text, "<image "), 3);
    CHECK(strstr(text, ">actual a, b</text>"));
    CHECK(strstr(text, ">loss 3.25, probability 0.88</text>"));
    CHECK(strstr(text, ">loss 0.06, probability 0.94</text>"));
    CHECK(strstr(text, ">x.png</text>"));
    CHECK_INT(drawing_count(text, "fill=\"#b2182b\""), 2); /* frames of wrong ones */
    check_pictures(text, &top);
    free(path);
    free(text);
    path = folder_path(folder, "confusion.svg");
    text = drawing_read(path);
    CHECK(strstr(text, ">16 pictures, error rate 0.3125</text>"));
    free(path);
    free(text);
}

/* The files of an earlier report are replaced, other files stay. */
static void again(const char *folder)
{
    static const struct ic_top_losses none = {.count = 0};
    uint64_t right[] = {1, 0, 0, 0, 0, 0, 0, 0, 0};
    const struct ic_scores perfect = {
        .images = 1, .classes = CLASSES, .confusion = right};
    const struct ic_eval_report report = report_of(&perfect, &none);

    folder_put_text(folder, "notes.txt", "mine");
    CHECK_OK(ic_eval_report_write(&report, folder, &error));
    check_file(folder, "notes.txt", "mine");
    check_file(folder, "confused.csv", "class,predicted,images\n");
    check_file(folder, "top-losses.csv", "path,class,predicted,loss,probability\n");
}

static void refused(void)
{
    const struct ic_eval_report report = report_of(&scores, &top);
    char *file = folder_path(base, "file"), *blocked = folder_path(base, "blocked"),
         *gone = folder_path(base, "data/plain/x.png"),
         *out = folder_path(base, "gone");

    folder_put_text(base, "file", "x");
    CHECK_FAILS(ic_eval_report_write(&report, file, &error), IC_ERR_IO, file);
    folder_put_text(base, "blocked/classes.csv/in_the_way", "x");
    CHECK_FAILS(ic_eval_report_write(&report, blocked, &error), IC_ERR_USAGE,
                "blocked/classes.csv: it is a folder");
    remove(gone);
    CHECK_FAILS(ic_eval_report_write(&report, out, &error), IC_ERR_IO, "plain/x.png");
    free(file), free(blocked), free(gone), free(out);
}

int main(void)
{
    const struct ic_eval_report report = report_of(&scores, &top);
    char *data, *folder;

    base = folder_make();
    data = folder_path(base, "data");
    folder = folder_path(base, "deep/er/report");
    fields();
    open_data(data);
    CHECK_OK(ic_eval_report_write(&report, folder, &error));
    tables(folder);
    drawings(folder);
    model.presize = 66; /* the report's pictures are resized like the evaluated ones, */
    model.upright = true; /* and turned */
    CHECK_OK(ic_eval_report_write(&report, folder, &error));
    drawings(folder);
    again(folder);
    refused();
    ic_model_free(&model);
    ic_dataset_close(&dataset);
    free(data);
    free(folder);
    folder_remove(base);
    return check_result();
}
