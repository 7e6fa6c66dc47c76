/* SPDX-License-Identifier: MIT */
/*
 * Begins or resumes a run: everything before the first step. See run_state.h.
 *
 * Rank 0 opens the run folder and reads the checkpoint; the other ranks get position
 * and weights from rank 0. So a checkpoint does not depend on the number of ranks, and
 * all ranks have the same weights whatever files they see.
 */
#include "train/run_report.h"
#include "train/run_state.h"

/* Fills position, course and network from the checkpoint. */
static ic_status load_checkpoint(const struct ic_run_store *store,
                                 struct ic_course *course, struct ic_error *error)
{
    const struct ic_run_position *position = store->checkpoint.position;
    ic_status status = ic_run_store_load(store, error);

    if (status != IC_OK)
        return status;
    ic_course_enter(course, position);
    return ic_course_check(course, position, store->path, error);
}

/* The part that rank 0 does for all: the folder, and the weights to begin with. */
static ic_status open_run(struct ic_run *run, bool *ret_checkpoint,
                          struct ic_error *error)
{
    const struct ic_job *job = run->job;
    struct ic_learner *learner = &run->trainer.learner;
    struct ic_course *course = &run->trainer.course;
    ic_status status = ic_run_store_open(
        &run->store, job, run->trainer.data.fingerprint, learner->engine.net,
        learner->optimizer.kind, &run->position, ret_checkpoint, error);

    if (status == IC_OK && *ret_checkpoint)
        status = load_checkpoint(&run->store, course, error);
    if (status == IC_OK && *ret_checkpoint)
        ic_run_report_resume(&run->listener, course, &run->position, job->out);
    if (status == IC_OK && job->resume && !*ret_checkpoint) {
        ic_listener_note(&run->listener,
                         "%s holds no checkpoint: the run starts from the beginning",
                         job->out);
        status = ic_learner_start_weights(learner, &run->listener, error);
    }
    return status;
}

/* Brings all ranks to rank 0's position and weights. */
static ic_status share(struct ic_run *run, bool has_checkpoint, struct ic_error *error)
{
    struct ic_comm *comm = run->listener.comm;
    struct ic_run_position *position = &run->position;
    ic_status status =
        ic_comm_broadcast(comm, &has_checkpoint, sizeof has_checkpoint, error);

    if (status == IC_OK)
        status = ic_comm_broadcast(comm, position, sizeof *position, error);
    if (status == IC_OK && has_checkpoint && !ic_run_writes(run))
        ic_course_enter(&run->trainer.course, position);
    if (status == IC_OK)
        status = ic_net_broadcast(run->trainer.learner.engine.net, error);
    return status;
}

/* Ends with a checkpoint, so that a disk that cannot hold one is noticed before the
 * work. */
ic_status ic_run_begin(struct ic_run *run, struct ic_error *error)
{
    const struct ic_training_data *data = &run->trainer.data;
    struct ic_course *course = &run->trainer.course;
    bool has_checkpoint = false;
    ic_status status = IC_OK;

    if (ic_run_writes(run))
        status = open_run(run, &has_checkpoint, error);
    status = ic_comm_agree(run->listener.comm, status, NULL, error);
    if (status == IC_OK)
        status = share(run, has_checkpoint, error);
    if (status == IC_OK)
        status = ic_learner_enter_phase(
            &run->trainer.learner, ic_course_phase(course)->freeze,
            ic_course_phase_steps(course, &run->position), error);
    if (status == IC_OK && ic_run_writes(run))
        status = ic_run_store_begin(&run->store, run->job, &data->dataset, &data->split,
                                    error);
    if (status == IC_OK && ic_run_writes(run))
        status = ic_run_store_save(&run->store, error);
    return ic_comm_agree(run->listener.comm, status, NULL, error);
}
