# SPDX-License-Identifier: MIT
"""Scores pictures with libim2cat through ctypes: numpy arrays in, numpy arrays out.

    python3 score.py model.safetensors cat.jpg dog.png

IM2CAT_LIBRARY gives the library's path where the system does not find it.
"""

import ctypes
import os
import sys

import numpy as np


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("message", ctypes.c_char * 512)]


class Options(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("batch", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("device", ctypes.c_char_p),
        ("precision", ctypes.c_char_p),
        ("decode", ctypes.c_char_p),
        ("arch", ctypes.c_char_p),
    ]


class Im2catError(Exception):
    """A failure that libim2cat reports."""


def _open_library():
    library = ctypes.CDLL(os.environ.get("IM2CAT_LIBRARY", "libim2cat.so.0"))
    handle, text, whole = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    error = ctypes.POINTER(Error)
    floats, doubles = (
        np.ctypeslib.ndpointer(kind, flags="C_CONTIGUOUS")
        for kind in (np.float32, np.float64)
    )
    bytes_in = np.ctypeslib.ndpointer(np.uint8, flags="C_CONTIGUOUS")
    out = ctypes.POINTER(handle)
    for name, result, arguments in [
        ("im2cat_version", text, []),
        ("im2cat_model_open", whole, [text, ctypes.POINTER(Options), out, error]),
        ("im2cat_model_close", None, [handle]),
        ("im2cat_class_count", whole, [handle]),
        ("im2cat_class_name", text, [handle, whole]),
        ("im2cat_picture_size", whole, [handle]),
        ("im2cat_scorer_open", whole, [handle, out, error]),
        ("im2cat_scorer_close", None, [handle]),
        ("im2cat_set_bytes", whole,
         [handle, whole, text, ctypes.c_size_t, text, error]),
        ("im2cat_set_pixels", whole, [handle, whole, bytes_in, whole, whole, error]),
        ("im2cat_run", whole, [handle, whole, floats, error]),
        ("im2cat_softmax", None, [doubles, floats, whole]),
    ]:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Classifier:
    """A model with one scorer, for one thread at a time."""

    def __init__(self, path, batch=16, threads=0):
        self._library = _open_library()
        self._model, self._scorer = ctypes.c_void_p(), ctypes.c_void_p()
        self.batch = batch
        options = Options(ctypes.sizeof(Options), batch, threads)
        self._call("im2cat_model_open", os.fsencode(path), ctypes.byref(options),
                   ctypes.byref(self._model))
        self._call("im2cat_scorer_open", self._model, ctypes.byref(self._scorer))
        count = self._library.im2cat_class_count(self._model)
        self.classes = [
            self._library.im2cat_class_name(self._model, i).decode()
            for i in range(count)
        ]

    def _call(self, name, *arguments):
        error = Error()
        if getattr(self._library, name)(*arguments, ctypes.byref(error)) != 0:
            raise Im2catError(error.message.decode())

    def logits(self, pictures):
        """float32 [N, K] of N pictures: encoded bytes, or uint8 arrays [H, W, 3]."""
        rows = np.empty((len(pictures), len(self.classes)), np.float32)
        for first in range(0, len(pictures), self.batch):
            part = pictures[first : first + self.batch]
            for at, picture in enumerate(part):
                self._set(at, picture, f"picture {first + at}")
            self._call("im2cat_run", self._scorer, len(part),
                       rows[first : first + len(part)])
        return rows

    def _set(self, at, picture, name):
        if isinstance(picture, bytes):
            self._call("im2cat_set_bytes", self._scorer, at, picture, len(picture),
                       name.encode())
            return
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise TypeError(f"{name} is {picture.dtype} {picture.shape}, "
                            "must be uint8 (height, width, 3)")
        height, width, _ = picture.shape
        self._call("im2cat_set_pixels", self._scorer, at,
                   np.ascontiguousarray(picture), height, width)

    def probabilities(self, logits):
        """float64 [N, K]: softmax of logits."""
        result = np.empty(logits.shape, np.float64)
        for row, source in zip(result, np.ascontiguousarray(logits, np.float32)):
            self._library.im2cat_softmax(row, source, row.size)
        return result

    def close(self):
        self._library.im2cat_scorer_close(self._scorer)
        self._library.im2cat_model_close(self._model)
        self._scorer, self._model = ctypes.c_void_p(), ctypes.c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main(model, *paths):
    with Classifier(model) as classifier:
        pictures = [open(path, "rb").read() for path in paths]
        scores = classifier.probabilities(classifier.logits(pictures))
        for path, row in zip(paths, scores):
            best = row.argmax()
            print(f"{path}\t{classifier.classes[best]}\t{row[best]:.6f}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (Im2catError, OSError) as failure:
        sys.exit(f"score.py: {failure}")
