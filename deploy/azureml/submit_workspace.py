"""The workspace that submit works in, and how its steps find things there."""

import contextlib
import os
import re
import sys

from azure.ai.ml import MLClient
from azure.ai.ml.exceptions import MlException
from azure.core import exceptions as azure_errors
from azure.identity import DefaultAzureCredential
from submit_checks import Mistake, checked

HERE = os.path.dirname(os.path.realpath(__file__))


class Failure(Exception):
    """What the service, the job or the network did: exit status 1."""


def say(text):
    print(text, flush=True)


def example(name):
    return os.path.join(HERE, name)


def file_of(path, kind):
    """The object of a YAML file that must be of this kind."""
    found, entity = checked(path)
    if found != kind:
        raise Mistake(f"{path}: is a file of kind {found}, not {kind}")
    return entity


def connect(options):
    """A client of the workspace."""
    variable = os.environ.get
    names = {
        "subscription_id": options.subscription or variable("AZURE_SUBSCRIPTION_ID"),
        "resource_group_name": options.group or variable("AZURE_RESOURCE_GROUP"),
        "workspace_name": options.workspace or variable("AZURE_ML_WORKSPACE"),
    }
    # Seconds, not the SDK's minutes, until a service that keeps failing, or that stops in
    # the middle of an answer, is given up.
    common = {"enable_telemetry": False, "show_progress": sys.stderr.isatty(),
              "retry_total": 3, "retry_backoff_max": 8, "read_timeout": 60}
    if all(names.values()):
        return MLClient(DefaultAzureCredential(), **names, **common)
    if any(names.values()):
        missing = ", ".join(name for name, value in names.items() if not value)
        raise Mistake(f"the workspace is named in part; missing: {missing}")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return MLClient.from_config(DefaultAzureCredential(), **common)
    except MlException:
        raise Mistake("no workspace: give --subscription, --group and --workspace, or put "
                      "its config.json here") from None


def found(get, *names, **keys):
    """What get returns, or None where the service has no such thing."""
    try:
        return get(*names, **keys)
    except azure_errors.ResourceNotFoundError:
        return None


def word(state):
    """The service's word for a state, which the SDK may wrap."""
    return str(getattr(state, "value", state))


def find_or_make(what, name, get, make):
    there = get()
    if there is not None:
        say(f"{what} {name}: found")
        return there
    say(f"{what} {name}: is made")
    return make()


def one_line(text):
    return re.sub(r"\s+", " ", str(text)).strip()
