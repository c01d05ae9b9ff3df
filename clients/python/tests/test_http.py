"""The client over HTTP against a server that answers as the gateway does."""

import asyncio
import base64
import json
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from scripted import cancel_in_the_middle

from imprag import Done, ImpRAGError, Passage, Sources, Token

pytest.importorskip("httpx", reason="httpx is not installed")

from imprag.http import AsyncHTTPClient, HTTPClient  # noqa: E402

SOURCE = {"rank": 1, "id": "lima", "title": "Peru", "text": "Lima.", "score": 1.5, "metadata": {"lang": "en", "of": ["a"]}}
SHARDS = [{"name": "a", "state": "answered"}, {"name": "b", "state": "failed", "message": "it is away"}]
FILTER = {"field": "lang", "equals": "en"}
PARTIAL = {"complete": False, "passages_searched": 1, "passages_total": 2, "shards": SHARDS}
END = {
    "sources": [{**SOURCE, "attention": 0.25}],
    "finish": "stop",
    "complete": False,
    "completeness": PARTIAL,
    "timings_ms": {"search": 2, "total": 1500},
    "proposed_tokens": 3,
    "accepted_tokens": 1,
}
CHUNKS = [
    {"choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": None}], "imprag": {"sources": [SOURCE]}},
    {"choices": [{"index": 0, "text": "Li", "logprobs": {"tokens": ["Li"], "token_logprobs": [-0.5]}}],
     "imprag": {"tokens": [{"token": "Li", "attention": [0.75]}]}},
    {"choices": [{"index": 0, "text": "ma", "logprobs": None}]},
    {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "imprag": END},
    {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}},
]
CHAT = [
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None}], "imprag": {"sources": [SOURCE]}},
    {"choices": [{"index": 0, "delta": {"content": "Lima"}, "logprobs": {"content": [{"token": "Lima", "logprob": -0.5}]}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "imprag": END},
]
VECTORS = [[1.5, -2.0], [0.0, 3.25]]
EMBEDDINGS = {
    "data": [{"index": i, "embedding": base64.b64encode(struct.pack("<2f", *each)).decode()} for i, each in enumerate(VECTORS)],
    "usage": {"prompt_tokens": 7, "total_tokens": 7},
    "imprag": {"input_type": "query", "cut": [1], "fingerprint": "ab" * 32},
}
REPLIES = {
    ("POST", "/v1/embeddings"): EMBEDDINGS,
    ("POST", "/v1/search"): {"data": [SOURCE], "completeness": PARTIAL, "timings_ms": {"total": 1500}},
    ("POST", "/v1/passages"): {"epoch": 7, "found": True, "inserted": 1, "replaced": 0, "cut": 0},
    ("DELETE", "/v1/passages"): {"epoch": 8, "found": True, "deleted": 1},
    ("GET", "/v1/status"): {"nodes": [{"name": "shard", "role": "shard", "state": "ready", "passages": 4, "detail": ""}]},
}


class Gateway(BaseHTTPRequestHandler):
    """`server.plan` says what goes wrong."""

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.server.is_left.set()

    def do_GET(self):
        plan, size = self.server.plan, int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(size)) if size else None
        self.server.requests.append((self.command, self.path, body, self.headers.get("Authorization")))
        if plan == "refuses":
            error = {"message": "too much", "type": "rate_limit_error", "param": None, "code": "resource_exhausted"}
            self.reply(429, json.dumps({"error": error}).encode(), [("Retry-After", "3")])
        elif plan == "is loading":
            error = {"message": "loading", "type": "server_error", "param": None, "code": "unavailable"}
            self.reply(503, json.dumps({"error": error}).encode(), [("Retry-After", "1")])
        elif plan == "is a proxy":
            self.reply(502, b"<html>", [])
        elif self.path == "/v1/completions":
            self.stream(plan, CHUNKS)
        elif self.path == "/v1/chat/completions":
            self.stream(plan, CHAT)
        else:
            self.reply(200, json.dumps(REPLIES[self.command, self.path]).encode(), [])

    do_POST = do_DELETE = do_GET

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, plan, chunks):
        if plan == "differs":
            other = [{**SOURCE, "id": "other"}]
            chunks = [{**chunks[0], "imprag": {"sources": other}}, *chunks[1:]]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        lines = [": keep-alive", *(f"data: {json.dumps(chunk)}" for chunk in chunks), "data: [DONE]"]
        if plan == "fails":
            lines[3:] = ['data: {"error": {"message": "gone", "type": "server_error", "code": "unavailable"}}']
        for line in lines[:3] if plan in ("breaks off", "hangs") else lines:
            self.wfile.write(f"{line}\n\n".encode())
        while plan == "hangs":
            self.wfile.write(b": keep-alive\n\n")
            time.sleep(0.05)


@pytest.fixture
def gateway():
    yield from serving()


@pytest.fixture
def second():
    yield from serving()


def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.plan, server.requests, server.is_left = "", [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(gateway):
    with HTTPClient(gateway.url, key="secret", collection="wiki") as client:
        yield client


def test_an_answer_is_streamed(gateway, client):
    flags = {"speculate": False, "token_attention": True}
    sources, first, second, done = client.ask("Q", k=2, max_tokens=5, filter=FILTER, partial=True, timeout=4, **flags)
    assert isinstance(sources, Sources) and isinstance(done, Done)
    assert sources.passages[0].passage == Passage("lima", "Lima.", "Peru", {"lang": "en", "of": ("a",)})
    assert sources.passages[0].rank == 0
    assert isinstance(first, Token) and (first.text, first.logprob, second.text) == ("Li", -0.5, "ma")
    assert (first.attention, second.attention) == ((0.75,), ())
    assert (done.proposed_tokens, done.accepted_tokens) == (3, 1)
    assert (done.finish, done.passage_attention, done.prompt_tokens, done.generated_tokens) == ("stop", (0.25,), 9, 2)
    assert done.completeness.missing == {"b": "it is away"} and done.timings.total == 1.5
    [(_, path, body, authorization)] = gateway.requests
    assert (path, authorization) == ("/v1/completions", "Bearer secret")
    assert (body["model"], body["prompt"], body["max_tokens"], body["stream"]) == ("wiki", "Q", 5, True)
    assert body["imprag"] == {"k": 2, "filter": FILTER, "completeness": "partial", "timeout_ms": 4000, **flags}


def test_a_chat_is_streamed(gateway, client):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Q"}]
    sources, token, done = client.chat(messages, k=2, stop="x", max_tokens=5)
    assert sources.passages[0].passage.id == "lima" and done.finish == "stop"
    assert (token.text, token.logprob) == ("Lima", -0.5)
    [(_, path, body, _)] = gateway.requests
    assert path == "/v1/chat/completions" and body["messages"] == messages and "prompt" not in body
    assert (body["logprobs"], body["stop"], body["max_tokens"], body["imprag"]["k"]) == (True, "x", 5, 2)
    with pytest.raises(ImpRAGError, match=r"messages\[0\]"):
        client.chat([{"role": "user", "content": "Q", "name": "n"}])


def test_texts_are_embedded(gateway, client):
    embedded = client.embed(["a", "b"], role="query", timeout=4)
    assert [list(each) for each in embedded.vectors] == VECTORS
    assert (embedded.tokens, embedded.cut, embedded.fingerprint) == (7, (1,), b"\xab" * 32)
    body = {"model": "wiki", "input": ["a", "b"], "input_type": "query", "encoding_format": "base64"}
    assert gateway.requests[-1][2] == {**body, "imprag": {"timeout_ms": 4000}}
    for texts, role in (("a", "query"), (["a"], "document")):
        with pytest.raises(ImpRAGError) as caught:
            client.embed(texts, role=role)
        assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("plan", ["is not there", "is a proxy", "is loading"])
def test_the_next_gateway_is_asked(gateway, second, plan):
    if plan == "is not there":
        gateway.shutdown()
        gateway.server_close()
    gateway.plan = plan
    with HTTPClient([gateway.url, second.url]) as client:
        assert client.search("Q").passages[0].score == 1.5
        assert client.ask("Q").read().text == "Lima"
        # Which is asked first from then on.
        assert len(second.requests) == 2 and len(gateway.requests) == (0 if plan == "is not there" else 1)


@pytest.mark.parametrize("plan", ["breaks off", "fails"])
def test_an_answer_goes_on_at_the_next_gateway(gateway, second, plan):
    gateway.plan = plan

    async def run():
        async with AsyncHTTPClient(f"{gateway.url},{second.url}") as client:
            return [event async for event in client.ask("Q", temperature=1.0)]

    with HTTPClient([gateway.url, second.url]) as client:
        for events in (list(client.ask("Q", temperature=1.0)), asyncio.run(run())):
            assert [type(event) for event in events] == [Sources, Token, Token, Done]
            assert "".join(event.text for event in events[1:3]) == "Lima"
    seeds = [body["seed"] for _, _, body, _ in gateway.requests + second.requests]
    assert len(seeds) == 4 and len(set(seeds)) == 2


def test_an_answer_that_goes_on_differently_is_lost(gateway, second):
    gateway.plan, second.plan = "breaks off", "differs"
    with HTTPClient([gateway.url, second.url]) as client, pytest.raises(ImpRAGError, match="differently"):
        client.ask("Q").read()


def test_a_refusal_is_not_asked_elsewhere(gateway, second):
    gateway.plan = "refuses"
    with HTTPClient([gateway.url, second.url]) as client, pytest.raises(ImpRAGError, match="too much"):
        client.search("Q")
    assert not second.requests
    with pytest.raises(ImpRAGError, match="each once"):
        HTTPClient([gateway.url, gateway.url])


def test_searches_updates_and_status(gateway, client):
    assert client.search("Q", k=2, words="fuse").passages[0].score == 1.5
    assert gateway.requests[-1][2] == {"model": "wiki", "query": "Q", "k": 2, "words": "fuse", "timeout_ms": 10000}
    assert client.upsert([Passage("a", "A", metadata={"of": ("x", "y")})], wait="found").inserted == 1
    sent = {"id": "a", "title": "", "text": "A", "metadata": {"of": ["x", "y"]}}
    assert gateway.requests[-1][2] == {"model": "wiki", "passages": [sent], "wait": "found", "timeout_ms": 10000}
    assert client.delete(["a"], timeout=2).epoch == 8
    assert gateway.requests[-1][2] == {"model": "wiki", "ids": ["a"], "wait": "durable", "timeout_ms": 2000}
    assert [(node.name, node.passages) for node in client.status()] == [("shard", 4)]


def test_a_wait_that_does_not_exist_is_refused(gateway, client):
    with pytest.raises(ImpRAGError) as caught:
        client.delete(["a"], wait="soon")
    assert caught.value.code == "invalid_argument" and not gateway.requests


def test_asyncio_gets_the_same(gateway):
    async def run():
        async with AsyncHTTPClient(gateway.url) as client:
            found = await client.search("Q")
            await client.upsert([Passage("a", "A")])
            await client.delete(["a"])
            return (await client.ask("Q").read()).text, found.passages[0].passage.id, (await client.status())[0].role

    assert asyncio.run(run()) == ("Lima", "lima", "shard")


def test_a_refusal_says_when_to_come_back(gateway, client):
    gateway.plan = "refuses"
    for attempt in (lambda: client.search("Q"), lambda: client.ask("Q").read()):
        with pytest.raises(ImpRAGError, match="too much") as caught:
            attempt()
        assert (caught.value.code, caught.value.retry_after) == ("resource_exhausted", 3)


@pytest.mark.parametrize("plan", ["fails", "breaks off", "is a proxy"])
def test_a_lost_answer_is_unavailable(gateway, client, plan):
    gateway.plan = plan
    with pytest.raises(ImpRAGError) as caught:
        client.ask("Q").read()
    assert caught.value.code == "unavailable"


def test_a_gateway_that_is_not_there_is_unavailable(gateway):
    gateway.server_close()
    with HTTPClient(gateway.url) as client, pytest.raises(ImpRAGError) as caught:
        client.status()
    assert caught.value.code == "unavailable"


def test_a_deadline_passes_while_comments_come(gateway, client):
    gateway.plan = "hangs"
    with pytest.raises(ImpRAGError) as caught:
        client.ask("Q", timeout=0.1).read()
    assert caught.value.code == "deadline_exceeded"
    assert gateway.is_left.wait(5)


def test_a_cancelled_task_leaves_the_gateway(gateway):
    gateway.plan = "hangs"
    asyncio.run(cancel_in_the_middle(AsyncHTTPClient(gateway.url)))
    assert gateway.is_left.wait(5)
