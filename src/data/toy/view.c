/* SPDX-License-Identifier: MIT */
/*
 * Turns, scales and moves models to pixels, and finds the way back. See view.h.
 */
#include "data/toy/view.h"

void ic_toy_view_turn(struct ic_toy_view *view, float roll, float yaw, float pitch)
{
    view->roll_sin = ic_toy_sin(roll), view->roll_cos = ic_toy_cos(roll);
    view->yaw_sin = ic_toy_sin(yaw), view->yaw_cos = ic_toy_cos(yaw);
    view->pitch_sin = ic_toy_sin(pitch), view->pitch_cos = ic_toy_cos(pitch);
}

struct ic_toy_dot ic_toy_view_project(const struct ic_toy_view *view,
                                      struct ic_toy_point p)
{
    const float x = p.x * view->yaw_cos + p.z * view->yaw_sin;
    const float z = p.z * view->yaw_cos - p.x * view->yaw_sin;
    const float y = p.y * view->pitch_cos - z * view->pitch_sin;
    const struct ic_toy_dot dot = {
        view->origin.x +
            view->scale * view->mirror * (x * view->roll_cos - y * view->roll_sin),
        view->origin.y + view->scale * (x * view->roll_sin + y * view->roll_cos)};

    return dot;
}

struct ic_toy_point ic_toy_view_on_plane(const struct ic_toy_view *view,
                                         struct ic_toy_dot dot)
{
    const float dx = (dot.x - view->origin.x) * view->mirror / view->scale;
    const float dy = (dot.y - view->origin.y) / view->scale;
    const struct ic_toy_point point = {dx * view->roll_cos + dy * view->roll_sin,
                                       dy * view->roll_cos - dx * view->roll_sin, 0};

    return point;
}

struct ic_toy_point ic_toy_view_on_ball(const struct ic_toy_view *view,
                                        struct ic_toy_dot dot)
{
    const struct ic_toy_point q = ic_toy_view_on_plane(view, dot);
    const float rest = 1 - q.x * q.x - q.y * q.y;
    const float depth = rest > 0 ? sqrtf(rest) : 0;
    const float y = q.y * view->pitch_cos + depth * view->pitch_sin;
    const float z = depth * view->pitch_cos - q.y * view->pitch_sin;
    const struct ic_toy_point point = {q.x * view->yaw_cos - z * view->yaw_sin, y,
                                       z * view->yaw_cos + q.x * view->yaw_sin};

    return point;
}
