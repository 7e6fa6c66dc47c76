# SPDX-License-Identifier: MIT
"""Reads the tables of mutants beside this file, and applies one mutant to a tree.

A table is a text file, with one mutant in each paragraph:

    base/file.c tests/test_file
    - if (fsync(fd) != 0)
    + if (fsync(fd) == 0)

The first line names the file below src/, and the tests that ought to notice first. The
line behind `-` must be in the file exactly once, whatever its indentation; the line
behind `+` takes its place, and is empty where a statement is left out. Lines that begin
with # are comments.
"""
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class TableError(Exception):
    """A table that cannot be used, with the line and the cause."""


@dataclass(frozen=True)
class Mutant:
    place: str      # table:line
    file: str       # below the source folder
    hints: tuple
    found: str
    replacement: str

    def __str__(self):
        return f"{self.file}: {self.found}  ->  {self.replacement or 'nothing'}"

    def apply(self, text):
        """The text of the file with the mistake in it."""
        lines = text.split("\n")
        at = [i for i, line in enumerate(lines) if line.strip() == self.found]
        if len(at) != 1:
            raise TableError(f"{self.place}: {self.file} has this line {len(at)} times, not "
                             f"once: {self.found}")
        line = lines[at[0]]
        indentation = line[:len(line) - len(line.lstrip())]
        lines[at[0]] = indentation + self.replacement if self.replacement else ""
        return "\n".join(lines)


def paragraph(place, lines):
    """The mutant of one paragraph."""
    if len(lines) != 3 or lines[1][:1] != "-" or lines[2][:1] != "+":
        raise TableError(f"{place}: a mutant has three lines: a file with its tests, a line "
                         f"that begins with -, and one that begins with +")
    file, *hints = lines[0].split()
    mutant = Mutant(place, "src/" + file, tuple(hints), lines[1][1:].strip(),
                    lines[2][1:].strip())
    if mutant.found == mutant.replacement:
        raise TableError(f"{place}: the mutant changes nothing")
    return mutant


def paragraphs(table):
    """The number of the first line and the lines of each paragraph of a table."""
    lines, first = [], 0
    for number, line in enumerate(table.read_text().split("\n") + [""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            first = first if lines else number
            lines.append(line.strip())
        elif lines:
            yield first, lines
            lines = []


def check(mutant, source):
    """Refuses a mutant that does not apply to the tree `source`, or whose tests are not there."""
    path = Path(source, mutant.file)
    if not path.is_file():
        raise TableError(f"{mutant.place}: there is no file {mutant.file}")
    mutant.apply(path.read_text())
    for hint in mutant.hints:
        if not any(Path(source, hint + end).is_file() for end in ("", ".c")):
            raise TableError(f"{mutant.place}: there is no test {hint}")


def read(source):
    """The mutants of all tables; a TableError with all faults where a mutant does not apply."""
    mutants, faults = {}, []
    for table in sorted(FOLDER.glob("*.txt")):
        for first, lines in paragraphs(table):
            try:
                mutant = paragraph(f"{table.name}:{first}", lines)
                check(mutant, source)
                if str(mutant) in mutants:
                    raise TableError(f"{mutant.place}: the mutant is in the tables twice")
                mutants[str(mutant)] = mutant
            except TableError as fault:
                faults.append(f"tests/mutants/{fault}")
    if faults:
        raise TableError("\n".join(faults))
    return list(mutants.values())
