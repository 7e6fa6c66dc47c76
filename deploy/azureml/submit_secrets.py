# SPDX-License-Identifier: MIT
"""Content that must not be sent: secrets, addresses of the examples, data among the
code.

Mistake is raised with one sentence that begins with the file.
"""

import os
import re

from azure.ai.ml._utils._asset_utils import get_ignore_file, get_upload_files_from_folder

# The code of a job is a few job files. Larger files are data, and belong to an input.
SNAPSHOT_LIMIT = 1 << 20
DATA_SUFFIXES = (
    ".jpg", ".jpeg", ".png", ".gif", ".safetensors", ".pth", ".pt", ".onnx", ".zip",
    ".tar", ".gz", ".tgz", ".parquet", ".npy", ".npz", ".bin", ".webp",
)
SECRET_FILES = re.compile(
    r"(\.(env|pem|key|pfx|p12|netrc)|(^|/)id_(rsa|dsa|ecdsa|ed25519)|"
    r"(^|/)credentials[^/]*(\.json)?)$", re.I)

# A YAML key, a job's variable, or an option in a command whose value is secret.
SECRET_KEYS = re.compile(r"(password|passwd|secret|token|api_?key|sas|account_key)$", re.I)
SECRET_VARIABLES = re.compile(r"PASSWORD|PASSWD|SECRET|(KEY|TOKEN)S?(_|$)", re.I)
SECRET_OPTIONS = re.compile(
    r"--(password|passwd|token|secret|api-?key|account-?key|sas(-?token)?)(?![\w-])", re.I)
SECRET_TEXTS = re.compile(
    r"\b(AccountKey|SharedAccessKey|SharedAccessSignature|sig)=|://[^/\s:@]+:[^/\s@]+@",
    re.I)
EXAMPLES = ("registry.example.org", "00000000-0000-0000-0000-000000000000")


class Mistake(Exception):
    """A mistake that the user has to correct: exit status 2."""


def texts(node, keys=()):
    """Every text below a node, with the keys that lead to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, keys + (str(key),))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from texts(value, keys + (str(number),))
    elif node is not None:
        yield ".".join(keys), str(node)


def check_texts(path, content):
    for key, text in texts(content):
        variable = re.search(r"\$\{(?!\{)[^}]*\}", text)
        if variable and not key.endswith("command"):
            raise Mistake(f"{path}: {key}: {variable[0]} is sent as it stands; nothing "
                          "puts the variable's value there")
        last = key.rsplit(".", 1)[-1]
        of_variable = "environment_variables." in key and SECRET_VARIABLES.search(last)
        if SECRET_KEYS.search(key) or of_variable:
            raise Mistake(f"{path}: {key}: a secret does not belong in a file; submit "
                          "takes the registry's password from IM2CAT_REGISTRY_PASSWORD or "
                          "asks for it")
        found = SECRET_TEXTS.search(text)
        if found:
            what = found[1] + "=" if found[1] else "a password in an address"
            raise Mistake(f"{path}: {key}: has {what}: a secret does not belong in a "
                          "file; let a datastore or an identity of the workspace have it")
        example = next((word for word in EXAMPLES if word in text), None)
        if example:
            raise Mistake(f"{path}: {key}: {example} is the example's; put yours there")


def check_command_texts(path, trial):
    option = SECRET_OPTIONS.search(str(trial.get("command", "")))
    if option:
        raise Mistake(f"{path}: command: {option[0]}: a secret does not belong in a "
                      "command, which all see who see the job")


def is_remote(location):
    return re.match(r"(azureml:|https?://|wasbs?://|abfss?://)", location) is not None


def check_snapshot(path, trial):
    """Checks the folder of the code as the SDK would upload it."""
    code = trial.get("code")
    if code is None or is_remote(str(code)):
        return
    folder = os.path.join(os.path.dirname(path), str(code))
    if not os.path.isdir(folder):
        raise Mistake(f"{path}: code: {code} is no folder")
    total, names = 0, set()
    ignored = get_ignore_file(folder)
    for file, name in get_upload_files_from_folder(folder, ignore_file=ignored):
        if name.lower().endswith(DATA_SUFFIXES):
            raise Mistake(f"{path}: code: {name} would be sent with the code; let "
                          ".amlignore name it, and data be an input")
        if SECRET_FILES.search(name):
            raise Mistake(f"{path}: code: {name} looks like a secret and would be sent; "
                          "let .amlignore name it")
        names.add(name)
        total += os.path.getsize(file)
        if total > SNAPSHOT_LIMIT:
            raise Mistake(f"{path}: code: more than {SNAPSHOT_LIMIT} bytes would be sent; "
                          "let .amlignore name what is not code, and data be an input")
    command = re.sub(r"\$\{\{[^}]*\}\}\S*", "", str(trial.get("command", "")))
    for file in re.findall(r"(?<!\S)[\w.][\w./-]*\.conf(?!\S)", command):
        if os.path.normpath(file) not in names:
            raise Mistake(f"{path}: command: {file} is not in the code that is sent, "
                          f"{code}")
