# SPDX-License-Identifier: MIT
"""Checks of a running server for tests/serve.sh, by Python's standard library alone.

    serve.py CHECK PORT MODEL [FILE...]

CHECK is a function below, MODEL the model's name in paths. A check prints one line per
failure, and then exits with 1.
"""
import base64
import http.client
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
import zlib

check, port, model, *files = sys.argv[1:]
port = int(port)
wrong = []


def fail(text):
    wrong.append(text)


def ask(method, path, body=None, headers=None, timeout=30):
    """One request on a connection of its own: status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def expect(status, sentence, answer, what):
    """A refusal: the status, and JSON with one sentence."""
    try:
        error = json.loads(answer[2])["error"]
    except (ValueError, KeyError, TypeError):
        error = repr(answer[2][:200])
    if answer[0] != status:
        fail(f"{what}: status {answer[0]}, not {status}: {error}")
    elif sentence not in error:
        fail(f"{what}: \"{error}\", without \"{sentence}\"")


def known():
    """The output of predict: files[0] has one line of JSON per picture."""
    with open(files[0], encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def same(predictions, pictures, what):
    """Class and probability are predict's, to the last digit that both print."""
    if len(predictions) != len(pictures):
        fail(f"{what}: {len(predictions)} answers to {len(pictures)} pictures")
    for found, expected in zip(predictions, pictures):
        for key in "class", "probability":
            if found[key] != expected[key]:
                fail(f"{what}: {expected['path']} has {key} {found[key]}, and "
                     f"{expected[key]} by predict")
        probabilities = found["probabilities"]
        if probabilities[found["class"]] != found["probability"]:
            fail(f"{what}: the class's probability is another one")
        if abs(sum(probabilities.values()) - 1) > 1e-6:
            fail(f"{what}: probabilities that add up to something else than 1")


def form(pictures, boundary="a boundary'()+_,-./:=?"):
    """multipart/form-data of pictures: (name, bytes)."""
    body = b"a preamble\r\n"
    for name, content in pictures:
        body += (f'--{boundary}\r\nContent-Disposition: form-data; name="p"; '
                 f'filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n').encode()
        body += content + b"\r\n"
    body += f"--{boundary}--\r\nan epilogue".encode()
    return body, {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}


def predictions(answer, what):
    if answer[0] != 200:
        fail(f"{what}: status {answer[0]}: {answer[2][:200]!r}")
        return []
    if answer[1]["Content-Type"] != "application/json":
        fail(f"{what}: Content-Type {answer[1]['Content-Type']}")
    return json.loads(answer[2])["predictions"]


def b64(path):
    return base64.b64encode(read(path)).decode()


# --- checks ---------------------------------------------------------------------------


def forms():
    """Every form of a body gets predict's numbers."""
    pictures = known()
    paths = [picture["path"] for picture in pictures]
    for path, picture in zip(paths, pictures):
        for page in "/score", f"/predictions/{model}", "/invocations":
            answer = ask("POST", page, read(path), {"Content-Type": "image/jpeg"})
            same(predictions(answer, page), [picture], page)
    some = slice(0, 6)
    body, headers = form([(path, read(path)) for path in paths[some]])
    same(predictions(ask("POST", "/score", body, headers), "a form"), pictures[some],
         "a form")
    encoded = [b64(path) for path in paths[some]]
    escaped = json.dumps({"inputs": encoded}).replace("/", "\\/").replace("A", "\\u0041")
    for text in (json.dumps({"signature_name": "x", "instances":
                             [{"b64": picture, "key": [1, {}]} for picture in encoded]}),
                 json.dumps({"inputs": encoded, "params": {"a": [True, None, -1.5e3]}}),
                 escaped):
        for headers in {"Content-Type": "application/json; charset=utf-8"}, {}:
            same(predictions(ask("POST", "/score", text, headers), "JSON"),
                 pictures[some], "JSON")
    # In pieces, as chunks of sizes that the client chooses.
    whole = read(paths[0])
    pieces = (whole[i:i + 777] for i in range(0, len(whole), 777))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/score", pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    answer = connection.getresponse()
    same(predictions((answer.status, answer.headers, answer.read()), "chunks"),
         pictures[:1], "chunks")
    # The same connection serves more requests.
    for path, picture in zip(paths[:3], pictures[:3]):
        connection.request("POST", "/score", read(path))
        answer = connection.getresponse()
        same(predictions((answer.status, answer.headers, answer.read()), "again"),
             [picture], "again")


def infer(text, tail=b"", path=None):
    """A request of the Open Inference Protocol: JSON, and the bytes after it."""
    text = json.dumps(text).encode()
    headers = {"Inference-Header-Content-Length": str(len(text))} if tail else {}
    return ask("POST", path or f"/v2/models/{model}/infer", text + tail, headers)


def outputs(answer, what):
    """The outputs of such an answer by their names, and its JSON."""
    if answer[0] != 200:
        fail(f"{what}: status {answer[0]}: {answer[2][:200]!r}")
        return {}, {}
    length = answer[1]["Inference-Header-Content-Length"]
    tail = answer[2][int(length):] if length else b""
    text = json.loads(answer[2][:int(length)] if length else answer[2])
    found = {}
    for output in text["outputs"]:
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            data = output["data"]
        elif output["datatype"] == "FP32":
            data = list(struct.unpack(f"<{size // 4}f", tail[:size]))
        else:
            data, at = [], 0
            while at < size:
                (length,) = struct.unpack_from("<I", tail, at)
                data.append(tail[at + 4:at + 4 + length].decode())
                at += 4 + length
        tail = tail[size or 0:]
        found[output["name"]] = (output["datatype"], output["shape"], data)
    if tail:
        fail(f"{what}: {len(tail)} bytes are nobody's")
    return found, text


def protocol():
    """The Open Inference Protocol: both types, in JSON and as bytes, both outputs."""
    pictures = known()[:4]
    bodies = [read(picture["path"]) for picture in pictures]
    classes = len(json.loads(ask("POST", "/score", bodies[0])[2])
                  ["predictions"][0]["probabilities"])

    def check(found, expected, what, digits=1e-9):
        kind, shape, data = found["class"]
        if (kind, shape) != ("BYTES", [len(expected)]):
            fail(f"{what}: class is {kind} {shape}")
        if data != [picture["class"] for picture in expected]:
            fail(f"{what}: the classes are {data}")
        kind, shape, data = found["probabilities"]
        if (kind, shape) != ("FP32", [len(expected), classes]):
            fail(f"{what}: probabilities is {kind} {shape}")
        for i, picture in enumerate(expected):
            best = max(data[i * classes:(i + 1) * classes])
            if abs(best - picture["probability"]) > digits:
                fail(f"{what}: {best} and not {picture['probability']}")

    one = {"name": "image", "shape": [4], "datatype": "BYTES"}
    in_json = {**one, "data": [base64.b64encode(body).decode() for body in bodies]}
    tail = b"".join(struct.pack("<I", len(body)) + body for body in bodies)
    behind = {**one, "parameters": {"binary_data_size": len(tail)}}
    found, text = outputs(infer({"id": "q7", "inputs": [in_json]}), "Base64")
    check(found, pictures, "Base64")
    if text["id"] != "q7" or text["model_name"] != model:
        fail(f"the answer is of {text['model_name']}, {text.get('id')}")
    check(outputs(infer({"inputs": [behind]}, tail), "bytes")[0], pictures, "bytes")
    binary = {"binary_data_output": True}
    check(outputs(infer({"inputs": [behind], "parameters": binary}, tail), "all")[0],
          pictures, "bytes in, bytes out", 1e-7)
    found, _ = outputs(infer({"inputs": [in_json], "outputs": [
        {"name": "class", "parameters": {"binary_data": True}}]}), "class")
    if list(found) != ["class"] or found["class"][2] != [p["class"] for p in pictures]:
        fail(f"the class alone: {found}")

    # Pixels, compared with a PNG of the same picture.
    size = 40
    colour = bytes((200, 90, 10))
    png = plain_png(size, size, colour)
    pixels = colour * (size * size)
    expected = json.loads(ask("POST", "/score", png)[2])["predictions"]
    shape = {"name": "pixels", "shape": [1, size, size, 3], "datatype": "UINT8"}
    nested = [[list(colour)] * size] * size
    for what, request, tail in (
            ("flat pixels", {**shape, "data": list(pixels)}, b""),
            ("nested pixels", {**shape, "data": [nested]}, b""),
            ("pixels", {**shape, "parameters": {"binary_data_size": len(pixels)}},
             pixels)):
        check(outputs(infer({"inputs": [request]}, tail), what)[0], expected, what)

    expect(400, "picture 2", infer({"inputs": [{**one, "shape": [2], "data": [
        base64.b64encode(bodies[0]).decode(), "AAAA"]}]}), "a broken picture")
    expect(400, "must have one input", infer({"inputs": []}), "no input")
    expect(400, "datatype must be", infer({"inputs": [{**shape, "datatype": "FP32"}]}),
           "a type")
    expect(404, "no model", infer({}, path="/v2/models/x/infer"), "a model")


def plain_png(width, height, colour):
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content +
                struct.pack(">I", zlib.crc32(kind + content)))

    rows = (b"\0" + colour * width) * height
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pages():
    """Routes that can be read, and routes that do not exist."""
    for path, key, value in (("/ping", "status", "Healthy"),
                             ("/v2/health/live", "live", True),
                             ("/v2/health/ready", "ready", True),
                             (f"/v2/models/{model}/ready", "ready", True),
                             ("/v2", "name", "im2cat"),
                             (f"/v2/models/{model}", "name", model)):
        status, _, content = ask("GET", path)
        if status != 200 or json.loads(content)[key] != value:
            fail(f"GET {path}: {status}, {content!r}")
        if ask("HEAD", path)[0] != 200:
            fail(f"HEAD {path} is no 200")
        answer = ask("POST", path, b"x")
        expect(405, "takes GET, HEAD, not POST", answer, path)
        if answer[1]["Allow"] != "GET, HEAD":
            fail(f"{path}: Allow is {answer[1]['Allow']}")
    for path in "/score", f"/predictions/{model}", "/invocations":
        for method in "GET", "PUT", "DELETE":
            answer = ask(method, path)
            expect(405, f"takes POST, not {method}", answer, path)
            if answer[1]["Allow"] != "POST":
                fail(f"{path}: Allow is {answer[1]['Allow']}")
    for path in ("/", "/scores", "/score/", "/v2/models", "/v2/models/", "/../etc",
                 f"/v2/models/{model}/x", "/v2/health"):
        expect(404, "there is no page", ask("GET", path), path)
    expect(404, 'there is no model "other"', ask("GET", "/v2/models/other"), "other")
    expect(404, 'no model "a?b', ask("POST", "/predictions/a%0ab", b"x"), "a name")
    expect(404, "there is no page", ask("GET", "/" + "x" * 9000), "a long path")


def metrics():
    """Counters count, in Prometheus's format."""
    def values():
        status, headers, content = ask("GET", "/metrics")
        if status != 200 or not headers["Content-Type"].startswith("text/plain"):
            fail(f"/metrics: {status}, {headers['Content-Type']}")
        lines = [line for line in content.decode().split("\n")
                 if line and not line.startswith("# ")]
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}

    good = 'im2cat_requests_total{route="score",code="200"}'
    bad = 'im2cat_requests_total{route="score",code="400"}'
    picture = read(known()[0]["path"])
    before = values()
    body, headers = form([("a", picture), ("b", picture), ("c", picture)])
    ask("POST", "/score", picture)
    ask("POST", "/score", body, headers)
    ask("POST", "/score", b"nonsense")
    # The server counts an exchange when it is over, shortly after its answer arrives
    # here.
    after = values()
    deadline = time.monotonic() + 30
    while (after["im2cat_body_bytes"] != 0 or after.get(bad, 0) == before.get(bad, 0) or
           after.get(good, 0) - before.get(good, 0) < 2) and time.monotonic() < deadline:
        time.sleep(0.05)
        after = values()
    for name, more in ((good, 2),
                       (bad, 1),
                       ("im2cat_pictures_total", 4),
                       ("im2cat_batch_pictures_sum", 4),
                       ("im2cat_request_seconds_count", 2),
                       ('im2cat_request_seconds_bucket{le="+Inf"}', 2)):
        if after.get(name, 0) - before.get(name, 0) != more:
            fail(f"{name} grew by {after.get(name, 0) - before.get(name, 0)}")
    for name, value in (("im2cat_ready", 1), ("im2cat_queue_pictures", 0),
                        ("im2cat_body_bytes", 0)):
        if after[name] != value:
            fail(f"{name} is {after[name]}")


def broken():
    """Wrong requests get 400 and a sentence, and good ones still work."""
    pictures = known()
    path = pictures[0]["path"]
    picture = read(path)

    def refuse(sentence, body, kind=None):
        headers = {"Content-Type": kind} if kind else {}
        expect(400, sentence, ask("POST", "/score", body, headers), sentence)

    refuse("has no body", b"")
    refuse("the picture is not in a known picture format", b"nonsense")
    refuse("the picture is a web page", b"<html>")
    refuse("the picture", picture[:len(picture) // 2])
    body, headers = form([("a.jpg", picture), ("b\x07.jpg", picture[:99]), ("c", b"")])
    refuse("picture 2 (b?.jpg)", body, headers["Content-Type"])
    body, headers = form([])
    refuse("does not begin with its boundary", body[:9], headers["Content-Type"])
    refuse("the form has no parts", body, headers["Content-Type"])
    refuse("has no boundary", body, "multipart/form-data")
    body, headers = form([("a.jpg", picture)])
    refuse("its last boundary is missing", body[:-40], headers["Content-Type"])
    for sentence, text in (("invalid at byte 2", "{"), ("expected an object", "[1]"),
                           ('one member "instances" or "inputs", found 0', '{"a": []}'),
                           ("has no pictures", '{"inputs": []}'),
                           ("picture 1 is not Base64", '{"inputs": ["?"]}'),
                           ("expected a picture", '{"inputs": [7]}'),
                           ('expected an object with the member "b64"',
                            '{"instances": [{"a": 1}]}'),
                           ("at most 32 nested", '{"a":' + "[" * 100000),
                           ("expected UTF-8", b'{"\xff": 1}'),
                           ("nothing after", '{"inputs": [""]} 1')):
        refuse(sentence, text, "application/json")
    refuse("the picture is empty", '{"inputs": [""]}', "application/json")
    same(predictions(ask("POST", "/score", picture), "a good one"), pictures[:1],
         "a good one behind all that")


def at_once(work, arguments):
    threads = [threading.Thread(target=work, args=(one,)) for one in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def raw(text, seconds=10):
    """The answer to these bytes; b"" where the connection just ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        client.sendall(text)
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
        except ConnectionError:
            pass
        return received


def limits():
    """For a server with --max-body 1 --queue 4 --max-delay 1500 --timeout 2."""
    picture = read(known()[0]["path"])
    expect(413, "exceeds the limit of 1048576 bytes",
           ask("POST", "/score", bytes(1048577)), "a large body")
    answer = raw(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 413 "):
        fail(f"a body that is announced: {answer[:99]!r}")
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    answer = raw(b"POST /score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 17 * chunk)
    if not answer.startswith(b"HTTP/1.1 413 ") or b"--max-body" not in answer:
        fail(f"chunks without an end: {answer[:99]!r}")
    answer = raw(b"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40000 + b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 431 "):
        fail(f"a large head: {answer[:99]!r}")
    body, headers = form([("a", picture)] * 5)
    expect(413, "exceeds the limit of 4 pictures",
           ask("POST", "/score", body, headers), "pictures")

    # Four pictures wait in the queue for others; a fifth finds no room.
    body, headers = form([("a", picture)] * 4)
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(ask("POST", "/score", body, headers)))
    thread.start()
    time.sleep(0.5)
    answer = ask("POST", "/score", picture)
    expect(503, "the queue is full", answer, "a full queue")
    if answer[1]["Retry-After"] != "1":
        fail(f"a full queue: Retry-After is {answer[1]['Retry-After']}")
    thread.join()
    if answers[0][0] != 200:
        fail(f"those who waited: {answers[0][0]}")

    # A header, and a body, that arrive byte by byte: cut after 2 seconds, not before.
    def dribble(begin):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(begin)
            start = time.monotonic()
            try:
                while time.monotonic() - start < 10:
                    client.sendall(b"x")
                    time.sleep(0.1)
            except ConnectionError:
                pass
            seconds = time.monotonic() - start
            if not 1.5 < seconds < 5:
                fail(f"a slow client is cut after {seconds:.1f} s")

    at_once(dribble, [b"GET /ping HTTP/1.1\r\nX: ", b"POST /score HTTP/1.1\r\nHost: x\r\n"
                      b"Content-Length: 9999\r\n\r\n"])


def mix():
    """Many at once, good and bad: each gets its own answer."""
    pictures = known()
    failures = []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for i in range(12):
            picture = pictures[(7 * number + i) % len(pictures)]
            bad = (number + i) % 5 == 0
            content = read(picture["path"])
            connection.request("POST", "/score", content[:50] if bad else content)
            answer = connection.getresponse()
            found = json.loads(answer.read())
            if bad and answer.status != 400:
                failures.append(f"a bad picture gets {answer.status}")
            if not bad and (answer.status != 200 or found["predictions"][0]["probability"]
                            != picture["probability"]):
                failures.append(f"{picture['path']}: {answer.status} {found}")

    at_once(client, range(8))
    for failure in failures:
        fail(failure)


def leaving():
    """SIGTERM to the process files[1] while a picture is on its way: the server is not
    ready any more, but the picture is answered."""
    picture = known()[0]
    content = read(picture["path"])
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ready():
        idle.request("GET", "/v2/health/ready")
        answer = idle.getresponse()
        return answer.status, answer.headers["Retry-After"], json.loads(answer.read())

    if ready() != (200, None, {"ready": True}):
        fail("the server is not ready")
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    slow.putrequest("POST", "/score")
    slow.putheader("Content-Length", str(len(content)))
    slow.endheaders(content[:100])
    for _ in range(500):  # until the server holds the begin of the body
        if not re.search(rb"^im2cat_body_bytes 0$", ask("GET", "/metrics")[2], re.M):
            break
        time.sleep(0.02)
    os.kill(int(files[1]), signal.SIGTERM)
    for _ in range(100):
        found = ready()
        if found[0] != 200:
            break
        time.sleep(0.02)
    if found != (503, "1", {"ready": False}):
        fail(f"a server that stops says of itself: {found}")
    slow.send(content[100:])
    answer = slow.getresponse()
    if answer.status != 200:
        fail(f"a picture on its way when the server stops gets {answer.status}")
    else:
        same(json.loads(answer.read())["predictions"], [picture], "the last picture")


globals()[check]()
for text in wrong[:20]:
    print(f"{check}: {text}")
sys.exit(bool(wrong))
