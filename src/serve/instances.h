/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON with pictures in Base64: the first protocol of TensorFlow Serving and
 * KServe, {"instances": [{"b64": "..."}]}, and MLflow's {"inputs": ["..."]}.
 */
#ifndef IC_SERVE_INSTANCES_H
#define IC_SERVE_INSTANCES_H

#include "serve/upload.h"

/* Adds the pictures of a body, which is changed: they are decoded in place. An item is
 * a string or an object with the member "b64". Refused (IC_ERR_FORMAT): other JSON, or
 * none; and whatever ic_uploads_add refuses. */
ic_status ic_instances_read(struct ic_uploads *uploads, uint8_t *bytes, size_t size,
                            struct ic_error *error);

#endif
