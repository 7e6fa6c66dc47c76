/* SPDX-License-Identifier: MIT */
/*
 * Records how far a run's outbox has been sent, to which server, and as which run
 * there: a file in the run folder (mlflow.json), rewritten whenever the server has
 * taken something. It holds no secret.
 */
#ifndef IC_TRACK_SENT_H
#define IC_TRACK_SENT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

/* Texts are allocated, or NULL where unknown. All zero is closed. */
struct ic_sent {
    char *path;            /* of the file */
    char *address;         /* the server, as ic_address.shown */
    char *experiment_id;   /* of the run ... */
    char *run_id;          /* ... once it is known */
    char *artifacts;       /* its artifact_uri */
    char *model_id;        /* of its logged model, once it is begun */
    char mark[33];         /* the tag im2cat.run of the run: 32 hexadecimal digits */
    bool tried;            /* a run with that tag may have been made */
    atomic_llong position; /* bytes of the outbox that the server has */
};

/* Reads folder/mlflow.json. A missing file means that nothing is sent, and gets a new
 * mark. Refused (IC_ERR_FORMAT): another content. */
ic_status ic_sent_open(struct ic_sent *sent, const char *folder,
                       struct ic_error *error);
void ic_sent_close(struct ic_sent *sent); /* all zero is fine */

/* Resets the record to "nothing sent" if it belongs to a server other than `address`.
 */
ic_status ic_sent_address(struct ic_sent *sent, const char *address,
                          struct ic_error *error);

/* Sets one of the texts to a copy. */
ic_status ic_sent_set(char **field, const char *text, struct ic_error *error);

/* Whether a text is an identifier that is safe in a path and in a filter. NULL is not.
 */
bool ic_sent_is_id(const char *id);

ic_status ic_sent_save(const struct ic_sent *sent, struct ic_error *error);

#endif
