/* SPDX-License-Identifier: MIT */
/*
 * The order of an epoch: a permutation, or, balanced, each class equally often. A
 * picture comes again only after all others of its class, another epoch has another
 * order, and the same seed gives the same order.
 */
#include "data/epoch_order.h"

#include "base/random.h"
#include "check.h"

enum { MOST = 200, CLASSES = 5 };

static struct ic_error error;
static struct ic_sample samples[MOST];
static struct ic_dataset dataset = {.samples = samples, .class_count = CLASSES};
static uint32_t all[MOST];

/* Makes that many samples of each class, interleaved. Returns how many in all. */
static size_t make_samples(const size_t sizes[CLASSES])
{
    size_t left[CLASSES], count = 0;

    memcpy(left, sizes, sizeof left);
    for (int round = 0; round < MOST; round++)
        for (int c = 0; c < CLASSES; c++)
            if (left[c] > 0) {
                left[c]--;
                samples[count].label = c;
                all[count] = (uint32_t)count;
                count++;
            }
    dataset.count = count;
    return count;
}

static struct ic_loader_options options_of(size_t count, bool balanced, uint32_t epoch)
{
    return (struct ic_loader_options){.dataset = &dataset,
                                      .samples = all,
                                      .sample_count = count,
                                      .train = true,
                                      .balanced = balanced,
                                      .seed = 7,
                                      .epoch = epoch};
}

/* Counts how often each sample comes; its views are 0, 1, ..., each once. */
static void count_samples(const struct ic_epoch_order *order, size_t count,
                          int seen[MOST])
{
    static char views[MOST][MOST];

    memset(views, 0, sizeof views);
    memset(seen, 0, MOST * sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        CHECK(order->samples[i] < count && order->views[i] < count);
        CHECK(!views[order->samples[i]][order->views[i]]);
        views[order->samples[i]][order->views[i]] = 1;
        seen[order->samples[i]]++;
    }
    for (size_t s = 0; s < count; s++)
        for (int view = 0; view < seen[s]; view++)
            CHECK(views[s][view]);
}

static void check_balanced(const size_t sizes[CLASSES])
{
    const size_t count = make_samples(sizes);
    const struct ic_loader_options options = options_of(count, true, 3);
    size_t of_class[CLASSES] = {0}, classes = 0;
    int seen[MOST], least[CLASSES], most[CLASSES] = {0};
    struct ic_epoch_order order;

    CHECK_OK(ic_epoch_order_make(&options, &order, &error));
    count_samples(&order, count, seen);
    for (int c = 0; c < CLASSES; c++) {
        least[c] = MOST;
        classes += sizes[c] > 0;
    }
    for (size_t s = 0; s < count; s++) {
        const int c = samples[s].label;

        of_class[c] += (size_t)seen[s];
        least[c] = seen[s] < least[c] ? seen[s] : least[c];
        most[c] = seen[s] > most[c] ? seen[s] : most[c];
    }
    for (int c = 0; c < CLASSES; c++) {
        if (sizes[c] == 0)
            continue;
        CHECK(of_class[c] == count / classes || of_class[c] == count / classes + 1);
        CHECK(most[c] - least[c] <= 1);
    }
    ic_epoch_order_free(&order);
    ic_epoch_order_free(&order); /* freeing an all-zero struct is allowed */
}

static void test_balanced(void)
{
    static const size_t cases[][CLASSES] = {
        {90, 10},         {1, 99},         {20, 20, 20, 20, 20}, {150, 3, 7, 1, 2},
        {0, 40, 0, 4, 0}, {3, 0, 0, 0, 0}, {1, 1, 1, 1, 1}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_balanced(cases[i]);
}

/* Without balancing, the order is the stream's permutation; validation keeps the order.
 */
static void test_shuffled(void)
{
    const size_t count = make_samples((const size_t[CLASSES]){40, 5});
    struct ic_loader_options options = options_of(count, false, 3);
    struct ic_random random;
    struct ic_epoch_order order;
    uint32_t expected[MOST];
    int seen[MOST];

    ic_random_init(&random, 7, IC_RANDOM_SHUFFLE, 3, 0);
    ic_random_permutation(&random, expected, (uint32_t)count);
    CHECK_OK(ic_epoch_order_make(&options, &order, &error));
    CHECK(memcmp(order.samples, expected, count * sizeof *expected) == 0);
    count_samples(&order, count, seen);
    ic_epoch_order_free(&order);
    options.train = false;
    options.balanced = true;
    CHECK_OK(ic_epoch_order_make(&options, &order, &error));
    CHECK(memcmp(order.samples, all, count * sizeof *all) == 0);
    ic_epoch_order_free(&order);
}

/* Another epoch draws other pictures of a large class, and classes are mixed. */
static void test_epochs(void)
{
    const size_t count = make_samples((const size_t[CLASSES]){90, 10});
    const struct ic_loader_options third = options_of(count, true, 3);
    const struct ic_loader_options fourth = options_of(count, true, 4);
    struct ic_epoch_order a, b, other;
    size_t changes = 0;

    CHECK_OK(ic_epoch_order_make(&third, &a, &error));
    CHECK_OK(ic_epoch_order_make(&third, &b, &error));
    CHECK_OK(ic_epoch_order_make(&fourth, &other, &error));
    CHECK(memcmp(a.samples, b.samples, count * sizeof *a.samples) == 0);
    CHECK(memcmp(a.views, b.views, count * sizeof *a.views) == 0);
    CHECK(memcmp(a.samples, other.samples, count * sizeof *a.samples) != 0);
    for (size_t i = 1; i < count; i++)
        changes += samples[a.samples[i]].label != samples[a.samples[i - 1]].label;
    CHECK(changes > 30 && changes < 70);
    ic_epoch_order_free(&a);
    ic_epoch_order_free(&b);
    ic_epoch_order_free(&other);
}

int main(void)
{
    test_balanced();
    test_shuffled();
    test_epochs();
    return check_result();
}
