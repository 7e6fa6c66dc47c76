#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/pillow.txt: small pictures of every kind, and Pillow's results
for them.

The text holds the encoded bytes in hexadecimal, the size and the CRC-32 of the RGB
bytes after Image.open().convert("RGB"), and CRC-32s of parts of the picture resized
with BILINEAR and fitted to a square as fastai's Resize does; for JPEGs also the result
of draft, which decodes at a reduced scale. tests/test_image_golden.c requires the same
bytes of im2cat.

    python3 scripts/golden-pillow.py > tests/golden/pillow.txt
"""
import io
import struct
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, features

import golden_formats

warnings.simplefilter("ignore")
random = np.random.default_rng(34)


def photo(width, height, channels=3, depth=8, noise=0.15):
    """A smooth picture with some noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        wave = np.sin(x / (5 + 3 * c) + c) + np.cos(y / (7 - c) + x / 23)
        planes.append(0.5 + wave / 4 + noise * random.standard_normal(x.shape))
    values = np.clip(np.stack(planes, -1), 0, 1) * (2 ** depth - 1)
    return values.astype(np.uint16 if depth == 16 else np.uint8)


# --- JPEG ---------------------------------------------------------------------------


def jpeg(width, height, mode="RGB", noise=0.15, **options):
    planes = photo(width, height, {"L": 1, "RGB": 3, "CMYK": 4}[mode], noise=noise)
    image = Image.fromarray(planes[..., 0] if mode == "L" else planes, mode)
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def patch(data, marker, offset, value):
    """Replaces one byte after the first marker segment of that kind."""
    at = data.index(b"\xff" + bytes([marker])) + 2 + offset
    return data[:at] + bytes([value]) + data[at + 1:]


def ycck(width, height):
    """Pillow's CMYK file, with an Adobe marker that claims YCCK."""
    data = jpeg(width, height, "CMYK", quality=90)
    return patch(data, 0xEE, 13, 2)


def without_adobe(data):
    at = data.index(b"\xff\xee")
    length = struct.unpack(">H", data[at + 2:at + 4])[0]
    return data[:at] + data[at + 2 + length:]


def upright(width, height):
    """A 4:2:2 file whose frame header says 4:4:0 with the sides exchanged."""
    data = jpeg(width, height, subsampling=1, quality=85)
    at = data.index(b"\xff\xc0")
    size = data[at + 5:at + 9]
    data = data[:at + 5] + size[2:] + size[:2] + data[at + 9:]
    return patch(data, 0xC0, 9, 0x12)


def with_junk(data):
    """Extraneous bytes before the end marker, as some Oxford pictures have them."""
    return data[:-2] + b"junk" * 16 + data[-2:]


def cut_scan(data):
    """The second half of the scan is missing, but the end marker is there. (Not for
    progressive files: how their coarse blocks are smoothed differs between versions of
    libjpeg-turbo.)"""
    at = data.index(b"\xff\xda")
    return data[:at + (len(data) - at) // 2] + b"\xff\xd9"


def jpegs():
    yield "jpeg-420", jpeg(50, 37, subsampling=2, quality=80)
    yield "jpeg-422", jpeg(33, 41, subsampling=1, quality=80)
    yield "jpeg-440", upright(48, 24)
    yield "jpeg-444", jpeg(27, 31, subsampling=0, quality=95)
    yield "jpeg-420-even", jpeg(64, 32, subsampling=2, quality=50)
    yield "jpeg-420-thin", jpeg(1, 40, subsampling=2)
    yield "jpeg-420-flat", jpeg(43, 1, subsampling=2)
    yield "jpeg-420-dot", jpeg(1, 1, subsampling=2)
    yield "jpeg-coarse", jpeg(40, 40, quality=5, noise=0.5)
    yield "jpeg-restart", jpeg(45, 36, restart_marker_blocks=2)
    yield "jpeg-progressive", jpeg(51, 38, progressive=True, quality=80)
    yield "jpeg-progressive-444", jpeg(30, 25, progressive=True, subsampling=0)
    yield "jpeg-grey", jpeg(35, 29, "L")
    yield "jpeg-grey-progressive", jpeg(26, 42, "L", progressive=True)
    yield "jpeg-rgb", jpeg(25, 28, keep_rgb=True)
    yield "jpeg-cmyk", jpeg(31, 26, "CMYK")
    yield "jpeg-cmyk-progressive", jpeg(29, 24, "CMYK", progressive=True)
    yield "jpeg-cmyk-plain", without_adobe(jpeg(22, 21, "CMYK"))
    yield "jpeg-ycck", ycck(30, 23)
    yield "jpeg-junk", with_junk(jpeg(32, 24))
    yield "jpeg-cut-scan", cut_scan(jpeg(40, 48))


# --- PNG ----------------------------------------------------------------------------

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
         (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def filtered(row, above, step, kind):
    """One row after a PNG filter (clause 9.2 of the specification)."""
    out = bytearray([kind])
    for i, value in enumerate(row):
        a = row[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((value - [0, a, b, (a + b) // 2, nearest][kind]) & 255)
    return bytes(out)


def scan(values, depth):
    """The rows of a pass: packed, and filtered with all five filters in turn."""
    out = b""
    height, width, channels = values.shape
    above = None
    for y in range(height):
        if depth == 16:
            row = values[y].astype(">u2").tobytes()
        elif depth == 8:
            row = values[y].astype(np.uint8).tobytes()
        else:
            bits = np.unpackbits(values[y].astype(np.uint8).reshape(-1, 1), axis=1)
            row = np.packbits(bits[:, 8 - depth:].ravel()).tobytes()
        above = bytes(len(row)) if above is None else above
        out += filtered(row, above, max(1, channels * depth // 8), y % 5)
        above = row
    return out


def png(width, height, kind, depth, interlaced=False, palette=0, alpha=None):
    channels = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}[kind]
    values = photo(width, height, channels, depth)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced)))
    out += chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"Title\0golden")
    if palette:
        out += chunk(b"PLTE", random.integers(0, 256, palette * 3, np.uint8).tobytes())
    if alpha is not None:
        out += chunk(b"tRNS", alpha)
    if interlaced:
        parts = [values[y::down, x::right] for x, y, right, down in ADAM7]
        data = b"".join(scan(part, depth) for part in parts if part.size)
    else:
        data = scan(values, depth)
    data = zlib.compress(data, 9)
    half = len(data) // 2
    return (out + chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:])
            + chunk(b"IEND", b""))


def pngs():
    kinds = {"grey": (GREY, (1, 2, 4, 8, 16)), "rgb": (RGB, (8, 16)),
             "grey-alpha": (GREY_ALPHA, (8, 16)), "rgb-alpha": (RGB_ALPHA, (8, 16))}
    for name, (kind, depths) in kinds.items():
        for depth in depths:
            yield f"png-{name}-{depth}", png(19, 14, kind, depth)
            yield f"png-{name}-{depth}-interlaced", png(13, 17, kind, depth, True)
    for depth in (1, 2, 4, 8):
        full = 1 << depth
        yield f"png-palette-{depth}", png(21, 13, PALETTE, depth, palette=full)
        yield (f"png-palette-{depth}-interlaced",
               png(11, 16, PALETTE, depth, True, palette=full, alpha=b"\x80\x00"))
    yield "png-palette-short", png(23, 15, PALETTE, 8, palette=100)
    yield "png-palette-alpha", png(18, 15, PALETTE, 8, palette=256, alpha=b"\xff\0\x40")
    yield "png-grey-key", png(16, 9, GREY, 8, alpha=b"\0\x80")
    yield "png-grey-16-key", png(16, 9, GREY, 16, alpha=b"\x80\0")
    yield "png-rgb-key", png(16, 9, RGB, 8, alpha=b"\0\x10\0\x20\0\x30")
    yield "png-dot", png(1, 1, RGB, 8)
    yield "png-dot-interlaced", png(1, 1, RGB_ALPHA, 16, True)
    yield "png-thin-interlaced", png(1, 30, PALETTE, 4, True, palette=16)


# --- GIF ----------------------------------------------------------------------------


def lzw(indices, bits):
    """GIF's data blocks without compression: a clear code before the code width grows.
    """
    clear, size = 1 << bits, bits + 1
    codes = []
    for i, index in enumerate(indices):
        if i % (clear - 2) == 0:
            codes.append(clear)
        codes.append(int(index))
    number = 0
    for i, code in enumerate(codes + [clear + 1]):
        number |= code << (i * size)
    data = number.to_bytes(((len(codes) + 1) * size + 7) // 8, "little")
    blocks = [data[i:i + 255] for i in range(0, len(data), 255)]
    return bytes([bits]) + b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"


def palette_flag(palette):
    return 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0


def gif(screen, frame, bits, everywhere=b"", here=b"", transparent=None, background=0,
        interlaced=False):
    """A GIF of one frame (left, top, width, height) of random indices."""
    indices = random.integers(0, 1 << bits, frame[2] * frame[3])
    out = b"GIF89a" + struct.pack("<HHBBB", *screen, palette_flag(everywhere),
                                  background, 0) + everywhere
    out += b"!\xfe\x06golden\0"
    if transparent is not None:
        out += b"!\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    out += b"," + struct.pack("<HHHHB", *frame,
                              palette_flag(here) | 0x40 * interlaced) + here
    return out + lzw(indices, bits) + b";"


def colours(count):
    return random.integers(0, 256, 3 * count, np.uint8).tobytes()


def pillow_gif(width, height, **options):
    out = io.BytesIO()
    Image.fromarray(photo(width, height)).convert("P").save(out, "GIF", **options)
    return out.getvalue()


def noisy_gif(side):
    """More strings than the code table holds."""
    out = io.BytesIO()
    indices = random.integers(0, 256, (side, side), np.uint8)
    image = Image.fromarray(indices)
    image.putpalette(colours(256))
    image.save(out, "GIF", interlace=0)
    return out.getvalue()


def gifs():
    ramp = bytes(i for i in range(4) for _ in range(3))
    yield "gif-pillow", pillow_gif(40, 30, interlace=0)
    yield "gif-pillow-interlaced", pillow_gif(37, 41, interlace=1)
    yield "gif-long-table", noisy_gif(80)
    yield "gif-global", gif((16, 12), (0, 0, 16, 12), 3, colours(8))
    yield "gif-local", gif((16, 12), (0, 0, 16, 12), 3, here=colours(8))
    yield "gif-both", gif((16, 12), (0, 0, 16, 12), 3, colours(8), colours(8))
    yield "gif-offset", gif((20, 15), (3, 4, 9, 7), 2, colours(4), background=2)
    yield "gif-offset-local", gif((20, 15), (3, 4, 9, 7), 2, colours(4), colours(4))
    yield "gif-transparent", gif((20, 15), (3, 4, 9, 7), 2, colours(4), transparent=2)
    yield "gif-transparent-far", gif((9, 9), (1, 1, 5, 5), 2, colours(4),
                                     transparent=99)
    yield "gif-growing", gif((8, 8), (4, 6, 12, 5), 2, colours(4))
    yield "gif-interlaced", gif((14, 21), (0, 0, 14, 21), 4, colours(16),
                                interlaced=True)
    yield "gif-interlaced-low", gif((6, 3), (1, 0, 4, 3), 2, colours(4),
                                    interlaced=True)
    yield "gif-no-palette", gif((10, 8), (2, 2, 6, 5), 4, transparent=200)
    yield "gif-ramp", gif((10, 8), (2, 2, 6, 5), 2, ramp, background=1)
    yield "gif-ramp-local", gif((10, 8), (2, 2, 6, 5), 2, colours(4), ramp)
    yield "gif-short-palette", gif((10, 8), (2, 2, 6, 5), 4, colours(4))


# --- what Pillow makes of them ------------------------------------------------------


def drafts(data):
    """The result of Image.draft where a picture only needs sides of so many pixels."""
    whole = Image.open(io.BytesIO(data))
    for scale in (1, 2, 4, 8):
        side = min(whole.size) // scale
        if whole.format == "JPEG" and side > 0:
            image = Image.open(io.BytesIO(data))
            image.draft("RGB", (side, side))
            image = image.convert("RGB")
            print(f"draft {side} {image.width} {image.height} {crc(image)}")


def crc(image):
    return f"{zlib.crc32(image.tobytes()):08x}"


def fit(image, method, size, u, v):
    """fastai 2.8's Resize(size, method), with its random position given."""
    w, h = image.size
    if method == "squish":
        return image.resize((size, size), Image.BILINEAR)
    pick = max if method == "pad" else min
    side = int(pick(w / size, h / size) * size)
    left, top = int(u * (w - side)), int(v * (h - side))
    image = image.crop((max(left, 0), max(top, 0), min(left + side, w),
                        min(top + side, h)))
    across = max(-left, 0), max(left + side - w, 0)
    down = max(-top, 0), max(top + side - h, 0)
    if any(across + down):
        pixels = np.pad(np.asarray(image), (down, across, (0, 0)), mode="reflect")
        image = Image.fromarray(pixels)
    return image.resize((size, size), Image.BILINEAR)


def describe(image, cases, fits):
    w, h = image.size
    print(f"size {w} {h}")
    print(f"rgb {crc(image)}")
    for (left, top, width, height), (out_w, out_h) in cases:
        part = image.crop((left, top, left + width, top + height))
        part = part.resize((out_w, out_h), Image.BILINEAR)
        print(f"resize {left} {top} {width} {height} {out_w} {out_h} {crc(part)}")
    for method, size, u, v in fits:
        print(f"fit {method} {size} {u} {v} {crc(fit(image, method, size, u, v))}")


def cases_for(w, h):
    """Shrinking, enlarging, odd sizes, one axis alone, inner parts, single pixels."""
    whole = (0, 0, w, h)
    inner = (w // 3, h // 4, max(1, w // 2), max(1, h // 2))
    yield whole, (7, 9)
    yield whole, (w + 5, 2 * h + 1)
    yield whole, (w, max(1, h // 2))
    yield inner, (16, 16)
    yield inner, (1, 3)
    yield (w - 1, h - 1, 1, 1), (4, 5)


def synthetic(width, height):
    """A picture by formula, which the test computes too."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return Image.fromarray(((x * 7 + y * 13 + c * 101) ^ (x * y)).astype(np.uint8))


SYNTHETIC = [
    (500, 375, [((62, 0, 375, 375), (224, 224)), ((0, 0, 500, 375), (224, 224)),
                ((1, 2, 333, 111), (1000, 37))]),
    (300, 400, [((0, 0, 300, 400), (224, 224)), ((0, 0, 300, 377), (224, 224)),
                ((0, 0, 300, 376), (224, 224)), ((9, 20, 200, 300), (201, 299))]),
    (460, 453, [((0, 0, 460, 453), (460, 453))]),
    (3001, 3, [((0, 0, 3001, 3), (224, 224)), ((5, 1, 2990, 1), (7, 1))]),
    (2, 2500, [((0, 0, 2, 2500), (64, 13)), ((1, 0, 1, 2500), (1, 2499))]),
    (20000, 1, [((0, 0, 20000, 1), (1, 1)), ((0, 0, 20000, 1), (3, 2))]),
    (1, 1, [((0, 0, 1, 1), (224, 3))]),
]
PLACES = [(0.5, 0.5), (0.0, 1.0), (0.999, 0.013), (0.25, 0.6180339)]


def main():
    print(f"# Pillow {PIL.__version__}, libjpeg-turbo "
          f"{features.version('libjpeg_turbo')}, zlib {features.version('zlib')}, "
          f"numpy {np.__version__}")
    print("# scripts/golden-pillow.py: the bytes of a picture (or a formula's size),")
    print("# its size, the CRC-32 of its RGB bytes; resize LEFT TOP WIDTH HEIGHT TO-WIDTH")
    print("# TO-HEIGHT CRC-32; fit METHOD SIZE U V CRC-32; draft SIDE WIDTH HEIGHT CRC-32")
    for name, data in [*jpegs(), *pngs(), *gifs(), *golden_formats.bmps(),
                       *golden_formats.webps(), *golden_formats.tiffs()]:
        print(f"file {name}")
        for at in range(0, len(data), 42):
            print(f"hex {data[at:at + 42].hex()}")
        image = Image.open(io.BytesIO(data)).convert("RGB")
        describe(image, cases_for(*image.size), [("crop", 12, 0.5, 0.5)])
        drafts(data)
    for width, height, cases in SYNTHETIC:
        print(f"synthetic {width} {height}")
        fits = [(method, size, u, v) for method in ("crop", "pad", "squish")
                for size in (64, 224) for u, v in PLACES
                if method != "pad" or max(width, height) < 2000]
        describe(synthetic(width, height), cases, fits)


main()
