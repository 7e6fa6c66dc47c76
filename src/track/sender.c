/* SPDX-License-Identifier: MIT */
/*
 * Sends during the training. See sender.h.
 */
#include "track/sender.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/machine.h"

/* Seconds. interval: between calls while the run trains, so that each call has many
 * metrics. first_wait: after the first failure, doubled by each further one up to
 * longest_wait, or longest_end at the end. longest_asked: the longest wait that a
 * server may ask for. */
static const double interval = 2, first_wait = 1, longest_wait = 60, longest_end = 4,
                    longest_asked = 3600;

/* --- waiting --------------------------------------------------------------------- */

/* Waits (mutex held) until the clock reaches `until`, or something has changed. */
static void wait_until(struct ic_sender *sender, double until)
{
    struct timespec time;

    time.tv_sec = (time_t)until;
    time.tv_nsec = (long)((until - (double)time.tv_sec) * 1e9);
    pthread_cond_timedwait(&sender->change, &sender->mutex, &time);
}

/* A random part, half to all, of the wait after `failures` failures. */
static double back_off(int failures, unsigned *seed)
{
    double wait = first_wait;

    for (int i = 1; i < failures && wait < longest_wait; i++)
        wait *= 2;
    if (wait > longest_wait)
        wait = longest_wait;
    return wait * (0.5 + 0.5 * rand_r(seed) / RAND_MAX);
}

/* --- the thread ------------------------------------------------------------------ */

static void note_failure(struct ic_sender *sender, const struct ic_reply *reply)
{
    pthread_mutex_lock(&sender->mutex);
    snprintf(sender->failure, sizeof sender->failure, "%s", reply->error.message);
    pthread_mutex_unlock(&sender->mutex);
}

/* Sends until nothing is left or a call fails. */
static enum ic_verdict send_all(struct ic_sender *sender, double *ret_asked)
{
    struct ic_delivery *delivery = sender->delivery;
    enum ic_verdict verdict = IC_VERDICT_DONE;

    *ret_asked = 0;
    while (verdict == IC_VERDICT_DONE && !ic_delivery_complete(delivery) &&
           !delivery->api->cancel) {
        struct ic_reply reply;

        verdict = ic_delivery_step(delivery, &reply);
        *ret_asked = reply.wait < longest_asked ? reply.wait : longest_asked;
        if (verdict != IC_VERDICT_DONE)
            note_failure(sender, &reply);
        ic_reply_free(&reply);
    }
    return verdict;
}

/* Waits after an attempt (mutex held). A request to end cuts the wait short, except a
 * wait that the server asked for. */
static void rest(struct ic_sender *sender, double wait, double asked)
{
    const double now = ic_machine_seconds();
    const bool ending = sender->ending;

    while (!sender->delivery->api->cancel && ic_machine_seconds() < now + asked)
        wait_until(sender, now + asked);
    while (!sender->delivery->api->cancel && sender->ending == ending &&
           ic_machine_seconds() < now + wait)
        wait_until(sender, now + wait);
}

static void *work(void *context)
{
    struct ic_sender *sender = context;
    const atomic_bool *cancel = &sender->delivery->api->cancel;
    unsigned seed = (unsigned)time(NULL) ^ (unsigned)(size_t)sender;
    int failures = 0;
    bool ended = false;

    while (!ended) {
        double asked, wait;
        bool ending;
        enum ic_verdict verdict;

        pthread_mutex_lock(&sender->mutex);
        ending = sender->ending;
        pthread_mutex_unlock(&sender->mutex);
        verdict = send_all(sender, &asked);
        failures = verdict == IC_VERDICT_DONE ? 0 : failures + 1;
        wait = failures > 0 ? back_off(failures, &seed) : interval;
        if (ending && wait > longest_end)
            wait = longest_end; /* somebody waits for the end */
        pthread_mutex_lock(&sender->mutex);
        if (verdict == IC_VERDICT_DONE && !*cancel)
            sender->failure[0] = '\0';
        ended = verdict == IC_VERDICT_CLOSED || *cancel ||
                (verdict == IC_VERDICT_DONE && ending);
        if (ended)
            sender->ended = true;
        else
            rest(sender, wait, asked);
        pthread_cond_broadcast(&sender->change);
        pthread_mutex_unlock(&sender->mutex);
    }
    return NULL;
}

ic_status ic_sender_start(struct ic_sender *sender, struct ic_delivery *delivery,
                          struct ic_error *error)
{
    pthread_condattr_t attributes;
    sigset_t all, before;
    int cause;

    *sender = (struct ic_sender){.delivery = delivery};
    pthread_mutex_init(&sender->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sender->change, &attributes);
    pthread_condattr_destroy(&attributes);

    /* Leaves signals to the other threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    cause = pthread_create(&sender->thread, NULL, work, sender);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (cause == 0)
        return IC_OK;
    pthread_cond_destroy(&sender->change);
    pthread_mutex_destroy(&sender->mutex);
    return ic_fail(error, IC_ERR_IO, "no thread can be started: %s", strerror(cause));
}

/* --- the caller's side ----------------------------------------------------------- */

bool ic_sender_failure(struct ic_sender *sender, char *sentence, size_t size)
{
    bool news;

    pthread_mutex_lock(&sender->mutex);
    news = sender->failure[0] != '\0' && !sender->told;
    if (news)
        snprintf(sentence, size, "%s", sender->failure);
    sender->told |= news;
    pthread_mutex_unlock(&sender->mutex);
    return news;
}

void ic_sender_finish(struct ic_sender *sender, double patience)
{
    struct ic_api *api = sender->delivery->api;
    const double begin = ic_machine_seconds();
    double changed = begin;
    long long moved = -1;
    int64_t position = -1;

    pthread_mutex_lock(&sender->mutex);
    sender->ending = true;
    pthread_cond_broadcast(&sender->change);
    while (!sender->ended) {
        const double now = ic_machine_seconds();

        if (sender->delivery->sent->position != position || api->moved != moved)
            changed = now;
        position = sender->delivery->sent->position;
        moved = api->moved;
        if (now - changed > patience || now - begin > 30 * patience) {
            api->cancel = true;
            pthread_cond_broadcast(&sender->change);
        }
        wait_until(sender, now + 0.1);
    }
    pthread_mutex_unlock(&sender->mutex);
    pthread_join(sender->thread, NULL);
    pthread_cond_destroy(&sender->change);
    pthread_mutex_destroy(&sender->mutex);
}
