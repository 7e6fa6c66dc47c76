# SPDX-License-Identifier: MIT
"""Compares a run on the server of mlflow_fake.py with the run folder.

    mlflow_seen.py STATE_FOLDER RUN_FOLDER STATUS

The server must have met no violation, and have the run of the folder: in that status,
created once, with every option of job.conf, its data set, its files, and each row of
the tables once, with its figures.
"""
import csv
import json
import os
import sys

where, folder, status = sys.argv[1:4]
failures = []


def expect(found, wanted, what):
    if found != wanted:
        failures.append(f"{what}: {found}, not {wanted}")


with open(where + "/state.json") as file:
    state = json.load(file)
with open(folder + "/mlflow.json") as file:
    sent = json.load(file)
expect(state["violations"], [], "violations")
run = state["runs"].get(sent["run_id"])
if run is None:
    sys.exit(f"the server does not know the run {sent['run_id']}")
expect(run["status"], status, "status")
expect(sum(r["tags"].get("im2cat.run") == sent["mark"] for r in state["runs"].values())
       in (0, 1), True, "runs with our tag")

with open(folder + "/job.conf") as file:
    for line in file:
        key, value = line.rstrip("\n").split(" = ", 1)
        if key not in ("threads", "workers", "data"):
            expect(run["params"].get(key), value, f"parameter {key}")
for key in ("im2cat_version", "computes_on", "train_images", "valid_images"):
    expect(key in run["params"], True, f"there is {key}")
expect(len(run["datasets"]), 1, "data sets")


def series(table, row_keys, step_key):
    with open(f"{folder}/{table}") as file:
        rows = list(csv.DictReader(file))
    for key in row_keys:
        points = sorted(run["metrics"].get(key, []))
        expect([p[0] for p in points], [int(r[step_key]) for r in rows],
               f"steps of {key}")
        if key in ("seconds", "images_per_second"):
            continue
        for point, row in zip(points, rows):
            if float(point[2]) != float(row[key]):
                failures.append(f"{key} at step {point[0]}: {point[2]}, not {row[key]}")


series("steps.csv", ("loss", "lr", "momentum"), "step")
series("metrics.csv", ("train_loss", "valid_loss", "error_rate", "seconds",
                       "images_per_second"), "step")
expect("system/process_memory_megabytes" in run["metrics"], True, "system metrics")
base = run["artifact_uri"].removeprefix("mlflow-artifacts:/")
names = {name.removeprefix(base + "/") for name in state["artifacts"]}
for name in ("job.conf", "metrics.csv", "split.txt", "steps.csv"):
    expect(name in names, True, f"{name} among the artifacts")
for name in names:
    expect(name.startswith("mlflow") or name.startswith("checkpoint"), False,
           f"{name} is none to be sent")
if status == "FINISHED":
    models = [m for m in state["models"].values() if m["source_run_id"] == run["run_id"]]
    expect([m["status"] for m in models], ["LOGGED_MODEL_READY"], "models")
    expect([o["model_id"] for o in run["outputs"]], [m["model_id"] for m in models],
           "outputs")
    for model in models:
        base = model["artifact_uri"].removeprefix("mlflow-artifacts:/")
        for name in os.listdir(folder + "/mlflow-model"):
            expect(state["artifacts"].get(f"{base}/{name}"),
                   os.path.getsize(f"{folder}/mlflow-model/{name}"), f"bytes of {name}")
if failures:
    sys.exit("\n".join(failures))
