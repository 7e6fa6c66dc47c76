/* SPDX-License-Identifier: MIT */
/*
 * Opens and closes a model in service. See served.h.
 */
#include "serve/served.h"

#include <stdlib.h>

#include "base/machine.h"

static void close_served(struct ic_served *served)
{
    for (int i = 0; i < served->scorer_count; i++)
        ic_scorer_close(served->scorers[i]);
    free(served->scorers);
    ic_classifier_close(served->classifier);
    free(served);
}

ic_status ic_served_open(const struct ic_model_source *source,
                         const struct ic_compute *compute, int batch, int workers,
                         struct ic_served **ret_served, struct ic_error *error)
{
    const int threads = ic_machine_threads(compute->threads);
    struct ic_served *served = calloc(1, sizeof *served);
    ic_status status = IC_OK;

    *ret_served = NULL;
    if (served == NULL)
        return ic_fail_memory(error, "a model", sizeof *served);
    served->users = 1;
    served->scorers = calloc((size_t)workers, sizeof *served->scorers);
    if (served->scorers == NULL)
        status =
            ic_fail_memory(error, "scorers", (size_t)workers * sizeof *served->scorers);
    if (status == IC_OK)
        status = ic_classifier_open(source, compute, batch, IC_FOLD_FOR_MANY,
                                    &served->classifier, error);
    if (status == IC_OK)
        ic_classifier_set_threads(served->classifier,
                                  threads > workers ? threads / workers : 1);
    while (status == IC_OK && served->scorer_count < workers) {
        status = ic_scorer_open(served->classifier,
                                &served->scorers[served->scorer_count], error);
        if (status == IC_OK)
            served->scorer_count++;
    }
    if (status == IC_OK)
        *ret_served = served;
    else
        close_served(served);
    return status;
}

struct ic_served *ic_served_use(struct ic_served *served)
{
    atomic_fetch_add(&served->users, 1);
    return served;
}

void ic_served_leave(struct ic_served *served)
{
    if (served != NULL && atomic_fetch_sub(&served->users, 1) == 1)
        close_served(served);
}
