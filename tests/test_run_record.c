/* SPDX-License-Identifier: MIT */
/*
 * The records of a run that is killed and resumed: each step and each epoch is recorded
 * once, those that it repeats after its last checkpoint are not, and rows that only the
 * tables have are recorded when the run goes on.
 */
#include "check.h"
#include "folder.h"
#include "track/run_record.h"

static struct ic_outbox outbox;
static struct ic_run_record record;
static struct ic_error error;
static const struct ic_run_words words = {.name = "a run"};

/* A process begins: it opens the outbox, and reads what earlier ones have left. */
static void begin(const char *folder)
{
    CHECK_OK(ic_outbox_open(&outbox, folder, false, &error));
    CHECK_OK(ic_run_record_open(&record, &outbox, &error));
}

/* The process ends: nothing was lost, and no record more is written. */
static void end(void)
{
    CHECK_INT(record.lost, 0);
    ic_outbox_close(&outbox);
}

static void step(int number)
{
    ic_run_record_step(&record, &(struct ic_step_report){.step = number, .loss = 2.5});
}

static void epoch(int number, int steps)
{
    ic_run_record_epoch(&record,
                        &(struct ic_epoch_report){.epoch = number, .step = steps});
}

/* Goes on at a step of 9, in a run folder. */
static void start(const char *folder, int at)
{
    const struct ic_job job = {.out = folder};

    ic_run_record_start(
        &record, &words,
        &(struct ic_start_report){.job = &job, .step = at, .steps = 9, .epochs = 3});
}

/* The records as text: "begin 1 2 e0 resume 3 end", with the numbers of steps and
 * epochs. The caller frees it. */
static char *recorded(void)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    int64_t position = 0;
    json_t *found;

    for (;;) {
        const char *kind;

        CHECK_OK(ic_outbox_read(&outbox, &position, &found, &error));
        if (found == NULL)
            break;
        kind = json_string_value(json_object_get(found, "kind"));
        if (strcmp(kind, "step") == 0)
            fprintf(stream, " %d",
                    (int)json_integer_value(json_object_get(found, "step")));
        else if (strcmp(kind, "epoch") == 0)
            fprintf(stream, " e%d",
                    (int)json_integer_value(json_object_get(found, "epoch")));
        else
            fprintf(stream, " %s", kind);
        json_decref(found);
    }
    fclose(stream);
    return text;
}

static void check_recorded(const char *expected)
{
    char *text = recorded();

    CHECK_STRING(text, expected);
    free(text);
}

/* What ic_run_record_start writes for a new run needs a whole job, so the beginning is
 * put into the outbox by hand. */
static void put_beginning(const char *folder)
{
    json_t *beginning = json_pack("{s:s}", "kind", "begin");

    begin(folder);
    CHECK(!record.begun);
    CHECK_OK(ic_outbox_append(&outbox, beginning, &error));
    json_decref(beginning);
    end();
}

static void test_repeated(const char *folder)
{
    begin(folder);
    CHECK(record.begun && !record.finished);
    CHECK_INT(record.step, -1);
    for (int i = 1; i <= 5; i++)
        step(i);
    ic_run_record_step(&record,
                       &(struct ic_step_report){.validating = true, .step = 6});
    epoch(0, 5);
    epoch(0, 5);
    check_recorded(" begin 1 2 3 4 5 e0");
    end();

    /* Killed here, behind a checkpoint of step 3. */
    begin(folder);
    CHECK_INT(record.step, 5);
    CHECK_INT(record.epoch, 0);
    start(folder, 3);
    for (int i = 4; i <= 6; i++)
        step(i);
    epoch(0, 5);
    epoch(1, 6);
    check_recorded(" begin 1 2 3 4 5 e0 resume 6 e1");
    end();
}

/* The tables have two steps and an epoch more, which ran without a record. A row that
 * makes no sense is left out. */
static void test_caught_up(const char *folder)
{
    folder_put_text(folder, "steps.csv",
                    "step,phase,lr,momentum,loss\n"
                    "6,fit,0.1,0.9,2.5\n7,fit,0.1,0.9,2.25\nx,y\n8,fit,0.1,0.9,nan\n");
    folder_put_text(folder, "metrics.csv",
                    "phase,epoch,step,train_loss,valid_loss,error_rate,seconds,rate\n"
                    "fit,1,6,2.5,2.5,0.5,1,10\nfit,2\nfit,2,8,2.5,2.5,0.25,1,10\n");
    begin(folder);
    start(folder, 8);
    step(8);
    step(9);
    ic_run_record_end(&record, &words, "FINISHED");
    ic_run_record_end(&record, &words, "FINISHED");
    check_recorded(" begin 1 2 3 4 5 e0 resume 6 e1 7 8 e2 resume 9 end");
    CHECK(record.finished);
    end();
}

/* A resume of a finished run at its end has nothing to say. */
static void test_finished(const char *folder)
{
    begin(folder);
    CHECK(record.finished);
    start(folder, 9);
    ic_run_record_end(&record, &words, "FINISHED");
    check_recorded(" begin 1 2 3 4 5 e0 resume 6 e1 7 8 e2 resume 9 end");
    end();

    /* With more epochs it goes on, and ends again. */
    begin(folder);
    start(folder, 8);
    CHECK(!record.finished);
    step(9);
    step(10);
    ic_run_record_end(&record, &words, "KILLED");
    check_recorded(" begin 1 2 3 4 5 e0 resume 6 e1 7 8 e2 resume 9 end resume 10 end");
    CHECK(!record.finished);
    end();
}

int main(void)
{
    char *folder = folder_make();

    put_beginning(folder);
    test_repeated(folder);
    test_caught_up(folder);
    test_finished(folder);
    folder_remove(folder);
    return check_result();
}
