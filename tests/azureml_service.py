# SPDX-License-Identifier: MIT
"""A stand-in for Azure Machine Learning on loopback, over TLS: Resource Manager, the
workspace's interface, blob storage, the source of tokens and an endpoint that scores.

    azureml_service.py FOLDER CERTIFICATE

CERTIFICATE is a PEM file with its key. FOLDER gets `port`, and `requests.jsonl`, with
one line per request: method, path, query, body, status. The test steers the service by
files:

    outcome     how the next jobs end: Completed (also without the file) or Failed
    fault       METHOD REGEX KIND COUNT: how the next COUNT matching requests are
                answered; KIND is a status (429 with Retry-After);
                `drop`: the connection breaks;
                `slow`: the request succeeds, but its answer takes two seconds, in eight
                pieces;
                `stall`: the answer stops in the middle, for longer than submit waits
    run/        the content of a job's output `run`

The requests and answers have the forms that the SDK (azure-ai-ml) sends and reads. The
stand-in does not know what the service itself would refuse. Texts of the variable
IC_SECRET are logged as SECRET.
"""

import datetime
import http.server
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import uuid

from azureml_store import FOLDER, Store

CERTIFICATE = sys.argv[2]
SECRET = os.environ.get("IC_SECRET", "")
TOKEN = "eyJhbGciOiJub25lIn0.e30."
KEY = "key-of-the-endpoint"
PROVIDER = "Microsoft.MachineLearningServices"
WORKSPACE = re.compile(rf"/providers/{re.escape(PROVIDER)}/workspaces/[^/]+$", re.I)
SAS = "sv=2024&sig=of-the-stand-in"
SLOW, STALL = 0.25, 65  # seconds between the pieces of an answer
STAGES = ["Queued", "Running", "Running"]  # of a job, one per poll

lock = threading.RLock()
things, polls = {}, {}


def note(entry):
    line = json.dumps(entry)
    if SECRET:
        line = line.replace(SECRET, "SECRET")
    with lock, open(os.path.join(FOLDER, "requests.jsonl"), "a", encoding="utf-8") as log:
        log.write(line + "\n")


def steering(name, default=""):
    try:
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return default


def fault(method, path):
    """The fault of this request, if the test wants one."""
    with lock:
        words = steering("fault").split()
        if not words or words[0] != method or not re.search(words[1], path, re.I):
            return None
        left = int(words[3]) - 1
        text = " ".join(words[:3] + [str(left)]) if left > 0 else ""
        with open(os.path.join(FOLDER, "fault"), "w", encoding="utf-8") as file:
            file.write(text)
        return words[2]


class Answers(Store, http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    base, pace = "", None

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def answer(self, status, content=None, kind="application/json", **headers):
        if not isinstance(content, bytes):
            content = b"" if content is None else json.dumps(content).encode()
        self.entry["status"] = status
        note(self.entry)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.send(content)

    def send(self, content):
        """Sends it at once, or in pieces with a pause between them."""
        pieces, pause = {"slow": (8, SLOW), "stall": (2, STALL)}.get(self.pace, (1, 0))
        size = -(-len(content) // pieces) or 1
        try:
            for first in range(0, len(content), size):
                time.sleep(pause if first else 0)
                self.wfile.write(content[first:first + size])
                self.wfile.flush()
        except OSError:  # the client has gone
            self.close_connection = True

    def error(self, status, code, text, **headers):
        self.answer(status, {"error": {"code": code, "message": text}}, **headers)

    def handle_request(self):
        url = urllib.parse.urlsplit(self.path)
        content = self.body()
        try:
            parsed = json.loads(content) if content else None
        except ValueError:
            parsed = None
        path = url.path
        if self.headers.get("Host", "").startswith("account.blob."):
            path = "/blob" + path
        self.entry = {"method": self.command, "path": path, "query": url.query,
                      "body": f"{len(content)} bytes" if parsed is None else parsed}
        kind = fault(self.command, path)
        self.pace = kind
        if kind == "drop":
            self.entry["status"] = "dropped"
            note(self.entry)
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif kind and kind.isdigit():
            waits = {"Retry_After": "1"} if kind == "429" else {}
            self.error(int(kind), "Planted", f"planted answer {kind}", **waits)
        else:
            with lock:
                self.route(path, urllib.parse.parse_qs(url.query), content, parsed)

    do_GET = do_PUT = do_POST = do_PATCH = do_HEAD = do_DELETE = handle_request

    def route(self, path, query, content, parsed):
        if path.startswith("/blob/"):
            return self.blob(path[6:], query, content)
        if path == "/token":
            expires = int(datetime.datetime.now().timestamp()) + 3600
            return self.answer(200, {"access_token": TOKEN, "token_type": "Bearer",
                                     "expires_on": str(expires),
                                     "resource": query["resource"][0]})
        if path == "/clouds":
            return self.answer(200, [self.cloud()])
        if path == "/discovery":
            addresses = ("api", "history", "experimentation", "studio")
            return self.answer(200, dict.fromkeys(addresses, self.base))
        if path == "/score":
            return self.score(content)
        if path.startswith("/log/"):
            return self.answer(200, self.log_of(path[5:]), kind="text/plain")
        if self.headers.get("Authorization") != "Bearer " + TOKEN:
            return self.error(401, "Unauthenticated", "no token")
        if "/history/v1.0/" in path:
            return self.history(path)
        return self.managed(path, query, parsed)

    def cloud(self):
        port = urllib.parse.urlsplit(self.base).port
        return {"name": "Loopback", "portal": "https://portal.loopback.test/",
                "resourceManager": self.base + "/",
                "authentication": {"loginEndpoint": self.base},
                "suffixes": {"storage": f"localhost:{port}"}}

    # --- Resource Manager: what is PUT is kept and got again

    def managed(self, path, query, parsed):
        if self.command == "GET" and WORKSPACE.search(path):
            return self.answer(200, self.workspace(path))
        if path.startswith("/operations/"):
            seen = polls[path] = polls.get(path, 0) + 1
            state = "InProgress" if seen < 2 else "Succeeded"
            return self.answer(200, {"status": state, "name": path}, Retry_After="1")
        if "/datastores" in path:
            return self.datastore(path)
        if self.command == "POST":
            return self.action(path)
        if self.command in ("PUT", "PATCH"):
            return self.keep(path, parsed)
        if self.command == "DELETE":
            things.pop(path, None)
            return self.answer(200)
        if path in things:
            return self.answer(200, things[path])
        if path.endswith(("/versions", "/deployments")):
            return self.answer(200, {"value": self.inside(path, query.get("hash"))})
        return self.error(404, "ResourceNotFound", f"{path} is not here")

    def inside(self, path, content_hash):
        """The objects kept below a path; for code, those with the same content."""
        if content_hash:
            return [thing for name, thing in things.items() if "/codes/" in name and
                    thing["properties"]["properties"].get("hash_sha256") == content_hash[0]]
        return [thing for name, thing in things.items() if name.startswith(path + "/")]

    def workspace(self, path):
        return {"id": path, "name": path.rsplit("/", 1)[-1], "location": "westeurope",
                "type": PROVIDER + "/workspaces",
                "identity": {"type": "SystemAssigned"},
                "properties": {"workspaceId": str(uuid.uuid5(uuid.NAMESPACE_URL, path)),
                               "discoveryUrl": self.base + "/discovery",
                               "mlFlowTrackingUri": "azureml://loopback" + path,
                               "storageAccount": path + "/storage",
                               "provisioningState": "Succeeded"}}

    def action(self, path):
        if path.endswith("/startPendingUpload"):
            uri = f"{self.base}/blob/upload-{uuid.uuid4().hex[:8]}"
            return self.answer(200, {
                "pendingUploadId": str(uuid.uuid4()),
                "pendingUploadType": "TemporaryBlobReference",
                "blobReferenceForConsumption": {
                    "blobUri": uri, "storageAccountArmId": "/subscriptions/s/storage",
                    "credential": {"credentialType": "SAS", "sasUri": f"{uri}?{SAS}"}}})
        if path.endswith("/cancel"):
            job = things.get(path.removesuffix("/cancel"))
            if job is None:
                return self.error(404, "UserError", f"{path} is not here")
            polls[job["name"]] = job["properties"]["status"] = "Canceled"
            return self.answer(200)
        if path.lower().endswith("/listkeys"):
            return self.answer(200, {"primaryKey": KEY, "secondaryKey": "other"})
        return self.error(404, "ResourceNotFound", f"{path} takes no POST")

    def keep(self, path, thing):
        new = path not in things
        properties = thing.setdefault("properties", {})
        for key in ("properties", "tags"):
            properties.setdefault(key, {})
        collection = path.split("/")[-2]
        when = "2026-11-29T00:00:00Z"
        thing.update(id=path, name=path.rsplit("/", 1)[-1],
                     type=f"{PROVIDER}/{collection}",
                     systemData={"createdBy": "test", "createdAt": when,
                                 "lastModifiedAt": when})
        properties["provisioningState"] = "Succeeded"
        if collection == "jobs":
            del properties["provisioningState"]
            properties["status"] = "Starting"
            properties["services"] = {"Studio": {"jobServiceType": "Studio",
                                                 "endpoint": self.base + "/studio"}}
        elif collection == "onlineEndpoints":
            properties.update(scoringUri=self.base + "/score",
                              swaggerUri=self.base + "/swagger")
        elif collection == "deployments":
            properties.setdefault("scaleSettings", {"scaleType": "Default"})
        elif "/models/" in path:
            properties.setdefault("flavors", {})
        things[path] = thing
        waits = {}
        if collection in ("computes", "onlineEndpoints", "deployments"):
            waits = {"Azure_AsyncOperation": f"{self.base}/operations/{uuid.uuid4().hex}",
                     "Retry_After": "1"}
        self.answer(201 if new and collection != "connections" else 200, thing, **waits)

    # --- a job's life

    def history(self, path):
        name = path.split("/runs/")[-1].split("/")[0]
        if not path.endswith("/details"):
            run = {"runId": name, "status": self.stage(name, False), "outputs": {}}
            data = path.endswith("/rundata")
            return self.answer(200, {"runMetadata": run} if data else run)
        status = self.stage(name, True)
        cause = {"error": {"code": "UserError", "message": "im2cat ended with status 1"}}
        logs = {"user_logs/std_log.txt": f"{self.base}/log/{name}"}
        self.answer(200, {"runId": name, "target": "cpu", "status": status,
                          "properties": {}, "logFiles": logs, "warnings": [],
                          "error": cause if status == "Failed" else None})

    def stage(self, name, moves):
        if isinstance(polls.get(name, 0), str):
            return polls[name]
        number = polls.get(name, 0)
        polls[name] = number + moves
        if number < len(STAGES):
            return STAGES[number]
        polls[name] = steering("outcome", "Completed")
        end = "/jobs/" + name
        job = next(thing for path, thing in things.items() if path.endswith(end))
        job["properties"]["status"] = polls[name]
        if job["properties"].get("jobType") == "Sweep" and polls[name] == "Completed":
            self.best_trial(job)
        return polls[name]

    def best_trial(self, sweep):
        """The trial with the best metric is a job of its own, which the sweep names."""
        name = sweep["name"] + "_7"
        sweep["properties"]["properties"]["best_child_run_id"] = name
        trial = json.loads(json.dumps(next(
            thing for thing in things.values()
            if thing["properties"].get("jobType") == "Command")))
        trial.update(id=sweep["id"] + "_7", name=name)
        trial["properties"]["status"] = polls[name] = "Completed"
        things[trial["id"]] = trial

    def log_of(self, name):
        stage = polls.get(name, 0)
        epochs = stage if isinstance(stage, int) else 40
        lines = [f"epoch {epoch} of {name}" for epoch in range(epochs)]
        if stage == "Failed":
            lines.append("im2cat: pets: no such folder")
        return ("\n".join(lines) + "\n").encode()

    def score(self, content):
        if self.headers.get("Authorization") != "Bearer " + KEY:
            return self.error(401, "Unauthenticated", "no key")
        self.answer(200, {"predictions": [{"class": "cat", "bytes": len(content)}]})


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Answers.base = f"https://127.0.0.1:{server.server_address[1]}"
    with open(os.path.join(FOLDER, "port.new"), "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.rename(os.path.join(FOLDER, "port.new"), os.path.join(FOLDER, "port"))
    server.serve_forever()


main()
