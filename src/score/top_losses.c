/* SPDX-License-Identifier: MIT */
/*
 * Keeps the largest losses. See top_losses.h.
 */
#include "score/top_losses.h"

#include <math.h>
#include <string.h>

#include "score/logits.h"

static void insert(struct ic_top_losses *top, const struct ic_top_loss *item)
{
    int place = top->count;

    while (place > 0 && top->items[place - 1].loss < item->loss)
        place--;
    if (place == IC_TOP_LOSSES)
        return;
    if (top->count < IC_TOP_LOSSES)
        top->count++;
    memmove(top->items + place + 1, top->items + place,
            (size_t)(top->count - place - 1) * sizeof *item);
    top->items[place] = *item;
}

void ic_top_losses_add(struct ic_top_losses *top, const struct ic_batch *batch,
                       const float *logits, int classes)
{
    for (int i = 0; i < batch->count; i++, logits += classes) {
        const int predicted = ic_argmax(logits, classes);
        struct ic_top_loss item = {
            .sample = batch->samples[i],
            .label = batch->labels[i],
            .predicted = predicted,
            .probability = exp(-ic_cross_entropy_of(logits, classes, predicted)),
        };

        if (item.label < 0)
            continue;
        item.loss = ic_cross_entropy_of(logits, classes, item.label);
        insert(top, &item);
    }
}
