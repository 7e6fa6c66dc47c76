# SPDX-License-Identifier: MIT
"""Small pictures in BMP, WebP and TIFF for golden-pillow.py: every depth, layout and
compression that im2cat reads, and the odd ones among them."""
import io
import struct

import numpy as np
from PIL import Image, TiffImagePlugin

random = np.random.default_rng(35)


def bytes_of(*shape):
    return random.integers(0, 256, shape, np.uint8)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def smooth(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 100 * np.sin(x / (3 + c) + c) * np.cos(y / (4 + c))
              for c in range(channels)]
    noise = random.normal(0, 8, (height, width, channels))
    return np.clip(np.stack(planes, -1) + noise, 0, 255).astype(np.uint8)


# --- BMP ----------------------------------------------------------------------------

RAW, RLE8, RLE4, BITFIELDS = 0, 1, 2, 3


def bmp(width, height, bits, data, palette=b"", compression=RAW, header=40, masks=(),
        top_down=False, colours=None, gap=0):
    """A BMP file; `palette` holds entries of four bytes (three with a header of 12)."""
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        count = len(palette) // 4 if colours is None else colours
        info = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height,
                           1, bits, compression, len(data), 2835, 2835, count, 0)
        fields = struct.pack(f"<{len(masks)}I", *masks)
        if header == 40:
            info += fields
        else:
            info += fields.ljust(header - 40, b"\0")
    offset = 14 + len(info) + len(palette) + gap
    head = b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset)
    return head + info + palette + bytes(gap) + data


def rows(width, height, bits):
    return random.integers(0, 256, (width * bits + 31) // 32 * 4 * height,
                           np.uint8).tobytes()


def table(count, entry=4):
    return bytes_of(count, entry).tobytes()


def grey(count):
    return b"".join(bytes([i, i, i, 0]) for i in range(count))


def runs8():
    """Runs, an end of row, stretches of odd and even length, a delta, a row without an
    end marker."""
    return (bytes([5, 1, 3, 2, 0, 0]) + bytes([0, 3, 9, 8, 7, 0, 2, 4, 0, 0])
            + bytes([0, 4, 1, 2, 3, 4, 4, 200, 0, 0]) + bytes([2, 5, 0, 2, 3, 1])
            + bytes([3, 6, 9, 9, 0, 0]) + bytes([8, 3, 0, 0, 8, 4, 0, 0, 8, 5, 0, 1]))


def runs4():
    return (bytes([5, 0x12, 3, 0x34, 0, 0]) + bytes([0, 5, 0x12, 0x34, 0x50, 0, 3, 0x67])
            + bytes([0, 0, 0, 3, 0x12, 0x30, 5, 0x88, 0, 0, 0, 2, 1, 1])
            + bytes([7, 0xab, 0, 0, 8, 0xcd, 0, 0, 8, 0xef, 0, 0, 8, 1, 0, 1]))


def bmps():
    yield "bmp-1", bmp(13, 7, 1, rows(13, 7, 1), table(2))
    yield "bmp-1-black-white", bmp(13, 7, 1, rows(13, 7, 1),
                                   bytes([0, 0, 0, 0, 255, 255, 255, 0]))
    yield "bmp-4", bmp(15, 6, 4, rows(15, 6, 4), table(16))
    yield "bmp-4-short", bmp(15, 6, 4, rows(15, 6, 4), table(9))
    yield "bmp-8", bmp(11, 9, 8, rows(11, 9, 8), table(256))
    yield "bmp-8-short", bmp(11, 9, 8, rows(11, 9, 8), table(100))
    yield "bmp-8-grey", bmp(11, 9, 8, rows(11, 9, 8), grey(256))
    yield "bmp-8-grey-short", bmp(11, 9, 8, rows(11, 9, 8), grey(64))
    yield "bmp-8-no-count", bmp(10, 5, 8, rows(10, 5, 8), table(256), colours=0)
    yield "bmp-8-gap", bmp(10, 5, 8, rows(10, 5, 8), table(256), gap=10)
    yield "bmp-16", bmp(9, 8, 16, rows(9, 8, 16))
    yield "bmp-16-565", bmp(9, 8, 16, rows(9, 8, 16), compression=BITFIELDS,
                            masks=(0xf800, 0x7e0, 0x1f))
    yield "bmp-16-555", bmp(9, 8, 16, rows(9, 8, 16), compression=BITFIELDS,
                            masks=(0x7c00, 0x3e0, 0x1f))
    yield "bmp-24", bmp(7, 10, 24, rows(7, 10, 24))
    yield "bmp-24-top-down", bmp(7, 10, 24, rows(7, 10, 24), top_down=True)
    yield "bmp-24-os2", bmp(7, 10, 24, rows(7, 10, 24), header=12)
    yield "bmp-8-os2", bmp(7, 10, 8, rows(7, 10, 8), table(256, 3), header=12)
    yield "bmp-24-os2-64", bmp(7, 10, 24, rows(7, 10, 24), header=64)
    yield "bmp-32", bmp(6, 5, 32, rows(6, 5, 32))
    yield "bmp-32-bgra", bmp(6, 5, 32, rows(6, 5, 32), compression=BITFIELDS, header=124,
                             masks=(0xff0000, 0xff00, 0xff, 0xff000000))
    yield "bmp-32-rgba", bmp(6, 5, 32, rows(6, 5, 32), compression=BITFIELDS, header=56,
                             masks=(0xff, 0xff00, 0xff0000, 0xff000000))
    yield "bmp-32-xbgr", bmp(6, 5, 32, rows(6, 5, 32), compression=BITFIELDS,
                             masks=(0xff000000, 0xff0000, 0xff00))
    yield "bmp-32-v4", bmp(6, 5, 32, rows(6, 5, 32), header=108)
    yield "bmp-rle8", bmp(8, 8, 8, runs8(), table(256), RLE8)
    yield "bmp-rle4", bmp(8, 8, 4, runs4(), table(16), RLE4)
    yield "bmp-pillow", saved(Image.fromarray(smooth(12, 17, 3)), "BMP")
    yield "bmp-dot", bmp(1, 1, 24, rows(1, 1, 24))


# --- WebP ---------------------------------------------------------------------------


def webp(height, width, channels, **options):
    return saved(Image.fromarray(smooth(height, width, channels)), "WEBP", **options)


def animation(**options):
    frames = [Image.fromarray(smooth(20, 24, 4)) for _ in range(3)]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], **options)


def webps():
    yield "webp-lossy", webp(30, 41, 3, quality=80)
    yield "webp-lossy-coarse", webp(33, 17, 3, quality=5)
    yield "webp-lossy-fine", webp(16, 16, 3, quality=100, method=6)
    yield "webp-lossy-alpha", webp(21, 30, 4, quality=70)
    yield "webp-lossless", webp(19, 23, 3, lossless=True)
    yield "webp-lossless-alpha", webp(19, 23, 4, lossless=True, exact=True)
    yield "webp-lossless-alpha-inexact", webp(19, 23, 4, lossless=True)
    yield "webp-palette", saved(Image.fromarray(bytes_of(14, 11) & 7).convert("P"),
                                "WEBP", lossless=True)
    yield "webp-thin", webp(40, 1, 3)
    yield "webp-flat", webp(1, 40, 3, lossless=True)
    yield "webp-exif", webp(12, 12, 3, exif=Image.Exif().tobytes())
    yield "webp-dot", webp(1, 1, 3)
    yield "webp-animation", animation(lossless=True)
    yield "webp-animation-lossy", animation(quality=60)


# --- TIFF ---------------------------------------------------------------------------


def tiff(planes, mode=None, **options):
    return saved(Image.fromarray(planes) if mode is None
                 else Image.fromarray(planes, mode), "TIFF", **options)


def turned(orientation):
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[274] = orientation
    return tiff(smooth(9, 13, 3), tiffinfo=info)


def raw_tiff(width, height, tags, data, order="<"):
    """A file of one strip, or of the tiles that `tags` describe: tag to (type, values).
    """
    size = {1: 1, 3: 2, 4: 4}
    code = {1: "B", 3: "H", 4: "I"}
    pieces = data if isinstance(data, list) else [data]
    offsets, at = [], 8
    for piece in pieces:
        offsets.append(at)
        at += len(piece) + len(piece) % 2
    tiled = 322 in tags
    tags = {256: (4, [width]), 257: (4, [height]), **tags,
            (324 if tiled else 273): (4, offsets),
            (325 if tiled else 279): (4, [len(piece) for piece in pieces])}
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", at)
    out += b"".join(piece + bytes(len(piece) % 2) for piece in pieces)
    far, extra = at + 2 + 12 * len(tags) + 4, b""
    directory = struct.pack(order + "H", len(tags))
    for tag in sorted(tags):
        kind, values = tags[tag]
        packed = struct.pack(f"{order}{len(values)}{code[kind]}", *values)
        directory += struct.pack(order + "HHI", tag, kind, len(values))
        if size[kind] * len(values) <= 4:
            directory += packed.ljust(4, b"\0")
        else:
            directory += struct.pack(order + "I", far + len(extra))
            extra += packed
    return out + directory + bytes(4) + extra


def plain(bits, photometric, samples=1, **more):
    return {258: (3, [bits] * samples), 259: (3, [1]), 262: (3, [photometric]),
            277: (3, [samples]), 278: (4, [1000]),
            **{int(key[1:]): value for key, value in more.items()}}


def packed(width, height, bits):
    return random.integers(0, 256, (width * bits + 7) // 8 * height, np.uint8).tobytes()


def tiffs():
    for bits in (1, 4, 8):
        for photometric, name in ((0, "white"), (1, "black")):
            yield (f"tiff-{bits}-{name}",
                   raw_tiff(13, 6, plain(bits, photometric), packed(13, 6, bits)))
    yield "tiff-2-black", raw_tiff(13, 6, plain(2, 1), packed(13, 6, 2))
    yield "tiff-16", raw_tiff(7, 6, plain(16, 1), packed(7, 6, 16))
    yield "tiff-16-dark", raw_tiff(
        7, 6, plain(16, 1), random.integers(0, 400, 42).astype("<u2").tobytes())
    yield "tiff-16-big-endian", raw_tiff(
        7, 6, plain(16, 1), random.integers(0, 400, 42).astype(">u2").tobytes(), ">")
    for bits in (1, 2, 4, 8):
        colours = [int(value) for value in random.integers(0, 65536, 3 << bits)]
        yield f"tiff-palette-{bits}", raw_tiff(
            11, 7, plain(bits, 3, t320=(3, colours)), packed(11, 7, bits))
    yield "tiff-rgb", raw_tiff(9, 7, plain(8, 2, 3), packed(9, 7, 24))
    yield "tiff-rgb-big-endian", raw_tiff(9, 7, plain(8, 2, 3), packed(9, 7, 24), ">")
    yield "tiff-rgb-16", raw_tiff(5, 7, plain(16, 2, 3), packed(5, 7, 48))
    yield "tiff-rgb-planar", raw_tiff(
        9, 7, plain(8, 2, 3, t284=(3, [2])), [packed(9, 7, 8) for _ in range(3)])
    yield "tiff-rgb-extra", raw_tiff(9, 7, plain(8, 2, 4, t338=(3, [0])),
                                     packed(9, 7, 32))
    yield "tiff-rgb-alpha", raw_tiff(9, 7, plain(8, 2, 4, t338=(3, [2])),
                                     packed(9, 7, 32))
    yield "tiff-rgb-premultiplied", raw_tiff(9, 7, plain(8, 2, 4, t338=(3, [1])),
                                             packed(9, 7, 32))
    yield "tiff-grey-alpha", raw_tiff(9, 7, plain(8, 1, 2, t338=(3, [2])),
                                      packed(9, 7, 16))
    yield "tiff-cmyk", tiff(smooth(8, 9, 4), "CMYK")
    tile = plain(8, 2, 3, t322=(3, [16]), t323=(3, [16]))
    del tile[278]
    yield "tiff-tiles", raw_tiff(20, 18, tile, [packed(16, 16, 24) for _ in range(4)])
    for compression in ("tiff_lzw", "tiff_deflate", "packbits"):
        yield f"tiff-{compression}", tiff(smooth(20, 15, 3), compression=compression)
    yield "tiff-predictor", tiff(smooth(20, 15, 3), compression="tiff_lzw",
                                 tiffinfo={317: 2})
    bilevel = Image.fromarray(smooth(20, 33, 1)[..., 0]).convert("1")
    yield "tiff-group3", saved(bilevel, "TIFF", compression="group3")
    yield "tiff-group4", saved(bilevel, "TIFF", compression="group4")
    yield "tiff-strips", tiff(smooth(50, 20, 3), compression="tiff_deflate",
                              strip_size=600)
    yield "tiff-pages", saved(Image.fromarray(smooth(8, 8, 3)), "TIFF", save_all=True,
                              append_images=[Image.fromarray(smooth(5, 9, 3))])
    for orientation in range(2, 9):
        yield f"tiff-turned-{orientation}", turned(orientation)
    # Colours over the alpha that they are premultiplied with, and over an alpha of 0.
    yield "tiff-rgb-premultiplied-clear", raw_tiff(
        4, 2, plain(8, 2, 4, t338=(3, [1])), bytes(
            [0, 0, 1, 0, 9, 8, 7, 0, 0, 0, 0, 0, 255, 200, 100, 0,
             9, 8, 7, 8, 200, 0, 100, 100, 1, 2, 3, 255, 255, 255, 255, 1]))
