/*
 * All that a job needs before its first step; and a run's folder, and where the run
 * stands. A part of the loops, run.c and find_lr.c, whose callers see their headers
 * alone.
 */
#ifndef IC_TRAIN_TRAINER_H
#define IC_TRAIN_TRAINER_H

#include "data/loader.h"
#include "data/split.h"
#include "model/engine.h"
#include "train/checkpoint.h"
#include "train/features.h"
#include "train/mixup.h"
#include "train/run.h"
#include "train/runfolder.h"
#include "train/step.h"

struct ic_trainer {
    struct ic_job job; /* checked: threads and workers are known */
    struct ic_train_events events;
    const atomic_int *stop;

    struct ic_dataset dataset;
    struct ic_split split;
    struct ic_model model;
    enum ic_augment augment;
    enum ic_decode decode;
    struct ic_engine engine;
    struct ic_recipe recipe;
    const struct ic_phase *phase; /* of the epoch at work */
    int64_t phase_epoch;          /* its first one */
    struct ic_optimizer optimizer;
    struct ic_features features; /* of the phase at work; empty where views vary */
    struct ic_mixup mixup;       /* open where the job mixes */
    float *losses;               /* of a batch's pictures */
    int64_t epoch_batches;       /* steps of a whole epoch */
    bool stopped;                /* the flag was seen: save and leave */

    /* Of a run alone; the rest is any loop's. */
    struct ic_runfolder folder;
    char *defining;       /* the job's text that checkpoints are compared by */
    char fingerprint[48]; /* of the data set and its split */
    int64_t steps;        /* of the whole job, max_steps counted in */
    int epochs;           /* that are at least begun */
    struct ic_position position;
};

/* Opens the data set and the network, reads all pictures once and splits them. The job
 * is a checked one. Ends early when stopped. On failure nothing is left open. */
ic_status ic_trainer_prepare(struct ic_trainer *trainer, const struct ic_job *job,
                             const struct ic_train_events *events,
                             const atomic_int *stop, struct ic_error *error);

/* Draws fresh weights and loads those of --pretrained over them; ic_trainer_prepare has
 * done it unless the job resumes. A resume takes the checkpoint's instead, so the file
 * may be gone by then. */
ic_status ic_trainer_start_weights(struct ic_trainer *trainer, struct ic_error *error);

/* A run: checks the job, prepares it, and makes or resumes its folder. Ends with a
 * checkpoint, so that a disk that cannot hold one is found before the work. When
 * stopped before that, the folder stays closed. */
ic_status ic_trainer_open(struct ic_trainer *trainer, const struct ic_job *job,
                          const struct ic_train_events *events, const atomic_int *stop,
                          struct ic_error *error);
void ic_trainer_close(struct ic_trainer *trainer); /* all zero is fine */

/* Parts of ic_trainer_prepare. The first opens the data set; the second tries the
 * split, reads all pictures and splits those that are left. It ends early when stopped.
 */
ic_status ic_trainer_open_data(struct ic_trainer *trainer, struct ic_error *error);
ic_status ic_trainer_check_data(struct ic_trainer *trainer, struct ic_error *error);

/* The training pictures of an epoch, from that batch on, or their labels alone: there
 * are features, which steps take in place of pictures. */
ic_status ic_trainer_open_loader(const struct ic_trainer *trainer, int64_t epoch,
                                 int64_t first_batch, bool labels_only,
                                 struct ic_loader **ret_loader, struct ic_error *error);

/* What all steps share; points into the trainer. */
struct ic_stepper ic_trainer_stepper(struct ic_trainer *trainer);

/* Steps of the epoch at work; the last one may be cut short by max_steps. */
int64_t ic_trainer_batches(const struct ic_trainer *trainer);

/* Steps done in the phase at work. */
int64_t ic_trainer_phase_steps(const struct ic_trainer *trainer);

/* How long the job is: the recipe's epochs, where a phase that ended early (the
 * position's cuts) is as long as it came to be, or max_steps. */
void ic_trainer_plan_steps(struct ic_trainer *trainer);

/* Takes up the phase that the position's epoch belongs to: what is frozen, which
 * weights the optimiser moves, how many steps it has done. See phase.c. */
ic_status ic_trainer_enter_phase(struct ic_trainer *trainer, struct ic_error *error);

/* The same for the epoch after the one that has ended. A new phase begins with an
 * optimiser and a train loss that have seen nothing. */
ic_status ic_trainer_next_phase(struct ic_trainer *trainer, struct ic_error *error);

/* Computes the features of a phase whose steps can begin behind them, unless they are
 * there. When stopped meanwhile they are not. */
ic_status ic_trainer_find_features(struct ic_trainer *trainer, struct ic_error *error);

/* The features, or NULL where steps begin with pictures. */
const struct ic_features *ic_trainer_features(const struct ic_trainer *trainer);

/* After an epoch, its position already the next one's: counts those without a better
 * validation, and when --patience of them came in a row, cuts the phase short. Returns
 * whether it did. See patience.c. */
bool ic_trainer_ends_early(struct ic_trainer *trainer,
                           const struct ic_epoch_report *report);

/* Whether what a loaded position says of that can be so. */
bool ic_trainer_cuts_are_possible(const struct ic_trainer *trainer);

/* Says that this phase of the recipe was cut short, and why. */
void ic_trainer_note_early_end(const struct ic_trainer *trainer,
                               const struct ic_phase *phase);

/* Brings the tables to disk and writes the checkpoint. */
ic_status ic_trainer_save(struct ic_trainer *trainer, struct ic_error *error);

/* The weights that validation measures and that model files hold: with --ema their
 * average. They are selected for as long as that takes, and no longer. */
enum ic_net_set ic_trainer_judged(const struct ic_trainer *trainer);

/* Writes the judged weights as that file of the run folder. */
ic_status ic_trainer_save_model(struct ic_trainer *trainer, const char *name,
                                struct ic_error *error);

/* Whether the flag is up; remembers it. */
bool ic_trainer_must_stop(struct ic_trainer *trainer);

/* Validates after an epoch's last step; then the row, the model files, the next epoch's
 * position and the checkpoint. Nothing of that when stopped meanwhile. */
ic_status ic_trainer_validate(struct ic_trainer *trainer, struct ic_error *error);

/* --- events; nothing happens where nobody listens ------------------------------ */

/* A formatted sentence. */
void ic_trainer_note(const struct ic_trainer *trainer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void ic_trainer_tell_start(const struct ic_trainer *trainer);

/* Tells of the batch that the run begins with. */
ic_status ic_trainer_tell_batch(const struct ic_trainer *trainer,
                                const struct ic_batch *batch, struct ic_error *error);

/* Fills what the position says into the report, then tells it. */
void ic_trainer_tell_step(const struct ic_trainer *trainer,
                          struct ic_step_report *report);

#endif
