/* SPDX-License-Identifier: MIT */
/*
 * A run's folder with its checkpoint, on a network of one layer: created, saved to,
 * opened again, and refused where it must be.
 */
#include "backend/registry.h"
#include "check.h"
#include "folder.h"
#include "graph/ops.h"
#include "train/run_store.h"

static struct ic_error error;
static const struct ic_backend *backend;
static struct ic_device *device;
static struct ic_graph graph;
static struct ic_net *net;
static char *base;

static void open_net(void)
{
    const struct ic_device_options device_options = {.threads = 1};
    const struct ic_plan_options options = {.batch = 1, .training = true, .slots = 1};
    int x;

    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    CHECK_OK(backend->open(&device_options, &device, &error));
    ic_graph_init(&graph, 4, 4, 3, IC_CONV_AUTO);
    x = ic_avgpool(&graph, "pool", 0);
    ic_linear(&graph, "fc", x, 2);
    CHECK_OK(ic_graph_finish(&graph, &error));
    CHECK_OK(ic_net_open(&graph, backend, device, &options, &net, &error));
}

static void set_weights(float value)
{
    backend->fill(device, ic_net_params(net), value, graph.param_floats);
}

static float first_weight(void)
{
    float value;

    backend->download(device, &value, ic_net_params(net), sizeof value);
    return value;
}

static struct ic_job make_job(const char *out)
{
    struct ic_job job;

    ic_job_defaults(&job);
    job.data = "pets";
    job.out = out;
    CHECK_OK(ic_job_check(&job, &error));
    return job;
}

static ic_status open_store(struct ic_run_store *store, const struct ic_job *job,
                            const char *fingerprint, struct ic_run_position *position,
                            bool *ret_checkpoint)
{
    return ic_run_store_open(store, job, fingerprint, net, IC_OPTIMIZER_SGD, position,
                             ret_checkpoint, &error);
}

/* Begins a run of three pictures, one of them for validation, and saves it at step 0.
 */
static void begin(struct ic_run_store *store, const struct ic_job *job,
                  struct ic_run_position *position)
{
    struct ic_sample samples[] = {
        {.name = "a.png"}, {.name = "b.png"}, {.name = "c.png"}};
    const struct ic_dataset dataset = {.samples = samples, .count = 3};
    uint32_t train[] = {0, 2}, valid[] = {1};
    const struct ic_split split = {
        .train = train, .train_count = 2, .valid = valid, .valid_count = 1};
    bool has_checkpoint = true;

    *position = ic_run_position_start();
    CHECK_OK(open_store(store, job, "3-a-b", position, &has_checkpoint));
    CHECK(!has_checkpoint);
    CHECK_OK(ic_run_store_begin(store, job, &dataset, &split, &error));
    CHECK_OK(ic_run_store_save(store, &error));
}

static void goes_on(void)
{
    char *out = folder_path(base, "run"), *split;
    struct ic_job job = make_job(out);
    struct ic_run_store store = {0};
    struct ic_run_position position;
    bool has_checkpoint = false;

    set_weights(1);
    begin(&store, &job, &position);
    position.step = 7;
    set_weights(2);
    CHECK_OK(ic_run_store_save(&store, &error));
    ic_run_store_close(&store);
    split = folder_path(out, "split.txt");
    CHECK(access(split, R_OK) == 0);

    set_weights(3);
    position = ic_run_position_start();
    CHECK_FAILS(open_store(&store, &job, "3-a-b", &position, &has_checkpoint),
                IC_ERR_USAGE, "exists: use --resume to continue");
    ic_run_store_close(&store);
    job.resume = true;
    CHECK_OK(open_store(&store, &job, "3-a-b", &position, &has_checkpoint));
    CHECK(has_checkpoint);
    CHECK_OK(ic_run_store_load(&store, &error));
    CHECK_INT(position.step, 7);
    CHECK(first_weight() == 2);
    ic_run_store_close(&store);

    /* Other pictures, then another job. */
    CHECK_OK(open_store(&store, &job, "4-a-b", &position, &has_checkpoint));
    CHECK_FAILS(ic_run_store_load(&store, &error), IC_ERR_USAGE,
                "3 pictures then, 4 now");
    ic_run_store_close(&store);
    job.lr = 0.5;
    CHECK_OK(open_store(&store, &job, "3-a-b", &position, &has_checkpoint));
    CHECK_FAILS(ic_run_store_load(&store, &error), IC_ERR_USAGE, "--lr was 0.002");
    ic_run_store_close(&store);
    free(out), free(split);
}

/* A second store cannot open the folder, not even in the same process. */
static void is_locked(void)
{
    char *out = folder_path(base, "locked");
    struct ic_job job = make_job(out);
    struct ic_run_store store = {0}, other = {0};
    struct ic_run_position position;
    bool has_checkpoint;

    begin(&store, &job, &position);
    job.resume = true;
    CHECK_FAILS(open_store(&other, &job, "3-a-b", &position, &has_checkpoint),
                IC_ERR_USAGE, "another process is training in");
    ic_run_store_close(&other);
    ic_run_store_close(&store);
    free(out);
}

int main(void)
{
    base = folder_make();
    open_net();
    goes_on();
    is_locked();
    ic_net_close(net);
    ic_graph_free(&graph);
    backend->close(device);
    folder_remove(base);
    return check_result();
}
