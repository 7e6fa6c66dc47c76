/* SPDX-License-Identifier: MIT */
/*
 * Builds the JSON of an answer. See answer.h.
 */
#include "score/answer.h"

void ic_answer_put(json_t *object, const struct ic_model *model, int class,
                   const double *probabilities)
{
    json_object_set_new(object, "class", json_string(model->classes[class]));
    json_object_set_new(object, "probability", json_real(probabilities[class]));
}

json_t *ic_answer_probabilities(const struct ic_model *model,
                                const double *probabilities)
{
    json_t *object = json_object();

    for (int i = 0; object != NULL && i < model->class_count; i++)
        json_object_set_new(object, model->classes[i], json_real(probabilities[i]));
    return object;
}
