/* SPDX-License-Identifier: MIT */
/*
 * The environment variables of launchers. See launcher.h.
 */
#include "comm/launcher.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Slurm's come last: mpirun starts its own daemons by srun, and the processes inherit
 * the daemons' variables. MPICH's mpirun and srun --mpi=pmi2 speak PMI. */
static const struct {
    const char *name, *rank, *size;
} launchers[] = {
    {"Open MPI's mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"the launcher (by PMI)", "PMI_RANK", "PMI_SIZE"},
    {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
};

/* Reads a whole number of at least `least`. */
static bool read_number(const char *text, int least, int *ret_number)
{
    char *end;
    long number;

    if (text == NULL || *text < '0' || *text > '9')
        return false;
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < least || number > INT_MAX)
        return false;
    *ret_number = (int)number;
    return true;
}

struct ic_launcher ic_launcher_read(char *(*lookup)(const char *name))
{
    struct ic_launcher found = {NULL, 0, 1};

    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++)
        if (read_number(lookup(launchers[i].size), 1, &found.size) &&
            read_number(lookup(launchers[i].rank), 0, &found.rank)) {
            found.name = launchers[i].name;
            return found;
        }
    return (struct ic_launcher){NULL, 0, 1};
}

ic_status ic_launcher_check(const struct ic_launcher *launcher, int size,
                            const char *mpi, struct ic_error *error)
{
    if (launcher->name == NULL || launcher->size == size)
        return IC_OK;
    return ic_fail(error, IC_ERR_RANK,
                   "%s has started %d ranks, but %s, which im2cat-mpi.so is built "
                   "with, finds %d: start im2cat with the mpirun of that MPI, or with "
                   "srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH)",
                   launcher->name, launcher->size, mpi, size);
}
