/* SPDX-License-Identifier: MIT */
/*
 * Labels from CSV files: how the reader splits the text, how it recognises the columns,
 * and refusals. The pictures are empty files, since none is opened here.
 */
#include "data/label_list.h"

#include "base/csv_reader.h"
#include "check.h"
#include "folder.h"

static struct ic_error error;

/* --- the reader ------------------------------------------------------------------- */

/* The rows of a text, as "cell|cell;cell|cell;". */
static const char *rows_of(const char *text)
{
    static char shown[400];
    char copy[400];
    struct ic_csv_reader reader;
    struct ic_csv_row row;
    size_t used = 0;

    strcpy(copy, text);
    ic_csv_reader_open(&reader, copy, strlen(text));
    shown[0] = '\0';
    while (ic_csv_reader_next(&reader, &row)) {
        for (int i = 0; i < row.count; i++)
            used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s",
                                     i > 0 ? "|" : "", row.cells[i]);
        used += (size_t)snprintf(shown + used, sizeof shown - used,
                                 row.unclosed ? "!" : ";");
    }
    return shown;
}

static void test_reader(void)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"", ""},
        {"\n \r\n\t\n", ""},
        {"a", "a;"},
        {"a,b\nc,d", "a|b;c|d;"},
        {"a,b\r\nc,d\r\n", "a|b;c|d;"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "a|b;"},
        {" a , b c ,\n", "a|b c|;"},
        {",\n,,\n", "|;||;"},
        {"\"a,b\",c\n", "a,b|c;"},
        {"\"a \"\"b\"\"\",\"\"\n", "a \"b\"|;"},
        {"\"two\nlines\",x\ny,z\n", "two\nlines|x;y|z;"},
        {"\"a\"b,c\n", "ab|c;"},
        {"a\"b,c\n", "a\"b|c;"},
        {"\"never closed,c\nd", "never closed,c\nd!"},
        {"\"", "!"},
        {"a;b\nc;d,e\n", "a|b;c|d,e;"},         /* semicolons, as in much of Europe */
        {"a\tb\nc\t\td\n", "a|b;c||d;"},        /* tabs */
        {"\"a;b\",c\nd;e,f\n", "a;b|c;d;e|f;"}, /* a comma outside quotes wins */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STRING(rows_of(cases[i].text), cases[i].rows);
}

/* Of too many cells in a row the first are kept; line numbers count the lines inside
 * quotes. */
static void test_reader_limits(void)
{
    char wide[3 * IC_CSV_CELLS + 8] = "", lines[] = "a,\"b\n\n\"\n\nc,d";
    struct ic_csv_reader reader;
    struct ic_csv_row row;

    for (int i = 0; i < IC_CSV_CELLS + 2; i++)
        strcat(wide, "x,");
    ic_csv_reader_open(&reader, wide, strlen(wide));
    CHECK(ic_csv_reader_next(&reader, &row));
    CHECK_INT(row.count, IC_CSV_CELLS);
    CHECK_STRING(row.cells[IC_CSV_CELLS - 1], "x");
    CHECK(!ic_csv_reader_next(&reader, &row));

    ic_csv_reader_open(&reader, lines, strlen(lines));
    CHECK(ic_csv_reader_next(&reader, &row));
    CHECK_INT(row.line, 1);
    CHECK(ic_csv_reader_next(&reader, &row));
    CHECK_INT(row.line, 5);
    CHECK_STRING(row.cells[1], "d");
}

/* --- labels ----------------------------------------------------------------------- */

static char *folder, *list;

/* Pictures in two folders, with one name in both. */
static void begin(const char *csv)
{
    static const char *const names[] = {"one/a.jpg",   "one/b.png",    "one/same.jpg",
                                        "two/c c.jpg", "two/same.jpg", "e.jpg",
                                        "test/e.jpg",  "d.jpeg"};

    folder = folder_make();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        folder_put_text(folder, names[i], "");
    folder_put_text(folder, "labels.csv", csv);
    list = folder_path(folder, "labels.csv");
}

static void end(void)
{
    folder_remove(folder);
    free(list);
}

/* The samples are "name class side, ..."; a side is '-' where the list has none. */
static void check_labels(const char *csv, const char *expected)
{
    struct ic_dataset dataset;
    char found[400] = "";
    size_t used = 0;

    begin(csv);
    CHECK_OK(ic_dataset_open_asked(folder, list, &dataset, &error));
    for (size_t i = 0; i < dataset.count; i++) {
        const struct ic_sample *const sample = &dataset.samples[i];

        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s %s %c",
                                 i > 0 ? ", " : "", sample->name,
                                 dataset.classes[sample->label], "-tv"[sample->part]);
    }
    CHECK_STRING(found, expected);
    ic_dataset_close(&dataset);
    end();
}

static void test_columns(void)
{
    /* No header; a name alone, without its ending, with its folder. */
    check_labels("a.jpg,cat\nc c,dog\none/same.jpg,cat\n",
                 "one/a.jpg cat -, one/same.jpg cat -, two/c c.jpg dog -");
    check_labels("./one/a.jpg,cat\n\"d\",\"a, dog\"\n",
                 "d.jpeg a, dog -, one/a.jpg cat -");
    /* Kaggle's "id,breed", fastai's "name,label", another order, unknown names. */
    check_labels("id,breed\na,pug\nb,boxer\n", "one/a.jpg pug -, one/b.png boxer -");
    check_labels("label,filename\npug,a.jpg\n", "one/a.jpg pug -");
    check_labels("Index,Image_ID,Class\n0,a,7\n1,b,8\n",
                 "one/a.jpg 7 -, one/b.png 8 -");
    check_labels("foo,bar\na,pug\n", "one/a.jpg pug -");
    check_labels("foo;bar\na;pug\n", "one/a.jpg pug -");
    /* Columns that are ignored. */
    check_labels("width,name,x,species\n7,a,1,cat\n", "one/a.jpg cat -");
}

static void test_sides(void)
{
    check_labels("a,cat,train\nb,cat,val\nd,dog,TEST\nc c,dog,Validation\n",
                 "one/a.jpg cat t, one/b.png cat v, two/c c.jpg dog v");
    check_labels("fname,is_valid,label\na,True,cat\nb,False,cat\nd,,dog\n",
                 "d.jpeg dog t, one/a.jpg cat v, one/b.png cat t");
    check_labels("split,image,label\ntest,a,\ntest,nobody,\nvalid,b,cat\n",
                 "one/b.png cat v");
    /* Of two equal names, the one under test/ is not meant. */
    check_labels("e,cat\na,dog\n", "e.jpg cat -, one/a.jpg dog -");
}

static void check_refused(const char *csv, const char *text)
{
    struct ic_dataset dataset;

    begin(csv);
    CHECK_FAILS(ic_dataset_open_asked(folder, list, &dataset, &error), IC_ERR_USAGE,
                text);
    CHECK(strchr(error.message, '\n') == NULL);
    CHECK(dataset.samples == NULL && dataset.arena.blocks == NULL);
    end();
}

static void test_refused(void)
{
    check_refused("", "labels.csv is empty");
    check_refused("a\nb\n", "has only one column");
    check_refused("id,breed\n", "names no pictures");
    check_refused("a,cat\nnobody,dog\n", "labels.csv line 2 names nobody, which ");
    check_refused("nobody.jpg,cat\na,dog\n", "line 1 names nobody.jpg, which ");
    check_refused("a,cat\nx,dog\ny,dog\nz,dog\n", "(2 more names are missing too)");
    check_refused(
        "a,cat\nsame,dog\n",
        "line 2: same is ambiguous: it matches one/same.jpg and two/same.jpg");
    check_refused("a,cat\n\none/a.jpg,cat\n",
                  "line 3: one/a.jpg was already named in line 1");
    check_refused("a,cat\nb,\n", "line 2 gives one/b.png no class");
    check_refused("a,cat\nb\n", "line 2 gives one/b.png no class");
    check_refused("a,cat,train\nb,dog,maybe\n", "line 2: the side is maybe, expected");
    check_refused("a,cat\n\"b,dog\n", "line 2: a quote (\") is not closed");
    check_refused("a,ca\x01t\n", "the class ca?t holds a control character");
    check_refused("a,c\xfft\n", "not valid UTF-8");
    check_refused("a,cat,test\nb,dog,test\n", "names no picture of ");
}

static void test_not_a_file(void)
{
    static const char utf16[] = "a\0,\0c\0";
    struct ic_dataset dataset;

    begin("");
    CHECK_FAILS(ic_dataset_open_asked(folder, "specie", &dataset, &error), IC_ERR_USAGE,
                "there are no labels or file specie: expected species, breed, folder "
                "or a CSV file");
    folder_put(folder, "labels.csv", utf16, sizeof utf16);
    CHECK_FAILS(ic_dataset_open_asked(folder, list, &dataset, &error), IC_ERR_USAGE,
                "contains zero bytes: save it as a CSV file in UTF-8");
    CHECK_FAILS(ic_dataset_open_asked("nowhere", list, &dataset, &error), IC_ERR_IO,
                "nowhere");
    end();
}

int main(void)
{
    test_reader();
    test_reader_limits();
    test_columns();
    test_sides();
    test_refused();
    test_not_a_file();
    return check_result();
}
