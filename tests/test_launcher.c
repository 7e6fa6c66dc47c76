/* SPDX-License-Identifier: MIT */
/*
 * The environment variables of launchers and their meaning, tested without a launcher:
 * the environment is made up.
 */
#include "comm/launcher.h"

#include "check.h"
#include "comm/registry.h"

static const char *const *environment; /* name, value, ..., NULL */

static char *lookup(const char *name)
{
    for (const char *const *e = environment; *e != NULL; e += 2)
        if (strcmp(e[0], name) == 0)
            return (char *)e[1];
    return NULL;
}

#define READ(...) read_variables((const char *const[]){__VA_ARGS__, NULL})

static struct ic_launcher read_variables(const char *const *variables)
{
    environment = variables;
    return ic_launcher_read(lookup);
}

static void check(struct ic_launcher found, const char *name, int rank, int size)
{
    if (name != NULL)
        CHECK_STRING(found.name, name);
    else
        CHECK(found.name == NULL);
    CHECK_INT(found.rank, rank);
    CHECK_INT(found.size, size);
}

static void test_read(void)
{
    check(READ(NULL), NULL, 0, 1);
    check(READ("OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK", "3"),
          "Open MPI's mpirun", 3, 4);
    check(READ("PMI_RANK", "0", "PMI_SIZE", "2"), "the launcher (by PMI)", 0, 2);
    check(READ("SLURM_PROCID", "6", "SLURM_STEP_NUM_TASKS", "7"), "srun", 6, 7);

    /* mpirun's daemons were started by srun, one on each node */
    check(READ("SLURM_PROCID", "1", "SLURM_STEP_NUM_TASKS", "2", "PMI_RANK", "5",
               "PMI_SIZE", "8"),
          "the launcher (by PMI)", 5, 8);
    check(READ("SLURM_PROCID", "1", "SLURM_STEP_NUM_TASKS", "2", "OMPI_COMM_WORLD_SIZE",
               "8", "OMPI_COMM_WORLD_RANK", "2"),
          "Open MPI's mpirun", 2, 8);

    /* a batch script is not a step; a variable with an invalid value is ignored */
    check(READ("SLURM_PROCID", "0", "SLURM_NTASKS", "4"), NULL, 0, 1);
    check(READ("PMI_RANK", "1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "2"), NULL, 0, 1);
    check(READ("PMI_SIZE", "2x", "PMI_RANK", "1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "0", "PMI_RANK", "0"), NULL, 0, 1);
    check(READ("PMI_SIZE", " 2", "PMI_RANK", "1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "+2", "PMI_RANK", "1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "2", "PMI_RANK", "-1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "99999999999", "PMI_RANK", "1"), NULL, 0, 1);
    check(READ("PMI_SIZE", "", "PMI_RANK", "", "SLURM_PROCID", "1",
               "SLURM_STEP_NUM_TASKS", "3"),
          "srun", 1, 3);
}

static void test_check(void)
{
    const struct ic_launcher none = {NULL, 0, 1}, four = {"srun", 2, 4};
    struct ic_error error = {0};

    CHECK_OK(ic_launcher_check(&none, 1, "MPICH 4.0.2", &error));
    CHECK_OK(ic_launcher_check(&none, 3, "MPICH 4.0.2", &error));
    CHECK_OK(ic_launcher_check(&four, 4, "MPICH 4.0.2", &error));
    CHECK_FAILS(ic_launcher_check(&four, 1, "MPICH 4.0.2", &error), IC_ERR_RANK,
                "srun has started 4 ranks, but MPICH 4.0.2, which im2cat-mpi.so is "
                "built with, finds 1: start im2cat with");
}

/* No module is found where none can exist. */
static void test_no_module(void)
{
    const struct ic_transport *transport;
    struct ic_error error = {0};

    CHECK(setenv("IM2CAT_MODULES", "/dev/null", 1) == 0);
    CHECK_FAILS(ic_transport_load("mpi", &transport, &error), IC_ERR_RANK,
                "--distributed mpi needs the module /dev/null/im2cat-mpi.so, which is "
                "not installed (it is built by configure --with-mpi)");
    CHECK(transport == NULL);
}

int main(void)
{
    test_read();
    test_check();
    test_no_module();
    return check_result();
}
