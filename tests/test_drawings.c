/* SPDX-License-Identifier: MIT */
/*
 * The drawings that users get: the confusion matrix, contact sheets, the first batch,
 * and names that are shortened to fit.
 */
#include "check.h"
#include "drawing.h"
#include "folder.h"
#include "pictures.h"
#include "report/confusion_matrix.h"
#include "report/contact_sheet.h"
#include "report/first_batch.h"
#include "report/short_name.h"

static struct ic_error error;
static char *folder, *path;

#define CHECK_COUNT(text, part, expected) \
    CHECK_INT(drawing_count((text), (part)), (expected))

/* --- names ------------------------------------------------------------------------ */

static void check_short(const char *name, int limit, const char *expected)
{
    char out[IC_SHORT_NAME_SIZE];

    CHECK_STRING(ic_short_name(out, name, limit), expected);
    CHECK(ic_short_name_length(out) <= limit);
}

static void short_names(void)
{
    check_short("", 3, "");
    check_short("pug", 3, "pug");
    check_short("pugs", 3, "p\xe2\x80\xa6s");
    check_short("staffordshire_bull_terrier", 26, "staffordshire_bull_terrier");
    check_short("staffordshire_bull_terrier", 25,
                "staffordshir\xe2\x80\xa6"
                "bull_terrier");
    check_short("staffordshire_bull_terrier", 8,
                "staf\xe2\x80\xa6"
                "ier");
    /* Lengths count characters, and no character is cut. */
    check_short("\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac", 4,
                "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac");
    check_short("\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xacx", 4,
                "\xc3\xa4\xc3\xb6\xe2\x80\xa6x");
    check_short("\xff\xfe\xc3", 3, "\xff\xfe\xc3"); /* not UTF-8: by bytes */
    CHECK_INT(ic_short_name_length("a\xc3\xa4\xff"), 3);
}

/* --- the confusion matrix --------------------------------------------------------- */

static char *draw_matrix(const struct ic_scores *scores, const char *const *classes)
{
    CHECK_OK(ic_confusion_matrix_draw(path, scores, classes, &error));
    return drawing_read(path);
}

static void two_classes(void)
{
    static const char *const classes[] = {"cat", "d<g"};
    uint64_t confusion[] = {30, 10, 0, 20};
    const struct ic_scores scores = {
        .images = 60, .wrong = 10, .classes = 2, .confusion = confusion};
    char *text = draw_matrix(&scores, classes);

    CHECK_COUNT(text, ">60 pictures, error rate 0.1667</text>", 1);
    CHECK_COUNT(text, ">actual</text>", 1);
    CHECK_COUNT(text, ">predicted</text>", 1);
    CHECK_COUNT(text, ">cat</text>", 2);
    CHECK_COUNT(text, ">d&lt;g</text>", 2);
    CHECK_COUNT(text, "rotate(", 1); /* "actual" alone: the names fit their columns */
    /* The page and three cells; an empty cell stays white. */
    CHECK_COUNT(text, "<rect ", 4);
    CHECK_COUNT(text, ">30</text>", 1);
    CHECK_COUNT(text, ">10</text>", 1);
    CHECK_COUNT(text, ">20</text>", 1);
    CHECK_COUNT(text, ">0</text>", 0);
    /* A whole row is the full blue, three quarters are paler, a quarter is red. */
    CHECK_COUNT(text, "fill=\"#1f4e8c\"", 1);
    CHECK_COUNT(text, "fill=\"#e5bfbb\"", 1); /* 0.1 + 0.9 / 4 of the red */
    free(text);
}

/* The cells of a row run to the right: its one mistake is right of the diagonal. */
static void orientation(void)
{
    static const char *const classes[] = {"a", "b"};
    uint64_t confusion[] = {7, 5, 0, 0};
    const struct ic_scores scores = {
        .images = 12, .wrong = 5, .classes = 2, .confusion = confusion};
    char *text = draw_matrix(&scores, classes);
    const char *right = strstr(text, ">7</text>"), *wrong = strstr(text, ">5</text>");
    double x[2], y[2];

    if (right == NULL || wrong == NULL) {
        CHECK_FAIL("the counts are not there");
    } else {
        for (; *right != '<'; right--)
            ;
        for (; *wrong != '<'; wrong--)
            ;
        CHECK_INT(sscanf(right, "<text x=\"%lf\" y=\"%lf\"", &x[0], &y[0]), 2);
        CHECK_INT(sscanf(wrong, "<text x=\"%lf\" y=\"%lf\"", &x[1], &y[1]), 2);
        CHECK(x[1] > x[0] && y[1] == y[0]);
    }
    free(text);
}

static void many_classes(void)
{
    enum { COUNT = 37 };
    static char names[COUNT][64];
    static uint64_t confusion[COUNT * COUNT];
    const char *classes[COUNT];
    struct ic_scores scores = {
        .images = 120 * COUNT, .classes = COUNT, .confusion = confusion};
    char *text;

    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "a_breed_with_a_name_of_its_own_number_%d",
                 i);
        classes[i] = names[i];
        confusion[i * COUNT + i] = 120;
    }
    text = draw_matrix(&scores, classes);
    CHECK_COUNT(text, "<rect ", 1 + COUNT);
    CHECK_COUNT(text, ">120</text>", COUNT);
    CHECK_COUNT(text, "rotate(", 1 + COUNT); /* the columns' names read upwards */
    CHECK_COUNT(text, ">a_breed_with_a_\xe2\x80\xa6_own_number_36</text>", 2);
    free(text);
}

static void edges(void)
{
    static const char *const classes[] = {"only"};
    uint64_t one[] = {1}, none[] = {0};
    const struct ic_scores of_one = {.images = 1, .classes = 1, .confusion = one};
    const struct ic_scores of_none = {.classes = 1, .confusion = none};
    char *text = draw_matrix(&of_one, classes);

    CHECK_COUNT(text, ">1 picture, error rate 0.0000</text>", 1);
    free(text);
    text = draw_matrix(&of_none, classes);
    CHECK_COUNT(text, ">0 pictures, error rate 0.0000</text>", 1);
    CHECK(strstr(text, "nan") == NULL);
    free(text);
    CHECK_FAILS(ic_confusion_matrix_draw("no/such/a.svg", &of_one, classes, &error),
                IC_ERR_IO, "no/such/a.svg");
}

/* --- contact sheets --------------------------------------------------------------- */

static void place_of(const char *text, int index, double *x, double *y)
{
    for (int i = 0; i <= index && text != NULL; i++)
        text = strstr(i > 0 ? text + 1 : text, "<image ");
    if (text == NULL || sscanf(text, "<image x=\"%lf\" y=\"%lf\"", x, y) != 2)
        CHECK_FAIL("there is no picture %d", index);
}

/* Eight pictures in a row, the ninth below the first. */
static void a_grid(void)
{
    static const char *const lines[] = {"one", "a & b",
                                        "what is much too long to fit below a picture"};
    struct ic_contact_sheet sheet = {0};
    double x[11], y[11];
    char *text;

    CHECK_OK(ic_contact_sheet_open(&sheet, path, 11, 3, "Eleven", &error));
    for (int i = 0; i < 11; i++) {
        struct ic_image image = picture_draw(20, 20, i);

        CHECK_OK(ic_contact_sheet_add(&sheet, image.rgb, 20, lines,
                                      i % 3 == 0 ? "#b2182b" : NULL, &error));
        ic_image_free(&image);
    }
    CHECK(!ic_file_exists(path));
    CHECK_OK(ic_contact_sheet_commit(&sheet, &error));
    text = drawing_read(path);
    for (int i = 0; i < 11; i++) {
        struct ic_image image = picture_draw(20, 20, i);

        drawing_check_picture(text, i, "png", image.rgb, 20, 20);
        place_of(text, i, &x[i], &y[i]);
        ic_image_free(&image);
    }
    for (int i = 1; i < 8; i++)
        CHECK(x[i] > x[i - 1] && y[i] == y[0]);
    CHECK(x[8] == x[0] && y[8] > y[0] && x[10] == x[2] && y[10] == y[8]);
    CHECK_COUNT(text, "<image ", 11);
    CHECK_COUNT(text, "fill=\"#b2182b\"", 4); /* frames */
    CHECK_COUNT(text, ">Eleven</text>", 1);
    CHECK_COUNT(text, ">one</text>", 11);
    CHECK_COUNT(text, ">a &amp; b</text>", 11);
    CHECK_COUNT(text,
                ">what is much t\xe2\x80\xa6"
                "elow a picture</text>",
                11);
    free(text);
    remove(path);
}

static void large_pictures(void)
{
    struct ic_contact_sheet sheet = {0};
    struct ic_image image = picture_draw(224, 224, 3);
    char *text;

    for (int i = 0; i < 224 * 224; i++) /* smooth: JPEG is close to it */
        for (int c = 0; c < 3; c++)
            image.rgb[3 * i + c] = (uint8_t)((i % 224 + i / 224 * (c + 1)) / 4);
    CHECK_OK(ic_contact_sheet_open(&sheet, path, 1, 0, "One", &error));
    CHECK_OK(ic_contact_sheet_add(&sheet, image.rgb, 224, NULL, NULL, &error));
    CHECK_OK(ic_contact_sheet_commit(&sheet, &error));
    text = drawing_read(path);
    drawing_check_picture(text, 0, "jpeg", image.rgb, 224, 224);
    free(text);
    ic_image_free(&image);
    remove(path);
}

static void no_sheet(void)
{
    struct ic_contact_sheet sheet = {0};

    CHECK_FAILS(ic_contact_sheet_open(&sheet, "no/such/a.svg", 1, 1, "", &error),
                IC_ERR_IO, "no/such/a.svg");
    CHECK_OK(ic_contact_sheet_open(&sheet, path, 0, 1, "None", &error));
    ic_contact_sheet_abort(&sheet);
    ic_contact_sheet_abort(&sheet);
    CHECK(!ic_file_exists(path));
}

/* --- the first batch -------------------------------------------------------------- */

static void check_first_batch(int count, int shown, const char *heading)
{
    static const char *const classes[] = {"cat", "dog"};
    enum { SIZE = 6, PIXELS = SIZE * SIZE * 3 };
    uint8_t *rgb = check_alloc((size_t)count, PIXELS);
    int32_t *labels = check_alloc((size_t)count, sizeof *labels);
    const struct ic_batch batch = {
        .rgb = rgb, .labels = labels, .count = count, .own = count};
    const struct ic_first_batch_report report = {folder, &batch, SIZE, classes};
    char *file = folder_path(folder, "first-batch.svg"), *text;

    for (int i = 0; i < count * PIXELS; i++)
        rgb[i] = (uint8_t)(i * 31 / 7);
    for (int i = 0; i < count; i++)
        labels[i] = i % 3 == 0;
    CHECK_OK(ic_first_batch_draw(&report, &error));
    text = drawing_read(file);
    CHECK_COUNT(text, "<image ", shown);
    CHECK_COUNT(text, ">dog</text>", (shown + 2) / 3);
    CHECK_COUNT(text, ">cat</text>", shown - (shown + 2) / 3);
    CHECK_COUNT(text, heading, 1);
    for (int i = 0; i < shown; i++)
        drawing_check_picture(text, i, "png", rgb + i * PIXELS, SIZE, SIZE);
    remove(file);
    free(file);
    free(text);
    free(labels);
    free(rgb);
}

int main(void)
{
    folder = folder_make();
    path = folder_path(folder, "a.svg");
    short_names();
    two_classes();
    orientation();
    many_classes();
    edges();
    remove(path);
    a_grid();
    large_pictures();
    no_sheet();
    check_first_batch(1, 1, ">The first batch, 6 x 6 pixels</text>");
    check_first_batch(64, 64, ">The first batch, 6 x 6 pixels</text>");
    check_first_batch(65, 64,
                      ">The first 64 of the 65 pictures of the first batch, 6 x 6 "
                      "pixels</text>");
    free(path);
    folder_remove(folder);
    return check_result();
}
