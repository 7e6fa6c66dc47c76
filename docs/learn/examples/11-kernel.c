/* SPDX-License-Identifier: MIT */
/*
 * Lesson 11: how fast three ways to multiply are on this machine: one sum; 16 sums; a
 * block of 4 x 16 sums, whose operands are used again. Each prints thousand millions of
 * operations per second (a multiply-add is two), the best of nine tries.
 */
#include <stdio.h>
#include <time.h>

typedef float vector __attribute__((vector_size(32))); /* eight floats */

/* Compiles a function for several processors; the loader takes the best. */
#if defined __x86_64__ && defined __linux__
#define FOR_EACH __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define FOR_EACH
#endif

enum { LENGTH = 256, ROUNDS = 8000 };

static float a[4][LENGTH];
static vector b[LENGTH * 2];
static volatile float keep; /* the results, so that no loop is left out */

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void keep_all(const vector *sums)
{
    for (int lane = 0; lane < 8; lane++)
        keep = (*sums)[lane];
}

/* Each addition waits for the one before it. */
static FOR_EACH double one_sum(void)
{
    float sum = 0;

    for (int round = 0; round < ROUNDS; round++)
        for (int p = 0; p < LENGTH; p++)
            sum += a[0][p] * a[1][p];
    keep = sum;
    return 2.0 * ROUNDS * LENGTH;
}

/* Sixteen sums, as two vectors: eight additions at once, but again each waits. */
static FOR_EACH double sixteen_sums(void)
{
    vector sum0 = {0}, sum1 = {0};

    for (int round = 0; round < ROUNDS; round++)
        for (int p = 0; p < LENGTH; p++) {
            sum0 += a[0][p] * b[2 * p];
            sum1 += a[0][p] * b[2 * p + 1];
        }
    keep_all(&sum0);
    keep_all(&sum1);
    return 2.0 * ROUNDS * LENGTH * 16;
}

/* 4 x 16 sums, as eight vectors: six loads for eight multiply-adds, none of which
 * waits. */
static FOR_EACH double block(void)
{
    vector s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
    vector s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};

    for (int round = 0; round < ROUNDS; round++)
        for (int p = 0; p < LENGTH; p++) {
            const vector b0 = b[2 * p], b1 = b[2 * p + 1];

            s00 += a[0][p] * b0;
            s01 += a[0][p] * b1;
            s10 += a[1][p] * b0;
            s11 += a[1][p] * b1;
            s20 += a[2][p] * b0;
            s21 += a[2][p] * b1;
            s30 += a[3][p] * b0;
            s31 += a[3][p] * b1;
        }
    s00 += s01 + s10 + s11;
    s20 += s21 + s30 + s31;
    s00 += s20;
    keep_all(&s00);
    return 2.0 * ROUNDS * LENGTH * 64;
}

static void show(const char *name, double (*run)(void))
{
    double best = 0;

    for (int try = 0; try < 9; try++) {
        const double start = seconds();
        const double rate = 1e-9 * run() / (seconds() - start);

        best = rate > best ? rate : best;
    }
    printf("%-12s %6.1f\n", name, best);
}

int main(void)
{
    for (int p = 0; p < LENGTH; p++)
        a[0][p] = a[1][p] = a[2][p] = a[3][p] = 1;
    for (int p = 0; p < 2 * LENGTH; p++)
        for (int lane = 0; lane < 8; lane++)
            b[p][lane] = (float)(p % 5);
    show("one sum", one_sum);
    show("16 sums", sixteen_sums);
    show("4 x 16 sums", block);
    return 0;
}
