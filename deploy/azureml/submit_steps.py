"""The steps of submit: each finds what is there, and makes what is not.

Every step takes the options of the command line and workspace(), which connects. It reads
all files that it names before its first request, and prints a line for each thing.
"""

import collections
import contextlib
import getpass
import hashlib
import os
import re
import sys

import requests
from azure.ai.ml.entities import Model
from azure.ai.ml.exceptions import JobException
from submit_checks import Mistake, checked
from submit_workspace import (
    Failure, example, file_of, find_or_make, found, one_line, say, word)

LOG_LINES = 20  # of a failed job
SCORE_TIMEOUT = 60


def do_connection(workspace, options):
    entity = file_of(options.file or example("connection.yml"), "connection")
    ml = workspace()

    def make():
        entity.credentials.password = registry_password(entity)
        return ml.connections.create_or_update(entity)

    find_or_make("connection", entity.name,
                 lambda: found(ml.connections.get, entity.name), make)


def registry_password(connection):
    """From the environment or the terminal; never from an argument or a file."""
    secret = os.environ.get("IM2CAT_REGISTRY_PASSWORD")
    if not secret and sys.stdin.isatty():
        user = connection.credentials.username
        secret = getpass.getpass(f"Password of {user} at {connection.target}: ")
    if not secret:
        raise Mistake("no password: set IM2CAT_REGISTRY_PASSWORD, or run this in a "
                      "terminal")
    return secret


def do_environment(workspace, options):
    entity = file_of(options.file or example("environment-image.yml"), "environment")
    make_environment(workspace(), entity)


def make_environment(ml, entity):
    find_or_make("environment", f"{entity.name}:{entity.version}",
                 lambda: found(ml.environments.get, entity.name, version=entity.version),
                 lambda: ml.environments.create_or_update(entity))


def do_compute(workspace, options):
    entity = file_of(options.file or example("compute.yml"), "compute")
    ml = workspace()
    there = find_or_make("compute", entity.name,
                         lambda: found(ml.compute.get, entity.name),
                         lambda: ml.compute.begin_create_or_update(entity).result())
    say(f"compute {entity.name}: {there.type}, {word(there.provisioning_state)}")


def do_job(workspace, options):
    """Sends a job, after the service was asked for what it names. Returns its name."""
    entity = file_of(options.file or example("job.yml"), "job")
    ml = workspace()
    if options.name:
        entity.name = options.name
        if found(ml.jobs.get, options.name) is not None:
            say(f"job {options.name}: found")
            return options.name
    trial = entity.trial if entity.type == "sweep" else entity
    require_environment(ml, trial.environment)
    require_compute(ml, entity.compute)
    sent = ml.jobs.create_or_update(entity)
    say(f"job {sent.name}: sent; {sent.studio_url}")
    return sent.name


def require_environment(ml, environment):
    """A job or a deployment names NAME:VERSION or NAME@LABEL of the workspace."""
    if not isinstance(environment, str):
        return
    name = environment.removeprefix("azureml:")
    if name.startswith("//"):
        return
    base, mark, rest = re.match(r"([^:@]+)([:@]?)(.*)", name).groups()
    which = {"version": rest} if mark == ":" else {"label": rest or "latest"}
    if found(ml.environments.get, base, **which) is None:
        raise Mistake(f"the workspace has no environment {name}; "
                      "`submit environment FILE` makes it")


def require_compute(ml, compute):
    name = str(compute).removeprefix("azureml:")
    if name != "serverless" and found(ml.compute.get, name) is None:
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


def do_stream(workspace, options):
    """Shows the job's log until it ends, and fails as it does."""
    ml = workspace()
    tee = Tee(sys.stdout)
    try:
        with contextlib.redirect_stdout(tee):
            ml.jobs.stream(options.job)
    except JobException as error:
        if isinstance(error.__cause__, KeyboardInterrupt) or "interrupted" in str(error):
            raise Failure(f"job {options.job} goes on; `submit cancel {options.job}` "
                          "ends it") from None
        raise Failure(failed_job(options.job, error, tee.lines)) from None
    status = word(ml.jobs.get(options.job).status)
    say(f"job {options.job}: {status}")
    if status != "Completed":
        raise Failure(f"job {options.job} ended as {status}")


def failed_job(name, error, lines):
    message = re.search(r'"message": "((?:[^"\\]|\\.)*)"', str(error))
    cause = message[1].encode().decode("unicode_escape") if message else "it says no more"
    text = [line for line in lines if line.strip()]
    if "Execution Summary" in text:
        text = text[:text.index("Execution Summary")]
    heading = re.compile(r"(RunId|Web View): |Streaming |=+$")  # by the SDK
    text = [line for line in text if not heading.match(line)]
    if not text:
        return f"job {name} failed: {one_line(cause)}; it had no log to show"
    text = "\n".join("    " + line for line in text[-LOG_LINES:])
    return f"job {name} failed: {one_line(cause)}; the last lines of its log:\n{text}"


def do_fetch(workspace, options):
    """The run folder into a folder of this machine. Returns the folder."""
    workspace().jobs.download(options.job, output_name="run", download_path=options.to)
    folder = os.path.join(options.to, "named-outputs", "run")
    if not os.path.isdir(folder) or not os.listdir(folder):
        raise Failure(f"job {options.job} has no output run")
    say(f"job {options.job}: its run folder is {folder}")
    return folder


def do_deploy(workspace, options):
    if not os.path.isfile(options.model):
        raise Mistake(f"{options.model}: is no file")
    if not options.model.endswith(".safetensors"):
        raise Mistake(f"{options.model}: is no .safetensors file, which im2cat serve "
                      "reads")
    endpoint = file_of(options.endpoint, "endpoint")
    deployment = file_of(options.file or example("deployment.yml"), "deployment")
    if deployment.endpoint_name != endpoint.name:
        raise Mistake(f"the deployment is for endpoint {deployment.endpoint_name}, not "
                      f"{endpoint.name}")
    environment = file_of(options.environment, "environment")
    ml = workspace()
    make_environment(ml, environment)
    require_environment(ml, deployment.environment)
    deployment.model = f"azureml:{register_model(ml, options.model, endpoint.name)}"
    endpoints, deployments = ml.online_endpoints, ml.online_deployments
    find_or_make("endpoint", endpoint.name,
                 lambda: found(endpoints.get, endpoint.name),
                 lambda: endpoints.begin_create_or_update(endpoint).result())
    find_or_make("deployment", deployment.name,
                 lambda: same_deployment(ml, deployment),
                 lambda: deployments.begin_create_or_update(deployment).result())
    send_traffic(ml, endpoint.name, deployment.name)


def register_model(ml, path, name):
    """A model whose version is what the file holds. Returns NAME:VERSION."""
    with open(path, "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:12]
    model = Model(name=name, version=version, path=path, type="custom_model",
                  description="a model of im2cat")
    find_or_make("model", f"{name}:{version}",
                 lambda: found(ml.models.get, name, version=version),
                 lambda: ml.models.create_or_update(model))
    return f"{name}:{version}"


def same_deployment(ml, deployment):
    """The deployment, if it is there and has this model."""
    there = found(ml.online_deployments.get, deployment.name,
                  endpoint_name=deployment.endpoint_name)
    name, version = deployment.model.removeprefix("azureml:").split(":")
    ends = (f"/models/{name}/versions/{version}", f"{name}:{version}")
    return there if there and str(there.model).endswith(ends) else None


def send_traffic(ml, name, deployment):
    """All requests to this deployment: a new endpoint sends none anywhere."""
    endpoint = ml.online_endpoints.get(name)
    if endpoint.traffic != {deployment: 100}:
        endpoint.traffic = {deployment: 100}
        ml.online_endpoints.begin_create_or_update(endpoint).result()
    say(f"endpoint {name}: {endpoint.scoring_uri}")


def do_score(workspace, options):
    """Pictures to the endpoint, as they are; its answers to standard output."""
    name = file_of(options.endpoint, "endpoint").name
    pictures = [read_picture(path) for path in options.pictures]
    ml = workspace()
    address = ml.online_endpoints.get(name).scoring_uri
    key = ml.online_endpoints.get_keys(name).primary_key
    headers = {"Authorization": f"Bearer {key}",
               "Content-Type": "application/octet-stream"}
    for path, picture in zip(options.pictures, pictures):
        answer = requests.post(address, picture, headers=headers, timeout=SCORE_TIMEOUT,
                               allow_redirects=False)
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


def do_cancel(workspace, options):
    workspace().jobs.begin_cancel(options.job).result()
    say(f"job {options.job}: is cancelled")


def do_delete(workspace, options):
    """What an endpoint, a compute or a connection file names."""
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
        collection.delete(entity.name)
    else:
        collection.begin_delete(entity.name).result()
    say(f"{kind} {entity.name}: is deleted")


def do_all(workspace, options):
    """The tutorial, from nothing to a picture that is scored."""
    files = {"environment": [options.image_file, options.environment],
             "compute": [options.compute_file], "job": [options.job_file],
             "endpoint": [options.endpoint], "deployment": [options.deployment_file],
             "connection": [options.connection] * bool(options.connection)}
    for kind, paths in files.items():
        for path in paths:
            file_of(path, kind)  # all of them before the first request
    for path in options.pictures:
        read_picture(path)

    def step(run, file=None):
        options.file = file
        return run(workspace, options)

    if options.connection:
        step(do_connection, options.connection)
    step(do_environment, options.image_file)
    step(do_compute, options.compute_file)
    options.job = step(do_job, options.job_file)
    step(do_stream)
    options.model = os.path.join(step(do_fetch), "best.safetensors")
    step(do_deploy, options.deployment_file)
    step(do_score)


def do_check(_, options):
    """Every file, also those after one with a mistake."""
    mistakes = []
    for path in options.files:
        try:
            say(f"{path}: {checked(path)[0]}")
        except Mistake as error:
            mistakes.append(str(error))
    if mistakes:
        raise Mistake("\n".join(mistakes))
