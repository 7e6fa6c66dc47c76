/* SPDX-License-Identifier: MIT */
/*
 * Settles what ranks must agree on before they train. See ranks.h.
 */
#include "train/ranks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/program_path.h"

/* Sizes in bytes: of a text that ranks compare, of a path, and of the largest program
 * file that is checksummed. */
enum { TEXT = 8192, PATH = 4096, PROGRAM_MOST = 1 << 30 };

/* --- comparing -------------------------------------------------------------------- */

/* Finds the first line in which two texts differ, one line from each, cut to `size`. */
static void find_difference(const char *first, const char *second, char *line,
                            char *other, size_t size)
{
    const char *a = first, *b = second;

    for (size_t i = 0; first[i] != '\0' && first[i] == second[i]; i++)
        if (first[i] == '\n') {
            a = first + i + 1;
            b = second + i + 1;
        }
    snprintf(line, size, "%.*s", (int)strcspn(a, "\n"), a);
    snprintf(other, size, "%.*s", (int)strcspn(b, "\n"), b);
}

/* Refuses a rank whose text, lines of "name = value", differs from rank 0's. */
static ic_status compare(struct ic_comm *comm, const char *text, const char *advice,
                         struct ic_error *error)
{
    char first[TEXT] = "", line[160], other[160];
    ic_status status;

    if (ic_comm_size(comm) == 1)
        return IC_OK;
    if (ic_comm_rank(comm) == 0)
        snprintf(first, sizeof first, "%s", text);
    status = ic_comm_broadcast(comm, first, sizeof first, error);
    if (status == IC_OK && strncmp(first, text, sizeof first - 1) != 0) {
        find_difference(first, text, line, other, sizeof line);
        status = ic_fail(error, IC_ERR_RANK, "this rank has %s, but rank 0 has %s%s",
                         other, line, advice);
    }
    return ic_comm_agree(comm, status, NULL, error);
}

/* "program = im2cat 0.2.0, 2 MB, 1234abcd" describes the running program file. */
static void describe_program(char *text, size_t size)
{
    char path[PATH_MAX];
    uint8_t *bytes = NULL;
    size_t count = 0;

    if (!ic_program_path(path, sizeof path) ||
        ic_file_read(path, PROGRAM_MOST, &bytes, &count, NULL) != IC_OK)
        count = 0;
    snprintf(text, size, "program = im2cat %s, %zu bytes, checksum %08x\n",
             PACKAGE_VERSION, count, ic_file_crc32(0, bytes, count));
    free(bytes);
}

static ic_status compare_jobs(struct ic_comm *comm, const struct ic_job *job,
                              struct ic_error *error)
{
    char text[TEXT], *defining = ic_job_to_text(job, true);
    ic_status status = IC_OK;
    size_t used;

    describe_program(text, sizeof text);
    used = strlen(text);
    if (defining == NULL)
        status = ic_fail_memory(error, "the job's text", 0);
    else
        snprintf(text + used, sizeof text - used, "%s", defining);
    free(defining);
    status = ic_comm_agree(comm, status, NULL, error);
    if (status == IC_OK)
        status = compare(comm, text, "", error);
    return status;
}

ic_status ic_ranks_check_arithmetic(struct ic_comm *comm, const char *arithmetic,
                                    bool allow_mixed, struct ic_error *error)
{
    char text[300];

    if (allow_mixed)
        return IC_OK;
    snprintf(text, sizeof text, "device = %s\n", arithmetic);
    return compare(comm, text,
                   ": the result would depend on which of them computes what (use "
                   "--allow-mixed to train anyway)",
                   error);
}

ic_status ic_ranks_check_data(struct ic_comm *comm, const char *fingerprint,
                              struct ic_error *error)
{
    char text[100];

    snprintf(text, sizeof text, "data = %s\n", fingerprint);
    return compare(comm, text,
                   " (pictures, and checksums of them and of those that validate): "
                   "--data must have the same pictures everywhere",
                   error);
}

/* --- the job ---------------------------------------------------------------------- */

/* Pictures per micro-batch, such that each rank has a micro-batch and their number is
 * as small as possible. */
static int cut_batch(int batch, int ranks)
{
    const int most = (batch + ranks - 1) / ranks;

    return (batch + most - 1) / most >= ranks ? most : batch / ranks;
}

ic_status ic_ranks_cut_batch(int ranks, int batch, int *micro_batch,
                             struct ic_error *error)
{
    int count;

    if (batch < ranks)
        return ic_fail(error, IC_ERR_USAGE,
                       "--batch %d is less than one picture for each of %d ranks",
                       batch, ranks);
    if (*micro_batch == 0)
        *micro_batch = cut_batch(batch, ranks);
    count = (batch + *micro_batch - 1) / *micro_batch;
    if (count < ranks)
        return ic_fail(
            error, IC_ERR_USAGE,
            "%d ranks need as many micro-batches, but --batch %d with --micro-batch %d "
            "has %d: use fewer ranks, a larger batch or a smaller micro-batch",
            ranks, batch, *micro_batch, count);
    return IC_OK;
}

static ic_status settle_micro_batch(struct ic_job *job,
                                    const struct ic_listener *listener,
                                    struct ic_error *error)
{
    const int ranks = ic_comm_size(listener->comm), asked = job->micro_batch;
    const ic_status status =
        ic_ranks_cut_batch(ranks, job->batch, &job->micro_batch, error);

    if (status == IC_OK && asked == 0)
        ic_listener_note(listener,
                         "%d ranks: batch norm sees the %d pictures of a step in "
                         "micro-batches of %d (--micro-batch)",
                         ranks, job->batch, job->micro_batch);
    return status;
}

/* --- cores ------------------------------------------------------------------------ */

ic_status ic_ranks_threads(struct ic_comm *comm, int *threads, struct ic_error *error)
{
    const int ranks = ic_comm_local_size(comm);
    int sum = ic_machine_mask_cores(), alike;
    ic_status status = ic_comm_local_sum(comm, &sum, error);

    if (status == IC_OK)
        status = ic_comm_local_alike(comm, ic_machine_mask_checksum(), &alike, error);
    if (status == IC_OK && *threads == 0)
        *threads = ic_machine_asked_threads();
    if (status == IC_OK && *threads == 0)
        *threads = ic_machine_rank_cores(ranks, sum, alike);
    return status;
}

/* Notes when a launcher has bound each rank to one core of many. */
static void note_one_core(const struct ic_listener *listener)
{
    const int all = ic_machine_all_cores(), ranks = ic_comm_local_size(listener->comm);

    if (ic_machine_mask_cores() == 1 && all >= 2 * ranks)
        ic_listener_note(
            listener,
            "each rank may use 1 of the %d cores of its machine, as the launcher has "
            "bound it: mpirun --map-by slot:PE=%d or --bind-to none, or srun "
            "--cpus-per-task=%d, gives each rank more",
            all, all / ranks, all / ranks);
}

ic_status ic_ranks_settle(struct ic_job *job, const struct ic_listener *listener,
                          struct ic_error *error)
{
    struct ic_comm *comm = listener->comm;
    const bool alone = ic_comm_size(comm) == 1;
    ic_status status;

    if (!alone && job->compute.threads == 0 && ic_machine_asked_threads() == 0)
        note_one_core(listener);
    status = ic_ranks_threads(comm, &job->compute.threads, error);
    if (status == IC_OK)
        status = ic_job_check(job, error);
    if (status == IC_OK && !alone)
        status = settle_micro_batch(job, listener, error);
    job->compute.ordinal = ic_comm_local_rank(comm);
    status = ic_comm_agree(comm, status, NULL, error);
    if (status == IC_OK && !alone)
        status = compare_jobs(comm, job, error);
    return status;
}

/* --- the run folder --------------------------------------------------------------- */

/* Finds the nearest existing folder among `folder` and those above it. */
static void find_parent(char *path, const char *folder)
{
    snprintf(path, PATH, "%s", folder);
    while (!ic_file_is_folder(path)) {
        char *slash = strrchr(path, '/');

        if (slash == NULL)
            strcpy(path, ".");
        else
            slash[slash == path] = '\0';
    }
}

/* Rank 0 makes a file of a new name, and the others look for it. */
ic_status ic_ranks_check_folder(struct ic_comm *comm, const char *folder,
                                ic_status status, struct ic_error *error)
{
    char path[PATH + 40] = "";

    if (ic_comm_size(comm) == 1)
        return status;
    if (status == IC_OK && ic_comm_rank(comm) == 0) {
        int file;

        find_parent(path, folder);
        strcat(path, "/.im2cat-ranks-XXXXXX");
        file = mkstemp(path);
        if (file < 0)
            status = ic_fail_errno(error, "cannot write beside %s", folder);
        else
            close(file);
    }
    status = ic_comm_agree(comm, status, NULL, error);
    if (status == IC_OK)
        status = ic_comm_broadcast(comm, path, sizeof path, error);
    if (status == IC_OK && access(path, F_OK) != 0)
        status = ic_fail(error, IC_ERR_IO,
                         "the folder of %s, where rank 0 writes, is not visible here: "
                         "--out must be on a file system that all machines share",
                         folder);
    status = ic_comm_agree(comm, status, NULL, error);
    if (ic_comm_rank(comm) == 0 && path[0] != '\0')
        unlink(path);
    return status;
}
