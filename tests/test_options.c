/* SPDX-License-Identifier: MIT */
/*
 * Options: the command line, job files and the help, on a table with every type.
 */
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "cli/options.h"

struct values {
    bool quiet, resume;
    int batch, side;
    int64_t steps;
    uint64_t seed;
    double lr, part;
    const char *kind, *data, *job;
};

static const char *const kinds[] = {"cat", "dog", "bird", NULL};

static const struct ic_option table[] = {
    IC_OPTION(struct values, "data", data, .value = "DIR", .required = true,
              .help = "the folder"),
    IC_OPTION(struct values, "kind", kind, .choices = kinds, .fallback = "dog",
              .help = "what it shows, and so many words about it that they do not fit "
                      "on one line of a terminal"),
    IC_OPTION(struct values, "batch", batch, .value = "N", .fallback = "64", .min = 1,
              .max = 65536, .help = "pictures a step"),
    IC_OPTION(struct values, "steps", steps, .value = "N", .unset = "no limit",
              .min = -5, .max = 1e12, .help = "at most"),
    IC_OPTION(struct values, "seed", seed, .value = "N", .fallback = "42", .min = 0,
              .max = 4294967295, .help = "of all random numbers"),
    IC_OPTION(struct values, "lr", lr, .value = "X", .fallback = "2e-3",
              .above_min = true, .min = 0, .max = 10, .help = "the rate"),
    IC_OPTION(struct values, "side", side, .value = "N", .fallback = "0",
              .or_zero = true, .min = 32, .max = 4096, .help = "of the picture"),
    IC_OPTION(struct values, "part", part, .value = "X", .fallback = "0.5", .min = 0,
              .max = 1, .below_max = true, .help = "a part"),
    IC_OPTION(struct values, "quiet", quiet, .help = "says less"),
    IC_OPTION(struct values, "resume", resume, .command_line_only = true,
              .help = "goes on"),
    IC_OPTION(struct values, "job", job, .value = "FILE", .unset = "none",
              .command_line_only = true, .help = "more options"),
    {0}};

static struct values values;
static struct ic_options options;
static struct ic_error error;

/* Parses a command line given as words, the last one NULL. */
static ic_status parse(const char *const *words)
{
    static char *argv[16];
    int argc = 0;

    for (; words[argc] != NULL; argc++)
        argv[argc] = (char *)words[argc];
    ic_options_free(&options);
    memset(&values, 0, sizeof values);
    return ic_options_parse(&options, "draw", table, &values, argc, argv, &error);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void test_fallbacks(void)
{
    CHECK_OK(PARSE(NULL));
    CHECK(values.data == NULL && values.job == NULL);
    CHECK_STRING(values.kind, "dog");
    CHECK_INT(values.batch, 64);
    CHECK_INT(values.steps, 0);
    CHECK_INT(values.seed, 42);
    CHECK(values.lr == 2e-3 && values.part == 0.5);
    CHECK(!values.quiet && !values.resume);
    CHECK_INT(ic_options_source(&options, "lr"), IC_FROM_FALLBACK);
    CHECK_FAILS(ic_options_require(&options, &error), IC_ERR_USAGE,
                "draw needs --data DIR; im2cat draw --help shows all options");
}

static void test_command_line(void)
{
    CHECK_OK(PARSE("one", "--batch", "7", "--lr=1e-4", "--data", "a b", "two", "-",
                   "--quiet", "--steps", "-3", "--seed=4294967295", "--", "--kind"));
    CHECK_INT(values.batch, 7);
    CHECK(values.lr == 1e-4);
    CHECK_STRING(values.data, "a b");
    CHECK(values.quiet);
    CHECK_INT(values.steps, -3);
    CHECK_INT((long long)values.seed, 4294967295);
    CHECK_INT(options.operand_count, 4);
    CHECK_STRING(options.operands[0], "one");
    CHECK_STRING(options.operands[2], "-");
    CHECK_STRING(options.operands[3], "--kind");
    CHECK_INT(ic_options_source(&options, "lr"), IC_FROM_COMMAND_LINE);
    CHECK_OK(ic_options_require(&options, &error));

    /* Of repeated options the last wins; a text may begin with dashes after '='. */
    CHECK_OK(PARSE("--kind", "cat", "--kind=bird", "--data=--odd", "--quiet=no"));
    CHECK_STRING(values.kind, "bird");
    CHECK_STRING(values.data, "--odd");
    CHECK(!values.quiet);
    CHECK(!options.help);
    CHECK_OK(PARSE("--help"));
    CHECK(options.help);
}

static void test_unknown(void)
{
    CHECK_FAILS(PARSE("--btach", "3"), IC_ERR_USAGE,
                "draw has no option --btach; did you mean --batch?");
    CHECK_FAILS(PARSE("--qui"), IC_ERR_USAGE, "did you mean --quiet?");
    CHECK_FAILS(PARSE("--hlep"), IC_ERR_USAGE, "did you mean --help?");
    CHECK_FAILS(PARSE("--head"), IC_ERR_USAGE,
                "draw has no option --head; im2cat draw --help shows all");
    CHECK_FAILS(PARSE("--learning-rate=3"), IC_ERR_USAGE,
                "draw has no option --learning-rate; im2cat draw --help shows all");
    CHECK_FAILS(PARSE("--=3"), IC_ERR_USAGE, "draw has no option --;");
    CHECK_FAILS(PARSE("-b", "3"), IC_ERR_USAGE, "draw has no option -b;");
}

static void test_wrong_values(void)
{
    static const char *const whole[] = {"0",
                                        "65537",
                                        "ten",
                                        "1.5",
                                        "1e3",
                                        " 3",
                                        "3 ",
                                        "+3",
                                        "0x3",
                                        "",
                                        "3-4",
                                        "-",
                                        "9999999999999999999999"};
    static const char *const real[] = {"0",    "-1",   "11", "1,5",   "nan", "inf",
                                       "1e99", "0x1p", ".",  "1e-2 ", "",    "1e"};

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        CHECK_FAILS(PARSE("--batch", whole[i]), IC_ERR_USAGE,
                    "--batch expects a whole number from 1 to 65536, found \"");
        CHECK(strstr(error.message, whole[i]) != NULL);
    }
    for (size_t i = 0; i < sizeof real / sizeof *real; i++)
        CHECK_FAILS(PARSE("--lr", real[i]), IC_ERR_USAGE,
                    "--lr expects a number above 0 and at most 10, found \"");
    CHECK_FAILS(PARSE("--part=1"), IC_ERR_USAGE, "a number from 0 and below 1");
    CHECK_OK(PARSE("--part=0"));
    CHECK_OK(PARSE("--side=0"));
    CHECK_FAILS(PARSE("--side="), IC_ERR_USAGE, "0, or from 32 to 4096, found \"\"");
    CHECK_FAILS(PARSE("--side=31"), IC_ERR_USAGE,
                "--side expects a whole number: 0, or from 32 to 4096, found \"31\"");
    CHECK_FAILS(PARSE("--kind", "fish"), IC_ERR_USAGE,
                "--kind expects cat, dog or bird, found \"fish\"");
    CHECK_FAILS(PARSE("--quiet=maybe"), IC_ERR_USAGE, "--quiet expects yes or no");
    CHECK_FAILS(PARSE("--data="), IC_ERR_USAGE, "--data expects DIR, found \"\"");
    CHECK_FAILS(PARSE("--data"), IC_ERR_USAGE, "--data expects DIR, found nothing");
    CHECK_FAILS(PARSE("--batch", "--quiet"), IC_ERR_USAGE,
                "--batch expects a whole number from 1 to 65536, found nothing");
}

static void put(const char *path, const char *text)
{
    CHECK_OK(ic_file_write(path, text, strlen(text), &error));
}

/* Writes `text` as a job file and reads it after the command line "--lr 3". */
static ic_status read_job(const char *path, const char *text)
{
    put(path, text);
    CHECK_OK(PARSE("--lr", "3"));
    return ic_options_read_job(&options, table, path, &error);
}

static void test_job_file(const char *path)
{
    CHECK_OK(read_job(path, "# a job\n"
                            "\n"
                            "  data =  pets/a#b c  # behind\r\n"
                            "lr=1e-9\n"
                            "\tquiet = yes\n"
                            "batch = 5"));
    CHECK_STRING(values.data, "pets/a#b c");
    CHECK(values.lr == 3); /* the command line wins */
    CHECK(values.quiet);
    CHECK_INT(values.batch, 5);
    CHECK_INT(values.seed, 42);
    CHECK_INT(ic_options_source(&options, "batch"), IC_FROM_JOB);
    CHECK_INT(ic_options_source(&options, "lr"), IC_FROM_COMMAND_LINE);
    CHECK_OK(ic_options_require(&options, &error));

    CHECK_OK(read_job(path, "data = \" a \\\"#\\\\n # \" # quoted\nkind=cat\n"));
    CHECK_STRING(values.data, " a \"#\\n # ");
    CHECK_STRING(values.kind, "cat");
    CHECK_OK(read_job(path, "\xef\xbb\xbfkind = dog\r\n\r\n")); /* written by Windows */
    CHECK_STRING(values.kind, "dog");
    CHECK_OK(read_job(path, ""));
}

static void test_wrong_job_file(const char *path)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"seed = 1\n\nbtach = 3\n",
         ":3: draw has no option \"btach\"; did you mean \"batch\"?"},
        {"zzzzzz = 3\n", ":1: draw has no option \"zzzzzz\""},
        {"batch = many\n",
         ":1: batch expects a whole number from 1 to 65536, found \"many\""},
        {"lr = many\n", ":1: lr expects a number above 0"},
        {"batch =\n", ":1: batch expects a whole number from 1 to 65536, found \"\""},
        {"# one\nbatch 3\n", ":2: expected \"key = value\", found \"batch 3\""},
        {"seed = 1\nseed = 2\n", ":2: \"seed\" is given twice"},
        {"resume = yes\n", ":1: \"resume\" belongs on the command line"},
        {"job = other\n", ":1: \"job\" belongs on the command line"},
        {"data = \"open\n", ":1: the quotes of \"data\" are not closed"},
        {"data = \"a\" b\n", ":1: the quotes of \"data\" are not closed"},
        {"data = \"a\\", ":1: the quotes of \"data\" are not closed"},
        {"= 3\n", ":1: draw has no option \"\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_FAILS(read_job(path, cases[i].text), IC_ERR_USAGE, cases[i].message);
        CHECK(strncmp(error.message, path, strlen(path)) == 0);
    }
    CHECK_OK(ic_file_write(path, "seed = 1\0\n", 10, &error));
    CHECK_FAILS(ic_options_read_job(&options, table, path, &error), IC_ERR_FORMAT,
                "is not a text file, so it cannot be a job file");
    CHECK_FAILS(ic_options_read_job(&options, table, "/nowhere/a.conf", &error),
                IC_ERR_IO, "/nowhere/a.conf");
}

/* A job file of another command: options that this command lacks, or takes from the
 * command line alone, are checked and have no effect. */
static void test_other_keys(const char *path)
{
    struct elsewhere {
        int epochs, batch;
        bool resume;
    };
    static const struct ic_option keys[] = {
        IC_OPTION(struct elsewhere, "epochs", epochs, .value = "N", .min = 1, .max = 9),
        IC_OPTION(struct elsewhere, "batch", batch, .value = "N", .min = 1, .max = 9),
        IC_OPTION(struct elsewhere, "resume", resume),
        {0}};
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"epochs = many\n", ":1: epochs expects a whole number from 1 to 9"},
        {"epochs = 1\nepochs = 2\n", ":2: \"epochs\" is given twice"},
        {"epohcs = 1\n", "draw has no option \"epohcs\"; did you mean \"epochs\"?"},
        {"seed = 1\n", ":1: draw has no option \"seed\""},
    };

    CHECK_OK(read_job(path, ""));
    put(path, "epochs = 3\nresume = yes\nbatch = 5\n");
    CHECK_OK(ic_options_read_job(&options, keys, path, &error));
    CHECK_INT(values.batch, 5);
    CHECK(!values.resume);
    CHECK_INT(ic_options_source(&options, "resume"), IC_FROM_FALLBACK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(path, cases[i].text);
        CHECK_FAILS(ic_options_read_job(&options, keys, path, &error), IC_ERR_USAGE,
                    cases[i].message);
    }
}

static void test_help(void)
{
    static const char *const lines[] = {
        "  --data DIR            the folder (required)\n",
        "  --kind cat|dog|bird   what it shows, and so many words about it that they "
        "do\n"
        "                        not fit on one line of a terminal (default dog)\n",
        "  --batch N             pictures a step (from 1 to 65536; default 64)\n",
        "  --lr X                the rate (above 0 and at most 10; default 2e-3)\n",
        "  --quiet               says less\n",
    };
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ic_options_help(table, stream);
    fclose(stream);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strstr(text, lines[i]) == NULL)
            CHECK_FAIL("the help lacks:\n%sin:\n%s", lines[i], text);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") < 80);
    free(text);
}

int main(void)
{
    char folder[] = "/tmp/im2cat-test-XXXXXX", *path;

    if (mkdtemp(folder) == NULL)
        return 99;
    path = ic_file_join(folder, "a.conf");
    test_fallbacks();
    test_command_line();
    test_unknown();
    test_wrong_values();
    test_job_file(path);
    test_wrong_job_file(path);
    test_other_keys(path);
    test_help();
    ic_options_free(&options);
    unlink(path);
    rmdir(folder);
    free(path);
    return check_result();
}
