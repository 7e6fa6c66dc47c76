/* SPDX-License-Identifier: MIT */
/*
 * Writes ONNX files: trained networks that any runtime can run.
 *
 * A file holds a ModelProto of ONNX (https://github.com/onnx/onnx, onnx/onnx.proto and
 * docs/Operators.md), version 8 of its format with operator set 13, written without
 * onnx or protobuf. The nodes come from the graph that im2cat itself computes, with
 * batch norms not folded into convolutions; weights have torchvision's names and
 * values, bit for bit.
 */
#ifndef IC_EXPORT_ONNX_H
#define IC_EXPORT_ONNX_H

#include "graph/net.h"
#include "model/model.h"

/* The network's input `image` and its output. N is any number, S the model's size, K
 * the number of its classes. */
enum ic_onnx_input {
    IC_ONNX_UINT8, /* 8-bit RGB [N, S, S, 3]; `probabilities`, float [N, K] */
    IC_ONNX_FLOAT  /* normalised floats [N, 3, S, S]; `logits`, float [N, K] */
};

/* "uint8" and "float", in that order; the list ends with NULL. */
extern const char *const ic_onnx_input_names[];

/* Writes the file atomically; the same weights give the same bytes. The net has the
 * model's graph, not folded, and finite weights. The metadata has the keys of
 * ic_model_describe. */
ic_status ic_onnx_save(const char *path, const struct ic_model *model,
                       struct ic_net *net, enum ic_onnx_input input,
                       struct ic_error *error);

#endif
