/*
 * The ranks that this process works with. See team.h.
 */
#include "cli/team.h"

static struct ic_comm *team;

ic_status ic_team_join(const struct ic_comm_options *options, struct ic_error *error)
{
    return ic_comm_open(options, &team, error);
}

struct ic_comm *ic_team_comm(void)
{
    return team;
}

bool ic_team_speaks(void)
{
    return ic_comm_speaks(team);
}

void ic_team_leave(int exit_status)
{
    ic_comm_close(team, exit_status);
    team = NULL;
}
