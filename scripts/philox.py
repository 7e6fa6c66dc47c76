# SPDX-License-Identifier: MIT
"""im2cat's random numbers (src/base/random.h) in Python, and the elements its dropout
drops."""
import numpy as np

IC_RANDOM_DROPOUT = 5
MULTIPLIER, WEYL = (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011) of four arrays of uint64 below 2^32."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(MULTIPLIER[0]), c[2] * np.uint64(MULTIPLIER[1])
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), p1 & LOW,
             (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), p0 & LOW]
        k = [(k[0] + WEYL[0]) & 0xFFFFFFFF, (k[1] + WEYL[1]) & 0xFFFFFFFF]
    return c


def stream(seed, use, epoch, index, count):
    """The first numbers of ic_random_u32 after ic_random_init."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = [blocks] + [np.full_like(blocks, x) for x in (index, epoch, use)]
    return np.stack(philox(counter, (seed & 0xFFFFFFFF, seed >> 32)), 1).ravel()[:count]


def kept(rate, seed, step, layer, count):
    """Which elements a dropout of that rate keeps; see struct ic_dropout."""
    numbers = stream(seed, IC_RANDOM_DROPOUT, step, layer, count)
    return numbers.astype(np.float64) / 2**32 >= rate


def check_known_answers():
    """Checks the known answers of the generator's authors, as in tests/test_random.c.
    """
    for counter, key, expected in (
            ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
            ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2,
             (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
            ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
             (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1))):
        found = philox([np.array([c], dtype=np.uint64) for c in counter], key)
        assert [int(x[0]) for x in found] == list(expected), found

