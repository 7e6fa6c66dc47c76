# SPDX-License-Identifier: MIT
"""The steps of submit: each finds existing things, and makes missing ones.

Every step takes the options of the command line and workspace(), which connects. It reads
all files that it names before its first request, and prints a line for each thing. This
file has the steps for the resources of a job, the whole tutorial, and the deletions.
submit_environments.py, submit_jobs.py and submit_serve.py have the others.
"""

import getpass
import os
import sys

from submit_checks import Mistake, checked
from submit_environments import do_environment, require_environment
from submit_jobs import do_fetch, do_job, do_stream, folder_of, require_of_job
from submit_serve import do_deploy, do_score, read_picture, serving_files
from submit_workspace import (
    Failure, differences, example, file_of, find_or_make, found, quietly, say, word)

NODES = ("type", "size", "tier", "min_instances", "max_instances",
         "idle_time_before_scale_down", "namespace", "resource_id")


def anew(path, what):
    """Completes the message about a thing that differs and can only be made again."""
    return what and (f"; it differs from {path} in {what}: `submit delete {path}`, "
                     "then this line again, changes it")


def do_connection(workspace, options):
    path = options.file or example("connection.yml")
    entity = file_of(path, "connection")
    ml = workspace()

    def make():
        entity.credentials.password = registry_password(entity)
        return quietly(ml.connections.create_or_update, entity)

    def note(there):
        what = differences(there, entity, ["type", "target", "credentials.username"], str)
        return anew(path, what) or (f"; its password stays: `submit delete {path}`, "
                                    "then this line again, changes it")

    find_or_make("connection", entity.name,
                 lambda: found(ml.connections.get, entity.name), make, note)


def registry_password(connection):
    """The password, from the environment or the terminal; never from an argument or a
    file."""
    secret = os.environ.get("IM2CAT_REGISTRY_PASSWORD")
    if not secret and sys.stdin.isatty():
        user = connection.credentials.username
        secret = getpass.getpass(f"Password of {user} at {connection.target}: ")
    if not secret:
        raise Mistake("no password: set IM2CAT_REGISTRY_PASSWORD, or run this in a "
                      "terminal")
    return secret


def do_compute(workspace, options):
    path = options.file or example("compute.yml")
    entity = file_of(path, "compute")
    ml = workspace()
    there = find_or_make("compute", entity.name,
                         lambda: found(ml.compute.get, entity.name),
                         lambda: quietly(ml.compute.begin_create_or_update, entity),
                         lambda there: anew(path, differences(there, entity, NODES)),
                         slow=True)
    say(f"compute {entity.name}: {there.type}, {word(there.provisioning_state)}")


def do_delete(workspace, options):
    """Deletes the endpoint, compute or connection that the file names."""
    kind, entity = checked(options.file)
    if kind not in ("endpoint", "compute", "connection"):
        raise Mistake(f"{options.file}: submit deletes no {kind}, which costs nothing by "
                      "itself")
    ml = workspace()
    collection = {"endpoint": ml.online_endpoints, "compute": ml.compute,
                  "connection": ml.connections}[kind]
    if found(collection.get, entity.name) is None:
        say(f"{kind} {entity.name}: is not there")
        return
    if kind == "connection":
        quietly(collection.delete, entity.name)
    elif kind == "compute" and entity.type == "kubernetes":  # the cluster is not ours
        quietly(collection.begin_delete, entity.name, action="Detach")
        say(f"{kind} {entity.name}: is detached; the cluster stays")
        return
    else:
        quietly(collection.begin_delete, entity.name)
    say(f"{kind} {entity.name}: is deleted")


def do_all(workspace, options):
    """The tutorial, from nothing to a scored picture."""
    for path in options.pictures:
        read_picture(path)
    if options.connection:
        file_of(options.connection, "connection")
    image = file_of(options.image_file, "environment")
    nodes = file_of(options.compute_file, "compute")
    job = file_of(options.job_file, "job")
    _, deployment, environment = serving_files(options, options.deployment_file)
    if options.name:
        folder_of(options, options.name)
    ml = workspace()  # all files and names are checked before the first thing is made
    require_of_job(ml, job, image, nodes)
    require_environment(ml, deployment.environment, environment)

    def step(run, file=None):
        options.file = file
        return run(workspace, options)

    if options.connection:
        step(do_connection, options.connection)
    step(do_environment, options.image_file)
    step(do_compute, options.compute_file)
    options.job = step(do_job, options.job_file)
    step(do_stream)
    folder = step(do_fetch)
    options.model = os.path.join(folder, "best.safetensors")
    if not os.path.isfile(options.model):
        raise Failure(f"job {options.job} left no best.safetensors in {folder}, so that "
                      "there is no model to deploy")
    step(do_deploy, options.deployment_file)
    step(do_score)


def do_check(_, options):
    """Checks every file, also those after one with a mistake."""
    mistakes = []
    for path in options.files:
        try:
            say(f"{path}: {checked(path)[0]}")
        except Mistake as error:
            mistakes.append(str(error))
    if mistakes:
        raise Mistake("\n".join(mistakes))
