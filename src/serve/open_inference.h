/* SPDX-License-Identifier: MIT */
/*
 * The two halves of the Open Inference Protocol (serve/protocol.h).
 */
#ifndef IC_SERVE_OPEN_INFERENCE_H
#define IC_SERVE_OPEN_INFERENCE_H

#include "serve/protocol.h"

ic_status ic_open_inference_read(struct ic_request *request, struct ic_body *body,
                                 struct ic_error *error);
void ic_open_inference_answer(struct ic_response *response,
                              const struct ic_request *request);

#endif
