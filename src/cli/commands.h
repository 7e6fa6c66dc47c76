/* SPDX-License-Identifier: MIT */
/*
 * Every command, for the table in command.c.
 */
#ifndef IC_CLI_COMMANDS_H
#define IC_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct ic_command ic_cmd_bench;
extern const struct ic_command ic_cmd_check_data;
extern const struct ic_command ic_cmd_compare;
extern const struct ic_command ic_cmd_conformance;
extern const struct ic_command ic_cmd_convert;
extern const struct ic_command ic_cmd_dump;
extern const struct ic_command ic_cmd_eval;
extern const struct ic_command ic_cmd_find_lr;
extern const struct ic_command ic_cmd_gradcheck;
extern const struct ic_command ic_cmd_mlflow_sync;
extern const struct ic_command ic_cmd_predict;
extern const struct ic_command ic_cmd_serve;
extern const struct ic_command ic_cmd_summary;
extern const struct ic_command ic_cmd_toy_pets;
extern const struct ic_command ic_cmd_train;

#endif
