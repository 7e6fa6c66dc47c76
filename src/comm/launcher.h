/* SPDX-License-Identifier: MIT */
/*
 * What a launcher (mpirun, srun) tells each process that it starts by environment
 * variables. A program of one MPI that is started by the launcher of another runs as so
 * many programs of one rank, which know nothing of each other; the launcher's own count
 * shows it.
 */
#ifndef IC_COMM_LAUNCHER_H
#define IC_COMM_LAUNCHER_H

#include "base/error.h"

struct ic_launcher {
    const char *name; /* "Open MPI's mpirun"; NULL where no launcher shows itself */
    int rank, size;   /* this process of so many; 0 of 1 without a launcher */
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
