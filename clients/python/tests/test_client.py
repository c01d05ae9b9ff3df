"""The client against coordinators that answer from a script."""

import asyncio
import gc
import threading
import weakref

import pytest
from scripted import Served, cancel_in_the_middle

from imprag import AsyncClient, Client, ImpRAGError, Token


class Coordinator(Served):
    """Answers each `ask` with three tokens; `breaks_after` so many replies it goes away."""

    def __init__(self, path, breaks_after=None, hangs=False, knows_reasons=True):
        self.knows_reasons = knows_reasons
        self.breaks_after, self.hangs, self.is_cancelled = breaks_after, hangs, threading.Event()
        super().__init__(path)

    def take(self, peer, request):
        if request.WhichOneof("body") == "cancel":
            self.is_cancelled.set()
        elif request.WhichOneof("body") == "ask":
            replies = [{"ask_sources": {}}, *({"token": {"text": text, "token": 1}} for text in "abc"), {"ask_done": {}}]
            if request.ask.abstain and self.knows_reasons:
                replies = [{"ask_sources": {}}, {"ask_done": {"abstained": 2, "why": "too low", "record": {"abstains": True}}}]
            self.reply(peer, request, replies[: 2 if self.hangs else self.breaks_after], len(replies))
            if self.breaks_after is not None:
                self.ends.set()


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(**how):
        started.append(Coordinator(tmp_path / str(len(started)), **how))
        return started[-1]

    yield begin
    for coordinator in started:
        coordinator.close()


def test_an_answer_comes_whole(start):
    with Client(start().endpoint) as client:
        assert client.ask("Q").read().text == "abc"
        assert client.ask("Q").read().text == "abc"


def test_an_answer_that_is_refused_says_why_and_a_cluster_that_ignores_the_wish_is_refused(start):
    with Client(start().endpoint) as client:
        answer = client.ask("Q", abstain=True).read()
        assert (answer.text, answer.done.abstained, answer.done.why) == ("", "low_score", "too low")
        assert client.ask("Q", abstain=False).read().done.abstained is None
    with Client(start(knows_reasons=False).endpoint) as client, pytest.raises(ImpRAGError) as caught:
        client.ask("Q", abstain=True).read()
    assert caught.value.code == "failed_precondition"


def test_an_answer_goes_on_at_another_coordinator(start):
    lost, well = start(breaks_after=3), start()
    with Client([lost.endpoint, well.endpoint]) as client:
        assert client.ask("Q").read().text == "abc"


def test_a_deadline_passes_and_the_cluster_is_told(start):
    coordinator = start(hangs=True)
    with Client(coordinator.endpoint) as client, pytest.raises(ImpRAGError) as caught:
        client.ask("Q", timeout=0.3).read()
    assert caught.value.code == "deadline_exceeded"
    assert coordinator.is_cancelled.wait(5)


def test_a_wait_that_does_not_exist_is_refused(start):
    with Client(start().endpoint) as client, pytest.raises(ImpRAGError) as caught:
        client.delete(["a"], wait="soon")
    assert caught.value.code == "invalid_argument"


def test_a_request_beyond_what_a_node_reads_is_not_sent_and_says_both_sizes(start):
    with Client(start().endpoint) as client:
        with pytest.raises(ImpRAGError) as caught:
            client.ask("x" * (65 << 20)).read()
        assert caught.value.code == "invalid_argument"
        assert "the request has 6815" in str(caught.value) and "8388608 are allowed" in str(caught.value)
        assert client.ask("Q").read().text == "abc"


def test_a_cancelled_task_stops_the_work(start):
    coordinator = start(hangs=True)
    asyncio.run(cancel_in_the_middle(AsyncClient(coordinator.endpoint)))
    assert coordinator.is_cancelled.wait(5)


def test_a_client_that_is_dropped_in_a_cycle_is_collected(start):
    client = Client(start().endpoint)
    assert client.ask("Q").read().text == "abc"
    client.itself = client
    collected = weakref.ref(client)
    del client
    thread = threading.Thread(target=gc.collect, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive() and collected() is None


def test_asyncio_gets_the_same_tokens(start):
    async def run():
        async with AsyncClient(start().endpoint) as client:
            return "".join([event.text async for event in client.ask("Q") if isinstance(event, Token)])

    assert asyncio.run(run()) == "abc"
