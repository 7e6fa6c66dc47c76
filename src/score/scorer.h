/* SPDX-License-Identifier: MIT */
/*
 * Scores pictures with a classifier: pictures in, logits out.
 *
 * A scorer belongs to one thread at a time. It has its own device handle, batch and
 * activations, and reads the weights of its classifier, so that several threads, each
 * with a scorer, compute at the same time over one set of weights. A batch gets the
 * same bits from every scorer of a classifier.
 *
 *     ic_scorer_set_bytes(scorer, 0, bytes, size, "upload 17", decode, &error);
 *     ic_scorer_run(scorer, 1, logits, &error);
 *     ic_softmax(probabilities, logits, model->class_count);
 */
#ifndef IC_SCORE_SCORER_H
#define IC_SCORE_SCORER_H

#include "data/square.h"
#include "score/classifier.h"
#include "score/logits.h"

struct ic_scorer;

/* Opens a scorer, which the classifier must outlive. Fails where the device cannot be
 * opened or the activations exceed its memory. The caller closes *ret_scorer, which is
 * NULL on failure. */
ic_status ic_scorer_open(const struct ic_classifier *classifier,
                         struct ic_scorer **ret_scorer, struct ic_error *error);
void ic_scorer_close(struct ic_scorer *scorer); /* NULL is fine */

/* Decodes a picture in memory, whose format is recognised by its bytes, and puts it at
 * index `at` of the batch, 0 to the classifier's batch - 1. The bytes are the caller's
 * and may be freed after the call; `name` is for messages. The worst that any bytes
 * cause is a failure: IC_ERR_FORMAT, IC_ERR_LIMIT. */
ic_status ic_scorer_set_bytes(struct ic_scorer *scorer, int at, const uint8_t *bytes,
                              size_t size, const char *name, enum ic_decode decode,
                              struct ic_error *error);

/* The same for a picture file. */
ic_status ic_scorer_set_file(struct ic_scorer *scorer, int at, const char *path,
                             enum ic_decode decode, struct ic_error *error);

/* Puts a decoded picture at index `at` of the batch, fitted to the model's size as
 * ic_scorer_set_bytes fits it. `rgb` is height x width x 3, 8 bits per channel, rows
 * from the top; it is the caller's and may be freed after the call. `name` is for
 * messages. Refuses sizes that exceed the limits of image/image.h. */
ic_status ic_scorer_set_pixels(struct ic_scorer *scorer, int at, const uint8_t *rgb,
                               unsigned long width, unsigned long height,
                               const char *name, struct ic_error *error);

/* Scores the first `count` pictures of the batch, which must all be set. Writes count x
 * class_count logits to `logits`, on the host. Pictures stay set. A logit that is not
 * finite gives IC_ERR_NUMERIC. */
ic_status ic_scorer_run(struct ic_scorer *scorer, int count, float *logits,
                        struct ic_error *error);

/* The net, for ic_evaluate; owned by the scorer. */
struct ic_net *ic_scorer_net(struct ic_scorer *scorer);

#endif
