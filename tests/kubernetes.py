# SPDX-License-Identifier: MIT
"""Prints parts of the files of deploy/kubernetes for the tests.

    kubernetes.py FILE job              the job file of its ConfigMap
    kubernetes.py FILE arguments        the arguments of `im2cat`, one per line
    kubernetes.py FILE action STATUS    the action of the Job's podFailurePolicy on that
                                        exit status of its container
    kubernetes.py FILE schema SCHEMA    checks an MPIJob against the JSON schema and prints
                                        its pod templates, each as a Pod, and all objects of
                                        Kubernetes' own kinds
"""
import json
import sys

import yaml

file, what = sys.argv[1:3]
with open(file, encoding="utf-8") as stream:
    everything = list(yaml.safe_load_all(stream))
objects = {thing["kind"]: thing for thing in everything}


def main_container():
    if "Job" in objects:
        template = objects["Job"]["spec"]["template"]
    else:
        template = objects["MPIJob"]["spec"]["mpiReplicaSpecs"]["Launcher"]["template"]
    (container,) = template["spec"]["containers"]
    return container


def action(status):
    container = main_container()["name"]
    for rule in objects["Job"]["spec"]["podFailurePolicy"]["rules"]:
        codes = rule.get("onExitCodes")
        if codes is None or codes["containerName"] != container:
            continue
        if (status in codes["values"]) == (codes["operator"] == "In"):
            return rule["action"]
    return "Count"


def pods(mpijob):
    for name, replica in mpijob["spec"]["mpiReplicaSpecs"].items():
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name.lower()},
               **replica["template"]}


def check(schema):
    import jsonschema

    found = False
    own = []
    for thing in everything:
        if thing["kind"] != "MPIJob":
            own.append(thing)
            continue
        for error in jsonschema.Draft202012Validator(schema).iter_errors(thing):
            where = "/".join(map(str, error.absolute_path))
            print(f"{file}: {where}: {error.message}", file=sys.stderr)
            found = True
        if not found:
            own.extend(pods(thing))
    print(yaml.safe_dump_all(own), end="")
    sys.exit(found)


if what == "job":
    print(objects["ConfigMap"]["data"]["job.conf"], end="")
elif what == "arguments":
    words = main_container().get("command", []) + main_container()["args"]
    # The launcher's arguments; those before are mpirun's.
    if "im2cat" in words:
        words = words[words.index("im2cat") + 1:]
    print("\n".join(words))
elif what == "action":
    print(action(int(sys.argv[3])))
elif what == "schema":
    with open(sys.argv[3], encoding="utf-8") as stream:
        check(json.load(stream))
else:
    sys.exit(__doc__)
