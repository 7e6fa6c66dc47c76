/* SPDX-License-Identifier: MIT */
/*
 * Model files: a network's weights with the model's description, ready for `predict`.
 */
#ifndef IC_TRAIN_MODEL_FILE_H
#define IC_TRAIN_MODEL_FILE_H

#include "graph/net.h"
#include "model/model.h"

/* Writes the file atomically; the same weights give the same bytes. `steps` is the
 * number of batches that the batch norms have tracked. Numbers that are not finite are
 * refused (IC_ERR_NUMERIC). */
ic_status ic_model_file_save(const char *path, const struct ic_model *model,
                             struct ic_net *net, int64_t steps, struct ic_error *error);

#endif
