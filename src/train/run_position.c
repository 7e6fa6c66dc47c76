/* SPDX-License-Identifier: MIT */
/*
 * The position in a checkpoint's metadata. See run_position.h.
 */
#include "train/run_position.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct ic_run_position ic_run_position_start(void)
{
    return (struct ic_run_position){.best = ic_best_none(),
                                    .phase_best = ic_best_none()};
}

/* Writes seventeen digits, which give a double back exactly. */
static void put_number(struct ic_safetensors_writer *writer, const char *key,
                       double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.17g", value);
    ic_safetensors_set_metadata(writer, key, text);
}

/* Reads a number that is not below 0 (infinity is allowed, NaN is not). */
static ic_status get_number(const struct ic_safetensors *file, const char *path,
                            const char *key, double *ret_value, struct ic_error *error)
{
    const char *text = ic_safetensors_metadata(file, key);
    char *end = NULL;

    *ret_value = text != NULL ? strtod(text, &end) : -1;
    if (text == NULL || end == text || *end != '\0' || !(*ret_value >= 0))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is damaged: its %s is %.40s, expected a number", path, key,
                       text != NULL ? text : "missing");
    return IC_OK;
}

/* Reads a count. Counts are whole and far below 2^53, so doubles hold them exactly. */
static ic_status get_count(const struct ic_safetensors *file, const char *path,
                           const char *key, int64_t *ret_value, struct ic_error *error)
{
    double value;
    const ic_status status = get_number(file, path, key, &value, error);

    if (status != IC_OK)
        return status;
    if (value > 1e15 || value != floor(value))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is damaged: its %s is %g, expected a count", path, key,
                       value);
    *ret_value = (int64_t)value;
    return IC_OK;
}

/* "checkpoint.cut.0" */
static void cut_key(char key[40], int phase)
{
    snprintf(key, 40, "checkpoint.cut.%d", phase);
}

void ic_run_position_put(const struct ic_run_position *position,
                         struct ic_safetensors_writer *writer)
{
    put_number(writer, "checkpoint.epoch", (double)position->epoch);
    put_number(writer, "checkpoint.batch", (double)position->batch);
    put_number(writer, "checkpoint.step", (double)position->step);
    put_number(writer, "checkpoint.losses", (double)position->smooth.count);
    put_number(writer, "checkpoint.loss_average", position->smooth.average);
    put_number(writer, "checkpoint.best_error", position->best.error_rate);
    put_number(writer, "checkpoint.best_loss", position->best.loss);
    put_number(writer, "checkpoint.phase_error", position->phase_best.error_rate);
    put_number(writer, "checkpoint.phase_loss", position->phase_best.loss);
    put_number(writer, "checkpoint.waited", (double)position->waited);
    for (int phase = 0; phase < IC_PHASES; phase++) {
        char key[40];

        cut_key(key, phase);
        put_number(writer, key, (double)position->cut[phase]);
    }
    put_number(writer, "checkpoint.train_seconds", position->train_seconds);
    put_number(writer, "checkpoint.finished", position->finished);
}

static ic_status get_cuts(struct ic_run_position *position,
                          const struct ic_safetensors *file, const char *path,
                          struct ic_error *error)
{
    ic_status status = IC_OK;

    for (int phase = 0; phase < IC_PHASES && status == IC_OK; phase++) {
        char key[40];

        cut_key(key, phase);
        status = get_count(file, path, key, &position->cut[phase], error);
    }
    return status;
}

ic_status ic_run_position_get(struct ic_run_position *ret_position,
                              const struct ic_safetensors *file, const char *path,
                              struct ic_error *error)
{
    struct ic_run_position *const p = ret_position;
    const struct {
        const char *key;
        int64_t *value;
    } counts[] = {
        {"checkpoint.epoch", &p->epoch},   {"checkpoint.batch", &p->batch},
        {"checkpoint.step", &p->step},     {"checkpoint.losses", &p->smooth.count},
        {"checkpoint.waited", &p->waited},
    };
    const struct {
        const char *key;
        double *value;
    } numbers[] = {
        {"checkpoint.loss_average", &p->smooth.average},
        {"checkpoint.best_error", &p->best.error_rate},
        {"checkpoint.best_loss", &p->best.loss},
        {"checkpoint.phase_error", &p->phase_best.error_rate},
        {"checkpoint.phase_loss", &p->phase_best.loss},
        {"checkpoint.train_seconds", &p->train_seconds},
    };
    int64_t finished = 0;
    ic_status status = IC_OK;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0] && status == IC_OK; i++)
        status = get_count(file, path, counts[i].key, counts[i].value, error);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && status == IC_OK; i++)
        status = get_number(file, path, numbers[i].key, numbers[i].value, error);
    if (status == IC_OK)
        status = get_cuts(p, file, path, error);
    if (status == IC_OK)
        status = get_count(file, path, "checkpoint.finished", &finished, error);
    p->finished = finished != 0;
    return status;
}
