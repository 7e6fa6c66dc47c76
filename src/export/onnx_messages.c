/* SPDX-License-Identifier: MIT */
/*
 * Writes ONNX's messages field by field. See onnx_messages.h; repeated numbers are not
 * packed, as in files of onnx's own library.
 */
#include "export/onnx_messages.h"

void ic_onnx_add_versions(struct ic_protobuf *out, int format, int operators)
{
    enum { IR_VERSION = 1, OPSET_IMPORT = 8, OPSET_VERSION = 2 };

    ic_protobuf_int(out, IR_VERSION, format);
    ic_protobuf_begin(out, OPSET_IMPORT); /* without a domain: ONNX's own operators */
    ic_protobuf_int(out, OPSET_VERSION, operators);
    ic_protobuf_end(out);
}

void ic_onnx_add_metadata(struct ic_protobuf *out, const char *key, const char *text)
{
    enum { METADATA_PROPS = 14, KEY = 1, VALUE = 2 };

    ic_protobuf_begin(out, METADATA_PROPS);
    ic_protobuf_text(out, KEY, key);
    ic_protobuf_text(out, VALUE, text);
    ic_protobuf_end(out);
}

/* --- nodes ------------------------------------------------------------------------ */

enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5 };

void ic_onnx_begin_node(struct ic_protobuf *out, const char *operation,
                        const char *output, const char *const *inputs)
{
    enum { INPUT = 1, OUTPUT = 2, NAME = 3, OP_TYPE = 4 };

    ic_protobuf_begin(out, GRAPH_NODE);
    for (; *inputs != NULL; inputs++)
        ic_protobuf_text(out, INPUT, *inputs);
    ic_protobuf_text(out, OUTPUT, output);
    ic_protobuf_text(out, NAME, output);
    ic_protobuf_text(out, OP_TYPE, operation);
}

void ic_onnx_add_node(struct ic_protobuf *out, const char *operation,
                      const char *output, const char *a, const char *b)
{
    ic_onnx_begin_node(out, operation, output, (const char *[]){a, b, NULL});
    ic_protobuf_end(out);
}

enum attribute_field { ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_INTS = 8 };
enum attribute_type { TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_INTS = 7 };

static void begin_attribute(struct ic_protobuf *out, const char *name)
{
    enum { NODE_ATTRIBUTE = 5, NAME = 1 };

    ic_protobuf_begin(out, NODE_ATTRIBUTE);
    ic_protobuf_text(out, NAME, name);
}

static void end_attribute(struct ic_protobuf *out, enum attribute_type type)
{
    enum { TYPE = 20 };

    ic_protobuf_int(out, TYPE, type);
    ic_protobuf_end(out);
}

void ic_onnx_add_int(struct ic_protobuf *out, const char *attribute, int64_t value)
{
    begin_attribute(out, attribute);
    ic_protobuf_int(out, ATTRIBUTE_I, value);
    end_attribute(out, TYPE_INT);
}

void ic_onnx_add_float(struct ic_protobuf *out, const char *attribute, float value)
{
    begin_attribute(out, attribute);
    ic_protobuf_float(out, ATTRIBUTE_F, value);
    end_attribute(out, TYPE_FLOAT);
}

void ic_onnx_add_ints(struct ic_protobuf *out, const char *attribute, int count,
                      const int *values)
{
    begin_attribute(out, attribute);
    for (int i = 0; i < count; i++)
        ic_protobuf_int(out, ATTRIBUTE_INTS, values[i]);
    end_attribute(out, TYPE_INTS);
}

/* --- constants -------------------------------------------------------------------- */

enum { TENSOR_RAW_DATA = 9 };

/* Returns the number of bytes of the values. */
static size_t begin_tensor(struct ic_protobuf *out, const char *name, int rank,
                           const int64_t *shape)
{
    enum { DIMS = 1, DATA_TYPE = 2, NAME = 8 };
    size_t size = sizeof(float);

    ic_protobuf_begin(out, GRAPH_INITIALIZER);
    for (int i = 0; i < rank; i++) {
        ic_protobuf_int(out, DIMS, shape[i]);
        size *= (size_t)shape[i];
    }
    ic_protobuf_int(out, DATA_TYPE, IC_ONNX_TYPE_FLOAT);
    ic_protobuf_text(out, NAME, name);
    return size;
}

void ic_onnx_add_floats(struct ic_protobuf *out, const char *name, int rank,
                        const int64_t *shape, const float *values)
{
    const size_t size = begin_tensor(out, name, rank, shape);

    ic_protobuf_bytes(out, TENSOR_RAW_DATA, values, size);
    ic_protobuf_end(out);
}

void ic_onnx_add_source(struct ic_protobuf *out, const char *name, int rank,
                        const int64_t *shape, const struct ic_source *source)
{
    const size_t size = begin_tensor(out, name, rank, shape);

    ic_protobuf_source(out, TENSOR_RAW_DATA, size, source);
    ic_protobuf_end(out);
}

/* --- inputs and outputs ----------------------------------------------------------- */

static void add_shape(struct ic_protobuf *out, int rank, const int64_t *shape)
{
    enum { SHAPE = 2, DIM = 1, DIM_VALUE = 1, DIM_PARAM = 2 };

    ic_protobuf_begin(out, SHAPE);
    for (int i = 0; i < rank; i++) {
        ic_protobuf_begin(out, DIM);
        if (shape[i] > 0)
            ic_protobuf_int(out, DIM_VALUE, shape[i]);
        else
            ic_protobuf_text(out, DIM_PARAM, "N");
        ic_protobuf_end(out);
    }
    ic_protobuf_end(out);
}

void ic_onnx_add_value(struct ic_protobuf *out, enum ic_onnx_field field,
                       const char *name, enum ic_onnx_type type, int rank,
                       const int64_t *shape)
{
    enum { VALUE_NAME = 1, VALUE_TYPE = 2, TENSOR_TYPE = 1, ELEM_TYPE = 1 };

    ic_protobuf_begin(out, (int)field);
    ic_protobuf_text(out, VALUE_NAME, name);
    ic_protobuf_begin(out, VALUE_TYPE);
    ic_protobuf_begin(out, TENSOR_TYPE);
    ic_protobuf_int(out, ELEM_TYPE, type);
    add_shape(out, rank, shape);
    ic_protobuf_end(out);
    ic_protobuf_end(out);
    ic_protobuf_end(out);
}
