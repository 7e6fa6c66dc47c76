# SPDX-License-Identifier: MIT
"""The steps that serve a model: it is registered, deployed, and called."""

import hashlib
import os
import re

from azure.ai.ml.entities import Model
from submit_checks import Mistake
from submit_environments import latest, make_environment, require_environment
from submit_workspace import (
    Failure, ask, differences, example, file_of, find_or_make, found, one_line, quietly,
    say)

# The settings of a deployment's file that are compared with the existing deployment.
PROBES = ("initial_delay", "period", "timeout", "success_threshold", "failure_threshold")
COMPARED = [
    "instance_type", "instance_count", "request_settings.request_timeout_ms",
    "request_settings.max_concurrent_requests_per_instance",
    *(f"{probe}_probe.{name}" for probe in ("liveness", "readiness") for name in PROBES)]


def serving_files(options, path):
    """The endpoint, the deployment and the deployment's environment, which must fit."""
    endpoint = file_of(options.endpoint, "endpoint")
    deployment = file_of(path, "deployment")
    if deployment.endpoint_name != endpoint.name:
        raise Mistake(f"the deployment is for endpoint {deployment.endpoint_name}, not "
                      f"{endpoint.name}")
    return endpoint, deployment, file_of(options.environment, "environment")


def do_deploy(workspace, options):
    if not os.path.isfile(options.model):
        raise Mistake(f"{options.model}: is no file")
    if not options.model.endswith(".safetensors"):
        raise Mistake(f"{options.model}: is no .safetensors file, which im2cat serve "
                      "reads")
    path = options.file or example("deployment.yml")
    endpoint, deployment, environment = serving_files(options, path)
    ml = workspace()
    require_environment(ml, deployment.environment, environment)
    make_environment(ml, environment, options.environment)
    deployment.model = f"azureml:{register_model(ml, options.model, endpoint.name)}"
    make_endpoint(ml, endpoint, options.endpoint)
    make_deployment(ml, deployment)
    send_traffic(ml, endpoint.name, deployment.name)


def make_endpoint(ml, endpoint, path):
    def note(there):
        what = differences(there, endpoint, ["auth_mode"])
        return what and (f"; it differs from {path} in {what}: `submit delete {path}`, "
                         "then this line again, changes it")

    find_or_make("endpoint", endpoint.name,
                 lambda: found(ml.online_endpoints.get, endpoint.name),
                 lambda: quietly(ml.online_endpoints.begin_create_or_update, endpoint),
                 note, slow=True)


def register_model(ml, path, name):
    """Registers a model whose version is the file's SHA-256. Returns NAME:VERSION."""
    with open(path, "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:12]
    model = Model(name=name, version=version, path=path, type="custom_model",
                  description="a model of im2cat")
    find_or_make("model", f"{name}:{version}",
                 lambda: found(ml.models.get, name, version=version),
                 lambda: quietly(ml.models.create_or_update, model), slow=True)
    return f"{name}:{version}"


def asset(reference):
    """NAME:VERSION from a reference, which the service gives as a long path."""
    path = re.search(r"/(?:models|environments)/([^/]+)/versions/([^/]+)$", str(reference))
    return f"{path[1]}:{path[2]}" if path else str(reference).removeprefix("azureml:")


def make_deployment(ml, deployment):
    """Makes the deployment, or updates it where the file or the model differs."""
    name, deployments = deployment.name, ml.online_deployments
    there = found(deployments.get, name, endpoint_name=deployment.endpoint_name)
    if there is None:
        say(f"deployment {name}: is being made")
        quietly(deployments.begin_create_or_update, deployment)
        say(f"deployment {name}: is made")
        return
    changes = [f"{what} (there {asset(old)}, here {asset(new)})" for what, old, new in (
        ("model", there.model, deployment.model),
        ("environment", there.environment, latest(ml, deployment.environment)))
        if asset(old) != asset(new)]
    changes += filter(None, [differences(there, deployment, COMPARED)])
    if not changes:
        say(f"deployment {name}: found")
        return
    say(f"deployment {name}: is being updated: {', '.join(changes)}")
    quietly(deployments.begin_create_or_update, deployment)
    say(f"deployment {name}: is updated")


def send_traffic(ml, name, deployment):
    """Sends all requests to this deployment: a new endpoint routes none anywhere."""
    endpoint = ml.online_endpoints.get(name)
    if endpoint.traffic != {deployment: 100}:
        endpoint.traffic = {deployment: 100}
        quietly(ml.online_endpoints.begin_create_or_update, endpoint)
    say(f"endpoint {name}: {endpoint.scoring_uri}")


def do_score(workspace, options):
    """Sends pictures to the endpoint unchanged, and prints its answers to standard
    output."""
    name = file_of(options.endpoint, "endpoint").name
    pictures = [read_picture(path) for path in options.pictures]
    ml = workspace()
    endpoint = found(ml.online_endpoints.get, name)
    if endpoint is None:
        raise Mistake(f"the workspace has no endpoint {name}; `submit deploy --model "
                      "FILE` makes it")
    key = ml.online_endpoints.get_keys(name).primary_key
    headers = {"Authorization": f"Bearer {key}",
               "Content-Type": "application/octet-stream"}
    for path, picture in zip(options.pictures, pictures):
        answer = ask("POST", endpoint.scoring_uri, data=picture, headers=headers)
        if answer.status_code != 200:
            raise Failure(f"{path}: endpoint {name} answers {answer.status_code}: "
                          f"{one_line(answer.text)[:200]}")
        say(f"{path}: {one_line(answer.text)}")


def read_picture(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Mistake(f"{path}: cannot be read: {error.strerror}") from None
