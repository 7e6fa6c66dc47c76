/* SPDX-License-Identifier: MIT */
/*
 * Data sets: layouts, order, labels, and refusals. The files are empty, since no
 * picture is opened here.
 */
#include "data/dataset.h"

#include "check.h"
#include "data/layout.h"
#include "data/name.h"
#include "folder.h"

static struct ic_error error;
static char *folder;

/* Makes a fresh folder with these empty files; a name that ends in '/' is a folder. */
static void lay_out(const char *const *names, size_t count)
{
    folder = folder_make();
    for (size_t i = 0; i < count; i++) {
        char *path = folder_path(folder, "%s", names[i]);

        if (names[i][strlen(names[i]) - 1] == '/')
            folder_make_parents(path);
        else
            folder_put_text(folder, names[i], "");
        free(path);
    }
}

#define LAY_OUT(...)                                    \
    do {                                                \
        const char *const names[] = {__VA_ARGS__};      \
        lay_out(names, sizeof names / sizeof names[0]); \
    } while (0)

static void link_to(const char *target, const char *name)
{
    char *path = folder_path(folder, "%s", name);

    if (symlink(target, path) != 0)
        folder_broke(path);
    free(path);
}

/* The folder is refused as a data set, for a reason that holds `text`. Removes the
 * folder. */
static void check_refused(enum ic_labels labels, ic_status status, const char *text)
{
    struct ic_dataset dataset;

    CHECK_FAILS(ic_dataset_open(folder, labels, &dataset, &error), status, text);
    CHECK(strstr(error.message, "\n") == NULL);
    CHECK(dataset.samples == NULL && dataset.count == 0 &&
          dataset.arena.blocks == NULL);
    folder_remove(folder);
}

static void check_sample(const struct ic_dataset *dataset, size_t index,
                         const char *name, const char *class, enum ic_sample_part part)
{
    const struct ic_sample *sample;

    CHECK(index < dataset->count);
    if (index >= dataset->count)
        return;
    sample = &dataset->samples[index];
    CHECK_STRING(sample->name, name);
    CHECK(sample->label >= 0 && sample->label < dataset->class_count);
    CHECK_STRING(dataset->classes[sample->label], class);
    CHECK_INT(sample->part, part);
    CHECK(!sample->checked);
}

/* --- names ------------------------------------------------------------------------ */

static void check_name(const char *name, const char *base, size_t stem,
                       const char *ending)
{
    CHECK_STRING(ic_name_base(name), base);
    CHECK_INT(ic_name_stem_length(name), stem);
    CHECK_STRING(ic_name_ending(name), ending);
}

static void test_names(void)
{
    const char *const endings[] = {"mat", "csv", NULL};

    check_name("images/pug_3.jpg", "pug_3.jpg", 12, "jpg");
    check_name("pug_3", "pug_3", 5, "");
    check_name("a.b/pug_3", "pug_3", 9, "");
    check_name("a/.hidden", ".hidden", 9, "");
    check_name("a/.jpg", ".jpg", 6, "");
    check_name("pug.tar.JPEG", "pug.tar.JPEG", 7, "JPEG");
    check_name("Mr. Big_3", "Mr. Big_3", 9, "");
    check_name("pug.", "pug.", 4, "");
    check_name("pug.toolong", "pug.toolong", 11, "");
    check_name("", "", 0, "");
    CHECK(ic_name_has_ending("x/y.MAT", endings));
    CHECK(!ic_name_has_ending("x/mat", endings));
    CHECK(!ic_name_has_ending("x/y.ma", endings));
}

static void check_suggestion(enum ic_labels expected)
{
    enum ic_labels labels;

    CHECK_OK(ic_layout_labels(folder, &labels, &error));
    CHECK_INT(labels, expected);
}

/* --- the Oxford layout ------------------------------------------------------------ */

#define OXFORD                                                              \
    "images/pug_10.jpg", "images/pug_9.jpg", "images/Egyptian_Mau_139.jpg", \
        "images/Bengal_1.jpg", "images/american_bulldog_7.jpg"

/* Files among the pictures that are not samples. */
#define OTHERS                                                                   \
    "images/Abyssinian_100.mat", "images/x.MAT", "images/x.txt", "images/x.xml", \
        "images/x.md", "images/x.csv", "images/x.json", "images/job.conf",       \
        "images/x.safetensors", "images/.hidden.jpg", "images/folder_1.jpg/",    \
        "images/folder_2/pug_1.jpg", "annotations/list.txt", "stray_1.jpg",      \
        "train/x_1.jpg"

static void test_oxford_species(void)
{
    struct ic_dataset dataset;

    LAY_OUT(OXFORD, OTHERS);
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_SPECIES, &dataset, &error));
    CHECK_STRING(dataset.folder, folder);
    CHECK_INT(dataset.class_count, 2);
    CHECK_STRING(dataset.classes[0], "cat");
    CHECK_STRING(dataset.classes[1], "dog");
    CHECK_INT(dataset.count, 5);
    check_suggestion(IC_LABELS_SPECIES);
    check_sample(&dataset, 0, "images/Bengal_1.jpg", "cat", IC_PART_ANY);
    check_sample(&dataset, 1, "images/Egyptian_Mau_139.jpg", "cat", IC_PART_ANY);
    check_sample(&dataset, 2, "images/american_bulldog_7.jpg", "dog", IC_PART_ANY);
    check_sample(&dataset, 3, "images/pug_10.jpg", "dog", IC_PART_ANY);
    check_sample(&dataset, 4, "images/pug_9.jpg", "dog", IC_PART_ANY);
    ic_dataset_close(&dataset);
    CHECK(dataset.samples == NULL && dataset.count == 0);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static void test_oxford_breed(void)
{
    struct ic_dataset dataset;
    char *slashed;

    LAY_OUT(OXFORD, OTHERS);
    slashed = folder_path(folder, "//");
    CHECK_OK(ic_dataset_open(slashed, IC_LABELS_BREED, &dataset, &error));
    CHECK_STRING(dataset.folder, folder);
    CHECK_INT(dataset.class_count, 4);
    CHECK_STRING(dataset.classes[0], "Bengal");
    CHECK_STRING(dataset.classes[1], "Egyptian_Mau");
    CHECK_STRING(dataset.classes[2], "american_bulldog");
    CHECK_STRING(dataset.classes[3], "pug");
    check_sample(&dataset, 1, "images/Egyptian_Mau_139.jpg", "Egyptian_Mau", 0);
    check_sample(&dataset, 2, "images/american_bulldog_7.jpg", "american_bulldog", 0);
    check_sample(&dataset, 4, "images/pug_9.jpg", "pug", 0);
    ic_dataset_close(&dataset);
    free(slashed);
    folder_remove(folder);
}

/* Names with any ending, or with none, are samples: the content says what they are. */
static void test_oxford_endings(void)
{
    struct ic_dataset dataset;

    LAY_OUT("images/pug_1", "images/pug_2.PNG", "images/Bengal_1.webp",
            "images/Bengal_2.xyz");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_BREED, &dataset, &error));
    CHECK_INT(dataset.count, 4);
    check_sample(&dataset, 1, "images/Bengal_2.xyz", "Bengal", 0);
    check_sample(&dataset, 2, "images/pug_1", "pug", 0);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static void test_oxford_refused(void)
{
    const char *const no_breed[] = {"images/pug.jpg",    "images/pug_.jpg",
                                    "images/_7.jpg",     "images/pug7.jpg",
                                    "images/pug_7b.jpg", "images/pug_3 (copy).jpg"};

    for (size_t i = 0; i < sizeof no_breed / sizeof no_breed[0]; i++) {
        LAY_OUT("images/Bengal_1.jpg", "images/pug_1.jpg", no_breed[i]);
        check_refused(IC_LABELS_BREED, IC_ERR_USAGE, no_breed[i]);
        CHECK(strstr(error.message, "expected a name such as") != NULL);
    }
    LAY_OUT("images/Bengal_1.jpg", "images/pug_1.jpg", "images/7_pug.jpg");
    check_refused(IC_LABELS_SPECIES, IC_ERR_USAGE,
                  "images/7_pug.jpg: its name must begin");
    LAY_OUT(OXFORD);
    check_refused(IC_LABELS_FOLDER, IC_ERR_USAGE, "species or breed");
    LAY_OUT("images/", "annotations/list.txt");
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE, "no pictures");
}

/* --- class folders ---------------------------------------------------------------- */

/* "a b" comes before "a" in a list of paths ("a b/1" < "a/1"), but not in a list of
 * names. Deeper files have the class of their class folder, whatever their own folder
 * is called. */
static void test_class_folders(void)
{
    struct ic_dataset dataset;

    LAY_OUT("a/1.jpg", "a/2.png", "a b/1.jpg", "empty/", "notes/read.txt", "stray.jpg",
            "loose", "a/deeper/down/3.jpg", "a/test/4.jpg", ".cache/4.jpg",
            "train/5.jpg", "README.md", "Thumbs.db");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 5);
    CHECK_INT(dataset.class_count, 2);
    CHECK_STRING(dataset.classes[0], "a");
    CHECK_STRING(dataset.classes[1], "a b");
    check_sample(&dataset, 0, "a b/1.jpg", "a b", IC_PART_ANY);
    check_sample(&dataset, 1, "a/1.jpg", "a", IC_PART_ANY);
    check_sample(&dataset, 2, "a/2.png", "a", IC_PART_ANY);
    check_sample(&dataset, 3, "a/deeper/down/3.jpg", "a", IC_PART_ANY);
    check_sample(&dataset, 4, "a/test/4.jpg", "a", IC_PART_ANY);
    CHECK_INT(dataset.loose, 2);
    CHECK_STRING(dataset.first_loose, "loose");
    check_suggestion(IC_LABELS_FOLDER);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

/* A run folder and a report of im2cat, and the folders that archivers leave, are not
 * classes, at any depth; files with the names of other formats are not samples. */
static void test_foreign_folders(void)
{
    struct ic_dataset dataset;

    LAY_OUT("cat/1.jpg", "dog/2.jpg", "run/job.conf", "run/steps.csv", "run/first.svg",
            "run/checkpoint.bin", "cat/report/confusion.csv", "cat/report/classes.csv",
            "cat/report/top-losses.bmp", "__MACOSX/cat/1.jpg", "dog/__MACOSX/x.jpg",
            "cat/@eaDir/1.jpg/thumb.jpg", "served/MLmodel", "served/model.onnx",
            "#recycle/cat/3.jpg", "cat/Thumbs.db", "cat/desktop.ini", "dog/notes.pdf",
            "dog/model.pth", "dog/pictures.zip", "dog/LICENSE", "dog/index.HTML");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 2);
    CHECK_INT(dataset.class_count, 2);
    check_sample(&dataset, 0, "cat/1.jpg", "cat", IC_PART_ANY);
    check_sample(&dataset, 1, "dog/2.jpg", "dog", IC_PART_ANY);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static void test_parts(void)
{
    struct ic_dataset dataset;

    LAY_OUT("train/cat/1.jpg", "train/dog/1.jpg", "valid/cat/2.jpg", "valid/dog/1.jpg",
            "test/cat/9.jpg", "train/stray.jpg");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 4);
    CHECK_INT(dataset.class_count, 2);
    check_sample(&dataset, 0, "train/cat/1.jpg", "cat", IC_PART_TRAIN);
    check_sample(&dataset, 1, "train/dog/1.jpg", "dog", IC_PART_TRAIN);
    check_sample(&dataset, 2, "valid/cat/2.jpg", "cat", IC_PART_VALID);
    check_sample(&dataset, 3, "valid/dog/1.jpg", "dog", IC_PART_VALID);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

/* The names that other programs give the parts. `test` belongs to neither side. */
static void test_part_names(void)
{
    static const char *const names[][2] = {
        {"train", "val"},        {"training", "validation"}, {"Train", "Valid"},
        {"TRAIN", "Validation"}, {"train", "valid"},         {"Training", "VAL"},
    };
    struct ic_dataset dataset;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        folder = folder_make();
        for (int part = 0; part < 2; part++) {
            char name[60];

            snprintf(name, sizeof name, "%s/cat/1.jpg", names[i][part]);
            folder_put_text(folder, name, "");
            snprintf(name, sizeof name, "%s/dog/more/2.jpg", names[i][part]);
            folder_put_text(folder, name, "");
        }
        folder_put_text(folder, "test/cat/9.jpg", "");
        folder_put_text(folder, "Testing/dog/9.jpg", "");
        CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
        CHECK_INT(dataset.count, 4);
        CHECK_INT(dataset.class_count, 2);
        for (size_t k = 0; k < dataset.count; k++) {
            const char *const name = dataset.samples[k].name;
            const bool train = strncmp(name, names[i][0], strlen(names[i][0])) == 0;

            check_sample(&dataset, k, name, strstr(name, "cat") ? "cat" : "dog",
                         train ? IC_PART_TRAIN : IC_PART_VALID);
        }
        ic_dataset_close(&dataset);
        folder_remove(folder);
    }
}

/* A train folder without a valid one is split as the job says; loose files in it are
 * reported. */
static void test_train_alone(void)
{
    struct ic_dataset dataset;

    LAY_OUT("train/cat/1.jpg", "train/dog/1.jpg", "train/loose.jpg", "test/1.jpg",
            "test/2.jpg", "train.csv");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 2);
    check_sample(&dataset, 0, "train/cat/1.jpg", "cat", IC_PART_ANY);
    check_sample(&dataset, 1, "train/dog/1.jpg", "dog", IC_PART_ANY);
    CHECK_INT(dataset.loose, 1);
    CHECK_STRING(dataset.first_loose, "train/loose.jpg");
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

/* A folder images that holds only folders is not the Oxford layout. */
static void test_images_of_folders(void)
{
    struct ic_dataset dataset;

    LAY_OUT("images/cat/1.jpg", "images/dog/1.jpg", "images/list.txt");
    check_suggestion(IC_LABELS_FOLDER);
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 2);
    check_sample(&dataset, 0, "images/cat/1.jpg", "cat", IC_PART_ANY);
    ic_dataset_close(&dataset);
    folder_remove(folder);

    LAY_OUT("images/train/cat/1.jpg", "images/train/dog/1.jpg", "images/val/dog/2.jpg");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 3);
    check_sample(&dataset, 0, "images/train/cat/1.jpg", "cat", IC_PART_TRAIN);
    check_sample(&dataset, 2, "images/val/dog/2.jpg", "dog", IC_PART_VALID);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static void test_class_folders_refused(void)
{
    LAY_OUT("cat/1.jpg", "dog/2.jpg");
    check_refused(IC_LABELS_SPECIES, IC_ERR_USAGE, "labels folder");
    LAY_OUT("train/cat/1.jpg", "train/dog/2.jpg", "valid/cat/3.jpg");
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE, "labels folder");
    LAY_OUT("pug_1.jpg", "Bengal_1.jpg");
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE, "no pictures");
    LAY_OUT("train/1.jpg", "train/2.jpg", "valid/cat/1.jpg");
    check_refused(IC_LABELS_FOLDER, IC_ERR_USAGE, "valid/CLASS");
}

/* --- hostile folders -------------------------------------------------------------- */

static void test_missing(void)
{
    struct ic_dataset dataset;
    char *file, *none;

    LAY_OUT("file");
    file = folder_path(folder, "file");
    none = folder_path(folder, "none");
    CHECK_FAILS(ic_dataset_open(none, IC_LABELS_BREED, &dataset, &error), IC_ERR_IO,
                "none: No such file");
    CHECK_FAILS(ic_dataset_open(file, IC_LABELS_BREED, &dataset, &error), IC_ERR_IO,
                "file: Not a directory");
    CHECK_FAILS(ic_dataset_open("", IC_LABELS_BREED, &dataset, &error), IC_ERR_IO,
                "No such file");
    free(file);
    free(none);
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE, "no pictures");
}

/* Links to files and folders are followed, loops end, and a dangling link is a sample
 * (found unreadable when pictures are read). */
static void test_links(void)
{
    struct ic_dataset dataset;

    LAY_OUT("elsewhere/1.jpg", "elsewhere/2.jpg", "dog/3.jpg");
    link_to("elsewhere", "cat");
    link_to("../elsewhere/1.jpg", "dog/4.jpg");
    link_to("nowhere", "dog/5.jpg");
    link_to("6.jpg", "dog/6.jpg");
    link_to("..", "dog/up");
    link_to(".", "self");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 8);
    CHECK_INT(dataset.class_count, 3);
    check_sample(&dataset, 0, "cat/1.jpg", "cat", 0);
    check_sample(&dataset, 1, "cat/2.jpg", "cat", 0);
    check_sample(&dataset, 2, "dog/3.jpg", "dog", 0);
    check_sample(&dataset, 3, "dog/4.jpg", "dog", 0);
    check_sample(&dataset, 4, "dog/5.jpg", "dog", 0);
    check_sample(&dataset, 5, "dog/6.jpg", "dog", 0);
    check_sample(&dataset, 6, "elsewhere/1.jpg", "elsewhere", 0);
    ic_dataset_close(&dataset);
    folder_remove(folder);

    LAY_OUT("x");
    link_to("images", "images");
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE, "no pictures");
}

/* A link to a folder beside the data set, whose name begins the data set's own name. */
static void test_link_beside(void)
{
    struct ic_dataset dataset;
    char *path;

    LAY_OUT("pets/a.jpg", "pets-of-all/dogs/b.jpg");
    link_to("../pets", "pets-of-all/cats");
    path = folder_path(folder, "pets-of-all");
    CHECK_OK(ic_dataset_open(path, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 2);
    CHECK_INT(dataset.class_count, 2);
    ic_dataset_close(&dataset);
    free(path);
    folder_remove(folder);
}

static void test_odd_names(void)
{
    struct ic_dataset dataset;

    LAY_OUT("images/pug_1.jpg", "images/Bengal\n_1.jpg");
    check_refused(IC_LABELS_BREED, IC_ERR_USAGE,
                  "images/Bengal?_1.jpg: the name holds");
    LAY_OUT("cat\t/1.jpg", "dog/1.jpg");
    check_refused(IC_LABELS_FOLDER, IC_ERR_USAGE, "cat?: the name holds");
    LAY_OUT("caf\xe9/1.jpg", "dog/1.jpg");
    check_refused(IC_LABELS_FOLDER, IC_ERR_USAGE, "not valid UTF-8");

    LAY_OUT("cat/caf\xe9.jpg", "cat/%s%n.jpg", "dog/ -1 .jpg", "dog/#.jpg");
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, 4);
    check_sample(&dataset, 0, "cat/%s%n.jpg", "cat", 0);
    check_sample(&dataset, 1, "cat/caf\xe9.jpg", "cat", 0);
    check_sample(&dataset, 2, "dog/ -1 .jpg", "dog", 0);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static void test_closed_folder(void)
{
    struct ic_dataset dataset;
    char *path;

    if (geteuid() == 0)
        return; /* root can open everything */
    LAY_OUT("cat/1.jpg", "dog/1.jpg");
    path = folder_path(folder, "dog");
    chmod(path, 0);
    CHECK_FAILS(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error), IC_ERR_IO,
                "dog: Permission denied");
    chmod(path, 0700);
    free(path);
    folder_remove(folder);
}

/* --- many ------------------------------------------------------------------------- */

/* A thousand names in any order come out sorted, each once, each with its label. */
static void test_many(void)
{
    enum { COUNT = 1000 };
    static const char *const breeds[] = {"Bengal", "Birman", "beagle", "pug"};
    static char seen[COUNT];
    struct ic_dataset dataset;

    folder = folder_make();
    for (int i = 0; i < COUNT; i++) {
        const int number = i * 367 % COUNT;
        char name[64];

        snprintf(name, sizeof name, "images/%s_%d.jpg", breeds[number % 4], number);
        folder_put_text(folder, name, "");
    }
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_BREED, &dataset, &error));
    CHECK_INT(dataset.count, COUNT);
    CHECK_INT(dataset.class_count, 4);
    for (size_t i = 0; i < dataset.count; i++) {
        const struct ic_sample *sample = &dataset.samples[i];
        const int number = atoi(strrchr(sample->name, '_') + 1);

        CHECK_STRING(dataset.classes[sample->label], breeds[number % 4]);
        CHECK(i == 0 || strcmp(dataset.samples[i - 1].name, sample->name) < 0);
        CHECK_INT(seen[number], 0);
        seen[number] = 1;
    }
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

/* --- the classes of a model ------------------------------------------------------- */

static void test_use_classes(void)
{
    const char *const other[] = {"pug", "beagle", "american_bulldog", "Egyptian_Mau",
                                 "Bengal"};
    const char *const fewer[] = {"pug", "american_bulldog", "Bengal"};
    struct ic_dataset dataset;

    LAY_OUT(OXFORD);
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_BREED, &dataset, &error));
    CHECK_FAILS(ic_dataset_use_classes(&dataset, fewer, 3, &error), IC_ERR_USAGE,
                "images/Egyptian_Mau_139.jpg is of class Egyptian_Mau");
    CHECK_INT(dataset.class_count, 4); /* unchanged */
    check_sample(&dataset, 0, "images/Bengal_1.jpg", "Bengal", 0);
    CHECK_INT(dataset.samples[0].label, 0);

    CHECK_OK(ic_dataset_use_classes(&dataset, other, 5, &error));
    CHECK_INT(dataset.class_count, 5);
    CHECK(dataset.classes[0] != other[0]);
    CHECK_INT(dataset.samples[0].label, 4);
    check_sample(&dataset, 0, "images/Bengal_1.jpg", "Bengal", 0);
    check_sample(&dataset, 1, "images/Egyptian_Mau_139.jpg", "Egyptian_Mau", 0);
    check_sample(&dataset, 2, "images/american_bulldog_7.jpg", "american_bulldog", 0);
    check_sample(&dataset, 3, "images/pug_10.jpg", "pug", 0);
    CHECK_OK(ic_dataset_use_classes(&dataset, other, 5, &error));
    check_sample(&dataset, 4, "images/pug_9.jpg", "pug", 0);

    for (size_t i = 0; i < dataset.count; i++)
        dataset.samples[i].label = -1; /* an unlabelled set stays unlabelled */
    CHECK_OK(ic_dataset_use_classes(&dataset, fewer, 3, &error));
    CHECK_INT(dataset.samples[4].label, -1);
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

int main(void)
{
    test_names();
    test_oxford_species();
    test_oxford_breed();
    test_oxford_endings();
    test_oxford_refused();
    test_class_folders();
    test_parts();
    test_part_names();
    test_train_alone();
    test_images_of_folders();
    test_foreign_folders();
    test_class_folders_refused();
    test_missing();
    test_links();
    test_link_beside();
    test_odd_names();
    test_closed_folder();
    test_many();
    test_use_classes();
    return check_result();
}
