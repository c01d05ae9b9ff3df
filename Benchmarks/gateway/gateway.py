#!/usr/bin/env python3
"""Measures what the gateway's HTTP costs beside the RPC that it speaks to the coordinator.

usage: Benchmarks/gateway/gateway.py [--imprag .build/release/imprag] [--requests 2000] [--idle 2000] [--streams 200] [--against OTHER]

One cluster of the encyclopedia over its tiny model, asked by turns over RPC and over HTTP by one client that keeps its connection:
the difference is the gateway. Then many searches at once, idle connections, and streams at once. Needs python3-zmq and
python3-protobuf; prints JSON; writes nothing outside a temporary directory. With --against, only searches one by one, by turns through the
gateways of two programs over the same cluster.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Examples/python"))
from ask import pb  # noqa: E402

sys.path.insert(0, str(ROOT / "Benchmarks/cluster"))
import curve  # noqa: E402


class Cluster(curve.Cluster):
    """A coordinator, a shard, a generator and a gateway on loopback tcp."""

    def __init__(self, imprag, directory):
        super().__init__(imprag, directory, "gateway", with_keys=False)
        self.http, self.gateway = self.start_gateway(imprag)

    def start_gateway(self, imprag):
        (port,) = curve.free_ports(1)
        gateway = subprocess.Popen(
            [imprag, "gateway", "--endpoint", self.endpoint, "--listen", f"127.0.0.1:{port}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.nodes.append(gateway)
        if not gateway.stdout.readline().startswith("ready"):
            self.stop()
            sys.exit("the gateway does not listen")
        return port, gateway

    def gateway_seconds(self):
        """Processor time of the gateway so far."""
        fields = Path(f"/proc/{self.gateway.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def gateway_megabytes(self):
        lines = Path(f"/proc/{self.gateway.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def post(path, body):
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


class HTTP:
    """One kept connection; bytes in and out, so that the client costs next to nothing."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        self.socket.sendall(request)
        found = b""
        while b"\r\n\r\n" not in found:
            found += self.received()
        head, _, body = found.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(f"a request failed: {found.decode()}")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        while len(body) < length:
            body += self.received()

    def first_text(self, request):
        """Seconds to the first text of a streamed completion; reads it to its end."""
        begin, first, found = time.perf_counter(), None, b""
        self.socket.sendall(request)
        while b"data: [DONE]" not in found or not found.endswith(b"0\r\n\r\n"):
            found += self.received()
            if first is None and b'"text":" ' in found:
                first = time.perf_counter() - begin
        if first is None:
            sys.exit(f"no text came: {found.decode()}")
        return first

    def received(self):
        return self.socket.recv(65536) or sys.exit("the gateway closed the connection")


class RPC:
    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)
        self.number = 0

    def send(self, **body):
        self.number += 1
        envelope = pb.Envelope(protocol_version=1, request_id=self.number, deadline_ms=30_000, **body)
        self.socket.send(envelope.SerializeToString())

    def search(self, request):
        self.send(search=request)
        reply = pb.Envelope.FromString(self.socket.recv())
        if reply.WhichOneof("body") != "search_reply":
            sys.exit(f"a search failed: {reply}")

    def first_text(self, request):
        begin, first = time.perf_counter(), None
        self.send(ask=request)
        while True:
            reply = pb.Envelope.FromString(self.socket.recv())
            kind = reply.WhichOneof("body")
            if kind == "failure":
                sys.exit(f"an answer failed: {reply}")
            if kind == "token" and first is None and reply.token.text:
                first = time.perf_counter() - begin
            if not reply.more:
                return first


def percentiles(seconds):
    ordered = sorted(seconds)
    return {f"p{share}_ms": round(1000 * ordered[len(ordered) * share // 100], 3) for share in (50, 95, 99)}


def latency(cluster, prompts, count):
    """Searches one by one, by turns over RPC and HTTP."""
    rpc, http, found = RPC(cluster.endpoint), HTTP(cluster.http), {"rpc": [], "http": []}
    for number in range(count):
        prompt = prompts[number % len(prompts)]
        message = pb.SearchRequest(prompt=prompt, k=5)
        request = post("/v1/search", {"query": prompt, "k": 5})
        calls = [("rpc", lambda: rpc.search(message)), ("http", lambda: http.ask(request))]
        for name, call in calls if number % 2 else reversed(calls):
            begin = time.perf_counter()
            call()
            found[name].append(time.perf_counter() - begin)
    cut = {name: values[count // 10:] for name, values in found.items()}
    added = statistics.median(cut["http"]) - statistics.median(cut["rpc"])
    return {name: percentiles(values) for name, values in cut.items()} | {"added_p50_ms": round(1000 * added, 3)}


def first_token(cluster, prompts, count):
    rpc, http, found = RPC(cluster.endpoint), HTTP(cluster.http), {"rpc": [], "http": []}
    for number in range(count):
        prompt = prompts[number % len(prompts)]
        message = pb.AskRequest(prompt=prompt, k=2, sampling=pb.Sampling(max_tokens=8))
        request = post("/v1/completions", {"model": "default", "prompt": prompt, "max_tokens": 8, "stream": True, "imprag": {"k": 2}})
        # The generator remembers what it has read: neither is to be the first.
        rpc.first_text(message)
        calls = [("rpc", lambda: rpc.first_text(message)), ("http", lambda: http.first_text(request))]
        for name, call in calls if number % 2 else reversed(calls):
            found[name].append(call())
    cut = {name: values[count // 10:] for name, values in found.items()}
    added = statistics.median(cut["http"]) - statistics.median(cut["rpc"])
    return {name: percentiles(values) for name, values in cut.items()} | {"added_p50_ms": round(1000 * added, 3)}


async def busy(cluster, prompts, connections, seconds, path, body):
    """Requests a second over CONNECTIONS kept connections, and the gateway's processor time for each."""
    done, end = 0, time.monotonic() + seconds

    async def client(number):
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", cluster.http)
        place = number
        while time.monotonic() < end:
            place += 1
            if body is None:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            else:
                writer.write(post(path, body(prompts[place % len(prompts)])))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                sys.exit(f"a request failed: {head.decode()}")
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            await reader.readexactly(length)
            done += 1
        writer.close()

    used, begin = -cluster.gateway_seconds(), time.monotonic()
    await asyncio.gather(*(client(number) for number in range(connections)))
    used += cluster.gateway_seconds()
    each = used / done
    return {"connections": connections, "requests_per_second": round(done / (time.monotonic() - begin)),
            "gateway_processor_us": round(1e6 * each), "possible_on_two_cores": round(2 / each)}


def idle(cluster, count):
    """Memory of idle connections, and what the gateway uses meanwhile."""
    before = cluster.gateway_megabytes()
    sockets = []
    for _ in range(count):
        one = HTTP(cluster.http)
        one.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        one.received()
        sockets.append(one)
    used = -cluster.gateway_seconds()
    time.sleep(5)
    used += cluster.gateway_seconds()
    after = cluster.gateway_megabytes()
    begin = time.perf_counter()
    HTTP(cluster.http).ask(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
    took = time.perf_counter() - begin
    for one in sockets:
        one.socket.close()
    return {"connections": count, "megabytes": round(after - before, 1), "processor_seconds_in_5_s": round(used, 2),
            "another_request_ms": round(1000 * took, 2)}


async def streams(cluster, prompts, count):
    """COUNT streamed answers at once."""
    async def one(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", cluster.http)
        body = {"model": "default", "prompt": prompts[number % len(prompts)], "max_tokens": 32, "stream": True,
                "imprag": {"k": 2, "timeout_ms": 60_000}}
        writer.write(post("/v1/completions", body))
        found = await reader.readuntil(b"\r\n\r\n")
        if not found.startswith(b"HTTP/1.1 200"):
            return False
        found = await reader.readuntil(b"0\r\n\r\n")
        writer.close()
        return b"data: [DONE]" in found

    begin = time.monotonic()
    whole = await asyncio.gather(*(one(number) for number in range(count)))
    return {"streams": count, "whole": sum(whole), "seconds": round(time.monotonic() - begin, 2),
            "gateway_megabytes": round(cluster.gateway_megabytes(), 1)}


def compare(cluster, prompts, count, other):
    """Four times by turns: what this program's gateway adds to a search, and the other's."""
    gateways = {"this": (cluster.http, cluster.gateway), "other": cluster.start_gateway(other)}
    found = {name: [] for name in gateways}
    for _ in range(4):
        for name, (cluster.http, cluster.gateway) in gateways.items():
            used = -cluster.gateway_seconds()
            added = latency(cluster, prompts, count)["added_p50_ms"]
            used += cluster.gateway_seconds()
            found[name].append({"added_p50_ms": added, "gateway_processor_us": round(1e6 * used / count)})
    return found


def run(options, directory):
    subprocess.run([options.imprag, "index", "--model", curve.MODEL, "--corpus", curve.CORPUS, "--out", directory / "index",
                    "--partitions", "2"], check=True, capture_output=True)
    prompts = [f"Q: {json.loads(line)['question']} A:" for line in curve.QUESTIONS.read_text().splitlines()[:200]]
    cluster = Cluster(options.imprag, directory)
    try:
        if options.against:
            return print(json.dumps(compare(cluster, prompts, options.requests, options.against), indent=2))
        search = lambda prompt: {"query": prompt, "k": 5}  # noqa: E731
        print(json.dumps({
            "search": latency(cluster, prompts, options.requests),
            "first_token": first_token(cluster, prompts, options.requests // 10),
            "searches_at_once": asyncio.run(busy(cluster, prompts, 32, 4, "/v1/search", search)),
            "models_at_once": asyncio.run(busy(cluster, prompts, 32, 4, "/v1/models", None)),
            "idle": idle(cluster, options.idle),
            "streams": asyncio.run(streams(cluster, prompts, options.streams)),
        }, indent=2))
    finally:
        cluster.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imprag", default=str(ROOT / ".build/release/imprag"))
    parser.add_argument("--against")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--streams", type=int, default=200)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as temporary:
        run(parser.parse_args(), Path(temporary))
