#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/augment.txt with fastai: the effect of its augmentation on a
picture.

For given parameters, as its functions would have drawn them, the file has the affine
matrix, the coefficients of the warp, the coordinates of some points of the output, and
the output's pixels. Needs fastai and PyTorch, whose versions are in the file.
"""

import pathlib

import fastai
import torch
from fastai.vision.augment import (
    RandomResizedCropGPU,
    _BrightnessLogit,
    _ContrastLogit,
    _WarpCoord,
    affine_grid,
    affine_mat,
    aug_transforms,
    find_coeffs,
    flip_mat,
    rotate_mat,
    zoom_mat,
)
from fastai.vision.core import TensorImage
from fasttransform import Pipeline, compose_tfms

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "golden" / "augment.txt"

HEAD = """\
# fastai {fastai}, PyTorch {torch}
# case: picture side size, then flip degrees zoom zoom_x zoom_y warp_x warp_y,
#       left top crop, brightness contrast
# affine: flip times rotation times zoom, two rows of three
# warp: the eight coefficients of the perspective map, row by row
# coords: where the output's corners and its middle point to, x y each, from -1 to 1
# pixels: one resampling, then lighting; rows from the top, red green blue, from 0 to 255
# twice: the same with two resamplings, as fastai's pipeline has it; geometry alone
# valid: side size; pixels as fastai's pipeline makes them in validation
# picture 0: red 7 x + 3 y, green 5 x + 13 y, blue 9 (x xor y), modulo 256
# picture 1: red 5 x, green 5 y, blue 255 - 5 x
"""

NEUTRAL = dict(flip=0, degrees=0.0, zoom=1.0, zoom_x=0.5, zoom_y=0.5, warp_x=0.0,
               warp_y=0.0, left=0, top=0, crop=None, brightness=0.5, contrast=1.0)

CASES = [  # picture, side, size, the settings that are not neutral
    (0, 9, 9, {}),
    (0, 1, 3, dict(degrees=9.0)),
    (0, 2, 5, dict(degrees=-10.0, warp_x=0.2)),
    (0, 17, 11, {}),
    (0, 13, 13, dict(flip=1)),
    (0, 14, 9, dict(degrees=10.0)),
    (0, 14, 9, dict(degrees=-3.7)),
    (0, 15, 8, dict(zoom=1.1, zoom_x=0.1, zoom_y=0.85)),
    (0, 16, 9, dict(warp_x=0.2)),
    (0, 16, 9, dict(warp_y=-0.17)),
    (0, 16, 9, dict(warp_x=-0.2, warp_y=0.2)),
    (0, 18, 9, dict(left=3, top=1, crop=14)),
    (0, 12, 9, dict(brightness=0.6)),
    (0, 12, 9, dict(brightness=0.41)),
    (0, 12, 9, dict(contrast=1.25)),
    (0, 12, 9, dict(contrast=0.8)),
    (0, 40, 13, {}),  # area interpolation before the warp
    (0, 31, 15, dict(crop=31, degrees=2.0, contrast=0.9)),
    (0, 23, 10, dict(flip=1, degrees=7.5, zoom=1.07, zoom_x=0.3, zoom_y=0.9,
                     warp_x=0.13, warp_y=-0.08, left=2, top=1, crop=20,
                     brightness=0.44, contrast=1.17)),
    (0, 46, 11, dict(flip=1, degrees=-9.0, zoom=1.02, zoom_x=0.8, zoom_y=0.2,
                     warp_x=-0.19, warp_y=0.2, left=1, top=3, crop=43,
                     brightness=0.58, contrast=0.83)),
]

TWICE = [  # nothing here reaches beyond the picture or is averaged
    (1, 52, 23, dict(flip=1, degrees=6.0, left=8, top=9, crop=36)),
    (1, 52, 23, dict(degrees=-4.0, zoom=1.1, zoom_x=0.6, zoom_y=0.4, warp_x=0.1,
                     warp_y=-0.05, left=9, top=8, crop=35)),
]

VALID = [(9, 9), (20, 13), (46, 22), (46, 9)]


def draw_picture(number, side):
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    if number == 0:
        planes = 7 * x + 3 * y, 5 * x + 13 * y, 9 * (x ^ y)
    else:
        planes = 5 * x, 5 * y, 255 - 5 * x
    return TensorImage(torch.stack(planes)[None] % 256).float() / 255


def affine_of(x, p):
    """The product that AffineCoordTfm composes, from given draws."""
    return (flip_mat(x, p=1.0, draw=p["flip"])
            @ rotate_mat(x, p=1.0, draw=p["degrees"])
            @ zoom_mat(x, p=1.0, draw=p["zoom"], draw_x=p["zoom_x"], draw_y=p["zoom_y"]))


def warp_of(x, p):
    warp = _WarpCoord(p=1.0, draw_x=p["warp_x"], draw_y=p["warp_y"])
    warp.before_call(x)
    return warp


def crop_of(x, p, side):
    """Maps the crop's coordinates to the picture's."""
    half = (side - 1) / 2 if side > 1 else 1
    scale = x.new_tensor([(p["crop"] - 1) / 2 / half if side > 1 else 1])
    centre = [(p[k] + (p["crop"] - 1) / 2) / half - 1 if side > 1 else 0
              for k in ("left", "top")]
    zero = torch.zeros_like(scale)
    return affine_mat(scale, zero, zero + centre[0], zero, scale, zero + centre[1])


def light(x, p):
    changes = (_BrightnessLogit(p=1.0, draw=p["brightness"]),
               _ContrastLogit(p=1.0, draw=p["contrast"]))
    for change in changes:
        change.before_call(x)
    return x.lighting(lambda y: compose_tfms(y, tfms=changes))


def numbers(values, digits=9):
    return " ".join("%.*g" % (digits, v) for v in values)


def write_pixels(out, x):
    for row in x[0].permute(1, 2, 0) * 255:
        out.write("%s\n" % " ".join("%.2f" % v for v in row.flatten().tolist()))


def write_case(out, picture, side, size, changes):
    p = NEUTRAL | dict(crop=side) | changes
    x = draw_picture(picture, side)
    affine, warp = affine_of(x, p), warp_of(x, p)
    matrix = (affine @ crop_of(x, p, side))[:, :2]
    coords = warp(affine_grid(matrix, (1, 3, size, size), align_corners=True))[0]
    ends = coords[::size - 1, ::size - 1].flatten().tolist()
    middle = warp(affine_grid(matrix, (1, 3, 3, 3), align_corners=True))[0, 1, 1].tolist()
    result = x.affine_coord(mat=matrix, coord_tfm=warp, sz=size)
    out.write("case %d %d %d %s\n" % (picture, side, size, numbers(p.values())))
    out.write("affine %s\n" % numbers(affine[0, :2].flatten().tolist()))
    coeffs = find_coeffs(warp.orig_pts, warp.targ_pts)
    out.write("warp %s\n" % numbers(coeffs.flatten().tolist()))
    out.write("coords %s\n" % numbers(ends + middle))
    out.write("pixels\n")
    write_pixels(out, light(result.clone(), p))


def write_twice(out, picture, side, size, changes):
    p = NEUTRAL | dict(crop=side) | changes
    x = draw_picture(picture, side)
    whole = x.affine_coord(mat=affine_of(x, p)[:, :2], coord_tfm=warp_of(x, p))
    crop = RandomResizedCropGPU(size)
    crop.tl, crop.cp_size = (p["top"], p["left"]), (p["crop"], p["crop"])
    out.write("twice %d %d %d %s\n" % (picture, side, size, numbers(p.values())))
    write_pixels(out, crop.encodes(whole))


def write_valid(out, side, size):
    pipeline = Pipeline(aug_transforms(size=size, min_scale=0.75), split_idx=1)
    out.write("valid %d %d\n" % (side, size))
    write_pixels(out, pipeline(draw_picture(0, side)))


if __name__ == "__main__":
    with open(FILE, "w") as out:
        out.write(HEAD.format(fastai=fastai.__version__, torch=torch.__version__))
        for case in CASES:
            write_case(out, *case)
        for case in TWICE:
            write_twice(out, *case)
        for case in VALID:
            write_valid(out, *case)
