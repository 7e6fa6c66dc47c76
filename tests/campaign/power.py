#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a disk may hold after a power failure.

    power.py TRACE FOLDER BEFORE
        prints the cases of a run that wrote FOLDER, one "EVENT KIND" per line
    power.py TRACE FOLDER BEFORE EVENT KIND SEED
        writes FOLDER as the disk may hold it if the power fails behind EVENT

TRACE has the system calls of the run (strace -f -xx), BEFORE is a copy of the folder
from before the run, "-" if there was none. EVENT counts the calls that change or sync
something in the folder; "end" is the last of them.

POSIX promises only what fsync waited for: the content of a synced file, and the names
in a synced folder. Every later change may be on the disk or not. KIND says which are:

    lost    none of them
    names   all names, but no content
    zeros   all names and all sizes, with zeros for the new bytes
    some    each change of a name, and each page of 4,096 bytes, by the toss of a coin
"""
import os
import random
import re
import shutil
import sys

PAGE = 4096
KINDS = ("lost", "names", "zeros", "some")


class File:
    """Content that is certain to be on the disk, and the changes after the last fsync:
    ("write", offset, bytes), at most a page each, and ("cut", size)."""

    def __init__(self, certain=b""):
        self.certain, self.changes = certain, []

    def write(self, offset, data):
        while data:
            part = data[:PAGE - offset % PAGE]
            self.changes.append(("write", offset, part))
            offset, data = offset + len(part), data[len(part):]

    def cut(self, size):
        self.changes.append(("cut", size))

    def sync(self):
        self.certain, self.changes = self.content(lambda: True), []

    def size(self):
        return len(self.content(lambda: True))

    def content(self, keep, zeros=False):
        """With the changes that keep() chooses."""
        content = bytearray(self.certain)
        for change in self.changes:
            if not keep():
                continue
            if change[0] == "cut":
                del content[change[1]:]
                content.extend(bytes(change[1] - len(content)))
                continue
            _, offset, data = change
            content.extend(bytes(max(0, offset + len(data) - len(content))))
            if not zeros:
                content[offset:offset + len(data)] = data
        return bytes(content)


class Folder:
    """Names that are certain, and the changes after the last fsync: each a dictionary
    of names, with None for a name that is gone. A rename is one change."""

    def __init__(self):
        self.certain, self.changes = {}, []

    def change(self, names):
        self.changes.append(names)

    def sync(self):
        self.certain, self.changes = self.names(lambda: True), []

    def names(self, keep):
        names = dict(self.certain)
        for change in self.changes:
            if keep():
                names.update(change)
        return {name: node for name, node in names.items() if node is not None}


class Disk:
    """The folder as the calls change it. The folder above it holds only its name."""

    def __init__(self, folder, before):
        self.top, self.folder, self.events = Folder(), folder, 0
        self.open_files = {}  # descriptor: [node, offset]
        if before != "-":
            self.top.certain[folder] = self.load(before)

    def load(self, path):
        if not os.path.isdir(path):
            with open(path, "rb") as stream:
                return File(stream.read())
        folder = Folder()
        for name in os.listdir(path):
            folder.certain[name] = self.load(os.path.join(path, name))
        return folder

    def find(self, path):
        """The folder above `path`, its name there and its node; None if it is elsewhere
        or absent."""
        parts = os.path.normpath(path).split(os.sep)
        if parts == ["."]:
            return None, None, self.top
        node, above = self.top, None
        for part in parts:
            if not isinstance(node, Folder):
                return None, None, None
            above, node = node, node.names(lambda: True).get(part)
        inside = parts[0] == self.folder
        return (above, parts[-1], node) if inside else (None, None, None)

    # Each call: the strings among its arguments, the other arguments and the result.

    def openat(self, strings, arguments, result):
        above, name, node = self.find(strings[0])
        if node is None and above is not None and "O_CREAT" in arguments:
            node = File()
            above.change({name: node})
            self.events += 1
        if node is None:
            return
        if "O_TRUNC" in arguments:
            node.cut(0)
            self.events += 1
        self.open_files[result] = [node, node.size() if "O_APPEND" in arguments else 0]

    def close(self, strings, arguments, result):
        self.open_files.pop(descriptor(arguments), None)

    def read(self, strings, arguments, result):
        if descriptor(arguments) in self.open_files:
            self.open_files[descriptor(arguments)][1] += result

    def lseek(self, strings, arguments, result):
        if descriptor(arguments) in self.open_files:
            self.open_files[descriptor(arguments)][1] = result

    def write(self, strings, arguments, result):
        if descriptor(arguments) in self.open_files:
            entry = self.open_files[descriptor(arguments)]
            entry[0].write(entry[1], strings[0].encode("latin-1")[:result])
            entry[1] += result
            self.events += 1

    def ftruncate(self, strings, arguments, result):
        if descriptor(arguments) in self.open_files:
            node = self.open_files[descriptor(arguments)][0]
            node.cut(int(arguments.split(",")[1]))
            self.events += 1

    def fsync(self, strings, arguments, result):
        if descriptor(arguments) in self.open_files:
            self.open_files[descriptor(arguments)][0].sync()
            self.events += 1

    fdatasync = fsync

    def mkdir(self, strings, arguments, result):
        above, name, _ = self.find(strings[0])
        if above is not None:
            above.change({name: Folder()})
            self.events += 1

    def rename(self, strings, arguments, result):
        above, name, node = self.find(strings[0])
        above_new, name_new, _ = self.find(strings[1])
        if above is None and above_new is None:
            return
        assert above is above_new, f"a rename from one folder to another: {strings}"
        above.change({name: None, name_new: node})
        self.events += 1

    def unlink(self, strings, arguments, result):
        above, name, _ = self.find(strings[0])
        if above is not None:
            above.change({name: None})
            self.events += 1

    rmdir = unlink

    def is_known(self, call, strings, arguments):
        """Whether the model has the call, or the call does not concern the folder."""
        return (hasattr(Disk, call) or
                not any(self.find(path)[0] for path in strings) and
                descriptor(arguments) not in self.open_files)

    def write_out(self, kind, seed):
        """Writes the folder as the disk may hold it."""
        toss = random.Random(seed)

        def some():
            return toss.random() < 0.5

        keep_names = {"lost": lambda: False, "some": some}.get(kind, lambda: True)
        keep_bytes = {"zeros": lambda: True, "some": some}.get(kind, lambda: False)

        def put(node, path):
            if isinstance(node, File):
                with open(path, "wb") as stream:
                    stream.write(node.content(keep_bytes, kind == "zeros"))
                return
            os.mkdir(path)
            for name, child in sorted(node.names(keep_names).items()):
                put(child, os.path.join(path, name))

        shutil.rmtree(self.folder, ignore_errors=True)
        for name, node in self.top.names(keep_names).items():
            put(node, name)


def descriptor(arguments):
    number = re.match(r"\d+", arguments)
    return int(number.group()) if number else None


def calls_of(trace):
    """Yields name, strings, other arguments and result of each call that succeeded. A
    call that another thread interrupted has two lines."""
    begun = {}
    with open(trace, encoding="ascii") as lines:
        for line in lines:
            process, text = line.rstrip("\n").split(None, 1)
            if text.endswith("<unfinished ...>"):
                begun[process] = text[:-len("<unfinished ...>")]
                continue
            resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", text)
            if resumed:
                text = begun.pop(process) + resumed.group(1)
            call = re.match(r"(\w+)\((.*)\)\s+= (\d+)", text)
            if call is None:
                continue
            strings = re.findall(r'"((?:\\x[0-9a-f]{2})*)"', call.group(2))
            yield (call.group(1),
                   [bytes.fromhex(s.replace("\\x", "")).decode("latin-1")
                    for s in strings],
                   re.sub(r'"[^"]*"', '""', call.group(2)), int(call.group(3)))


def main():
    trace, folder, before = sys.argv[1:4]
    end, kind, seed = sys.argv[4:] if len(sys.argv) > 4 else ("end", None, 0)
    disk = Disk(folder, before)
    for call, strings, arguments, result in calls_of(trace):
        if str(disk.events) == end:
            break
        assert disk.is_known(call, strings, arguments), f"power.py has no {call}"
        if hasattr(Disk, call):
            getattr(disk, call)(strings, arguments, result)
    if kind is not None:
        disk.write_out(kind, seed)
        return
    for event in range(disk.events + 1):
        for each in KINDS:
            print(event, each)


main()
