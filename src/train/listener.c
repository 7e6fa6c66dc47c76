/* SPDX-License-Identifier: MIT */
/*
 * Calls the listeners of a training. See listener.h, and run.h for the events.
 */
#include "train/listener.h"

#include <stdarg.h>
#include <stdio.h>

bool ic_listener_asked(const struct ic_listener *listener)
{
    return listener->stop != NULL && *listener->stop != 0;
}

bool ic_listener_must_stop(struct ic_listener *listener)
{
    if (ic_comm_size(listener->comm) == 1 && ic_listener_asked(listener))
        listener->stopped = true;
    return listener->stopped;
}

ic_status ic_listener_agree(struct ic_listener *listener, ic_status status,
                            struct ic_error *error)
{
    bool stop = listener->stopped || ic_listener_asked(listener);

    status = ic_comm_agree(listener->comm, status, &stop, error);
    listener->stopped = stop;
    return status;
}

void ic_listener_note(const struct ic_listener *listener, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    if (listener->events.on_note == NULL)
        return;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    listener->events.on_note(listener->events.context, sentence);
}

void ic_listener_start(const struct ic_listener *listener,
                       const struct ic_start_report *report)
{
    if (listener->events.on_start != NULL)
        listener->events.on_start(listener->events.context, report);
}

void ic_listener_step(const struct ic_listener *listener,
                      const struct ic_step_report *report)
{
    if (listener->events.on_step != NULL)
        listener->events.on_step(listener->events.context, report);
}

void ic_listener_epoch(const struct ic_listener *listener,
                       const struct ic_epoch_report *report)
{
    if (listener->events.on_epoch != NULL)
        listener->events.on_epoch(listener->events.context, report);
}
