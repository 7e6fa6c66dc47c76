/* SPDX-License-Identifier: MIT */
/*
 * The rank and size that a launcher (mpirun, srun) gives each of its processes in
 * environment variables. A program of one MPI that is started by the launcher of
 * another runs as independent programs of one rank each. The launcher's own count
 * reveals it.
 */
#ifndef IC_COMM_LAUNCHER_H
#define IC_COMM_LAUNCHER_H

#include "base/error.h"

struct ic_launcher {
    const char *name; /* "Open MPI's mpirun"; NULL where no launcher shows itself */
    int rank, size;   /* of this process; 0 of 1 without a launcher */
};

/* Reads the variables, by getenv or a function like it. Where two launchers show
 * themselves, the one that started this process is taken: mpirun within a step of srun.
 * To be called before MPI is initialised, which may set the same variables. */
struct ic_launcher ic_launcher_read(char *(*lookup)(const char *name));

/* Fails (IC_ERR_RANK) unless the MPI library `mpi` ("MPICH 4.0.2") has found as many
 * ranks as the launcher has started. */
ic_status ic_launcher_check(const struct ic_launcher *launcher, int size,
                            const char *mpi, struct ic_error *error);

#endif
