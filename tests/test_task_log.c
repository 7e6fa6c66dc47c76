/* SPDX-License-Identifier: MIT */
/*
 * The count of tasks: the rule that selects the counted loops, and that kernels note
 * their loops.
 */
#include "backend/task_log.h"

#include "check.h"
#include "kit.h"

static void test_rule(void)
{
    struct ic_task_log log = {0};

    CHECK_INT(ic_task_log_fewest(&log), 0);
    ic_task_log_add(&log, 1, 100, 9.0);
    CHECK_INT(ic_task_log_fewest(&log), 100);
    ic_task_log_add(&log, 2, 3, 0.25); /* too short to count */
    CHECK_INT(ic_task_log_fewest(&log), 100);
    ic_task_log_add(&log, 2, 8, 0.5); /* both together count, with the smaller number */
    CHECK_INT(ic_task_log_fewest(&log), 3);
    ic_task_log_add(&log, 1, 40, 90.0); /* operation 2 no longer counts */
    CHECK_INT(ic_task_log_fewest(&log), 40);
    CHECK_INT(log.count, 2);
}

/* One loop; on the CPU it has one task per picture. */
static void test_pool(struct kit *kit, void *data)
{
    enum { BATCH = 13, PIXELS = 4, CHANNELS = 8 };
    const float *const x = kit_floats(
        kit, kit_normal(kit, BATCH * PIXELS * CHANNELS, 1), BATCH * PIXELS * CHANNELS);
    float *const y = kit_floats(kit, NULL, BATCH * CHANNELS);
    const struct ic_globalpool pool = {
        .batch = BATCH, .pixels = PIXELS, .channels = CHANNELS};
    struct ic_task_log log = {0};

    kit->backend->watch(kit->device, &log);
    kit->backend->avgpool_forward(kit->device, y, x, &pool);
    if (kit->reference) { /* it has no parallel loops */
        CHECK_INT(log.count, 0);
        return;
    }
    CHECK_INT(log.count, 1);
    CHECK(log.loops[0].tasks > 0);
    CHECK_INT(ic_task_log_fewest(&log), log.loops[0].tasks);
    if (strcmp(kit->backend->name, "cpu") == 0) {
        CHECK_INT(log.loops[0].tasks, BATCH);
        CHECK(log.loops[0].seconds > 0);
    }

    kit->backend->watch(kit->device, NULL);
    log = (struct ic_task_log){0};
    kit->backend->avgpool_forward(kit->device, y, x, &pool);
    CHECK_INT(log.count, 0);
}

int main(void)
{
    test_rule();
    kit_run(1, test_pool, NULL);
    kit_run(3, test_pool, NULL);
    return check_result() | kit_result();
}
