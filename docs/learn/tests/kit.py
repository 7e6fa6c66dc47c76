# SPDX-License-Identifier: MIT
"""What the tests in Python share: loads the exercise, compares numbers, and shows the
first that is wrong."""
import importlib.util
import math
import os
import sys
import traceback

sys.dont_write_bytecode = True


def exercise():
    """The module in the file that the command line names."""
    spec = importlib.util.spec_from_file_location("exercise", sys.argv[1])
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        wrong(f"{os.path.basename(sys.argv[1])}, line {error.lineno}: {error.msg}")
    return module


def wrong(text):
    print("wrong: " + text)
    sys.exit(1)


def same(name, found, wanted, tolerance=0.0, place=""):
    """Compares two numbers, or two lists of numbers, of lists and so on. `tolerance` is
    relative to the wanted number, or to 1 where that is smaller; `place` are the indices of
    what is compared, such as [2][0]."""
    where = name + (", " + place if place else "")
    if isinstance(wanted, (list, tuple)):
        if not isinstance(found, (list, tuple)):
            wrong(f"{where} is {found!r}, not a list of {len(wanted)}")
        if len(found) != len(wanted):
            wrong(f"{where} has {len(found)} elements, not {len(wanted)}: {show(found)}")
        for i, (a, b) in enumerate(zip(found, wanted)):
            same(name, a, b, tolerance, f"{place}[{i}]")
        return
    if isinstance(wanted, float) or tolerance > 0:
        try:
            close = abs(found - wanted) <= tolerance * max(1.0, abs(wanted))
        except TypeError:
            close = False
        if not close or (isinstance(found, float) and math.isnan(found)):
            digits = 9 if show(found) != show(wanted) else 17
            wrong(f"{where} is {show(found, digits)}, not {show(wanted, digits)}")
    elif found != wanted:
        wrong(f"{where} is {show(found)}, not {show(wanted)}")


def show(value, digits=9):
    text = f"{value:.{digits}g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def run(test):
    """Runs a test; an error in the exercise shows its own line."""
    try:
        test(exercise())
    except Exception:
        trace = traceback.format_exc(limit=-1).strip().splitlines()
        wrong(f"the program broke off: {trace[-1]}" +
              (f" ({trace[1].strip()})" if len(trace) > 2 else "") +
              ("; does the function return its result?" if "NoneType" in trace[-1] else ""))
    print("right")
