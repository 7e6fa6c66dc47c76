/* SPDX-License-Identifier: MIT */
/*
 * Puts outbox, state, server and thread together. See tracking.h.
 */
#include "track/tracking.h"

#include <stdarg.h>
#include <stdio.h>

void ic_tracking_note(const struct ic_train_events *shown, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    if (shown == NULL || shown->on_note == NULL)
        return;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    shown->on_note(shown->context, sentence);
}

ic_status ic_tracking_start(struct ic_tracking *tracking, const char *folder,
                            struct ic_error *error)
{
    ic_status status = IC_OK;

    if (tracking->sent.path == NULL)
        status = ic_sent_open(&tracking->sent, folder, error);
    if (status == IC_OK)
        status = ic_sent_address(&tracking->sent, tracking->api.address.shown, error);
    if (status == IC_OK) /* from now on mlflow-sync knows the server */
        status = ic_sent_save(&tracking->sent, error);
    if (status != IC_OK)
        return status;
    tracking->delivery = (struct ic_delivery){.api = &tracking->api,
                                              .outbox = &tracking->outbox,
                                              .sent = &tracking->sent,
                                              .folder = folder};
    status = ic_delivery_open(&tracking->delivery, error);
    if (status == IC_OK)
        status = ic_sender_start(&tracking->sender, &tracking->delivery, error);
    return status;
}

ic_status ic_tracking_finish(struct ic_tracking *tracking, double patience,
                             const struct ic_train_events *shown,
                             struct ic_error *error)
{
    const struct ic_delivery *delivery = &tracking->delivery;
    const char *failure = tracking->sender.failure;

    ic_sender_finish(&tracking->sender, patience);
    for (size_t i = 0; i < sizeof delivery->notes / sizeof *delivery->notes; i++)
        if (delivery->notes[i][0] != '\0')
            ic_tracking_note(shown, "skipped: %s", delivery->notes[i]);
    if (ic_delivery_complete(delivery))
        return IC_OK;
    return ic_fail(error, IC_ERR_IO, "%s",
                   failure[0] != '\0' ? failure : "the server takes too long");
}

void ic_tracking_close(struct ic_tracking *tracking)
{
    ic_delivery_close(&tracking->delivery);
    ic_sent_close(&tracking->sent);
    ic_outbox_close(&tracking->outbox);
    ic_api_close(&tracking->api);
}
