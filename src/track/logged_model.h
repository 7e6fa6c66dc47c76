/* SPDX-License-Identifier: MIT */
/*
 * The run's model at the server: a folder in MLflow's layout (MLmodel and what it
 * names) as a logged model, which belongs to the run; and as a version of a registered
 * model.
 *
 * A server that knows no logged models (MLflow 2, Azure) gets the folder as artifacts
 * of the run, model/.
 */
#ifndef IC_TRACK_LOGGED_MODEL_H
#define IC_TRACK_LOGGED_MODEL_H

#include "track/api.h"
#include "track/sent.h"

/* Sends the folder's files, unless the server has them all. Whatever was made and not
 * finished by a call before is found and gone on with. */
enum ic_verdict ic_logged_model_send(struct ic_api *api, struct ic_sent *sent,
                                     const char *folder, json_int_t step,
                                     struct ic_reply *reply);

/* Registers it by `name`, "NAME" or "NAME@ALIAS", unless it is: a version of the model
 * NAME, which is made where there is none; the alias then is this version's. */
enum ic_verdict ic_logged_model_register(struct ic_api *api, const struct ic_sent *sent,
                                         const char *name, struct ic_reply *reply);

#endif
