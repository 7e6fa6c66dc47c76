/* SPDX-License-Identifier: MIT */
/*
 * The ranks of a distributed training settle here, before they train, that they belong
 * together, and the parts of the job that depend on their number. All functions are
 * meetings (comm.h) unless they say otherwise, and do nothing for one rank alone.
 */
#ifndef IC_TRAIN_RANKS_H
#define IC_TRAIN_RANKS_H

#include "train/job.h"
#include "train/listener.h"

/* Completes and checks the job (ic_job_check) on each rank. Several ranks share the
 * cores of their machine where `threads` is 0, take a GPU each, and cut the batch into
 * as many micro-batches as there are ranks where `micro_batch` is 0, which a note says.
 * Refused: more ranks than micro-batches; ranks with another program or another job. */
ic_status ic_ranks_settle(struct ic_job *job, const struct ic_listener *listener,
                          struct ic_error *error);

/* The rank's share of its machine's cores, where `*threads` is 0. */
ic_status ic_ranks_threads(struct ic_comm *comm, int *threads, struct ic_error *error);

/* Cuts a batch into as many micro-batches as there are ranks where `*micro_batch` is 0.
 * Refused: fewer micro-batches than ranks. Not a meeting. */
ic_status ic_ranks_cut_batch(int ranks, int batch, int *micro_batch,
                             struct ic_error *error);

/* Refuses ranks that compute with different instructions, unless `allow_mixed`: their
 * bits would depend on which rank computes what. `arithmetic` is a line that says what
 * results depend on. */
ic_status ic_ranks_check_arithmetic(struct ic_comm *comm, const char *arithmetic,
                                    bool allow_mixed, struct ic_error *error);

/* Refuses ranks that have different pictures, by the data's fingerprint. */
ic_status ic_ranks_check_data(struct ic_comm *comm, const char *fingerprint,
                              struct ic_error *error);

/* Refuses a run folder that is not on a file system that all ranks see: after a restart
 * another machine may have rank 0. The folder need not exist yet. Nothing is left
 * behind. `status` is that of a check of this rank's own, which is shared first. */
ic_status ic_ranks_check_folder(struct ic_comm *comm, const char *folder,
                                ic_status status, struct ic_error *error);

#endif
