/* SPDX-License-Identifier: MIT */
/*
 * The run's model at the server: a folder in MLflow's layout (MLmodel and the files it
 * names), sent as a logged model that belongs to the run, and as a version of a
 * registered model.
 *
 * A server without logged models (MLflow 2, Azure) gets the folder as artifacts of the
 * run, model/.
 */
#ifndef IC_TRACK_LOGGED_MODEL_H
#define IC_TRACK_LOGGED_MODEL_H

#include "track/api.h"
#include "track/sent.h"

/* Sends the folder's files, unless the server has them all. Whatever an earlier call
 * made and did not finish is found and continued. */
enum ic_verdict ic_logged_model_send(struct ic_api *api, struct ic_sent *sent,
                                     const char *folder, json_int_t step,
                                     struct ic_reply *reply);

/* Registers the model as `name`, "NAME" or "NAME@ALIAS", unless it is registered: makes
 * a version of the model NAME, which is made where it does not exist. The alias then
 * refers to this version. */
enum ic_verdict ic_logged_model_register(struct ic_api *api, const struct ic_sent *sent,
                                         const char *name, struct ic_reply *reply);

#endif
