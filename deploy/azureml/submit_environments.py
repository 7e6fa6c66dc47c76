# SPDX-License-Identifier: MIT
"""Environments: found or made, requested, and compared with their files."""

import os
import re

from azure.ai.ml._utils._asset_utils import get_ignore_file, get_object_hash
from submit_checks import Mistake
from submit_workspace import (
    differences, example, file_of, find_or_make, found, quietly, reach)

IMAGE = ("image", "build.dockerfile_path", *(
    f"inference_config.{route}_route.{name}"
    for route in ("liveness", "readiness", "scoring") for name in ("port", "path")))


def do_environment(workspace, options):
    path = options.file or example("environment-image.yml")
    make_environment(workspace(), file_of(path, "environment"), path)


def make_environment(ml, entity, path):
    def note(there):
        what = [differences(there, entity, IMAGE, str), context(there, entity)]
        what = ", ".join(filter(None, what))
        return what and (f"; it differs from {path} in {what}: a change takes a new "
                         "version, there and in the files that name it")

    find_or_make("environment", f"{entity.name}:{entity.version}",
                 lambda: found(ml.environments.get, entity.name, version=entity.version),
                 lambda: quietly(ml.environments.create_or_update, entity), note)


def context(there, here):
    """Whether the folder to build differs from the one sent, whose address contains its
    hash."""
    sent = re.search(r"/LocalUpload/([0-9a-f]{64})/", str(reach(there, "build.path")))
    if not sent or not here.path or not os.path.isdir(here.path):
        return ""
    now = get_object_hash(here.path, get_ignore_file(here.path))
    return "" if now == sent[1] else "the files of build.path"


def require_environment(ml, environment, to_be_made=None):
    """Requires the NAME:VERSION or NAME@LABEL of the workspace that a job or a
    deployment names."""
    if not isinstance(environment, str):
        return
    name = environment.removeprefix("azureml:")
    if name.startswith("//"):
        return
    base, mark, rest = re.match(r"([^:@]+)([:@]?)(.*)", name).groups()
    if to_be_made is not None and base == to_be_made.name and (
            mark != ":" or rest == str(to_be_made.version)):
        return
    which = {"version": rest} if mark == ":" else {"label": rest or "latest"}
    if found(ml.environments.get, base, **which) is None:
        raise Mistake(f"the workspace has no environment {name}; "
                      "`submit environment FILE` makes it")


def latest(ml, environment):
    """Resolves NAME@LABEL to NAME:VERSION."""
    label = re.fullmatch(r"(?:azureml:)?([^:/@]+)@([^:/@]+)", str(environment))
    if not label:
        return environment
    return f"{label[1]}:{ml.environments.get(label[1], label=label[2]).version}"
