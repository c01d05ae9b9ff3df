"""A gateway that answers from a script, for the tests of the page: the same routes and shapes, no cluster behind it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FILES = Path(__file__).parents[2] / "Sources/C/CPage/files"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

SOURCES = [
    ("country-pe", "Peru", "In South America lies the country Peru. Its capital is Lima. The country codes of Peru are PE "
     "and PER. Its number is 604.", 0.16667, (1, 22679.6), (1, 8.4099), 0.2885, {"kind": "country", "number": 604}),
    ("city-pe", "Lima (city)", "The capital of Peru is Lima. Lima is a city in South America.", 0.08571, None, (2, 5.0753),
     0.1428, {"kind": "city"}),
    ("subdivision-co-dc", "Distrito Capital de Bogotá", "The capital district of Distrito Capital de Bogotá lies in Colombia. "
     "The ISO code of Distrito Capital de Bogotá is CO-DC.", 0.075, None, (3, 1.755), 0.2346, {"kind": "subdivision"}),
    ("city-pw", "Ngerulmud", "The capital of Palau is Ngerulmud. It is in Oceania.", 0.06667, (4, 22649.8), (22, 1.2164),
     0.1672, {"kind": "city"}),
    ("markup", "<b>Markup</b>", "<img src=x onerror=alert(1)> stays text.", 0.0571, (9, 22630.1), None, 0.0312, {}),
]


def sources(k, attention):
    result = []
    for rank, (id, title, text, score, vector, words, mass, metadata) in enumerate(SOURCES[:k], 1):
        source = {"rank": rank, "id": id, "title": title, "text": text, "score": score}
        for name, place in (("by_vector", vector), ("by_words", words)):
            if place:
                source[name] = {"rank": place[0], "score": place[1]}
        if metadata:
            source["metadata"] = metadata
        if attention:
            source["attention"] = mass
        result.append(source)
    return result


def completeness(complete):
    late = {} if complete else {"message": "deadline exceeded"}

    def figures(duration, search, *partitions):
        parts = [{"partition": number, "passages": 3600, "epoch": 18, "search_ms": time} for number, time in partitions]
        return {"duration_ms": duration, "search_ms": search, "turn": "first", "partitions": parts}

    return {
        "complete": complete, "passages_searched": 14376 if complete else 7221, "passages_total": 14376,
        "shards": [
            {"name": "shard-0", "state": "answered", "passages_searched": 7221,
             **figures(6.1, 4.8, (0, 3.2), (2, 4.6))},
            {"name": "shard-1", "state": "answered" if complete else "late", "passages_searched": 7155 if complete else 0, **late,
             **(figures(9.4, 7.9, (1, 7.5), (3, 2.1)) if complete else figures(500, 0)), "turn": "first" if complete else "retry"},
        ],
    }


def shares(word, k):
    """A token looks at a passage that has its word, and a little at all."""
    return [round(mass * (2.4 if word.strip(" .") in text.split() else 0.6), 4) for _, _, text, *_, mass, _ in SOURCES[:k]]


TIMINGS = {"queue": 0.22, "prompt": 2.43, "search": 9.72, "read": 19.28, "first_token": 33.6, "total": 50.5}
MIB = 1 << 20


def node(name, role, requests, **fields):
    p50, p99, memory, planned = fields.pop("figures")
    lag = fields.pop("lag", None)
    samples = [{"name": "imprag_planned_bytes", "labels": {"part": "the program"}, "kind": "gauge", "value": planned * MIB}]
    if lag is not None:
        samples.append({"name": "imprag_lag_epochs", "kind": "gauge", "value": lag})
    return {
        "name": name, "role": role, "state": "ready", "passages": 0, "memory_bytes": memory * MIB, "requests": requests,
        "failures": 0, "p50_ms": p50, "p99_ms": p99, **fields, "samples": samples,
    }


class Gateway(ThreadingHTTPServer):
    """What it was asked is in `asked`; `key` is what it wants, if anything; `aborted` is set when a stream's reader went away."""

    daemon_threads = True

    def __init__(self, port=0, pause=0.03):
        super().__init__(("127.0.0.1", port), Handler)
        self.asked, self.key, self.pause, self.aborted = [], None, pause, threading.Event()
        self.added, self.begun = 0, time.monotonic()

    def handle_error(self, request, address):
        pass

    def nodes(self):
        seconds = time.monotonic() - self.begun
        asked = 1200 + int(7 * seconds + 3 * (seconds % 5))
        shard = {"epoch": 18, "unindexed_passages": 96, "index_bytes": 3 * MIB}
        return [
            node("coordinator", "coordinator", asked, figures=(42.0, 88.0, 58, 610), passages=14376 + self.added, epoch=18,
                 waiting_prompts=1, detail="layers 0…2, bf16, avx2 kernels (the best of this processor), 2 threads"),
            node("shard-0", "shard", 2 * asked, figures=(0.45, 9.7, 59, 298), passages=7221, **shard, lag=0,
                 recall={"mean": 0.957, "k": 10, "samples": 812}, detail="index of partition 0, dimension 256"),
            node("shard-1", "shard", 2 * asked, figures=(0.61, 9.9, 60, 298), passages=7155, **{**shard, "epoch": 17}, lag=1,
                 recall={"mean": 0.943, "k": 10, "samples": 799}, detail="index of partition 1, dimension 256"),
            node("generator-0", "generator", asked, figures=(25.0, 49.4, 72, 2253),
                 generation={"active": 3, "waiting": 0, "bytes": 96 * MIB, "limit": 768 * MIB, "suspensions": 0, "tokens": 9 * asked},
                 detail="all 6 layers, bf16, avx2 kernels (the best of this processor), 2 threads"),
            {"name": "generator-1", "role": "generator", "state": "unreachable", "passages": 0, "samples": [],
             "detail": "does not answer within 1 s"},
        ]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, message):
        self.answer(status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})

    def is_let_in(self):
        if self.server.key in (None, self.headers.get("Authorization", "").removeprefix("Bearer ")):
            return True
        self.refuse(401, "unauthenticated", "a key is needed")
        return False

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/" or path.startswith("/page/"):
            file = FILES / ("index.html" if path == "/" else path.removeprefix("/page/"))
            if not file.is_file():
                return self.refuse(404, "not_found", path)
            return self.answer(200, file.read_bytes(), TYPES[file.suffix], [("Content-Security-Policy", POLICY)])
        if not self.is_let_in():
            return None
        if path == "/v1/models":
            names = ["encyclopedia", "wikipedia"]
            return self.answer(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
        if path == "/v1/status":
            return self.answer(200, {"nodes": self.server.nodes()})
        return self.refuse(404, "not_found", path)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.is_let_in():
            return
        self.server.asked.append((self.path, body))
        if self.path == "/v1/completions":
            self.complete(body)
        elif self.path == "/v1/search":
            self.answer(200, {"object": "list", "data": sources(body.get("k", 5), False), "complete": True,
                              "completeness": completeness(True), "timings_ms": {**TIMINGS, "read": 0, "first_token": 0, "total": 12.6}})
        elif self.path == "/v1/passages":
            self.server.added += len(body["passages"])
            self.answer(200, {"object": "passages.upserted", "passages": len(body["passages"]), "cut": 1, "epoch": 19, "found": True})
        else:
            self.refuse(404, "not_found", self.path)

    def complete(self, body):
        """Words of the prompt choose what happens."""
        prompt, k = body["prompt"], body["imprag"].get("k", 5)
        if "refused" in prompt:
            return self.refuse(400, "invalid_argument", "k is 5000; at most 1000 are allowed")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        text = " Lima is the capital of Peru. It lies on the Pacific coast, in the valleys of three rivers."
        text = text * 200 if "endless" in prompt else text * 8 if "long" in prompt else text
        try:
            self.event({"choices": [{"index": 0, "text": "", "finish_reason": None}], "imprag": {"sources": sources(k, False)}})
            self.wfile.write(b": keep-alive\n\n")
            for count, word in enumerate(text.replace(" ", "\0 ").split("\0")[1:]):
                time.sleep(self.server.pause)
                if "broken" in prompt and count == 3:
                    return self.event({"error": {"message": "generator-0 went away", "type": "server_error", "code": "unavailable"}})
                looks = [{"token": word, "attention": shares(word, k)}]
                own = {"imprag": {"tokens": looks}} if body["imprag"].get("token_attention") else {}
                self.event({"choices": [{"index": 0, "text": word, "finish_reason": None}], **own})
            result = {"sources": sources(k, True), "finish": "stop", "complete": "partial" not in prompt,
                      "completeness": completeness("partial" not in prompt), "timings_ms": TIMINGS}
            self.event({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "imprag": result})
            self.event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": count + 1, "total_tokens": count + 8}})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.server.aborted.set()

    def event(self, value):
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()


if __name__ == "__main__":
    gateway = Gateway(7180)
    print("http://127.0.0.1:7180/", flush=True)
    gateway.serve_forever()
