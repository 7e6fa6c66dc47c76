/* SPDX-License-Identifier: MIT */
/*
 * The ranks that this process works with. See team.h.
 */
#include "cli/team.h"

#include <stdlib.h>
#include <string.h>

#include "comm/launcher.h"

static struct ic_comm *team;
static bool silent; /* until the ranks have met */

void ic_team_expect(int argc, char **argv)
{
    static const char option[] = "--distributed";

    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], option, sizeof option - 1) == 0)
            silent = ic_launcher_read(getenv).rank > 0;
}

ic_status ic_team_join(const struct ic_comm_options *options, struct ic_error *error)
{
    silent = false;
    return ic_comm_open(options, &team, error);
}

struct ic_comm *ic_team_comm(void)
{
    return team;
}

bool ic_team_speaks(void)
{
    return team != NULL ? ic_comm_speaks(team) : !silent;
}

void ic_team_leave(int exit_status)
{
    ic_comm_close(team, exit_status);
    team = NULL;
}
