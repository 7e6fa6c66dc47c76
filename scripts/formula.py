# SPDX-License-Identifier: MIT
"""Weights, pictures and directions from a formula, so that two programs have the same
ones without storing any. tests/formula.h has it in C."""
import math

import numpy as np


def hashes(stream, count):
    """SplitMix64 (Steele, Lea, Flood 2014) after (stream << 32) + i + 1 steps."""
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(stream << 32)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(stream, count):
    """Multiples of 2^-23 in [-1, 1)."""
    return (hashes(stream, count) >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def weight(stream, name, shape):
    """Tensor number `stream` of the state_dict, in the file's layout."""
    u = uniform(stream, math.prod(shape))
    if len(shape) == 4:  # the standard deviation of He et al. 2015, with fan_out
        x = u * math.sqrt(6 / (shape[0] * shape[2] * shape[3]))
    elif name.startswith("fc."):
        x = u / math.sqrt(512)
    elif len(shape) == 2:  # the same, with fan_in
        x = u * math.sqrt(6 / shape[1])
    elif name.endswith(".weight"):
        x = 1 + u / 4
    elif name.endswith(".bias"):  # three quarters of the channels alive, one dead
        x = np.where(u < 0.5, 3.0, -3.0) + u / 2
    elif name.endswith(".running_var"):
        x = 1 + u / 2
    else:
        x = u / 8
    return x.astype(np.float32).reshape(shape)


def bottleneck_weight(stream, name, shape):
    """tensor() for the deeper networks of bottlenecks: residual branches that begin
    small keep rounding errors small. The bias of the 3x3 convolution's batch norm
    matters only where a ReLU decides, since the next batch norm removes what all pixels
    have in common. So these biases are nearer to zero; otherwise their gradients would
    be close to zero."""
    x = weight(stream, name, shape)
    if name.endswith(".bn3.weight"):
        return x / 4
    return x * np.float32(51 / 64) if name.endswith(".bn2.bias") else x


def pictures(step, batch, size):
    """Squares of 8 x 8 pixels, and noise."""
    tiles = uniform(1000 + 2 * step, batch * 3 * (size // 8) ** 2)
    tiles = tiles.reshape(batch, 3, size // 8, size // 8).repeat(8, 2).repeat(8, 3)
    noise = uniform(1001 + 2 * step, batch * 3 * size**2)
    return (1.5 * tiles + 0.5 * noise.reshape(tiles.shape)).astype(np.float32)


def labels(step, batch, classes):
    return [(step + 3 * k) % classes for k in range(batch)]


def tame_weight(stream, name, shape):
    """tensor() for fastai's network, made so that 40 steps of training do not amplify a
    rounding error. Residual branches and logits begin small, and activations are
    further from zero. Dead channels stay dead, and the head's hidden features stay
    alive. A channel that is alive in a single place is the worst, since Adam and the
    batch norm after it scale it up to the size of any other."""
    x = weight(stream, name, shape)
    if name == "1.4.weight":
        return x + np.float32(1 / 64)
    if name == "1.2.bias":
        return abs(x) / 4
    if name == "1.6.bias":
        return x / 64
    if name.endswith((".bn2.weight", "1.8.weight")):
        return x / 8
    if name.endswith((".bn2.bias", ".downsample.1.bias")):
        return x * 2
    return np.where(x < 0, x * 16, x * 2) if name.endswith(".bias") else x


def class_pictures(step, batch, size, classes):
    """The same batch as bytes, with something to learn: half of each square shows its
    class."""
    own = uniform(1000 + 2 * step, batch * 3 * (size // 8) ** 2)
    common = [uniform(900 + label, 3 * (size // 8) ** 2)
              for label in labels(step, batch, classes)]
    tiles = (own + np.concatenate(common)) / 2
    tiles = tiles.reshape(batch, 3, size // 8, size // 8).repeat(8, 2).repeat(8, 3)
    noise = uniform(1001 + 2 * step, batch * 3 * size**2).reshape(tiles.shape)
    return np.floor((1.5 * tiles + 0.5 * noise + 2) * 64).astype(np.uint8)


def directions(stream, count):
    """Eight directions of +1 and -1: the low bits of a hash."""
    bits = hashes(2000 + stream, count)[:, None] >> np.arange(8, dtype=np.uint64)
    return (bits & np.uint64(1)).astype(np.float64) * 2 - 1


def numbers(values, digits=12):
    return " ".join(f"{v:.{digits}g}" for v in values)


def print_vector(key, name, stream, value, digits=12):
    """Name, norm, first and last element, and eight projections of a tensor in float64.
    """
    flat = np.asarray(value, dtype=np.float64).ravel()
    products = flat @ directions(stream, flat.size)
    print(key, name, numbers([np.linalg.norm(flat), flat[0], flat[-1]], digits),
          numbers(products, digits))
