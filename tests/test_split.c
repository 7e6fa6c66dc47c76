/* SPDX-License-Identifier: MIT */
/*
 * Splits: every picture is on one side, the counts are those of fastai's splitter,
 * lists are read in the forms that users write, and bad ones are refused. No picture is
 * opened here.
 */
#include "data/split.h"

#include "base/random.h"
#include "check.h"
#include "folder.h"

enum { MOST = 8000 };

static struct ic_error error;

/* A data set of these names, as ic_dataset_open would give it. */
static void make_dataset(struct ic_dataset *dataset, const char *folder,
                         const char *const *names, size_t count)
{
    memset(dataset, 0, sizeof *dataset);
    dataset->folder = folder;
    dataset->samples = check_alloc(count, sizeof *dataset->samples);
    dataset->count = count;
    dataset->class_count = 1;
    for (size_t i = 0; i < count; i++)
        dataset->samples[i].name = names[i];
}

static void free_dataset(struct ic_dataset *dataset)
{
    free(dataset->samples);
    dataset->samples = NULL;
}

/* Ascending, no index on both sides, none out of range; all indices when `whole`. */
static void check_sides(const struct ic_split *split, size_t count, bool whole)
{
    static char seen[MOST];

    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < split->train_count + split->valid_count; i++) {
        const bool train = i < split->train_count;
        const size_t at = train ? i : i - split->train_count;
        const uint32_t *side = train ? split->train : split->valid;

        CHECK(side[at] < count && !seen[side[at] % MOST]);
        CHECK(at == 0 || side[at - 1] < side[at]);
        seen[side[at] % MOST] = 1;
    }
    if (whole)
        CHECK_INT(split->train_count + split->valid_count, count);
    CHECK(split->train_count > 0 && split->valid_count > 0);
}

static void check_side(const uint32_t *found, size_t found_count,
                       const uint32_t *expected, size_t count)
{
    CHECK_INT(found_count, count);
    for (size_t i = 0; i < count && i < found_count; i++)
        CHECK_INT(found[i], expected[i]);
}

#define CHECK_SIDE(found, found_count, ...)               \
    do {                                                  \
        const uint32_t expected[] = {__VA_ARGS__};        \
        check_side(found, found_count, expected,          \
                   sizeof expected / sizeof expected[0]); \
    } while (0)

/* --- random ----------------------------------------------------------------------- */

/* len(valid) of fastai's RandomSplitter(valid_pct)(range(n)): int(valid_pct * n). */
static void test_random_counts(void)
{
    static const struct {
        size_t count;
        double valid_pct;
        size_t valid;
    } cases[] = {{7390, 0.2, 1478}, {1029, 0.2, 205}, {5, 0.2, 1},
                 {10, 0.3, 3},      {2, 0.5, 1},      {3, 0.99, 2},
                 {100, 0.29, 28},   {1000, 0.001, 1}};
    static const char *names[MOST];
    struct ic_dataset dataset;
    struct ic_split split;

    for (size_t i = 0; i < MOST; i++)
        names[i] = "x";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_dataset(&dataset, "pets", names, cases[i].count);
        CHECK_OK(ic_split_make(&dataset, "random", cases[i].valid_pct, 42, 0, &split,
                               &error));
        CHECK_INT(split.valid_count, cases[i].valid);
        check_sides(&split, cases[i].count, true);
        ic_split_free(&split);
        free_dataset(&dataset);
    }
}

/* The validation pictures are the first of the stream's permutation; other seeds give
 * other splits. */
static void test_random_order(void)
{
    enum { COUNT = 50, CUT = 10 };
    const char *names[COUNT];
    uint32_t order[COUNT];
    char is_valid[COUNT] = {0};
    struct ic_random random;
    struct ic_dataset dataset;
    struct ic_split split, other;

    for (int i = 0; i < COUNT; i++)
        names[i] = "x";
    make_dataset(&dataset, "pets", names, COUNT);
    CHECK_OK(ic_split_make(&dataset, "random", 0.2, 7, 0, &split, &error));
    CHECK_OK(ic_split_make(&dataset, "random", 0.2, 8, 0, &other, &error));
    ic_random_init(&random, 7, IC_RANDOM_SPLIT, 0, 0);
    ic_random_permutation(&random, order, COUNT);
    for (int i = 0; i < CUT; i++)
        is_valid[order[i]] = 1;
    CHECK_INT(split.valid_count, CUT);
    for (size_t i = 0; i < split.valid_count; i++)
        CHECK(is_valid[split.valid[i]]);
    CHECK(memcmp(split.valid, other.valid, CUT * sizeof *split.valid) != 0);
    ic_split_free(&split);
    ic_split_free(&split); /* freeing an all-zero struct is allowed */
    ic_split_free(&other);
    free_dataset(&dataset);
}

/* Counts the validation pictures of each class of a data set with `size` pictures per
 * class. */
static void count_valid(const size_t *sizes, int classes, double valid_pct,
                        uint64_t seed, size_t *ret_valid)
{
    static const char *names[MOST];
    struct ic_dataset dataset;
    struct ic_split split;
    size_t count = 0;

    for (int c = 0; c < classes; c++)
        count += sizes[c];
    make_dataset(&dataset, "pets", names, count);
    dataset.class_count = classes;
    for (size_t i = 0, c = 0, of_class = 0; i < count; i++, of_class++) {
        while (of_class == sizes[c]) {
            c++;
            of_class = 0;
        }
        dataset.samples[i].label = (int)c;
    }
    CHECK_OK(ic_split_make(&dataset, "random", valid_pct, seed, 0, &split, &error));
    CHECK_INT(split.valid_count, (size_t)(valid_pct * (double)count));
    check_sides(&split, count, true);
    memset(ret_valid, 0, (size_t)classes * sizeof *ret_valid);
    for (size_t i = 0; i < split.valid_count; i++)
        ret_valid[dataset.samples[split.valid[i]].label]++;
    ic_split_free(&split);
    free_dataset(&dataset);
}

/* With a small class, each class has its share of the validation, to the nearest whole
 * picture. */
static void test_shares(void)
{
    static const size_t cases[][6] = {
        {40, 40},           {5, 95},  {10, 10, 10},  {1, 2, 3, 4, 5, 6},
        {3, 3, 3, 3, 3, 3}, {200, 7}, {0, 10, 0, 30}};
    enum { CASES = sizeof cases / sizeof cases[0] };
    size_t valid[6];

    for (size_t i = 0; i < CASES; i++) {
        size_t count = 0, cut;

        for (int c = 0; c < 6; c++)
            count += cases[i][c];
        cut = (size_t)(0.2 * (double)count);
        for (uint64_t seed = 1; seed <= 20; seed++) {
            count_valid(cases[i], 6, 0.2, seed, valid);
            for (int c = 0; c < 6; c++)
                CHECK(fabs((double)valid[c] -
                           (double)(cut * cases[i][c]) / (double)count) < 1);
        }
    }
    count_valid((const size_t[]){5, 95}, 2, 0.2, 3, valid);
    CHECK_INT(valid[0], 1);
    count_valid((const size_t[]){3, 3, 3, 3, 3, 3}, 6, 0.2, 3, valid);
    CHECK_INT(valid[0], 1); /* among equal remainders the first */
    CHECK_INT(valid[5], 0);
}

/* With large classes alone the draw decides: the classes' shares vary. */
static void test_large_classes(void)
{
    static const size_t sizes[] = {60, 60};
    size_t valid[2], least = 24, most = 0;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        count_valid(sizes, 2, 0.2, seed, valid);
        least = valid[0] < least ? valid[0] : least;
        most = valid[0] > most ? valid[0] : most;
    }
    CHECK(least < most);
}

static void test_random_refused(void)
{
    static const double bad[] = {0, 1, -0.2, 1.5, NAN, INFINITY, -INFINITY};
    const char *const names[] = {"a", "b", "c", "d"};
    struct ic_dataset dataset;
    struct ic_split split;

    make_dataset(&dataset, "pets", names, 4);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(ic_split_make(&dataset, "random", bad[i], 1, 0, &split, &error),
                    IC_ERR_USAGE, "between 0 and 1");
    CHECK_FAILS(ic_split_make(&dataset, "random", 0.2, 1, 0, &split, &error),
                IC_ERR_USAGE, "4 training and 0 validation pictures");
    CHECK(split.train == NULL && split.valid == NULL && split.train_count == 0);
    free_dataset(&dataset);
}

/* train/ and valid/ keep their pictures, with any seed. */
static void test_parts(void)
{
    const char *const names[] = {"train/a/1", "train/b/1", "valid/a/1"};
    struct ic_dataset dataset;
    struct ic_split split;

    make_dataset(&dataset, "pets", names, 3);
    dataset.samples[0].part = dataset.samples[1].part = IC_PART_TRAIN;
    dataset.samples[2].part = IC_PART_VALID;
    CHECK_OK(ic_split_make(&dataset, "random", 0.2, 1, 0, &split, &error));
    CHECK_SIDE(split.train, split.train_count, 0, 1);
    CHECK_SIDE(split.valid, split.valid_count, 2);
    ic_split_free(&split);
    dataset.samples[2].part = IC_PART_TRAIN;
    CHECK_FAILS(ic_split_make(&dataset, "random", 0.2, 1, 0, &split, &error),
                IC_ERR_USAGE, "0 validation pictures");
    free_dataset(&dataset);
}

/* --- a file of names -------------------------------------------------------------- */

static const char *const pets[] = {"images/Bengal_1.jpg", "images/Bengal_10.jpg",
                                   "images/Birman_1.jpg", "images/pug_1.jpg",
                                   "images/pug_2.jpg"};

/* Splits `pets` by a list with that content. */
static ic_status split_by(const char *content, size_t size, size_t dropped,
                          struct ic_split *split)
{
    char *folder = folder_make(), *list = folder_path(folder, "valid.txt");
    struct ic_dataset dataset;
    ic_status status;

    folder_put(folder, "valid.txt", content, size);
    make_dataset(&dataset, "pets", pets, sizeof pets / sizeof pets[0]);
    status = ic_split_make(&dataset, list, 0.2, 1, dropped, split, &error);
    free_dataset(&dataset);
    free(list);
    folder_remove(folder);
    return status;
}

static void check_list(const char *content)
{
    struct ic_split split;

    CHECK_OK(split_by(content, strlen(content), 0, &split));
    CHECK_SIDE(split.valid, split.valid_count, 1, 3);
    CHECK_SIDE(split.train, split.train_count, 0, 2, 4);
    ic_split_free(&split);
}

static void check_bad_list(const char *content, const char *text)
{
    struct ic_split split;

    CHECK_FAILS(split_by(content, strlen(content), 0, &split), IC_ERR_USAGE, text);
    CHECK(split.train == NULL && split.valid == NULL);
    CHECK(strpbrk(error.message, "\n\r\t") == NULL);
}

/* Each of these names images/Bengal_10.jpg and images/pug_1.jpg. */
static void test_list(void)
{
    check_list("images/Bengal_10.jpg\nimages/pug_1.jpg\n");
    check_list("images/pug_1.jpg\nimages/Bengal_10.jpg");
    check_list("Bengal_10.jpg\npug_1.jpg\n");
    check_list("Bengal_10\nimages/pug_1\n");
    check_list("Bengal_10\r\npug_1\r\n");
    check_list("\xef\xbb\xbf"
               "Bengal_10\npug_1\n");
    check_list("# two pets\n\n  Bengal_10 \t\n   # and\n\r\npug_1.jpg\n\n");
}

static void test_list_refused(void)
{
    char long_name[1000], binary[] = "pug_1\0.jpg\n";
    struct ic_split split;

    check_bad_list("pug_1\nsiamese_1\n",
                   "valid.txt line 2 names siamese_1, which is not in pets");
    check_bad_list("pug_1\nx\ny\nz\n",
                   "line 2 names x, which is not in pets (2 more names");
    check_bad_list("pug_1\n#\nBengal_1\npug_1.jpg\n",
                   "line 4: pug_1.jpg was already named in line 1 of ");
    check_bad_list("pug_1 1 1 1\n", "line 1 names pug_1 1 1 1,");
    check_bad_list("Pug_1\n", "names Pug_1,");
    check_bad_list("pug_1.png\n", "names pug_1.png,");
    check_bad_list("other/pug_1.jpg\n", "names other/pug_1.jpg,");
    check_bad_list("pug\t1\n", "names pug?1,");
    check_bad_list("", "0 validation pictures");
    check_bad_list("# nothing\n", "0 validation pictures");
    check_bad_list("Bengal_1\nBengal_10\nBirman_1\npug_1\npug_2",
                   "0 training and 5 validation");

    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    check_bad_list(long_name, "line 1 names xxxx");
    CHECK_FAILS(split_by(binary, sizeof binary - 1, 0, &split), IC_ERR_USAGE,
                "names pug_1?.jpg");
}

/* A listed name may be missing only if it was dropped as unreadable. */
static void test_list_dropped(void)
{
    const char content[] = "pug_1\nBengal_5\nBengal_10\nBengal_6\n";
    struct ic_split split;

    CHECK_OK(split_by(content, strlen(content), 2, &split));
    CHECK_SIDE(split.valid, split.valid_count, 1, 3);
    ic_split_free(&split);
    CHECK_FAILS(split_by(content, strlen(content), 1, &split), IC_ERR_USAGE,
                "line 2 names Bengal_5");
}

/* The most complete spelling wins, an ambiguous name is refused, and unusual names can
 * be listed. */
static void test_list_spellings(void)
{
    const char *const names[] = {" a/b.jpg",  "#a/b.png", "a",         "a.jpg",
                                 "cat/1.jpg", "cat/2",    "cat/2.jpg", "dog/1.jpg"};
    char *folder = folder_make(), *list = folder_path(folder, "valid.txt");
    struct ic_dataset dataset;
    struct ic_split split;

    make_dataset(&dataset, "pets", names, 8);
    folder_put_text(folder, "valid.txt", "a\ncat/2\ndog/1\n#a/b.png\n a/b.jpg\n");
    CHECK_OK(ic_split_make(&dataset, list, 0.2, 1, 0, &split, &error));
    CHECK_SIDE(split.valid, split.valid_count, 0, 1, 2, 5, 7);
    CHECK_SIDE(split.train, split.train_count, 3, 4, 6);
    ic_split_free(&split);
    folder_put_text(folder, "valid.txt", "2.jpg\n2\n");
    CHECK_OK(ic_split_make(&dataset, list, 0.2, 1, 0, &split, &error));
    CHECK_SIDE(split.valid, split.valid_count, 5, 6);
    ic_split_free(&split);
    folder_put_text(folder, "valid.txt", "cat/2\n1\n");
    CHECK_FAILS(ic_split_make(&dataset, list, 0.2, 1, 0, &split, &error), IC_ERR_USAGE,
                "line 2: 1 is ambiguous: it matches cat/1.jpg and dog/1.jpg");
    folder_put_text(folder, "valid.txt", "b\n");
    CHECK_FAILS(ic_split_make(&dataset, list, 0.2, 1, 0, &split, &error), IC_ERR_USAGE,
                "b is ambiguous: it matches  a/b.jpg and #a/b.png");
    free_dataset(&dataset);
    free(list);
    folder_remove(folder);
}

static void test_list_missing(void)
{
    char *folder = folder_make();
    struct ic_dataset dataset;
    struct ic_split split;

    make_dataset(&dataset, "pets", pets, 5);
    CHECK_FAILS(
        ic_split_make(&dataset, "Random", 0.2, 1, 0, &split, &error), IC_ERR_USAGE,
        "there is no split or file Random: expected random, official or a file");
    CHECK_FAILS(ic_split_make(&dataset, folder, 0.2, 1, 0, &split, &error), IC_ERR_IO,
                "is a folder");
    free_dataset(&dataset);
    folder_remove(folder);
}

/* Every picture of a large set is found by its own name, listed in reverse. */
static void test_list_many(void)
{
    enum { COUNT = 3000 };
    static char text[COUNT][32];
    static const char *names[COUNT];
    char *folder = folder_make(), *list = folder_path(folder, "valid.txt");
    FILE *stream = fopen(list, "w");
    struct ic_dataset dataset;
    struct ic_split split;

    if (stream == NULL)
        folder_broke(list);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text[i], sizeof text[i], "images/pug_%05d.jpg", i);
        names[i] = text[i];
    }
    for (int i = COUNT - 1; i > 0; i -= 2)
        fprintf(stream, "pug_%05d\n", i);
    fclose(stream);
    make_dataset(&dataset, "pets", names, COUNT);
    CHECK_OK(ic_split_make(&dataset, list, 0.2, 1, 0, &split, &error));
    check_sides(&split, COUNT, true);
    CHECK_INT(split.valid_count, COUNT / 2);
    for (size_t i = 0; i < split.valid_count; i++)
        CHECK_INT(split.valid[i], 2 * i + 1);
    ic_split_free(&split);
    free_dataset(&dataset);
    free(list);
    folder_remove(folder);
}

/* --- official --------------------------------------------------------------------- */

static ic_status split_official(const char *trainval, const char *test, size_t dropped,
                                struct ic_split *split)
{
    char *folder = folder_make();
    struct ic_dataset dataset;
    ic_status status;

    if (trainval != NULL)
        folder_put_text(folder, "annotations/trainval.txt", trainval);
    if (test != NULL)
        folder_put_text(folder, "annotations/test.txt", test);
    make_dataset(&dataset, folder, pets, sizeof pets / sizeof pets[0]);
    status = ic_split_make(&dataset, "official", 0.2, 1, dropped, split, &error);
    free_dataset(&dataset);
    folder_remove(folder);
    return status;
}

static void test_official(void)
{
    struct ic_split split;

    /* pug_2 is in neither list. */
    CHECK_OK(split_official("#Image CLASS-ID SPECIES BREED ID\nBengal_1 1 1 1\n"
                            " pug_1\t2 2 1\r\n",
                            "Bengal_10 1 1 1\nBirman_1 3 1 2", 0, &split));
    CHECK_SIDE(split.train, split.train_count, 0, 3);
    CHECK_SIDE(split.valid, split.valid_count, 1, 2);
    check_sides(&split, 5, false);
    ic_split_free(&split);
    CHECK_OK(split_official("Bengal_1 1 1 1\ngone_1 1 1 1\n",
                            "pug_1 2 2 1\ngone_2 1 1 1", 2, &split));
    CHECK_SIDE(split.train, split.train_count, 0);
    CHECK_SIDE(split.valid, split.valid_count, 3);
    ic_split_free(&split);
}

static void test_official_refused(void)
{
    struct ic_split split;

    CHECK_FAILS(split_official(NULL, "pug_1 1 1 1\n", 0, &split), IC_ERR_USAGE,
                "no official split");
    CHECK_FAILS(split_official("pug_1 1 1 1\n", NULL, 0, &split), IC_ERR_USAGE,
                "annotations/test.txt");
    CHECK_FAILS(
        split_official("pug_1 1 1 1\n", "Bengal_1 1 1 1\npug_1 2 2 1\n", 0, &split),
        IC_ERR_USAGE, "test.txt line 2: pug_1 was already named in line 1 of ");
    CHECK(strstr(error.message, "trainval.txt") != NULL);
    CHECK_FAILS(split_official("Bengal_1 1 1 1\ngone_1 1 1 1\n",
                               "pug_1 2 2 1\ngone_2 1 1 1", 1, &split),
                IC_ERR_USAGE, "trainval.txt line 2 names gone_1");
    CHECK_FAILS(split_official("pug_1 1 1 1\n", "", 0, &split), IC_ERR_USAGE,
                "1 training and 0 validation pictures");
}

int main(void)
{
    test_random_counts();
    test_random_order();
    test_shares();
    test_large_classes();
    test_random_refused();
    test_parts();
    test_list();
    test_list_refused();
    test_list_dropped();
    test_list_spellings();
    test_list_missing();
    test_list_many();
    test_official();
    test_official_refused();
    return check_result();
}
