# SPDX-License-Identifier: MIT
"""The steps of a job's life: it is sent, watched, fetched, and ended."""

import collections
import contextlib
import os
import re
import shutil
import sys
import tempfile

import requests
from azure.ai.ml.exceptions import JobException
from azure.core import exceptions as azure_errors
from submit_checks import Mistake
from submit_environments import require_environment
from submit_workspace import (
    Failure, ask, example, file_of, found, one_line, quietly, say, word)

LOG_LINES = 20  # of a failed job
ENDED = ("Completed", "Failed", "Canceled", "NotResponding", "Paused")


def checked_name(name):
    """Checks a job's name by the service's rule, which also makes it valid as a folder
    name."""
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}", name):
        raise Mistake(f"{name!r} cannot be a job's name: it has letters, digits, - and _, "
                      "and begins with a letter or a digit")
    return name


def job_there(ml, name):
    job = found(ml.jobs.get, checked_name(name))
    if job is None:
        raise Mistake(f"the workspace has no job {name}; its page lists those it has")
    return job


def do_job(workspace, options):
    """Sends a job, after checking that the service has what it names. Returns its name.
    """
    path = options.file or example("job.yml")
    entity = file_of(path, "job")
    if options.name:
        entity.name = checked_name(options.name)
    ml = workspace()
    there = found(ml.jobs.get, options.name) if options.name else None
    if there is not None:
        status = word(there.status)
        anew = "; another --name sends it" if status in ENDED[1:] else ""
        say(f"job {options.name}: found, {status}; {path} was not sent{anew}")
        return options.name
    require_of_job(ml, entity)
    sent = quietly(ml.jobs.create_or_update, entity)
    say(f"job {sent.name}: sent; {sent.studio_url}")
    return sent.name


def require_of_job(ml, job, environment=None, compute=None):
    """Everything that a job names must exist, or be made by the same call."""
    trial = job.trial if job.type == "sweep" else job
    require_environment(ml, trial.environment, environment)
    name = str(job.compute).removeprefix("azureml:")
    if name == "serverless" or compute is not None and name == compute.name:
        return
    if found(ml.compute.get, name) is None:
        raise Mistake(f"the workspace has no compute {name}; "
                      "`submit compute FILE` makes it")


class Tee:
    """Standard output that remembers its last lines."""

    def __init__(self, stream):
        self.stream = stream
        self.lines = collections.deque([""], maxlen=200)

    def write(self, text):
        first, *others = text.split("\n")
        self.lines[-1] += first
        self.lines.extend(others)
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()

    def of_the_job(self):
        """The remembered lines, without those of the SDK."""
        lines = [line for line in self.lines if line.strip()]
        if "Execution Summary" in lines:
            lines = lines[:lines.index("Execution Summary")]
        heading = re.compile(r"(RunId|Web View): |Streaming |=+$")
        return [line for line in lines if not heading.match(line)]


def do_stream(workspace, options):
    """Shows the job's log until the job ends, and fails if the job does."""
    ml, name = workspace(), options.job
    job_there(ml, name)
    tee = Tee(sys.stdout)
    try:
        with contextlib.redirect_stdout(tee):
            ml.jobs.stream(name)
    except JobException as error:
        if isinstance(error.__cause__, KeyboardInterrupt) or "interrupted" in str(error):
            raise Failure(f"job {name} goes on; `submit cancel {name}` ends it") from None
        lines = tee.of_the_job() or kept_log(ml, name)
        raise Failure(failed_job(options, error, lines)) from None
    if not tee.of_the_job():
        for line in kept_log(ml, name) or ():
            say(line)
    status = word(ml.jobs.get(name).status)
    say(f"job {name}: {status}")
    if status != "Completed":
        raise Failure(f"job {name} ended as {status}{another_name(options)}")


def kept_log(ml, name):
    """The lines of the log that the service keeps, which the SDK shows only while a job
    runs. Of several logs the first that is not empty. None where it cannot be read."""
    try:
        files = ml.jobs._runs_operations.get_run_details(name).log_files or {}
        of_user = [file for file in files if file.startswith("user_logs/")]
        for file in sorted(of_user or files):
            answer = ask("GET", files[file])
            answer.raise_for_status()
            lines = [line for line in answer.text.splitlines() if line.strip()]
            if lines:
                return lines
    except (azure_errors.AzureError, requests.RequestException, AttributeError):
        return None
    return []


def another_name(options):
    """The hint for a name that is taken, since a job keeps its name for good."""
    return "; another --name sends it again" if getattr(options, "name", None) else ""


def failed_job(options, error, lines):
    message = re.search(r'"message": "((?:[^"\\]|\\.)*)"', str(error))
    cause = message[1].encode().decode("unicode_escape") if message else "it says no more"
    what = f"job {options.job} failed: {one_line(cause)}{another_name(options)}"
    if not lines:
        return what + ("; its log cannot be read" if lines is None else "; it left no log")
    text = "\n".join("    " + line for line in lines[-LOG_LINES:])
    return f"{what}; the last lines of its log:\n{text}"


def folder_of(options, name):
    """The folder for a job's run: its own, with nothing else in it."""
    target = os.path.join(options.to, checked_name(name))
    if os.path.lexists(target) and not (
            os.path.isdir(target) and os.listdir(target) in ([], ["named-outputs"])):
        raise Mistake(f"{target}: is not a fetched run; give another folder by --to")
    return target


def do_fetch(workspace, options):
    """Fetches the run folder into a local folder with the job's name, replacing that of
    an earlier fetch. Returns the run folder."""
    name = options.job
    target = folder_of(options, name)
    ml = workspace()
    status = word(job_there(ml, name).status)
    if status not in ENDED:
        raise Failure(f"job {name} is not done yet ({status}); `submit stream {name}` "
                      "waits for it")
    os.makedirs(options.to, exist_ok=True)
    beside = tempfile.mkdtemp(prefix=f".{name[:100]}-", dir=options.to)
    try:
        fresh = os.path.join(beside, "new")
        quietly(ml.jobs.download, name, output_name="run", download_path=fresh)
        run = os.path.join(fresh, "named-outputs", "run")
        if not os.path.isdir(run) or not os.listdir(run):
            raise Failure(f"job {name} left nothing in its output run")
        if os.path.isdir(target):
            os.rename(target, os.path.join(beside, "old"))
        os.rename(fresh, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    folder = os.path.join(target, "named-outputs", "run")
    say(f"job {name}: its run folder is {folder}")
    return folder


def do_cancel(workspace, options):
    ml = workspace()
    job_there(ml, options.job)
    quietly(ml.jobs.begin_cancel, options.job)
    say(f"job {options.job}: is cancelled")
