# SPDX-License-Identifier: MIT
"""Load and attacks for tests/serve_load.sh.

    serve_load.py CHECK PORT PROCESS PREDICTIONS [ARGUMENT...]

PREDICTIONS has predict's line of JSON for each picture. A check prints its measurements
and its failures; with a failure it exits with 1.
"""
import http.client
import json
import os
import resource
import signal
import socket
import sys
import threading
import time

check, port, process, predictions, *arguments = sys.argv[1:]
port, process = int(port), int(process)
wrong = []
with open(predictions, encoding="utf-8") as stream:
    pictures = [json.loads(line) for line in stream]
for picture in pictures:
    with open(picture["path"], "rb") as stream:
        picture["bytes"] = stream.read()


def rss():
    """The server's current memory, in MiB."""
    with open(f"/proc/{process}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20


def ping(seconds=10):
    """How long the server takes to answer a liveness request, and to score."""
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    connection.request("GET", "/ping")
    if connection.getresponse().read() != b'{"status":"Healthy"}':
        wrong.append("no answer to /ping")
    connection.request("POST", "/score", pictures[0]["bytes"])
    found = json.loads(connection.getresponse().read())["predictions"][0]
    if found["probability"] != pictures[0]["probability"]:
        wrong.append(f"a wrong answer: {found}")
    connection.close()
    return time.monotonic() - begin


def at_once(work, count):
    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- load -------------------------------------------------------------------------------


def requests():
    """Each request gets its own answer; one in a hundred is broken; memory stays flat."""
    total, clients = int(arguments[0]), 32
    seconds, memory = [], []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for i in range(number, total, clients):
            picture = pictures[(i * 7) % len(pictures)]
            bad = i % 100 == 37
            body = picture["bytes"][:60] if bad else picture["bytes"]
            begin = time.monotonic()
            connection.request("POST", "/score", body)
            answer = connection.getresponse()
            found = json.loads(answer.read())
            seconds.append(time.monotonic() - begin)
            if bad and answer.status != 400:
                wrong.append(f"request {i}, broken, gets {answer.status}")
            elif not bad and (answer.status != 200 or found["predictions"][0]
                              ["probability"] != picture["probability"]):
                wrong.append(f"request {i}: {answer.status} {found}")
            if i % 500 == 250:
                os.kill(process, signal.SIGHUP)
            if i % (total // 20 + 1) == 0:
                memory.append(rss())

    begin = time.monotonic()
    at_once(client, clients)
    wall = time.monotonic() - begin
    seconds.sort()
    if len(seconds) != total:
        wrong.append(f"{len(seconds)} answers to {total} requests")
    time.sleep(1)
    half = memory[len(memory) // 2:]
    print(f"requests: {total} on {clients} connections, {total / wall:.0f} a second, p50 "
          f"{seconds[total // 2] * 1e3:.1f} ms, p99 {seconds[total * 99 // 100] * 1e3:.1f} "
          f"ms; memory {memory[0]:.0f} to {max(half):.0f} MiB, now {rss():.0f}")
    if total >= 5000 and max(half) > 1.25 * max(memory[:len(memory) // 2]) + 8:
        wrong.append(f"memory grows: {memory}")


# --- attacks ----------------------------------------------------------------------------


def idle():
    """Silent connections neither stop the server nor stay for ever."""
    count = int(arguments[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 100)
    before = rss()
    connections = []
    for i in range(count):
        client = socket.socket()
        client.bind((f"127.0.0.{2 + i // 5000}", 0))
        client.connect(("127.0.0.1", port))
        connections.append(client)
    seconds = ping()
    during = rss()
    print(f"idle: {count} connections, a page and a score in {seconds * 1e3:.0f} ms, "
          f"memory {before:.0f} to {during:.0f} MiB")
    if seconds > 5:
        wrong.append(f"{seconds:.1f} s beside {count} idle connections")
    time.sleep(6)
    connections[0].settimeout(5)
    if connections[0].recv(1) != b"":
        wrong.append("an idle connection is not cut after --timeout")
    for client in connections:
        client.close()
    ping()


def dribble():
    """200 clients that send a byte now and then are cut, and no other client waits for
    them."""
    begin = time.monotonic()
    cut = []

    def client(number):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n" +
                         (b"\r\n" if number % 2 else b"X: "))
            try:
                while time.monotonic() - begin < 20:
                    slow.sendall(b"x")
                    time.sleep(0.5)
            except ConnectionError:
                cut.append(time.monotonic() - begin)

    thread = threading.Thread(target=at_once, args=(client, 200))
    thread.start()
    time.sleep(1)
    seconds = ping()
    thread.join()
    print(f"dribble: {len(cut)} of 200 cut after {min(cut):.1f} to {max(cut):.1f} s; "
          f"meanwhile a page and a score in {seconds * 1e3:.0f} ms")
    if len(cut) != 200 or max(cut) > 12:
        wrong.append("slow clients are not cut")


def endless():
    """Endless chunks get 413, and no memory."""
    before = rss()
    answers = []

    def client(_):
        received = b""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as flood:
            flood.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(100000):
                    flood.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
            except OSError:
                pass
            try:
                received = flood.recv(65536)
            except OSError:
                pass
        answers.append(received[:12])

    at_once(client, 2)
    print(f"endless: {answers}, memory {before:.0f} to {rss():.0f} MiB")
    ping()


def flood():
    """Bodies that together exceed --max-bodies get 503; the others are answered."""
    statuses = []

    def client(_):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                client.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\n"
                               b"Content-Length: 12000000\r\n\r\n")
                client.sendall(bytes(11000000))
                time.sleep(1)
                client.sendall(bytes(1000000))
                statuses.append(client.recv(65536)[9:12].decode())
        except OSError:
            statuses.append("cut")

    before = rss()
    at_once(client, 16)
    after = rss()
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    print(f"flood: {counts}, memory {before:.0f} to {after:.0f} MiB")
    if "503" not in counts or "400" not in counts or after > before + 100:
        wrong.append("16 bodies of 12 MB within 64 MiB")
    ping()


# --- clients ----------------------------------------------------------------------------


def python_requests():
    import requests as library

    page = f"http://127.0.0.1:{port}/score"
    expected = [picture["probability"] for picture in pictures[:3]]
    files = [("p", (picture["path"], picture["bytes"])) for picture in pictures[:3]]
    with library.Session() as session:
        one = session.post(page, data=pictures[0]["bytes"]).json()["predictions"]
        form = session.post(page, files=files).json()["predictions"]
        large = session.post(page, data=bytes(17 << 20))
        broken = session.post(page, data=b"nonsense")
    if [one[0]["probability"]] != expected[:1]:
        wrong.append(f"a picture: {one}")
    if [answer["probability"] for answer in form] != expected:
        wrong.append(f"a form: {form}")
    if large.status_code != 413 or broken.status_code != 400:
        wrong.append(f"{large.status_code} and {broken.status_code}, not 413 and 400")
    print(f"requests {library.__version__}: a picture, a form, 413, 400")


def triton():
    import numpy
    import tritonclient
    import tritonclient.http as library

    client = library.InferenceServerClient(f"127.0.0.1:{port}")
    if not (client.is_server_live() and client.is_server_ready() and
            client.is_model_ready("model")):
        wrong.append("live, ready, model ready")
    if client.get_model_metadata("model")["outputs"][0]["name"] != "probabilities":
        wrong.append("metadata")
    client.get_server_metadata()
    some = pictures[:3]
    for binary in True, False:
        if binary:
            data = numpy.array([p["bytes"] for p in some], dtype=object)
        else:
            import base64
            data = numpy.array([base64.b64encode(p["bytes"]) for p in some], dtype=object)
        image = library.InferInput("image", [3], "BYTES")
        image.set_data_from_numpy(data, binary_data=binary)
        for outputs in (None, [library.InferRequestedOutput(name, binary_data=out)
                               for name in ("probabilities", "class")
                               for out in (not binary,)]):
            answer = client.infer("model", [image], outputs=outputs, request_id="7")
            best = answer.as_numpy("probabilities").max(axis=1)
            names = [name.decode() if isinstance(name, bytes) else name
                     for name in answer.as_numpy("class")]
            if names != [p["class"] for p in some]:
                wrong.append(f"classes {names}")
            if abs(best - [p["probability"] for p in some]).max() > 1e-6:
                wrong.append(f"probabilities {best}")
    pixels = numpy.full((2, 50, 60, 3), 77, dtype=numpy.uint8)
    answers = []
    for binary in True, False:
        image = library.InferInput("pixels", list(pixels.shape), "UINT8")
        image.set_data_from_numpy(pixels, binary_data=binary)
        answers.append(client.infer("model", [image]).as_numpy("probabilities"))
    if abs(answers[0] - answers[1]).max() > 1e-6:
        wrong.append("pixels as bytes and in JSON differ")
    print(f"tritonclient {tritonclient.__version__ if hasattr(tritonclient, '__version__') else ''}: BYTES and UINT8, both ways")


globals()[check]()
for text in wrong[:20]:
    print(f"{check}: {text}")
sys.exit(bool(wrong))
