# SPDX-License-Identifier: MIT
"""A tracking server of MLflow's REST interface, as far as im2cat uses it, that checks each
request strictly and misbehaves on demand. For tests/mlflow.sh.

    mlflow_fake.py FOLDER      serves on a free port of 127.0.0.1, until it is killed

FOLDER/port gets the port. FOLDER/state.json always holds the server's state, and the
"violations" of the interface that it has met. FOLDER/auth, if it exists, is the
Authorization header that every request must have. FOLDER/mode, if it exists, selects
how the next requests are answered, "MODE", "MODE COUNT" (COUNT requests, and the
others properly) or "MODE COUNT CALL" (COUNT requests whose path ends with CALL):

    500, 503, 401, 507 ...   that status; nothing is done
    429                      with Retry-After: 1
    500-after                the request is carried out, and answered by 500
    html                     200 with a page
    hang                     no answer for a minute
    redirect                 307 to another host
    die                      the connection ends without an answer
    die-after                the request is carried out, then the connection ends
    cut                      the request is carried out, and half of the answer comes
    new-port                 307 to another port of the same host

FOLDER/old, if it exists, makes it a server without logged models, as MLflow 2 is, and
FOLDER/apart says where it keeps artifacts, by default mlflow-artifacts: (on the server).
With FOLDER/tls.pem, a certificate with its key, it speaks TLS. As a proxy it answers in
place of any other server.
"""
import json
import os
import re
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Lock()
state = {"violations": [], "experiments": {}, "runs": {}, "models": {}, "registered": {},
         "artifacts": {}, "requests": 0, "proxied": 0, "creates": 0, "modes": {}}
KEY = re.compile(r"^[-\w. :/]{1,250}$", re.ASCII)


class Wrong(Exception):
    """An unsuccessful answer: status, MLflow's error code, message."""


def violation(text):
    state["violations"].append(text)


def fields(body, required, optional=()):
    for name, kind in required.items():
        if not isinstance(body.get(name), kind):
            violation(f"field {name} of {body.keys()} is no {kind}")
            raise Wrong(400, "INVALID_PARAMETER_VALUE", f"Missing value for {name}")
    for name in body:
        if name not in required and name not in optional:
            violation(f"unknown field {name}")


def active_run(run_id):
    run = state["runs"].get(run_id)
    if run is None:
        raise Wrong(404, "RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found")
    return run


def store():
    try:
        with open(folder + "/apart") as file:
            return file.read().strip()
    except FileNotFoundError:
        return "mlflow-artifacts:"


def info(run):
    return {"run": {"info": {k: run[k] for k in
                             ("run_id", "experiment_id", "artifact_uri", "status")}}}


def check_key(key):
    if not KEY.match(key) or key != os.path.normpath(key) or key.startswith("/"):
        violation(f"key {key!r}")
        raise Wrong(400, "INVALID_PARAMETER_VALUE", f"Invalid metric name: '{key}'")


def get_experiment(query):
    name = query["experiment_name"][0]
    for number, known in state["experiments"].items():
        if known == name:
            return {"experiment": {"experiment_id": number, "name": name}}
    raise Wrong(404, "RESOURCE_DOES_NOT_EXIST", f"No Experiment with name={name} exists")


def create_experiment(body):
    fields(body, {"name": str}, {"tags"})
    if body["name"] in state["experiments"].values():
        raise Wrong(400, "RESOURCE_ALREADY_EXISTS", "Experiment exists")
    number = str(len(state["experiments"]) + 1)
    state["experiments"][number] = body["name"]
    return {"experiment_id": number}


def create_run(body):
    fields(body, {"experiment_id": str, "run_name": str, "start_time": int, "tags": list})
    if body["experiment_id"] not in state["experiments"]:
        raise Wrong(404, "RESOURCE_DOES_NOT_EXIST", "No Experiment")
    state["creates"] += 1
    run_id = f"{state['creates']:032x}"
    state["runs"][run_id] = run = {
        "run_id": run_id, "experiment_id": body["experiment_id"], "status": "RUNNING",
        "name": body["run_name"], "params": {}, "metrics": {}, "datasets": [],
        "tags": {t["key"]: t["value"] for t in body["tags"]}, "outputs": [],
        "artifact_uri": f"{store()}/{body['experiment_id']}/{run_id}/artifacts"}
    return info(run)


def search_runs(body):
    fields(body, {"experiment_ids": list, "filter": str}, {"max_results"})
    found = re.match(r'^tags\."([\w.]+)" = \'(\w+)\'$', body["filter"])
    if not found:
        violation(f"filter {body['filter']}")
        raise Wrong(400, "INVALID_PARAMETER_VALUE", "filter")
    return {"runs": [info(run)["run"] for run in state["runs"].values()
                     if run["experiment_id"] in body["experiment_ids"] and
                     run["tags"].get(found[1]) == found[2]]}


def log_batch(body):
    fields(body, {"run_id": str}, {"metrics", "params", "tags"})
    run = active_run(body["run_id"])
    metrics, params, tags = (body.get(k, []) for k in ("metrics", "params", "tags"))
    if len(metrics) + len(params) + len(tags) > 1000 or max(len(params), len(tags)) > 100:
        violation("too many entries")
        raise Wrong(400, "INVALID_PARAMETER_VALUE", "too many entries")
    if not metrics + params + tags:
        violation("an empty batch")
    for entry in params + tags:
        fields(entry, {"key": str, "value": str})
        check_key(entry["key"])
    if any(len(p["value"]) > 6000 for p in params) or any(
            len(t["value"]) > 8000 for t in tags):
        violation("a value that the server cuts")
    for param in params:
        if run["params"].setdefault(param["key"], param["value"]) != param["value"]:
            raise Wrong(400, "INVALID_PARAMETER_VALUE",
                        "Changing param values is not allowed")
    for metric in metrics:
        fields(metric, {"key": str, "value": (float, int, str), "timestamp": int,
                        "step": int})
        check_key(metric["key"])
        if isinstance(metric["value"], str) and metric["value"] not in (
                "NaN", "Infinity", "-Infinity"):
            violation(f"metric value {metric['value']}")
        point = [metric["step"], metric["timestamp"], metric["value"]]
        points = run["metrics"].setdefault(metric["key"], [])
        if point not in points:  # like MLflow
            points.append(point)
    run["tags"].update({t["key"]: t["value"] for t in tags})
    return {}


def log_inputs(body):
    fields(body, {"run_id": str, "datasets": list})
    run = active_run(body["run_id"])
    for entry in body["datasets"]:
        fields(entry, {"dataset": dict, "tags": list})
        fields(entry["dataset"], {"name": str, "digest": str, "source_type": str,
                                  "source": str}, {"schema", "profile"})
        json.loads(entry["dataset"]["source"])
        if len(entry["dataset"]["digest"]) > 36:
            violation("a digest longer than 36")
        if entry["dataset"] not in run["datasets"]:
            run["datasets"].append(entry["dataset"])
    return {}


def update_run(body):
    fields(body, {"run_id": str, "status": str}, {"end_time"})
    run = active_run(body["run_id"])
    if body["status"] not in ("RUNNING", "FINISHED", "FAILED", "KILLED"):
        violation(f"status {body['status']}")
    run["status"] = body["status"]
    return {"run_info": info(run)["run"]["info"]}


def search_models(body):
    fields(body, {"experiment_ids": list, "filter": str}, {"max_results"})
    found = re.match(r"^source_run_id = '(\w+)' AND name = '(\w+)'$", body["filter"])
    if not found:
        violation(f"filter {body['filter']}")
    return {"models": [{"info": m} for m in state["models"].values()
                       if m["source_run_id"] == found[1] and m["name"] == found[2]]}


def create_model(body):
    fields(body, {"experiment_id": str, "name": str, "source_run_id": str})
    active_run(body["source_run_id"])
    number = f"m-{len(state['models']) + 1:032x}"
    state["models"][number] = dict(
        body, model_id=number, status="LOGGED_MODEL_PENDING",
        artifact_uri=f"{store()}/{body['experiment_id']}/models/{number}/artifacts")
    return {"model": {"info": state["models"][number]}}


def one_model(number, body):
    if number not in state["models"]:
        raise Wrong(404, "RESOURCE_DOES_NOT_EXIST", "no such model")
    model = state["models"][number]
    if body is not None:
        fields(body, {"model_id": str, "status": str})
        if body["status"] != "LOGGED_MODEL_READY" or body["model_id"] != number:
            violation(f"status of a model: {body}")
        base = model["artifact_uri"].removeprefix("mlflow-artifacts:/")
        if f"{base}/MLmodel" not in state["artifacts"]:
            violation("a model is ready without MLmodel")
        model["status"] = body["status"]
    return {"model": {"info": model}}


def add_outputs(body):
    fields(body, {"run_id": str, "models": list})
    for entry in body["models"]:
        fields(entry, {"model_id": str, "step": int})
        if entry not in active_run(body["run_id"])["outputs"]:
            active_run(body["run_id"])["outputs"].append(entry)
    return {}


def create_registered(body):
    fields(body, {"name": str}, {"tags", "description"})
    if body["name"] in state["registered"]:
        raise Wrong(400, "RESOURCE_ALREADY_EXISTS", "there is one")
    state["registered"][body["name"]] = {"versions": [], "aliases": {}}
    return {"registered_model": {"name": body["name"]}}


def search_versions(query):
    found = re.match(r"^name='([^']+)' AND run_id='(\w+)'$", query["filter"][0])
    if not found:
        violation(f"filter {query['filter']}")
    return {"model_versions": [v for v in state["registered"][found[1]]["versions"]
                               if v["run_id"] == found[2]]}


def create_version(body):
    fields(body, {"name": str, "source": str, "run_id": str}, {"model_id"})
    versions = state["registered"][body["name"]]["versions"]
    versions.append(dict(body, version=str(len(versions) + 1)))
    return {"model_version": versions[-1]}


def set_alias(body):
    fields(body, {"name": str, "alias": str, "version": str})
    state["registered"][body["name"]]["aliases"][body["alias"]] = body["version"]
    return {}


CALLS = {"logged-models/search": search_models, "logged-models": create_model,
         "runs/outputs": add_outputs, "registered-models/create": create_registered,
         "model-versions/create": create_version, "registered-models/alias": set_alias,
         "experiments/create": create_experiment, "runs/create": create_run,
         "runs/search": search_runs, "runs/log-batch": log_batch,
         "runs/log-inputs": log_inputs, "runs/update": update_run}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, text, headers=(), length=None):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", length if length else len(data))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def mode(self):
        """The mode of this request, which is counted."""
        try:
            with open(folder + "/mode") as file:
                words = file.read().split()
        except FileNotFoundError:
            return ""
        if not words:
            return ""
        if len(words) > 2 and not self.path.endswith(words[2]):
            return ""
        mode = words[0]
        done = state["modes"].get(" ".join(words), 0)
        if len(words) > 1 and done >= int(words[1]):
            return ""
        state["modes"][" ".join(words)] = done + 1
        return mode

    def work(self, data):
        path, _, query = self.path.partition("?")
        if path.startswith("http://"):
            state["proxied"] += 1
            path = "/" + path[len("http://"):].partition("/")[2]
        query = urllib.parse.parse_qs(query, strict_parsing=True) if query else {}
        if self.command == "PUT":
            prefix = "/api/2.0/mlflow-artifacts/artifacts/"
            name = urllib.parse.unquote(path[len(prefix):])
            if not path.startswith(prefix) or ".." in name:
                violation(f"PUT {path}")
                raise Wrong(400, "INVALID_PARAMETER_VALUE", "Invalid path")
            state["artifacts"][name] = len(data)
            return {}
        prefix = "/api/2.0/mlflow/"
        call = path[len(prefix):] if path.startswith(prefix) else ""
        if self.command == "GET" and call == "experiments/get-by-name":
            return get_experiment(query)
        if self.command == "GET" and call == "runs/get":
            return info(active_run(query["run_id"][0]))
        if call.startswith("logged-models") and os.path.exists(folder + "/old"):
            raise Wrong(404, "ENDPOINT_NOT_FOUND", "no such call")
        if self.command == "GET" and call == "model-versions/search":
            return search_versions(query)
        if call.startswith("logged-models/m-") and self.command in ("GET", "PATCH"):
            return one_model(call[14:], json.loads(data) if data else None)
        if self.command != "POST" or call not in CALLS:
            violation(f"{self.command} {self.path}")
            raise Wrong(404, "ENDPOINT_NOT_FOUND", "no such call")
        if self.headers.get("Content-Type") != "application/json":
            violation(f"content type {self.headers.get('Content-Type')}")
        if len(data) >= 1000000:
            violation(f"a body of {len(data)} bytes")
        return CALLS[call](json.loads(data))

    def respond(self):
        with lock:
            state["requests"] += 1
            length = self.headers.get("Content-Length")
            if length is None and self.command != "GET":
                violation("no Content-Length")
            data = self.rfile.read(int(length or 0))
            mode = self.mode()
            expected = None
            if os.path.exists(folder + "/auth"):
                with open(folder + "/auth") as file:
                    expected = file.read().strip()
            status, content, headers = 200, {}, []
            if expected is not None and self.headers.get("Authorization") != expected:
                status, content = 401, {"error_code": "UNAUTHENTICATED", "message":
                                        f"not {self.headers.get('Authorization')}"}
            elif mode in ("", "cut") or mode.endswith("-after"):
                try:
                    content = self.work(data)
                except Wrong as wrong:
                    status = wrong.args[0]
                    content = {"error_code": wrong.args[1], "message": wrong.args[2]}
            with open(folder + "/state.tmp", "w") as file:
                json.dump(state, file, indent=1)
            os.replace(folder + "/state.tmp", folder + "/state.json")
        text = json.dumps(content)
        if mode == "hang":
            time.sleep(60)
        elif mode.startswith("die"):
            self.close_connection = True
        elif mode == "cut":
            self.answer(status, text[:len(text) // 2] or "{", length=len(text) + 10)
            self.close_connection = True
        elif mode == "html":
            self.answer(200, "<html><title>Sign in</title></html>",
                        [("Content-Type", "text/html")])
        elif mode == "redirect":
            self.answer(307, "", [("Location", "http://localhost:1" + self.path)])
        elif mode == "new-port":
            self.answer(307, "", [("Location", "http://127.0.0.1:1" + self.path)])
        elif mode == "429":
            self.answer(429, "slow down", [("Retry-After", "1")])
        elif mode.endswith("-after"):
            self.answer(int(mode[:-6]), "{}")
        elif mode:
            self.answer(int(mode), "no")
        else:
            self.answer(status, text, headers)

    do_GET = do_POST = do_PUT = do_PATCH = respond


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            violation(repr(sys.exc_info()[1]))


server = Server(("127.0.0.1", 0), Handler)
if os.path.exists(folder + "/tls.pem"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/tls.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(folder + "/port.tmp", "w") as file:
    file.write(str(server.server_address[1]))
os.replace(folder + "/port.tmp", folder + "/port")
server.serve_forever()
