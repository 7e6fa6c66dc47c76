/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints of a tiny network: a saved state is read back bit by bit, and a file that
 * is truncated, changed, or of another network, job or data set is refused.
 */
#include "backend/registry.h"
#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "format/safetensors.h"
#include "graph/ops.h"
#include "train/checkpoint.h"

static struct ic_error error;
static const struct ic_backend *backend;
static struct ic_device *device;
static char *folder, *path;

static const char *const job = "labels = species\nlr = 0.5\n";

/* --- a tiny network --------------------------------------------------------------- */

struct tiny {
    struct ic_graph graph;
    struct ic_net *net;
    struct ic_run_position position;
};

/* With Adam the network has an average of the weights, with SGD it has none. */
static void open_tiny(struct tiny *tiny, int channels, enum ic_optimizer_kind kind)
{
    const struct ic_plan_options options = {.batch = 1,
                                            .training = true,
                                            .slots = ic_optimizer_slots(kind),
                                            .average = kind == IC_OPTIMIZER_ADAM};
    int x;

    memset(tiny, 0, sizeof *tiny);
    ic_graph_init(&tiny->graph, 4, 4, 3, IC_CONV_AUTO);
    x = ic_conv2d(&tiny->graph, "conv", 0, channels, 3, 1, 1);
    x = ic_batchnorm(&tiny->graph, "bn", x, IC_NO_RESIDUAL, true);
    x = ic_avgpool(&tiny->graph, "pool", x);
    ic_linear(&tiny->graph, "fc", x, 2);
    if (ic_graph_finish(&tiny->graph, &error) != IC_OK ||
        ic_net_open(&tiny->graph, backend, device, &options, &tiny->net, &error) !=
            IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
}

static void close_tiny(struct tiny *tiny)
{
    ic_net_close(tiny->net);
    ic_graph_free(&tiny->graph);
}

/* Gives every element of an array a value of its own. */
static void fill_array(float *block, const struct ic_array *array, float base)
{
    for (size_t i = 0; i < array->count; i++) {
        const float value = base + 0.37f * (float)(array->offset + i);

        backend->upload(device, block + array->offset + i, &value, sizeof value);
    }
}

static int set_count(const struct tiny *tiny)
{
    return ic_net_plan(tiny->net)->options.average ? IC_NET_SETS : 1;
}

/* Fills the weights, then the average, which stays selected. */
static void fill_sets(struct tiny *tiny)
{
    const struct ic_graph *graph = &tiny->graph;

    for (int set = 0; set < set_count(tiny); set++) {
        ic_net_select(tiny->net, (enum ic_net_set)set);
        for (int i = 0; i < graph->param_count; i++)
            fill_array(ic_net_params(tiny->net), &graph->params[i],
                       1 + 50 * (float)set);
        for (int i = 0; i < graph->state_count; i++)
            fill_array(ic_net_states(tiny->net), &graph->states[i],
                       3 + 50 * (float)set);
    }
}

static void fill(struct tiny *tiny, int slots)
{
    const struct ic_graph *graph = &tiny->graph;

    fill_sets(tiny);
    for (int i = 0; i < graph->param_count; i++)
        for (int slot = 0; slot < slots; slot++)
            fill_array(ic_net_slot(tiny->net, slot), &graph->params[i],
                       100 * (float)(slot + 1));
    tiny->position = (struct ic_run_position){
        .epoch = 3,
        .batch = 17,
        .step = 1234567890123,
        .smooth = {.average = 0.1 + 0.2, .count = 99},
        .best = {1.0 / 3, INFINITY},
        .phase_best = {0.5, 0.1},
        .waited = 2,
        .cut = {4, 5},
        .train_seconds = 5e-324, /* the smallest double must survive */
        .finished = true,
    };
}

static bool same_array(float *a, float *b, const struct ic_array *array)
{
    float *values = check_alloc(2 * array->count, sizeof *values);
    bool same;

    backend->download(device, values, a + array->offset, array->count * sizeof *values);
    backend->download(device, values + array->count, b + array->offset,
                      array->count * sizeof *values);
    same = memcmp(values, values + array->count, array->count * sizeof *values) == 0;
    free(values);
    return same;
}

static void check_same_sets(struct tiny *a, struct tiny *b)
{
    const struct ic_graph *graph = &a->graph;

    for (int set = 0; set < set_count(a); set++) {
        ic_net_select(a->net, (enum ic_net_set)set);
        ic_net_select(b->net, (enum ic_net_set)set);
        for (int i = 0; i < graph->param_count; i++)
            CHECK(same_array(ic_net_params(a->net), ic_net_params(b->net),
                             &graph->params[i]));
        for (int i = 0; i < graph->state_count; i++)
            CHECK(same_array(ic_net_states(a->net), ic_net_states(b->net),
                             &graph->states[i]));
    }
}

static void check_same(struct tiny *a, struct tiny *b, int slots)
{
    const struct ic_graph *graph = &a->graph;
    const struct ic_run_position *p = &a->position, *q = &b->position;

    check_same_sets(a, b);
    for (int i = 0; i < graph->param_count; i++)
        for (int slot = 0; slot < slots; slot++)
            CHECK(same_array(ic_net_slot(a->net, slot), ic_net_slot(b->net, slot),
                             &graph->params[i]));
    CHECK_INT(q->epoch, p->epoch);
    CHECK_INT(q->batch, p->batch);
    CHECK_INT(q->step, p->step);
    CHECK_INT(q->smooth.count, p->smooth.count);
    CHECK(q->smooth.average == p->smooth.average);
    CHECK(memcmp(&q->best, &p->best, sizeof p->best) == 0);
    CHECK(memcmp(&q->phase_best, &p->phase_best, sizeof p->phase_best) == 0);
    CHECK_INT(q->waited, p->waited);
    for (int phase = 0; phase < IC_PHASES; phase++)
        CHECK_INT(q->cut[phase], p->cut[phase]);
    CHECK(q->train_seconds == p->train_seconds);
    CHECK_INT(q->finished, p->finished);
}

static struct ic_checkpoint checkpoint_of(struct tiny *tiny,
                                          enum ic_optimizer_kind kind)
{
    return (struct ic_checkpoint){.job = job,
                                  .data = "cafe-1234",
                                  .net = tiny->net,
                                  .kind = kind,
                                  .position = &tiny->position};
}

/* --- tests ------------------------------------------------------------------------ */

static void round_trip(enum ic_optimizer_kind kind)
{
    const int slots = ic_optimizer_slots(kind);
    struct tiny saved, loaded;
    struct ic_checkpoint out, in;
    uint8_t *first = NULL, *second = NULL;
    size_t first_size, second_size;

    open_tiny(&saved, 5, kind);
    open_tiny(&loaded, 5, kind);
    fill(&saved, slots);
    out = checkpoint_of(&saved, kind);
    in = checkpoint_of(&loaded, kind);
    CHECK_OK(ic_checkpoint_save(&out, path, &error));
    CHECK_OK(ic_checkpoint_load(&in, path, &error));
    check_same(&saved, &loaded, slots);

    /* The same state gives the same file. */
    CHECK_OK(ic_file_read(path, 1 << 20, &first, &first_size, &error));
    CHECK_OK(ic_checkpoint_save(&in, path, &error));
    CHECK_OK(ic_file_read(path, 1 << 20, &second, &second_size, &error));
    CHECK(first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first), free(second);
    close_tiny(&saved);
    close_tiny(&loaded);
}

/* Whichever set is selected, each set is saved under its own name. */
static void names_of_sets(void)
{
    static const char *const names[] = {"model.fc.bias", "average.fc.bias"};
    struct tiny tiny;
    struct ic_checkpoint out;

    open_tiny(&tiny, 5, IC_OPTIMIZER_ADAM);
    fill(&tiny, 2);
    out = checkpoint_of(&tiny, IC_OPTIMIZER_ADAM);
    for (int selected = 0; selected < IC_NET_SETS; selected++) {
        const struct ic_array *bias = &tiny.graph.params[tiny.graph.param_count - 1];
        struct ic_safetensors *file = NULL;

        ic_net_select(tiny.net, (enum ic_net_set)selected);
        CHECK_OK(ic_checkpoint_save(&out, path, &error));
        CHECK_OK(ic_safetensors_open(path, &file, &error));
        for (int set = 0; set < IC_NET_SETS; set++) {
            const struct ic_tensor *tensor = ic_safetensors_find(file, names[set]);
            const float base = 1 + 50 * (float)set;

            CHECK(tensor != NULL && ((const float *)tensor->data)[0] ==
                                        base + 0.37f * (float)bias->offset);
        }
        ic_safetensors_close(file);
    }
    close_tiny(&tiny);
}

/* The moments have the layout of the weights in the file: PyTorch's OIHW. */
static void layout(void)
{
    struct tiny tiny;
    struct ic_checkpoint out;
    struct ic_safetensors *file = NULL;
    const struct ic_tensor *tensor;

    open_tiny(&tiny, 5, IC_OPTIMIZER_ADAM);
    fill(&tiny, 2);
    out = checkpoint_of(&tiny, IC_OPTIMIZER_ADAM);
    CHECK_OK(ic_checkpoint_save(&out, path, &error));
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    tensor = ic_safetensors_find(file, "optimizer.square.conv.weight");
    CHECK(tensor != NULL);
    if (tensor != NULL) {
        const int o = 4, c = 2, y = 1, x = 0;
        const size_t ours = (size_t)((o * 3 + y) * 3 + x) * 3 + (size_t)c;
        const size_t theirs = (size_t)((o * 3 + c) * 3 + y) * 3 + (size_t)x;

        CHECK_INT(tensor->rank, 4);
        CHECK_INT(tensor->shape[1], 3);
        CHECK_NEAR(((const float *)tensor->data)[theirs],
                   200 + 0.37f * (float)(tiny.graph.params[0].offset + ours), 0);
    }
    CHECK(ic_safetensors_find(file, "model.bn.running_var") != NULL);
    CHECK_STRING(ic_safetensors_metadata(file, "checkpoint.job"), job);
    ic_safetensors_close(file);
    close_tiny(&tiny);
}

/* Saves a checkpoint of a tiny network and returns its bytes, which the caller frees.
 */
static uint8_t *save_tiny(struct tiny *tiny, struct ic_checkpoint *in, size_t *ret_size)
{
    uint8_t *bytes = NULL;

    open_tiny(tiny, 5, IC_OPTIMIZER_ADAM);
    fill(tiny, 2);
    *in = checkpoint_of(tiny, IC_OPTIMIZER_ADAM);
    CHECK_OK(ic_checkpoint_save(in, path, &error));
    CHECK_OK(ic_file_read(path, 1 << 20, &bytes, ret_size, &error));
    return bytes;
}

/* Every truncated file is refused, and so is one with an extra byte. */
static void cut_off(void)
{
    char *shorter = folder_path(folder, "shorter");
    struct tiny tiny;
    struct ic_checkpoint in;
    size_t size = 0;
    uint8_t *bytes = save_tiny(&tiny, &in, &size);

    for (size_t length = 0; length <= size + 1; length += length % 97 < 5 ? 1 : 31) {
        if (length == size)
            continue;
        folder_put(folder, "shorter", bytes, length); /* followed by one zero byte */
        CHECK_FAILS(ic_checkpoint_load(&in, shorter, &error), IC_ERR_FORMAT, "shorter");
    }
    free(bytes), free(shorter);
    close_tiny(&tiny);
}

/* Copies the checkpoint to `to` with one string of its metadata changed, or one tensor
 * left out (`text` NULL) or made of NaN. */
static void rewrite(const char *to, const char *key, const char *text)
{
    static const char *const keys[] = {
        "checkpoint.version",       "checkpoint.job",          "checkpoint.data",
        "checkpoint.epoch",         "checkpoint.batch",        "checkpoint.step",
        "checkpoint.losses",        "checkpoint.loss_average", "checkpoint.best_error",
        "checkpoint.best_loss",     "checkpoint.phase_error",  "checkpoint.phase_loss",
        "checkpoint.waited",        "checkpoint.cut.0",        "checkpoint.cut.1",
        "checkpoint.train_seconds", "checkpoint.finished"};
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file = NULL;
    float nans[512];

    for (int i = 0; i < 512; i++)
        nans[i] = NAN;
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const bool changed = strcmp(keys[i], key) == 0;

        if (!changed || text != NULL)
            ic_safetensors_set_metadata(
                writer, keys[i],
                changed ? text : ic_safetensors_metadata(file, keys[i]));
    }
    for (size_t i = 0; i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        const bool changed = strcmp(tensor->name, key) == 0;

        if (strcmp(tensor->name, IC_CHECKSUMS) != 0 && (!changed || text != NULL))
            ic_safetensors_add(writer, tensor->name, tensor->dtype, tensor->rank,
                               tensor->shape,
                               changed ? (const void *)nans : tensor->data);
    }
    CHECK_OK(ic_safetensors_commit_with_checksums(writer, to, &error));
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
}

/* A checkpoint is refused in which one bit of any byte has changed, and so is one
 * without checksums. */
static void changed_bits(void)
{
    char *changed = folder_path(folder, "changed");
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    struct ic_safetensors *file = NULL;
    struct tiny tiny;
    struct ic_checkpoint in;
    size_t size = 0;
    uint8_t *bytes = save_tiny(&tiny, &in, &size);

    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (uint8_t)(1 << i % 8);
        folder_put(folder, "changed", bytes, size);
        CHECK(ic_checkpoint_load(&in, changed, &error) != IC_OK);
        bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    folder_put(folder, "changed", bytes, size);
    CHECK_OK(ic_checkpoint_load(&in, changed, &error));
    bytes[size - 1] ^= 1; /* of the last checksum, which is the last tensor's */
    folder_put(folder, "changed", bytes, size);
    CHECK_FAILS(ic_checkpoint_load(&in, changed, &error), IC_ERR_FORMAT,
                "changed is damaged: its tensor ");

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    ic_safetensors_set_metadata(writer, "checkpoint.version", "3");
    ic_safetensors_set_metadata(writer, "checkpoint.job", in.job);
    ic_safetensors_set_metadata(writer, "checkpoint.data", in.data);
    CHECK_OK(ic_safetensors_commit(writer, changed, &error));
    CHECK_FAILS(ic_checkpoint_load(&in, changed, &error), IC_ERR_FORMAT,
                "changed has no checksums");
    ic_safetensors_writer_free(writer);
    ic_safetensors_close(file);
    free(bytes), free(changed);
    close_tiny(&tiny);
}

static void damaged(void)
{
    const struct {
        const char *key, *text;
        ic_status status;
        const char *message;
    } cases[] = {
        {"checkpoint.version", NULL, IC_ERR_FORMAT, "is not a checkpoint of im2cat"},
        {"checkpoint.version", "1", IC_ERR_FORMAT, "of version 1, expected 3"},
        {"checkpoint.job", NULL, IC_ERR_FORMAT, "is not a checkpoint"},
        {"checkpoint.job", "what", IC_ERR_USAGE, "another version"},
        {"checkpoint.job", "labels = breed\nlr = 0.5\n", IC_ERR_USAGE,
         "--labels was breed and is now species"},
        {"checkpoint.data", "cafe-1235", IC_ERR_USAGE, "the data set changed"},
        {"checkpoint.epoch", NULL, IC_ERR_FORMAT, "checkpoint.epoch is missing"},
        {"checkpoint.epoch", "1e300", IC_ERR_FORMAT, "expected a count"},
        {"checkpoint.batch", "-1", IC_ERR_FORMAT, "expected a number"},
        {"checkpoint.batch", "1.5", IC_ERR_FORMAT, "expected a count"},
        {"checkpoint.step", "", IC_ERR_FORMAT, "expected a number"},
        {"checkpoint.losses", "8x", IC_ERR_FORMAT, "is 8x, expected a number"},
        {"checkpoint.losses", "inf", IC_ERR_FORMAT, "expected a count"},
        {"checkpoint.loss_average", "nan", IC_ERR_FORMAT, "expected a number"},
        {"checkpoint.waited", "0.5", IC_ERR_FORMAT, "expected a count"},
        {"checkpoint.cut.1", NULL, IC_ERR_FORMAT, "checkpoint.cut.1 is missing"},
        {"checkpoint.finished", "no", IC_ERR_FORMAT, "expected a number"},
        {"optimizer.mean.fc.bias", NULL, IC_ERR_FORMAT, "has no tensor optimizer.mean"},
        {"optimizer.mean.fc.bias", "", IC_ERR_FORMAT, "not finite"},
        {"model.conv.weight", NULL, IC_ERR_USAGE, "conv.weight"},
        {"model.bn.running_mean", "", IC_ERR_NUMERIC, "bn.running_mean"},
        {"average.fc.weight", NULL, IC_ERR_USAGE, "missing fc.weight"},
        {"average.bn.running_var", "", IC_ERR_NUMERIC, "bn.running_var"},
    };
    char *changed = folder_path(folder, "changed");
    struct tiny tiny;
    struct ic_checkpoint in;

    open_tiny(&tiny, 5, IC_OPTIMIZER_ADAM);
    fill(&tiny, 2);
    in = checkpoint_of(&tiny, IC_OPTIMIZER_ADAM);
    CHECK_OK(ic_checkpoint_save(&in, path, &error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rewrite(changed, cases[i].key, cases[i].text);
        CHECK_FAILS(ic_checkpoint_load(&in, changed, &error), cases[i].status,
                    cases[i].message);
    }
    free(changed);
    close_tiny(&tiny);
}

/* Checkpoints that claim the same job but have other shapes or another optimiser's
 * state. */
static void another_network(void)
{
    struct tiny tiny, wider, sgd;
    struct ic_checkpoint out, in;

    open_tiny(&tiny, 5, IC_OPTIMIZER_ADAM);
    open_tiny(&wider, 6, IC_OPTIMIZER_ADAM);
    open_tiny(&sgd, 5, IC_OPTIMIZER_SGD);
    fill(&tiny, 2);
    out = checkpoint_of(&tiny, IC_OPTIMIZER_ADAM);
    CHECK_OK(ic_checkpoint_save(&out, path, &error));
    in = checkpoint_of(&wider, IC_OPTIMIZER_ADAM);
    CHECK_FAILS(ic_checkpoint_load(&in, path, &error), IC_ERR_USAGE, "conv.weight");
    in = checkpoint_of(&sgd, IC_OPTIMIZER_SGD);
    CHECK_FAILS(ic_checkpoint_load(&in, path, &error), IC_ERR_FORMAT,
                "has no tensor optimizer.velocity");
    in.data = "other";
    CHECK_FAILS(ic_checkpoint_load(&in, path, &error), IC_ERR_USAGE, "changed");
    close_tiny(&tiny);
    close_tiny(&wider);
    close_tiny(&sgd);
}

/* A value that is not finite is never written, and the earlier file stays. */
static void not_finite(void)
{
    const float bad[] = {NAN, INFINITY, -INFINITY, NAN};
    const char *const names[] = {"weights of fc.bias", "running statistics of bn",
                                 "averages of conv.weight", "weights of fc.weight"};
    struct tiny tiny;
    struct ic_checkpoint out;

    open_tiny(&tiny, 5, IC_OPTIMIZER_ADAM);
    for (int i = 0; i < 4; i++) {
        const struct ic_graph *graph = &tiny.graph;
        const int last = graph->param_count - 1;
        float *places[4];

        fill(&tiny, 2);
        places[3] = ic_net_params(tiny.net) + graph->params[last - 1].offset;
        ic_net_select(tiny.net, IC_NET_WEIGHTS);
        places[0] = ic_net_params(tiny.net) + graph->params[last].offset;
        places[1] = ic_net_states(tiny.net) + graph->states[0].offset;
        places[2] = ic_net_slot(tiny.net, 1) + graph->params[0].offset;
        out = checkpoint_of(&tiny, IC_OPTIMIZER_ADAM);
        CHECK_OK(ic_checkpoint_save(&out, path, &error));
        backend->upload(device, places[i], &bad[i], sizeof bad[i]);
        CHECK_FAILS(ic_checkpoint_save(&out, path, &error), IC_ERR_NUMERIC, names[i]);
        CHECK_OK(ic_checkpoint_load(&out, path, &error));
    }
    close_tiny(&tiny);
}

int main(void)
{
    const struct ic_device_options options = {.threads = 2};

    if (ic_backend_find("cpu", &backend, &error) != IC_OK ||
        backend->open(&options, &device, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 99;
    }
    folder = folder_make();
    path = folder_path(folder, "checkpoint.safetensors");
    round_trip(IC_OPTIMIZER_ADAM);
    round_trip(IC_OPTIMIZER_SGD);
    names_of_sets();
    layout();
    cut_off();
    changed_bits();
    damaged();
    another_network();
    not_finite();
    backend->close(device);
    free(path);
    folder_remove(folder);
    return check_result();
}
