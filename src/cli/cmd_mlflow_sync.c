/* SPDX-License-Identifier: MIT */
/*
 * im2cat mlflow-sync: sends what a tracking server does not yet have of a run. The work
 * is in track/.
 */
#include "cli/commands.h"
#include "track/tracker.h"

struct sync_options {
    const char *server;
};

static const struct ic_option table[] = {
    IC_OPTION(
        struct sync_options, "mlflow", server, .value = "URI", .fallback = "auto",
        .help = "the MLflow server; auto: the one in MLFLOW_TRACKING_URI, or else the "
                "one that tracked the run, without credentials",
        .more =
            "A server that did not track the run receives all of it, as a new run."),
    {0}};

static void show_note(void *context, const char *sentence)
{
    ic_command_complain("%s", sentence);
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct sync_options *sync = options->values;
    const struct ic_train_events shown = {.on_note = show_note};
    const ic_status status =
        ic_tracker_sync(options->operands[0], sync->server, &shown, error);

    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_mlflow_sync = {
    .name = "mlflow-sync",
    .summary = "sends the rest of a run to its MLflow server",
    .operands = "RUN",
    .text = "RUN is the folder of a run that was trained with --mlflow or with "
            "MLFLOW_TRACKING_URI. The command sends everything that the server has not "
            "accepted yet, and nothing twice. If the server does not accept all of it, "
            "the command fails and can be repeated.\n",
    .options = table,
    .values_size = sizeof(struct sync_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
