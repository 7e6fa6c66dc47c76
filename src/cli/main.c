/* SPDX-License-Identifier: MIT */
/*
 * im2cat, the program: finds the command, reads its options, runs it, and turns the
 * outcome into one line on standard error and an exit status. Nothing else exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/program_path.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/team.h"
#include "cli/version.h"

/* Occupies closed standard streams, lest a file that the program opens becomes one. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static ic_status check_operands(const struct ic_command *command,
                                const struct ic_options *options,
                                struct ic_error *error)
{
    if (options->operand_count < command->min_operands)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s needs %s; im2cat %s --help shows all options", command->name,
                       command->operands, command->name);
    if (options->operand_count > command->max_operands)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s takes only %s, but also found \"%.80s\"", command->name,
                       command->max_operands > 0 ? command->operands : "options",
                       options->operands[command->max_operands]);
    return IC_OK;
}

/* Completes the options after the command line: ranks, further options, required ones.
 */
static ic_status complete_options(const struct ic_command *command,
                                  struct ic_options *options, struct ic_error *error)
{
    ic_status status = IC_OK;

    if (command->join != NULL)
        status = command->join(options, error);
    if (status != IC_OK)
        return status;
    if (command->add_options != NULL)
        status = command->add_options(options, error);
    if (status == IC_OK)
        status = ic_options_require(options, error);
    if (status == IC_OK)
        status = check_operands(command, options, error);
    return ic_comm_agree(ic_team_comm(), status, NULL, error);
}

/* Reads the options of `command` from `argv` and runs it. */
static enum ic_exit run_command(const struct ic_command *command, int argc, char **argv,
                                struct ic_error *error)
{
    struct ic_options options = {0};
    void *values = calloc(1, command->values_size);
    enum ic_exit result;
    ic_status status = IC_OK;

    if (values == NULL)
        status = ic_fail_memory(error, "the options", command->values_size);
    if (status == IC_OK) {
        ic_team_expect(argc, argv);
        status = ic_options_parse(&options, command->name, command->options, values,
                                  argc, argv, error);
    }
    if (status == IC_OK && !options.help)
        status = complete_options(command, &options, error);
    if (status != IC_OK) {
        result = status == IC_ERR_USAGE ? IC_EXIT_USAGE : IC_EXIT_FAILED;
    } else if (options.help) {
        ic_command_print_help(command, stdout);
        result = IC_EXIT_DONE;
    } else {
        result = command->run(&options, error);
    }
    ic_options_free(&options);
    free(values);
    return result;
}

static ic_status unknown_command(const char *name, struct ic_error *error)
{
    const char *names[64] = {"help"}, *nearest;

    for (int i = 0; ic_commands[i] != NULL && i < 62; i++)
        names[i + 1] = ic_commands[i]->name;
    nearest = ic_options_nearest(name, names);
    if (nearest != NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "there is no command \"%.60s\"; did you mean %s?", name,
                       nearest);
    return ic_fail(error, IC_ERR_USAGE,
                   "there is no command \"%.60s\"; im2cat help shows all", name);
}

/* Prints what `help --man` and the like ask for; false: an unknown word. */
static bool print_from_tables(const char *word)
{
    static const struct {
        const char *word;
        void (*print)(FILE *stream);
    } all[] = {{"--man", ic_manual_print_page},
               {"--bash", ic_completion_bash},
               {"--zsh", ic_completion_zsh},
               {"--fish", ic_completion_fish}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(word, all[i].word) == 0) {
            all[i].print(stdout);
            return true;
        }
    return false;
}

static enum ic_exit run_words(int argc, char **argv, struct ic_error *error)
{
    const char *word = argc > 1 ? argv[1] : "";
    const bool help = strcmp(word, "help") == 0;
    const struct ic_command *command;

    if (argc < 2) {
        ic_command_print_overview(stderr);
        return IC_EXIT_USAGE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (help && argc == 2)) {
        ic_command_print_overview(stdout);
        return IC_EXIT_DONE;
    }
    if (strcmp(word, "--version") == 0) {
        ic_version_print(stdout);
        return IC_EXIT_DONE;
    }
    if (help)
        word = argv[2];
    if (help && print_from_tables(word))
        return IC_EXIT_DONE;
    command = ic_command_find(word);
    if (command == NULL) {
        unknown_command(word, error);
        return IC_EXIT_USAGE;
    }
    if (help) {
        ic_command_print_help(command, stdout);
        return IC_EXIT_DONE;
    }
    return run_command(command, argc - 2, argv + 2, error);
}

/* Where the address space is limited (ulimit -v, as job systems set it), starts the
 * program anew with OPENBLAS_NUM_THREADS=1. OpenBLAS reads the variable when it is
 * loaded, before main, and starts the other threads, which im2cat never uses. Each of
 * them takes 128 MiB, or waits for them for ever. */
static void restart_without_blas_threads(char **argv)
{
    static const char variable[] = "OPENBLAS_NUM_THREADS";
    const char *threads = getenv(variable);
    struct rlimit limit;
    char path[4096];

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        (threads == NULL || strcmp(threads, "1") != 0) &&
        ic_program_path(path, sizeof path) && setenv(variable, "1", 1) == 0)
        execv(path, argv); /* a failure leaves the program as it is */
}

int main(int argc, char **argv)
{
    struct ic_error error = {0};
    enum ic_exit result;

    restart_without_blas_threads(argv);
    occupy_standard_streams();
    signal(SIGXFSZ, SIG_IGN); /* beyond a file size limit, writes fail instead */
    result = run_words(argc, argv, &error);
    if (error.message[0] != '\0')
        ic_command_complain("%s", error.message);

    /* A full disk shows here at the latest. */
    errno = 0;
    if (ferror(stdout) | (fclose(stdout) != 0)) {
        ic_command_complain("cannot write to standard output%s%s", errno ? ": " : "",
                            errno ? strerror(errno) : "");
        if (result == IC_EXIT_DONE)
            result = IC_EXIT_FAILED;
    }
    ic_team_leave(result);
    return result;
}
