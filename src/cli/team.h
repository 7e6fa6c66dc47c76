/* SPDX-License-Identifier: MIT */
/*
 * The ranks that this process works with, for the commands that --distributed makes
 * work together: one of them talks for all, and all leave together.
 */
#ifndef IC_CLI_TEAM_H
#define IC_CLI_TEAM_H

#include "comm/comm.h"

/* Before anything is known of the others: where the command line asks for ranks, the
 * first process of a launcher talks until they have met. */
void ic_team_expect(int argc, char **argv);

/* Joins the other ranks, see ic_comm_open. To be called once, before the first thread
 * is started. */
ic_status ic_team_join(const struct ic_comm_options *options, struct ic_error *error);

/* The ranks, or NULL where this process is alone. */
struct ic_comm *ic_team_comm(void);

/* Whether this process talks to people: it is alone, or talks for all. */
bool ic_team_speaks(void);

/* Leaves, as the last thing that the process does; see ic_comm_close. */
void ic_team_leave(int exit_status);

#endif
