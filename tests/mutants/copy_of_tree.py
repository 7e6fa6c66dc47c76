# SPDX-License-Identifier: MIT
"""A private copy of the source tree with a build of its own, in which a mutant is tried."""
import filecmp
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

# What a test's log has where the program itself fell, and no check noticed anything.
CRASHES = ("Segmentation fault", "AddressSanitizer", "LeakSanitizer", "runtime error:",
           "Aborted", "core dumped", "Bus error", "Floating point exception")

# A mutant may do harm: one of src/base/file.c put a plain file in the place of /dev/null.
# The superuser's tests see all folders but their own, /tmp and /dev/shm as read-only.
SHIELD = ["unshare", "--mount", "sh", "-c",
          'mount --bind "$1" "$1" && mount --bind /tmp /tmp && mount -o remount,bind,ro / && '
          'mount -o remount,bind,ro /dev && cd "$1/build" && shift && exec "$@"', "sh"]

MEMORY = 4 << 30  # of one process: a mutant may allocate without end


def limit_memory():
    """A limit of RLIMIT_AS would make the program take another way (src/cli/main.c)."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


RUNNING = set()  # groups of processes, which end with this one


def end_all():
    for group in list(RUNNING):
        os.killpg(group, signal.SIGKILL)


class BuildError(Exception):
    """A build that failed, with the end of what make printed."""


def refuse_build(source):
    """Ends the program if the tree `source` has a build in it."""
    if Path(source, "config.status").is_file():
        sys.exit(f"{source} has a build of its own, which the copies would take for theirs: run "
                 f"make distclean there, and build in another folder")


class Tree:
    """The copy in `folder`: its sources in tree/, its build in build/."""

    def __init__(self, source, folder, configure, targets=("check", "TESTS=")):
        self.tree, self.build = Path(folder, "tree"), Path(folder, "build")
        self.log, self.built = Path(folder, "make.log"), Path(folder, "built")
        self.sound = set()  # tests that were seen to pass without a mutant
        self.environment = dict(os.environ, CCACHE_BASEDIR=str(Path(folder).resolve()),
                                CCACHE_NOHASHDIR="1")
        self.copy_sources(Path(source).resolve())
        if not self.built.is_file():
            self.make_build(configure, targets)

    def copy_sources(self, source):
        """Copies the sources that the copy lacks, or has with another content."""
        for folder, below, files in os.walk(source):
            there = Path(self.tree, Path(folder).relative_to(source))
            below[:] = [name for name in below if
                        name not in (".git", "autom4te.cache", "__pycache__") and
                        not Path(folder, name, "config.status").is_file()]
            there.mkdir(parents=True, exist_ok=True)
            for name in files:
                own, copy = Path(folder, name), Path(there, name)
                if not copy.is_file():
                    shutil.copy2(own, copy)  # with its time, by which make goes
                    copy.chmod(copy.stat().st_mode | 0o200)
                elif not filecmp.cmp(own, copy, shallow=False):
                    shutil.copyfile(own, copy)

    def make_build(self, configure, targets):
        """Builds the targets; without a choice, the program and all test programs."""
        shutil.rmtree(self.build, ignore_errors=True)
        self.build.mkdir(parents=True)
        names = [argument.partition("=")[0] for argument in configure]
        if "CFLAGS" not in names:
            configure = [*configure, "CFLAGS=-O2"]  # compiles sooner than -O3
        if "CC" not in names and shutil.which("ccache"):
            configure = [*configure, "CC=ccache " + os.environ.get("CC", "gcc")]
        if self.call(["../tree/configure", "-q", *configure]) != 0:
            raise BuildError(self.end_of_log())
        self.make(*targets)
        self.built.touch()

    def call(self, command, seconds=None):
        """The exit status of a command in the build folder, or None after `seconds`."""
        with open(self.log, "w") as log:
            process = subprocess.Popen(command, cwd=self.build, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True,
                                       preexec_fn=limit_memory)
            RUNNING.add(process.pid)
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                RUNNING.discard(process.pid)

    def run_tests(self, seconds, *arguments):
        """The exit status of make with these arguments, behind the shield."""
        shield = [*SHIELD, str(self.build.parent.resolve())] if os.geteuid() == 0 else []
        command = [*shield, "env", "CCACHE_DISABLE=1", "make", "--no-print-directory", *arguments]
        return self.call(command, seconds)

    def end_of_log(self):
        return self.log.read_text(errors="replace")[-2000:]

    def make(self, *targets):
        if self.call(["make", "--no-print-directory", "-j2", *targets]) != 0:
            raise BuildError(self.end_of_log())

    def put(self, mutant):
        """Writes the file with the mistake, and returns what it was."""
        path = Path(self.tree, mutant.file)
        text = path.read_text()
        path.write_text(mutant.apply(text))
        return text

    def restore(self, mutant, text):
        Path(self.tree, mutant.file).write_text(text)

    def test(self, name, seconds):
        """How a test ends: passed, noticed, crash, hang, or skipped."""
        if not name.endswith(".sh"):
            self.make(name)
        record = Path(self.build, name.removesuffix(".sh") + ".trs")
        record.unlink(missing_ok=True)
        if self.run_tests(seconds, "check-TESTS", "check_PROGRAMS=", "check_DATA=",
                          "TESTS=" + name) is None:
            return "hang"
        return self.verdict(name.removesuffix(".sh"))

    def verdict(self, name):
        """What the record of a test says that has run."""
        try:
            record = Path(self.build, name + ".trs").read_text()
        except FileNotFoundError:
            raise BuildError(self.end_of_log()) from None
        if ":test-result: PASS" in record:
            return "passed"
        if ":test-result: SKIP" in record:
            return "skipped"
        log = Path(self.build, name + ".log").read_text(errors="replace")
        last = log.rstrip().rpartition("exit status: ")[2].rstrip(")")
        fell = last.isdigit() and int(last) > 128
        return "crash" if fell or any(text in log for text in CRASHES) else "noticed"

    def all_tests(self, seconds):
        """The verdict and the name of the first test of `make check` that fails, or None."""
        for record in Path(self.build, "tests").glob("*.trs"):
            record.unlink()
        self.make("check", "TESTS=")
        if self.run_tests(seconds, "-j2", "check") is None:
            return "hang", "make check"
        for record in sorted(Path(self.build, "tests").glob("*.trs")):
            name = "tests/" + record.stem
            found = self.verdict(name)
            if found in ("noticed", "crash"):
                return found, name + next(end for end in ("", ".sh")
                                            if Path(self.tree, name + (end or ".c")).is_file())
        return None
