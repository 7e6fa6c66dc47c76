# SPDX-License-Identifier: MIT
"""The requests of tests/azureml.sh, from service/requests.jsonl in its folder."""

import json

requests = [json.loads(line) for line in open("service/requests.jsonl", encoding="utf-8")]


def put(end):
    """Properties of the objects sent to a path with this ending, oldest first."""
    return [request["body"]["properties"] for request in requests
            if request["method"] == "PUT" and request["path"].endswith(end)]


def equal(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found}, not {expected}")


walk, = put("/jobs/walk")
equal("command", walk["command"].split()[:2], ["im2cat", "train"])
equal("resume", "--resume" in walk["command"], True)
equal("environment", walk["environmentId"].split("/environments/")[1], "im2cat/versions/1")
equal("compute", walk["computeId"].endswith("/computes/im2cat-cpu"), True)
equal("pets", (walk["inputs"]["pets"]["jobInputType"], walk["inputs"]["pets"]["mode"]),
      ("uri_folder", "Download"))
equal("run", walk["outputs"]["run"]["mode"], "ReadWriteMount")
equal("timeout", walk["limits"]["timeout"], "PT4H")
equal("tags", walk["tags"], {"program": "im2cat"})
equal("experiment", walk["experimentName"], "Tutorial-im2cat")

ranks, = put("/jobs/ranks")
equal("ranks", ranks["distribution"],
      {"distributionType": "Mpi", "processCountPerInstance": 1})
equal("nodes", ranks["resources"]["instanceCount"], 4)
equal("no mpirun", "mpirun" in ranks["command"], False)
spot, = put("/jobs/spot")
equal("spot", spot["computeId"].endswith("/computes/im2cat-spot"), True)
equal("a place that stays", spot["outputs"]["run"]["uri"].split("/paths/")[1],
      "im2cat/runs/oxford-pets-1/")
sweep, = put("/jobs/sweep")
equal("objective", sweep["objective"], {"goal": "minimize", "primaryMetric": "error_rate"})
equal("space", sorted(sweep["searchSpace"]), ["lr", "seed"])

nodes = put("/computes/im2cat-cpu")[0]["properties"]["scaleSettings"]
equal("nodes", (nodes["minNodeCount"], nodes["maxNodeCount"]), (0, 4))
priority = put("/computes/im2cat-spot")[0]["properties"]["vmPriority"]
equal("priority", priority.lower().replace("_", ""), "lowpriority")
ends = {request["path"].rsplit("/", 1)[-1]: request["query"].rsplit("=", 1)[-1]
        for request in requests
        if request["method"] == "DELETE" and "/computes/" in request["path"]}
equal("ends of computes", ends, {"im2cat-cpu": "Delete", "im2cat-k8s": "Detach"})
equal("image", put("/environments/im2cat/versions/1")[0]["image"],
      "myregistry.azurecr.io/im2cat-azureml:0.2.0")
build = put("/environments/im2cat-dockerfile/versions/1")[0]["build"]
equal("Dockerfile", build["dockerfilePath"], "Dockerfile")
routes = put("/environments/im2cat-serve/versions/1")[0]["inferenceConfig"]
equal("scoring", routes["scoringRoute"], {"path": "/score", "port": 8000})

connections = put("/connections/im2cat-registry")
equal("password", [one["credentials"]["password"] for one in connections], ["SECRET"] * 2)
equal("traffic", put("/onlineEndpoints/im2cat-pets")[-1]["traffic"], {"blue": 100})
models = [one["model"].split("/models/")[1] for one in put("/deployments/blue")]
equal("two models", len(set(models)), 2)
scores = [request for request in requests if request["path"] == "/score"]
equal("pictures", [one["body"] for one in scores], ["26 bytes"] * 2)

sent = {request["path"].rsplit("/", 1)[-1] for request in requests
        if request["method"] == "PUT" and request["path"].startswith("/blob/")}
equal("uploads", sorted(name for name in sent if not name.endswith(".safetensors")),
      ["Dockerfile", "oxford-pets.conf"])
