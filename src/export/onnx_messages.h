/* SPDX-License-Identifier: MIT */
/*
 * The ONNX messages that im2cat writes: field numbers and types are those of
 * onnx/onnx.proto. Shared only by the files onnx*.c.
 */
#ifndef IC_EXPORT_ONNX_MESSAGES_H
#define IC_EXPORT_ONNX_MESSAGES_H

#include "format/protobuf.h"
#include "graph/graph.h"

/* TensorProto.DataType. */
enum ic_onnx_type { IC_ONNX_TYPE_FLOAT = 1, IC_ONNX_TYPE_UINT8 = 2 };

/* Fields of ModelProto and GraphProto that are messages or texts. */
enum ic_onnx_field {
    IC_ONNX_MODEL_PRODUCER = 2,
    IC_ONNX_MODEL_PRODUCER_VERSION = 3,
    IC_ONNX_MODEL_GRAPH = 7,
    IC_ONNX_GRAPH_NAME = 2,
    IC_ONNX_GRAPH_INPUT = 11,
    IC_ONNX_GRAPH_OUTPUT = 12
};

/* Add fields to ModelProto: versions of format and operators, and a metadata entry. */
void ic_onnx_add_versions(struct ic_protobuf *out, int format, int operators);
void ic_onnx_add_metadata(struct ic_protobuf *out, const char *key, const char *text);

/* Begins a node of GraphProto, named like its output; `inputs` ends with NULL.
 * Attributes may follow, then ic_protobuf_end. */
void ic_onnx_begin_node(struct ic_protobuf *out, const char *operation,
                        const char *output, const char *const *inputs);
void ic_onnx_add_int(struct ic_protobuf *out, const char *attribute, int64_t value);
void ic_onnx_add_float(struct ic_protobuf *out, const char *attribute, float value);
void ic_onnx_add_ints(struct ic_protobuf *out, const char *attribute, int count,
                      const int *values);

/* Adds a node without attributes that reads `a`, and `b` unless it is NULL. */
void ic_onnx_add_node(struct ic_protobuf *out, const char *operation,
                      const char *output, const char *a, const char *b);

/* Add a constant of GraphProto: floats, little-endian and row-major, from memory or
 * from a source. `shape` has `rank` sizes. */
void ic_onnx_add_floats(struct ic_protobuf *out, const char *name, int rank,
                        const int64_t *shape, const float *values);
void ic_onnx_add_source(struct ic_protobuf *out, const char *name, int rank,
                        const int64_t *shape, const struct ic_source *source);

/* Adds an input or an output of GraphProto; a size of 0 is any number, "N". */
void ic_onnx_add_value(struct ic_protobuf *out, enum ic_onnx_field field,
                       const char *name, enum ic_onnx_type type, int rank,
                       const int64_t *shape);

/* Adds all nodes of a graph, in order. The network reads the value `picture`, NCHW
 * floats; the network's last value is called `logits`. */
void ic_onnx_add_nodes(struct ic_protobuf *out, const struct ic_graph *graph,
                       const char *picture, const char *logits);

#endif
