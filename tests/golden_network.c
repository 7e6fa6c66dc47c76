/* SPDX-License-Identifier: MIT */
/*
 * Networks against goldens. See golden_network.h.
 */
#include "golden_network.h"

#include "check.h"
#include "formula.h"
#include "golden.h"

/* --- the file --------------------------------------------------------------------- */

enum { ENTRIES = 2000 }; /* ResNet-152 has 1405 */

struct golden_file golden_read(const char *name)
{
    struct golden_file golden = {check_alloc(ENTRIES, sizeof *golden.entries), 0};
    FILE *file = golden_open(name);
    char text[1024];
    int used;

    while (golden_line(file, text, sizeof text)) {
        struct golden_entry *entry = &golden.entries[golden.count];
        const char *at;

        if (golden.count++ == ENTRIES ||
            sscanf(text, "%15s %63s%n", entry->key, entry->name, &used) != 2)
            exit(99);
        at = text + used;
        while (entry->count < GOLDEN_NUMBERS &&
               sscanf(at, "%lf%n", &entry->numbers[entry->count], &used) == 1) {
            entry->count++;
            at += used;
        }
    }
    fclose(file);
    return golden;
}

const double *golden_find(const struct golden_file *golden, const char *key,
                          const char *name, int count)
{
    for (int i = 0; i < golden->count; i++) {
        const struct golden_entry *entry = &golden->entries[i];

        if (strcmp(entry->key, key) == 0 && strcmp(entry->name, name) == 0 &&
            entry->count == count)
            return entry->numbers;
    }
    return NULL;
}

const double *golden_need(const struct golden_file *golden, const char *key,
                          const char *name, int count)
{
    const double *numbers = golden_find(golden, key, name, count);

    if (numbers == NULL) {
        fprintf(stderr, "the golden has no %s %s of %d numbers\n", key, name, count);
        exit(99);
    }
    return numbers;
}

/* --- the network ------------------------------------------------------------------ */

void golden_network_open(struct golden_network *network, struct ic_engine *engine,
                         struct ic_model *model,
                         const struct ic_engine_options *options, const char *arch,
                         const char *head, int classes, int size)
{
    struct ic_error error;
    ic_status status;

    *network = (struct golden_network){.engine = engine};
    status = ic_model_init(model, arch, head, NULL, classes, "none", size, IC_FIT_CROP,
                           &error);
    if (status == IC_OK)
        status = ic_engine_open(engine, model, options, &error);
    if (status == IC_OK)
        status = ic_weight_names(&engine->graph, &network->arena, &network->names,
                                 &network->name_count, &error);
    if (status != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    network->scratch = check_alloc(engine->graph.param_floats, sizeof(float));
    network->vector = check_alloc(engine->graph.param_floats, sizeof(float));
}

void golden_network_close(struct golden_network *network)
{
    ic_arena_free(&network->arena);
    free(network->scratch);
    free(network->vector);
}

static float *block_of(const struct golden_network *network, size_t i)
{
    struct ic_net *net = network->engine->net;

    return network->names[i].is_state ? ic_net_states(net) : ic_net_params(net);
}

const float *golden_network_block(const struct golden_network *network, size_t i)
{
    return block_of(network, i);
}

void golden_network_set(struct golden_network *network, golden_weights *weights)
{
    const struct ic_backend *backend = network->engine->backend;
    struct ic_device *device = network->engine->device;

    for (size_t i = 0; i < network->name_count; i++) {
        const struct ic_array *array = network->names[i].array;

        if (array == NULL)
            continue;
        weights(network->vector, array, (unsigned)i);
        ic_weights_from_file_layout(network->scratch, network->vector, array);
        backend->upload(device, block_of(network, i) + array->offset, network->scratch,
                        array->count * sizeof(float));
    }
    for (int slot = 0; slot < 2; slot++)
        backend->fill(device, ic_net_slot(network->engine->net, slot), 0,
                      network->engine->graph.param_floats);
}

void golden_network_read(struct golden_network *network, size_t i, const float *block)
{
    const struct ic_array *array = network->names[i].array;

    network->engine->backend->download(network->engine->device, network->scratch,
                                       block + array->offset,
                                       array->count * sizeof(float));
    ic_weights_to_file_layout(network->vector, network->scratch, array);
}

double golden_network_error(const struct golden_network *network, size_t i,
                            const double golden[GOLDEN_VECTOR])
{
    const float *vector = network->vector;
    const size_t count = network->names[i].array->count;
    double products[8], squares = 0, size = 0, worst;

    for (size_t k = 0; k < count; k++)
        size += (double)vector[k] * vector[k];
    formula_project(products, vector, (unsigned)i, count);
    for (int d = 0; d < 8; d++)
        squares += pow(products[d] - golden[3 + d], 2);
    worst = sqrt(squares / 8);
    worst = fmax(worst, fabs(sqrt(size) - golden[0]));
    worst = fmax(worst, fabs(vector[0] - golden[1]));
    worst = fmax(worst, fabs(vector[count - 1] - golden[2]));
    return isfinite(size) ? worst : INFINITY;
}
