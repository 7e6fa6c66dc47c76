/* SPDX-License-Identifier: MIT */
/*
 * Causes in how pixels become the network's input: another mean or standard deviation,
 * channels in another order. See cause.h.
 */
#include <math.h>
#include <stdio.h>

#include "report/cause.h"

enum { CHANNELS = 3 };

/* a = slope b + start, fitted to one channel. */
struct line {
    double slope, start;
};

static struct line fit(const struct ic_case *c, size_t channel)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    const double count = (double)(s.n * s.h * s.w);
    double a = 0, b = 0, ab = 0, bb = 0;
    struct line line = {1, 0};

    for (size_t i = 0; i < c->a.count; i++) {
        if (i / (s.h * s.w) % s.c != channel)
            continue;
        a += c->a.v[i];
        b += c->b.v[i];
        ab += (double)c->a.v[i] * c->b.v[i];
        bb += (double)c->b.v[i] * c->b.v[i];
    }
    if (bb * count > b * b)
        line.slope = (ab * count - a * b) / (bb * count - b * b);
    line.start = (a - line.slope * b) / count;
    return line;
}

/* Reads "[0.485, 0.456, 0.406]". */
static bool read_three(const struct ic_case *c, const char *key,
                       double values[CHANNELS])
{
    const char *text = ic_cause_word(c, key);

    return text != NULL && sscanf(text, "[%lf, %lf, %lf]", &values[0], &values[1],
                                  &values[2]) == CHANNELS;
}

/* The input that the pixels give, with the channels in their order or reversed. */
static bool from_pixels(struct ic_case *c, const double mean[CHANNELS],
                        const double std[CHANNELS], bool reversed, float *made)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    struct ic_values pixels;

    if (!ic_cause_values(c, "pixels", &pixels) || pixels.count != c->a.count)
        return false;
    for (size_t i = 0; i < c->a.count; i++) {
        const size_t area = s.h * s.w, channel = i / area % CHANNELS;
        const size_t other = i - channel * area + (CHANNELS - 1 - channel) * area;

        made[i] = (float)((pixels.v[reversed ? other : i] / 255. - mean[channel]) /
                          std[channel]);
    }
    return true;
}

/* Where the reference has (p - mean) / std, the line gives the subject's own two. */
bool ic_cause_normalisation(struct ic_case *c)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);
    double mean[CHANNELS], std[CHANNELS], other_mean[CHANNELS], other_std[CHANNELS];
    bool means = false, stds = false;
    struct line lines[CHANNELS];
    float *made;

    if (!c->same_shape || c->a.rank != 4 || s.c != CHANNELS ||
        !read_three(c, "mean", mean) || !read_three(c, "std", std))
        return false;
    made = ic_cause_floats(c, c->a.count);
    if (made == NULL ||
        (from_pixels(c, mean, std, false, made) && ic_cause_agrees(c, made)))
        return false;
    for (size_t i = 0; i < CHANNELS; i++) {
        lines[i] = fit(c, i);
        if (!(lines[i].slope > 0))
            return false;
        other_std[i] = std[i] / lines[i].slope;
        other_mean[i] = mean[i] - lines[i].start * other_std[i];
        means |= fabs(other_mean[i] - mean[i]) > 1e-4;
        stds |= fabs(other_std[i] - std[i]) > 1e-4 * std[i];
    }
    for (size_t i = 0; i < c->a.count; i++) {
        const struct line *line = &lines[i / (s.h * s.w) % CHANNELS];

        made[i] = (float)(line->slope * c->b.v[i] + line->start);
    }
    if (!ic_cause_agrees(c, made) || !(means || stds))
        return false;
    if (!stds)
        return ic_cause_say(c, "%s subtracts the mean [%.4g, %.4g, %.4g]", c->s,
                            other_mean[0], other_mean[1], other_mean[2]);
    if (!means)
        return ic_cause_say(c,
                            "%s divides by the standard deviation [%.4g, %.4g, %.4g]",
                            c->s, other_std[0], other_std[1], other_std[2]);
    return ic_cause_say(c,
                        "%s subtracts the mean [%.4g, %.4g, %.4g] and divides by the "
                        "standard deviation [%.4g, %.4g, %.4g]",
                        c->s, other_mean[0], other_mean[1], other_mean[2], other_std[0],
                        other_std[1], other_std[2]);
}

/* The usual way to BGR: channels are exchanged, but not their means and deviations. */
bool ic_cause_channels(struct ic_case *c)
{
    double mean[CHANNELS], std[CHANNELS];
    float *made;

    if (!c->same_shape || c->a.rank != 4 || ic_values_sizes(&c->b).c != CHANNELS ||
        !read_three(c, "mean", mean) || !read_three(c, "std", std))
        return false;
    made = ic_cause_floats(c, c->a.count);
    return made != NULL && from_pixels(c, mean, std, true, made) &&
           ic_cause_agrees(c, made) &&
           ic_cause_say(c,
                        "%s's channels are in reverse order (BGR for RGB) before they "
                        "are normalised",
                        c->s);
}
