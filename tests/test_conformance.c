/* SPDX-License-Identifier: MIT */
/*
 * The conformance set as an engine's test reads it: every backend computes each case
 * from the file alone, and finds the expected arrays. A number of an expected array
 * that is changed is noticed. (The step of ResNet-18 is for scripts/check-conformance.)
 */
#include "base/file.h"
#include "base/jansson.h"
#include "check.h"
#include "cli/conformance.h"
#include "folder.h"
#include "kit.h"

/* The case of the index that is tried, and its file. */
struct tried {
    const char *folder;
    const char *spoiled; /* an array of the case whose first number is changed, or "" */
    json_t *entry;
    struct ic_safetensors *file;
    int noticed; /* arrays that differ, where one is spoiled */
};

static struct ic_error error;

/* --- the case --------------------------------------------------------------------- */

static int integer(const struct tried *t, const char *key)
{
    const json_t *const value =
        json_object_get(json_object_get(t->entry, "numbers"), key);

    CHECK(json_is_integer(value));
    return (int)json_integer_value(value);
}

static float real(const struct tried *t, const char *key)
{
    const json_t *const value =
        json_object_get(json_object_get(t->entry, "numbers"), key);

    CHECK(json_is_real(value));
    return (float)json_real_value(value);
}

static const struct ic_tensor *tensor(const struct tried *t, const char *name)
{
    return ic_safetensors_find(t->file, name);
}

/* Size `i` of an array of the case, 1 beyond its rank. */
static int size_of(const struct tried *t, const char *name, int i)
{
    const struct ic_tensor *const found = tensor(t, name);

    return found != NULL && i < found->rank ? (int)found->shape[i] : 1;
}

/* The doubles of an array, with the channels last. */
static double *doubles(struct kit *kit, const struct ic_tensor *found)
{
    double *const values = kit_host(kit, found->count, sizeof *values);
    double *const turned = kit_host(kit, found->count, sizeof *turned);
    const size_t channels = found->rank == 4 ? (size_t)found->shape[1] : 1;
    const size_t pixels =
        found->rank == 4 ? (size_t)(found->shape[2] * found->shape[3]) : 1;

    CHECK_INT(found->dtype, IC_F64);
    memcpy(values, found->data, found->size);
    for (size_t i = 0; i < found->count; i++)
        turned[(i / (channels * pixels) * pixels + i % pixels) * channels +
               i / pixels % channels] = values[i];
    return turned;
}

/* An input as floats of the device; NULL where the case does not have it. */
static float *input(struct kit *kit, const struct tried *t, const char *name)
{
    const struct ic_tensor *const found = tensor(t, name);
    const double *values;
    float *floats;

    if (found == NULL)
        return NULL;
    values = doubles(kit, found);
    floats = kit_host(kit, found->count, sizeof *floats);
    for (size_t i = 0; i < found->count; i++) {
        floats[i] = (float)values[i];
        CHECK(floats[i] == values[i]);
    }
    return kit_floats(kit, floats, found->count);
}

/* The case's labels on the device; NULL where it has none. */
static int32_t *labels(struct kit *kit, const struct tried *t, const char *name)
{
    const struct ic_tensor *const found = tensor(t, name);
    int32_t *narrow;
    int64_t wide;

    if (found == NULL)
        return NULL;
    CHECK_INT(found->dtype, IC_I64);
    narrow = kit_host(kit, found->count, sizeof *narrow);
    for (size_t i = 0; i < found->count; i++) {
        memcpy(&wide, (const char *)found->data + i * sizeof wide, sizeof wide);
        narrow[i] = (int32_t)wide;
    }
    return kit_bytes(kit, narrow, found->count * sizeof *narrow);
}

/* Room for an expected array; NULL where the case does not have it. */
static float *output(struct kit *kit, const struct tried *t, const char *name)
{
    const struct ic_tensor *const found = tensor(t, name);

    return found == NULL ? NULL : kit_floats(kit, NULL, found->count);
}

/* Compares what the device has computed with the file. */
static void expect(struct kit *kit, struct tried *t, const char *name,
                   const float *array)
{
    const struct ic_tensor *const found = tensor(t, name);
    double *expected, off = 0, size = 0;
    float *floats;

    if (found == NULL)
        return;
    expected = doubles(kit, found);
    floats = kit_read(kit, array, found->count);
    if (strcmp(name, t->spoiled) == 0)
        expected[0] += 1e-3 * (1 + fabs(expected[0]));
    for (size_t i = 0; i < found->count; i++) {
        off += (floats[i] - expected[i]) * (floats[i] - expected[i]);
        size += expected[i] * expected[i];
    }
    if (sqrt(off) <= 2e-6 * sqrt(size))
        return;
    t->noticed++;
    if (strcmp(name, t->spoiled) != 0)
        CHECK_FAIL("%s, %s: %s is off by %.2g of %.2g", kit->backend->name,
                   json_string_value(json_object_get(t->entry, "name")), name,
                   sqrt(off), sqrt(size));
}

/* --- the ops ---------------------------------------------------------------------- */

static void conv2d(struct kit *kit, struct tried *t)
{
    const struct ic_backend *const b = kit->backend;
    struct ic_conv v = {.batch = size_of(t, "in.x", 0),
                        .in_height = size_of(t, "in.x", 2),
                        .in_width = size_of(t, "in.x", 3),
                        .in_channels = size_of(t, "in.x", 1),
                        .out_height = size_of(t, "out.y", 2),
                        .out_width = size_of(t, "out.y", 3),
                        .out_channels = size_of(t, "out.y", 1),
                        .kernel = size_of(t, "param.weight", 2),
                        .stride = integer(t, "stride"),
                        .pad = integer(t, "padding")};
    float *const x = input(kit, t, "in.x"), *const dy = input(kit, t, "in.dy");
    float *const weight = input(kit, t, "param.weight");
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");
    float *const dweight = output(kit, t, "grad.weight");
    void *workspace;

    v.algorithm = b->conv2d_algorithm(&v, false);
    workspace = kit_bytes(kit, NULL, b->conv2d_workspace(kit->device, &v, true) + 1);
    b->conv2d_forward(kit->device, y, x, weight, workspace, &v);
    b->conv2d_backward_weight(kit->device, dweight, dy, x, workspace, &v);
    b->conv2d_backward_input(kit->device, dx, dy, weight, workspace, &v, false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
    expect(kit, t, "grad.weight", dweight);
}

static void linear(struct kit *kit, struct tried *t)
{
    const struct ic_backend *const b = kit->backend;
    const struct ic_linear l = {.batch = size_of(t, "in.x", 0),
                                .in_features = size_of(t, "in.x", 1),
                                .out_features = size_of(t, "out.y", 1)};
    float *const x = input(kit, t, "in.x"), *const dy = input(kit, t, "in.dy");
    float *const weight = input(kit, t, "param.weight");
    float *const bias = input(kit, t, "param.bias");
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");
    float *const dweight = output(kit, t, "grad.weight");
    float *const dbias = output(kit, t, "grad.bias");
    void *const workspace =
        kit_bytes(kit, NULL, b->linear_workspace(kit->device, &l, true) + 1);

    b->linear_forward(kit->device, y, x, weight, bias, workspace, &l);
    b->linear_backward_input(kit->device, dx, dy, weight, workspace, &l, false);
    b->linear_backward_weight(kit->device, dweight, dbias, dy, x, workspace, &l);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
    expect(kit, t, "grad.weight", dweight);
    expect(kit, t, "grad.bias", dbias);
}

static void relu(struct kit *kit, struct tried *t)
{
    const size_t count = tensor(t, "in.x")->count;
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");

    kit->backend->relu_forward(kit->device, y, input(kit, t, "in.x"), count);
    kit->backend->relu_backward(kit->device, dx, input(kit, t, "in.dy"), y, count,
                                false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
}

static void add(struct kit *kit, struct tried *t)
{
    float *const sum = input(kit, t, "in.a");

    kit->backend->add(kit->device, sum, input(kit, t, "in.b"),
                      tensor(t, "in.a")->count);
    expect(kit, t, "out.y", sum);
}

static void maxpool(struct kit *kit, struct tried *t)
{
    const struct ic_pool p = {.batch = size_of(t, "in.x", 0),
                              .in_height = size_of(t, "in.x", 2),
                              .in_width = size_of(t, "in.x", 3),
                              .channels = size_of(t, "in.x", 1),
                              .out_height = size_of(t, "out.y", 2),
                              .out_width = size_of(t, "out.y", 3),
                              .kernel = integer(t, "kernel"),
                              .stride = integer(t, "stride"),
                              .pad = integer(t, "padding")};
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");
    uint8_t *const place = kit_bytes(kit, NULL, tensor(t, "out.y")->count);

    kit->backend->maxpool_forward(kit->device, y, place, input(kit, t, "in.x"), &p);
    kit->backend->maxpool_backward(kit->device, dx, input(kit, t, "in.dy"), place, &p,
                                   false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
}

static struct ic_globalpool globalpool(const struct tried *t)
{
    return (struct ic_globalpool){.batch = size_of(t, "in.x", 0),
                                  .pixels =
                                      size_of(t, "in.x", 2) * size_of(t, "in.x", 3),
                                  .channels = size_of(t, "in.x", 1)};
}

static void avgpool(struct kit *kit, struct tried *t)
{
    const struct ic_globalpool g = globalpool(t);
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");

    kit->backend->avgpool_forward(kit->device, y, input(kit, t, "in.x"), &g);
    kit->backend->avgpool_backward(kit->device, dx, input(kit, t, "in.dy"), &g, false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
}

static void concatpool(struct kit *kit, struct tried *t)
{
    const struct ic_globalpool g = globalpool(t);
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");
    int32_t *const place =
        kit_bytes(kit, NULL, (size_t)(g.batch * g.channels) * sizeof *place);

    kit->backend->concatpool_forward(kit->device, y, place, input(kit, t, "in.x"), &g);
    kit->backend->concatpool_backward(kit->device, dx, input(kit, t, "in.dy"), place,
                                      &g, false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "grad.x", dx);
}

static struct ic_batchnorm norm_of(const struct tried *t)
{
    const json_t *const numbers = json_object_get(t->entry, "numbers");
    const int pictures = size_of(t, "in.x", 0) * size_of(t, "in.x", 2);

    return (struct ic_batchnorm){.rows = (size_t)(pictures * size_of(t, "in.x", 3)),
                                 .channels = size_of(t, "in.x", 1),
                                 .relu = json_is_true(json_object_get(numbers, "relu")),
                                 .epsilon = real(t, "epsilon")};
}

static void batchnorm(struct kit *kit, struct tried *t)
{
    const struct ic_backend *const b = kit->backend;
    const struct ic_batchnorm bn = norm_of(t);
    const size_t channels = (size_t)bn.channels;
    float *const x = input(kit, t, "in.x"), *const dy = input(kit, t, "in.dy");
    float *const residual = input(kit, t, "in.residual");
    float *const weight = input(kit, t, "param.weight");
    float *const bias = input(kit, t, "param.bias");
    float *const running_mean = input(kit, t, "in.running_mean");
    float *const running_var = input(kit, t, "in.running_var");
    float *const y = output(kit, t, "out.y"), *const dx = output(kit, t, "grad.x");
    float *const dresidual = output(kit, t, "grad.residual");
    float *const dweight = output(kit, t, "grad.weight");
    float *const dbias = output(kit, t, "grad.bias");
    float *const mean = kit_floats(kit, NULL, channels);
    float *const invstd = kit_floats(kit, NULL, channels);
    double *const batch_mean = kit_bytes(kit, NULL, channels * sizeof *batch_mean);
    double *const batch_var = kit_bytes(kit, NULL, channels * sizeof *batch_var);
    void *const workspace =
        kit_bytes(kit, NULL, b->batchnorm_workspace(kit->device, &bn) + 1);

    b->batchnorm_forward_train(kit->device, y, mean, invstd, batch_mean, batch_var, x,
                               residual, weight, bias, workspace, &bn);
    b->batchnorm_move(kit->device, running_mean, batch_mean, real(t, "momentum"),
                      channels);
    b->batchnorm_move(kit->device, running_var, batch_var, real(t, "momentum"),
                      channels);
    b->batchnorm_backward(kit->device, dx, dresidual, dweight, dbias, dy, x, y, weight,
                          bias, mean, invstd, workspace, &bn, false);
    expect(kit, t, "out.y", y);
    expect(kit, t, "out.running_mean", running_mean);
    expect(kit, t, "out.running_var", running_var);
    expect(kit, t, "grad.x", dx);
    expect(kit, t, "grad.residual", dresidual);
    expect(kit, t, "grad.weight", dweight);
    expect(kit, t, "grad.bias", dbias);
}

static void batchnorm_eval(struct kit *kit, struct tried *t)
{
    const struct ic_batchnorm bn = norm_of(t);
    float *const y = output(kit, t, "out.y");

    kit->backend->batchnorm_forward_eval(
        kit->device, y, input(kit, t, "in.x"), input(kit, t, "in.residual"),
        input(kit, t, "param.weight"), input(kit, t, "param.bias"),
        input(kit, t, "in.running_mean"), input(kit, t, "in.running_var"), &bn);
    expect(kit, t, "out.y", y);
}

static void cross_entropy(struct kit *kit, struct tried *t)
{
    const struct ic_cross_entropy s = {.batch = size_of(t, "in.logits", 0),
                                       .classes = size_of(t, "in.logits", 1),
                                       .smoothing = real(t, "smoothing"),
                                       .whole = size_of(t, "in.logits", 0)};
    float *const losses = output(kit, t, "out.losses");
    float *const dlogits = output(kit, t, "grad.logits");

    kit->backend->cross_entropy(
        kit->device, losses, dlogits, input(kit, t, "in.logits"),
        labels(kit, t, "in.labels"), labels(kit, t, "in.other_labels"),
        input(kit, t, "in.share"), input(kit, t, "param.class_weight"), &s);
    expect(kit, t, "out.losses", losses);
    expect(kit, t, "grad.logits", dlogits);
}

static struct ic_update_span span_of(const struct tried *t)
{
    return (struct ic_update_span){.count = tensor(t, "in.parameters")->count,
                                   .rate = real(t, "rate"),
                                   .weight_decay = real(t, "weight_decay")};
}

static void sgd(struct kit *kit, struct tried *t)
{
    const struct ic_update_span span = span_of(t);
    const struct ic_sgd how = {.momentum = real(t, "momentum"),
                               .factor = real(t, "factor")};
    float *const p = input(kit, t, "in.parameters");
    float *const velocity = input(kit, t, "in.velocity");

    kit->backend->sgd_step(kit->device, p, velocity, input(kit, t, "in.gradient"),
                           &span, 1, &how);
    expect(kit, t, "out.parameters", p);
    expect(kit, t, "out.velocity", velocity);
}

static void adam(struct kit *kit, struct tried *t)
{
    const struct ic_update_span span = span_of(t);
    const double beta1 = real(t, "beta1"), beta2 = real(t, "beta2");
    const int step = integer(t, "step");
    const struct ic_adam how = {.beta1 = beta1,
                                .beta2 = beta2,
                                .epsilon = real(t, "epsilon"),
                                .correction1 = (float)(1 - pow(beta1, step)),
                                .correction2 = (float)(1 - pow(beta2, step)),
                                .factor = real(t, "factor")};
    float *const p = input(kit, t, "in.parameters");
    float *const mean = input(kit, t, "in.mean");
    float *const square = input(kit, t, "in.square");

    kit->backend->adam_step(kit->device, p, mean, square, input(kit, t, "in.gradient"),
                            &span, 1, &how);
    expect(kit, t, "out.parameters", p);
    expect(kit, t, "out.mean", mean);
    expect(kit, t, "out.square", square);
}

static void average(struct kit *kit, struct tried *t)
{
    float *const mean = input(kit, t, "in.mean");

    kit->backend->average(kit->device, mean, input(kit, t, "in.x"), real(t, "share"),
                          tensor(t, "in.x")->count);
    expect(kit, t, "out.mean", mean);
}

static const struct {
    const char *op;
    void (*try)(struct kit *kit, struct tried *t);
} ops[] = {
    {"conv2d", conv2d},
    {"linear", linear},
    {"relu", relu},
    {"add", add},
    {"maxpool", maxpool},
    {"avgpool", avgpool},
    {"concatpool", concatpool},
    {"batchnorm", batchnorm},
    {"batchnorm-eval", batchnorm_eval},
    {"cross-entropy", cross_entropy},
    {"sgd", sgd},
    {"adam", adam},
    {"average", average},
};

/* --- the set ---------------------------------------------------------------------- */

/* Tries a case, if it is of an op that a backend has. */
static void try_case(struct kit *kit, struct tried *t)
{
    const char *const op = json_string_value(json_object_get(t->entry, "op"));
    char path[300];

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(op, ops[i].op) == 0) {
            snprintf(path, sizeof path, "%s/%s", t->folder,
                     json_string_value(json_object_get(t->entry, "file")));
            CHECK_OK(ic_safetensors_open(path, &t->file, &error));
            CHECK_STRING(ic_safetensors_metadata(t->file, "op"), op);
            ops[i].try(kit, t);
            ic_safetensors_close(t->file);
            return;
        }
}

static void try_all(struct kit *kit, void *data)
{
    struct tried t = {.folder = data, .spoiled = ""};
    char path[300];
    uint8_t *text;
    size_t size, i, cases = 0;
    json_t *index;

    snprintf(path, sizeof path, "%s/index.json", t.folder);
    CHECK_OK(ic_file_read(path, 1 << 20, &text, &size, &error));
    index = ic_jansson_load((const char *)text, size, 0, NULL);
    json_array_foreach(json_object_get(index, "cases"), i, t.entry)
    {
        try_case(kit, &t);
        cases++;
    }
    CHECK_INT(cases, 37);
    t.entry = json_array_get(json_object_get(index, "cases"), 2);
    t.spoiled = "grad.weight";
    try_case(kit, &t);
    CHECK_INT(t.noticed, 1);
    json_decref(index);
    free(text);
}

int main(void)
{
    char *const folder = folder_make();
    char set[300];
    int cases;

    snprintf(set, sizeof set, "%s/set", folder);
    CHECK_OK(ic_conformance_write(set, &cases, &error));
    CHECK_INT(cases, 37);
    kit_run(2, try_all, set);
    folder_remove(folder);
    return check_result() || kit_result();
}
