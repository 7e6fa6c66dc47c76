# SPDX-License-Identifier: MIT
"""Mistakes that Azure Machine Learning's own loader accepts, and its long messages,
shortened.

checked(PATH) reads one of the service's YAML files, finds mistakes that would fail or
harm once sent, and returns the kind of the file and the object that the SDK makes of
it. Nothing is sent. Mistake is raised with one sentence that begins with the file.
"""

import contextlib
import io
import json
import os
import re

import azure.ai.ml
import yaml
from submit_secrets import (
    EXAMPLES, Mistake, check_command_texts, check_snapshot, check_texts, is_remote)

# The kind of a file, by the end of its $schema, and the SDK's loader for it.
KINDS = {
    "environment": ("environment", azure.ai.ml.load_environment),
    "workspaceConnection": ("connection", azure.ai.ml.load_workspace_connection),
    "amlCompute": ("compute", azure.ai.ml.load_compute),
    "kubernetesCompute": ("compute", azure.ai.ml.load_compute),
    "commandJob": ("job", azure.ai.ml.load_job),
    "sweepJob": ("job", azure.ai.ml.load_job),
    "managedOnlineEndpoint": ("endpoint", azure.ai.ml.load_online_endpoint),
    "managedOnlineDeployment": ("deployment", azure.ai.ml.load_online_deployment),
}

# Metrics that `im2cat train` logs at the end of an epoch, and of a step (docs/mlflow.md).
METRICS = {
    "train_loss", "valid_loss", "error_rate", "epoch", "seconds", "images_per_second",
    "loss", "lr", "momentum",
}

# Variables that a node has without the job's file: the system's, the service's, MPI's.
SERVICE_SETS = re.compile(
    r"(AZUREML|AZ|AZURE|MLFLOW|OMPI|NCCL|MASTER|CUDA)_|(HOME|HOSTNAME|LANG|PATH|PWD|SHELL|"
    r"TMPDIR|USER|RANDOM|RANK|LOCAL_RANK|NODE_RANK|WORLD_SIZE)$")
LAUNCHERS = re.compile(r"(^|[\s;&|/])(mpirun|mpiexec|srun|mpirun-wrapper)(\s|$)")


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            content = yaml.safe_load(file)
    except OSError as error:
        raise Mistake(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Mistake(f"{path}: is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", error)
        raise Mistake(f"{path}: {where}is not YAML: {problem}") from None
    if not isinstance(content, dict):
        raise Mistake(f"{path}: holds no keys and values")
    return content


def kind_of(path, content):
    schema = str(content.get("$schema", ""))
    if not schema:
        raise Mistake(f"{path}: has no $schema, which says what it is")
    name = schema.rsplit("/", 1)[-1].removesuffix(".schema.json")
    if name not in KINDS:
        raise Mistake(f"{path}: $schema is {schema}, none of {', '.join(KINDS)}")
    return KINDS[name]


def section(path, content, key):
    """A mapping of the file; an absent one is empty."""
    value = content.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Mistake(f"{path}: {key}: holds no keys and values")
    return value


def check_command(path, content, trial):
    """Checks the references, and how the ranks of several nodes are started."""
    command = str(trial.get("command", ""))
    for what, name in re.findall(r"\$\{\{\s*(\w+)\.([^}\s]+)\s*\}\}", command):
        declared = section(path, content, what)
        if name not in declared:
            known = ", ".join(declared) or "nothing"
            raise Mistake(f"{path}: command: ${{{{{what}.{name}}}}} is not declared; {what} "
                          f"has {known}")
    check_variables(path, trial, command)
    launcher = LAUNCHERS.search(command)
    if launcher:
        raise Mistake(f"{path}: command: {launcher[2]} does not belong here; the service "
                      "starts the ranks, by `distribution: {type: mpi}`")
    distribution = section(path, trial, "distribution").get("type")
    mpi = re.search(r"--distributed[ =]mpi\b", command)
    nodes = section(path, trial, "resources").get("instance_count", 1)
    if mpi and not distribution:
        raise Mistake(f"{path}: command: --distributed mpi takes "
                      "`distribution: {type: mpi}`")
    if distribution == "mpi" and "im2cat train" in command and not mpi:
        raise Mistake(f"{path}: command: each rank would train alone; it takes "
                      "--distributed mpi")
    if nodes != 1 and not distribution:
        raise Mistake(f"{path}: resources.instance_count: {nodes} nodes take "
                      "`distribution: {type: mpi}`, else each trains alone")


def check_variables(path, trial, command):
    """Checks for ${outputs.run} in place of ${{outputs.run}}, and for variables that
    nobody sets."""
    dotted = re.search(r"\$\{(inputs|outputs|search_space)\.[^}]*\}", command)
    if dotted:
        raise Mistake(f"{path}: command: {dotted[0]} takes two braces: "
                      f"${{{dotted[0][1:]}}}")
    declared = section(path, trial, "environment_variables")
    for name in re.findall(r"\$\{([A-Za-z_]\w*)\}", command):
        if not (name in declared or SERVICE_SETS.match(name)
                or re.search(rf"(^|[\s;&|(]){name}=|\bfor {name}\b", command)):
            raise Mistake(f"{path}: command: ${{{name}}} is empty on the node; declare "
                          "it in environment_variables, or write its value")


def check_names(path, content):
    for key in ("inputs", "outputs", "search_space"):
        for name in section(path, content, key):
            if not re.fullmatch(r"[A-Za-z_]\w*", str(name)):
                raise Mistake(f"{path}: {key}.{name}: a name here has letters, digits and "
                              "_ only")


def check_reference(path, content, key):
    """NAME:VERSION without azureml: would mean something else."""
    value = content.get(key)
    if isinstance(value, str) and re.fullmatch(r"[\w.-]+([:@][\w.-]+)?", value):
        version = "" if re.search("[:@]", value) else ":VERSION"
        raise Mistake(f"{path}: {key}: write azureml:{value}{version}")


def check_inputs(path, content):
    for name, value in section(path, content, "inputs").items():
        location = value.get("path") if isinstance(value, dict) else None
        if location is None or is_remote(str(location)):
            continue
        local = os.path.join(os.path.dirname(path), str(location))
        if not os.path.exists(local):
            raise Mistake(f"{path}: inputs.{name}: {location} does not exist")
    for name, value in section(path, content, "outputs").items():
        location = value.get("path") if isinstance(value, dict) else None
        if location is not None and not is_remote(str(location)):
            raise Mistake(f"{path}: outputs.{name}: {location} is no place in a datastore")


def check_job(path, content):
    trial = section(path, content, "trial") if content.get("type") == "sweep" else content
    if not content.get("compute"):
        raise Mistake(f"{path}: has no compute: where is it to run?")
    check_reference(path, trial, "environment")
    check_names(path, content)
    check_command(path, content, trial)
    check_inputs(path, content)
    check_snapshot(path, trial)
    check_command_texts(path, trial)
    metric = section(path, content, "objective").get("primary_metric")
    if metric is not None and metric not in METRICS:
        known = ", ".join(sorted(METRICS))
        raise Mistake(f"{path}: objective.primary_metric: im2cat logs no {metric}; it logs "
                      f"{known}")


def check_compute(path, content):
    least, most = content.get("min_instances", 0), content.get("max_instances", 1)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        raise Mistake(f"{path}: min_instances: {least} is more than max_instances, "
                      f"{most}")


def check_environment(path, content):
    build = section(path, content, "build")
    if build:
        name = str(build.get("dockerfile_path", "Dockerfile"))
        file = os.path.join(str(build.get("path", ".")), name)
        local = os.path.join(os.path.dirname(path), file)
        if not os.path.isfile(local):
            raise Mistake(f"{path}: build: {file} does not exist")
        with open(local, encoding="utf-8", errors="replace") as lines:
            text = "".join(line for line in lines if not line.startswith("#"))
        if EXAMPLES[0] in text:
            raise Mistake(f"{local}: {EXAMPLES[0]} is the example's; put yours there")
    elif not content.get("image"):
        raise Mistake(f"{path}: has neither image nor build")
    if content.get("version") is None:
        raise Mistake(f"{path}: has no version, so that each call would make another one")


def check_deployment(path, content):
    check_reference(path, content, "environment")
    check_reference(path, content, "model")


RULES = {"deployment": check_deployment, "job": check_job, "compute": check_compute,
         "environment": check_environment}


def first_json(text):
    """The first JSON object in a text, or None."""
    start = text.find("{")
    while start >= 0:
        with contextlib.suppress(ValueError):
            return json.JSONDecoder().raw_decode(text[start:])[0]
        start = text.find("{", start + 1)
    return None


def leaves(node, keys=()):
    """(key, message) of each message. A list of mappings holds the alternatives that a
    value could have been: of these, the one that lists the allowed words, else the
    first."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, keys if key in ("_schema", "value") else keys + (key,))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        tried = [list(leaves(item, keys)) for item in node]
        words = [leaf for leaf in sum(tried, []) if "is not in set" in leaf[1]]
        yield from words or tried[0]
    elif isinstance(node, list):
        for message in node:
            yield from leaves(message, keys)
    else:
        yield ".".join(keys), str(node)


def loader_sentence(error):
    """Shortens the loader's answer, a page with JSON in JSON, to one line with its
    cause."""
    text = str(error)
    found = first_json(text)
    while isinstance(found, dict) and "errors" in found and "result" in found:
        text = str(found["errors"][0]["message"])
        found = first_json(text)
    if not isinstance(found, dict):
        return re.sub(r"\s+", " ", text).strip()[:300]
    allowed, causes = {}, []
    for key, message in leaves(found):
        words = re.match(r"Value '(.*)' passed is not in set \[(.*)\]", message)
        if words:
            allowed.setdefault((key, words[1]), []).append(words[2].replace("'", ""))
        else:
            causes.append(f"{key}: {message.rstrip('.')}")
    for (key, word), sets in allowed.items():
        causes.append(f"{key}: {word} is none of {', '.join(dict.fromkeys(sets))}")
    return re.sub(r"\s+", " ", "; ".join(dict.fromkeys(causes)))[:400]


def checked(path, overrides=None):
    """The kind of the file and its object. Values from overrides are not in the file.
    """
    content = read(path)
    kind, load = kind_of(path, content)
    check_texts(path, content)
    if kind in RULES:
        RULES[kind](path, content)
    if kind == "connection":  # the loader wants one; the caller puts the real one there
        overrides = overrides or [{"credentials.password": "not known yet"}]
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            entity = load(path, params_override=overrides or [])
    except Exception as error:  # parts of the loader raise many types
        raise Mistake(f"{path}: {loader_sentence(error)}") from None
    return kind, entity
