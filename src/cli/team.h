/* SPDX-License-Identifier: MIT */
/*
 * The ranks that this process works with, for the commands that have --distributed: one
 * rank prints for all, and all leave together.
 */
#ifndef IC_CLI_TEAM_H
#define IC_CLI_TEAM_H

#include "comm/comm.h"

/* To be called before the ranks meet. Where the command line asks for ranks, only the
 * first process of a launcher prints until they have met. */
void ic_team_expect(int argc, char **argv);

/* Joins the other ranks (see ic_comm_open). Call it once, before the first thread
 * starts. */
ic_status ic_team_join(const struct ic_comm_options *options, struct ic_error *error);

/* The ranks, or NULL where this process is alone. */
struct ic_comm *ic_team_comm(void);

/* Whether this process prints: it is alone, or prints for all. */
bool ic_team_speaks(void);

/* Leaves the ranks. This is the last thing that the process does; see ic_comm_close. */
void ic_team_leave(int exit_status);

#endif
