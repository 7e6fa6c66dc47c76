# SPDX-License-Identifier: MIT
"""The workspace that submit works in, and the functions by which its steps find things
there."""

import contextlib
import io
import os
import re
import time

import requests
from azure.ai.ml import MLClient
from azure.ai.ml.exceptions import MlException
from azure.core import exceptions as azure_errors
from azure.core.polling import LROPoller
from azure.identity import DefaultAzureCredential
from submit_checks import Mistake, checked
from submit_secrets import EXAMPLES

HERE = os.path.dirname(os.path.realpath(__file__))

# The ways to name a workspace: the SDK's word, the option, the variable.
NAMES = (("subscription_id", "subscription", "AZURE_SUBSCRIPTION_ID"),
         ("resource_group_name", "group", "AZURE_RESOURCE_GROUP"),
         ("workspace_name", "workspace", "AZURE_ML_WORKSPACE"))

# Seconds, not the SDK's minutes, until a service that keeps failing, or that stops in the
# middle of an answer, is given up.
READ_TIMEOUT, PAUSES, LONGEST_PAUSE = 60, (1, 2, 4), 8
BUSY = (408, 429, 500, 502, 503, 504)


class Failure(Exception):
    """A failure of the service, the job or the network: exit status 1."""


def say(text):
    print(text, flush=True)


def example(name):
    return os.path.join(HERE, name)


def file_of(path, kind):
    """Reads the object of a YAML file, which must be of this kind."""
    found, entity = checked(path)
    if found != kind:
        raise Mistake(f"{path}: is a file of kind {found}, not {kind}")
    return entity


def connect(options):
    """A client of the workspace."""
    names = {name: getattr(options, option) or os.environ.get(variable)
             for name, option, variable in NAMES}
    common = {"enable_telemetry": False, "show_progress": False,
              "retry_total": len(PAUSES), "retry_backoff_max": LONGEST_PAUSE,
              "read_timeout": READ_TIMEOUT}
    if not all(names.values()):
        names = from_config(names)
    if EXAMPLES[1] in names.values():
        raise Mistake(f"the subscription {EXAMPLES[1]} is the example's; put yours there")
    return MLClient(DefaultAzureCredential(), **names, **common)


def from_config(names):
    """Takes what is not named yet from config.json, here or in a folder above, where
    the SDK looks for it."""
    try:
        client = quietly(MLClient.from_config, DefaultAzureCredential(),
                         enable_telemetry=False, show_progress=False)
    except MlException:
        missing = [f"--{option} or {variable}" for name, option, variable in NAMES
                   if not names[name]]
        raise Mistake(f"no workspace: give {', '.join(missing)}; or put the workspace's "
                      "config.json into this folder or one above it") from None
    return {name: value or getattr(client, name) for name, value in names.items()}


def quietly(call, *arguments, **keys):
    """Returns the call's final result, and suppresses what the SDK prints meanwhile:
    colours, bars and dots."""
    noise = io.StringIO()
    with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
        result = call(*arguments, **keys)
        return result.result() if isinstance(result, LROPoller) else result


def ask(method, address, **keys):
    """The answer to a request that may be repeated, tried as often as the SDK does."""
    for pause in (*PAUSES, None):
        try:
            answer = requests.request(method, address, timeout=READ_TIMEOUT,
                                      allow_redirects=False, **keys)
            if pause is None or answer.status_code not in BUSY:
                return answer
            asked = answer.headers.get("Retry-After", "")
            pause = min(int(asked), LONGEST_PAUSE) if asked.isdigit() else pause
        except (requests.ConnectionError, requests.Timeout,
                requests.exceptions.ChunkedEncodingError):
            if pause is None:
                raise
        time.sleep(pause)


def found(get, *names, **keys):
    """The result of get, or None where the service has no such thing."""
    try:
        return get(*names, **keys)
    except azure_errors.ResourceNotFoundError:
        return None


def word(state):
    """The service's word for a state, which the SDK may wrap."""
    return str(getattr(state, "value", state))


def find_or_make(what, name, get, make, note=lambda there: "", slow=False):
    """Prints a line for an existing thing, with a note on it, or for a new one."""
    there = get()
    if there is not None:
        say(f"{what} {name}: found{note(there)}")
        return there
    if slow:
        say(f"{what} {name}: is being made")
    made = make()
    say(f"{what} {name}: is made")
    return made


def reach(thing, path):
    """thing.a.b of the path a.b, through objects and mappings; None where it ends
    early."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
    return thing


def folded(value):
    """The spelling that the service may use: LowPriority for low_priority,
    STANDARD_F4S_V2, 120."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return word(value).replace("_", "").lower()


def differences(there, here, paths, plain=folded):
    """'PATH (there A, here B), ...' for each setting of a file that differs. Settings
    that the file leaves out are not compared."""
    pairs = [(path, reach(there, path), reach(here, path)) for path in paths]
    return ", ".join(f"{path} (there {word(old)}, here {word(new)})"
                     for path, old, new in pairs
                     if new is not None and plain(old) != plain(new))


def one_line(text):
    return re.sub(r"\s+", " ", str(text)).strip()
