/* SPDX-License-Identifier: MIT */
/*
 * Colour or position alone do not classify the toy pets: classifiers that see only the
 * mean colour or a tiny thumbnail fail on the species.
 *
 * They are the nearest class mean, and least squares with a ridge (the best linear rule
 * in that sense), on 1 x 1, 4 x 4 and 8 x 8 means of the middle square. Each is trained
 * on four fifths of the pictures and judged on the rest. For comparison: the ResNet-34
 * of datasets/toy-pets.conf errs on less than 5 %.
 */
#include "check.h"

#include "data/toy/pets.h"

enum {
    COUNT = 1800,
    VALID_EVERY = 5,
    MOST_SIDE = 8,
    MOST = MOST_SIDE * MOST_SIDE * 3 + 1
};

static struct ic_error error;

/* Features of all pictures, COUNT x n; the last is the constant 1. */
static double features[COUNT * MOST];

/* The breeds alternate with period 12, so whole rounds are left for validation. */
static int is_valid(int picture)
{
    return picture / 12 % VALID_EVERY == 0;
}

/* Cat 1, dog -1. */
static int species(int picture)
{
    return picture % 2 ? -1 : 1;
}

/* Mean colours of side x side parts of the middle square, 0 to 1. */
static void make_thumbnail(double *out, const struct ic_image *image, int side)
{
    const int square = image->width < image->height ? image->width : image->height;
    const int left = (image->width - square) / 2, top = (image->height - square) / 2;
    int weight[MOST_SIDE * MOST_SIDE] = {0};

    memset(out, 0, sizeof *out * (size_t)(side * side) * 3);
    for (int y = 0; y < square; y++)
        for (int x = 0; x < square; x++) {
            const int part = y * side / square * side + x * side / square;
            const uint8_t *rgb =
                image->rgb + ((size_t)(top + y) * (size_t)image->width + left + x) * 3;

            weight[part]++;
            for (int c = 0; c < 3; c++)
                out[part * 3 + c] += rgb[c] / 255.0;
        }
    for (int i = 0; i < side * side * 3; i++)
        out[i] /= weight[i / 3];
}

static void draw_features(int side, int n)
{
    const struct ic_toy_options options = {.count = COUNT, .size = 48, .seed = 5};

    for (int i = 0; i < COUNT; i++) {
        struct ic_image image;

        CHECK_OK(ic_toy_draw(&options, i, &image, &error));
        make_thumbnail(features + (size_t)i * (size_t)n, &image, side);
        features[(size_t)i * (size_t)n + (size_t)n - 1] = 1;
        ic_image_free(&image);
    }
}

/* The error rate of sign(weights . features) on the validation pictures. */
static double error_rate(const double *weights, int n)
{
    int wrong = 0, valid = 0;

    for (int i = 0; i < COUNT; i++) {
        double sum = 0;

        if (!is_valid(i))
            continue;
        for (int k = 0; k < n; k++)
            sum += weights[k] * features[(size_t)i * (size_t)n + (size_t)k];
        wrong += sum * species(i) <= 0;
        valid++;
    }
    return (double)wrong / valid;
}

/* |x - cat|^2 < |x - dog|^2 is linear in x too. */
static double nearest_mean_error(int n)
{
    double mean[2][MOST] = {{0}}, weights[MOST] = {0};
    int count[2] = {0};

    for (int i = 0; i < COUNT; i++) {
        if (is_valid(i))
            continue;
        count[i % 2]++;
        for (int k = 0; k < n - 1; k++)
            mean[i % 2][k] += features[(size_t)i * (size_t)n + (size_t)k];
    }
    for (int k = 0; k < n - 1; k++) {
        const double cat = mean[0][k] / count[0], dog = mean[1][k] / count[1];

        weights[k] = cat - dog;
        weights[n - 1] -= (cat * cat - dog * dog) / 2;
    }
    return error_rate(weights, n);
}

/* Solves (X^T X + ridge I) w = X^T y by Gaussian elimination. The matrix is positive
 * definite, so no pivoting is needed. */
static double least_squares_error(int n, double ridge)
{
    static double a[MOST][MOST + 1];
    double weights[MOST];

    memset(a, 0, sizeof a);
    for (int i = 0; i < COUNT; i++) {
        const double *x = features + (size_t)i * (size_t)n;

        if (is_valid(i))
            continue;
        for (int r = 0; r < n; r++) {
            for (int c = 0; c < n; c++)
                a[r][c] += x[r] * x[c];
            a[r][n] += x[r] * species(i);
        }
    }
    for (int r = 0; r < n; r++)
        a[r][r] += ridge;
    for (int p = 0; p < n; p++)
        for (int r = p + 1; r < n; r++) {
            const double factor = a[r][p] / a[p][p];

            for (int c = p; c <= n; c++)
                a[r][c] -= factor * a[p][c];
        }
    for (int r = n - 1; r >= 0; r--) {
        weights[r] = a[r][n];
        for (int c = r + 1; c < n; c++)
            weights[r] -= a[r][c] * weights[c];
        weights[r] /= a[r][r];
    }
    return error_rate(weights, n);
}

int main(void)
{
    static const int sides[] = {1, 4, 8};
    static const double ridges[] = {0.01, 1, 10};

    for (int s = 0; s < 3; s++) {
        const int n = sides[s] * sides[s] * 3 + 1;
        double found;

        draw_features(sides[s], n);
        found = nearest_mean_error(n);
        printf("%d x %d: nearest mean %.3f, least squares", sides[s], sides[s], found);
        CHECK(found > 0.38);
        for (int r = 0; r < 3; r++) {
            found = least_squares_error(n, ridges[r]);
            printf(" %.3f", found);
            CHECK(found > (sides[s] == 1 ? 0.40 : 0.25));
        }
        printf("\n");
    }
    return check_result();
}
