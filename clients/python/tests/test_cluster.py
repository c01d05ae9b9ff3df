"""The client against a real cluster, of which processes are killed."""

import asyncio

import pytest
from cluster import Cluster, binary

from imprag import AsyncClient, Client, ImpRAGError, Passage, Sources, Token

pytestmark = pytest.mark.skipif(binary() is None, reason="IMPRAG_BINARY does not name an imprag binary")
QUESTION = "What is the capital of Peru?"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("c"), coordinators=2)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("k"), has_keys=True)
    yield cluster
    cluster.stop()


@pytest.fixture
def client(cluster):
    with Client(cluster.endpoints, timeout=30) as client:
        yield client


def test_passages_are_found_and_answers_read_from_them(client):
    found = client.search(QUESTION, k=2, words="only")
    assert "lima" in [source.passage.id for source in found.passages]
    assert found.completeness.complete and found.completeness.passages_searched == 4
    answer = client.ask(QUESTION, k=2, max_tokens=8).read()
    assert answer.text and answer.done.generated_tokens <= 8
    assert [source.rank for source in answer.sources.passages] == [0, 1]


def test_a_filter_holds(client):
    found = client.search(QUESTION, k=4, filter={"field": "continent", "equals": "europe"})
    assert {source.passage.id for source in found.passages} == {"paris", "rome"}


def test_threads_and_asyncio_get_the_same_answer(client, cluster):
    async def read():
        async with AsyncClient(cluster.endpoints, timeout=30) as asynchronous:
            return (await asynchronous.ask(QUESTION, max_tokens=8).read()).text

    assert asyncio.run(read()) == client.ask(QUESTION, max_tokens=8).read().text


def test_an_update_is_found_and_its_deletion_too(client):
    upserted = client.upsert([Passage("oslo", "Oslo is the capital of Norway.", "Norway")], wait="found")
    assert upserted.found and upserted.inserted == 1
    question = "What is the capital of Norway?"
    found = client.search(question, k=5, words="only", min_epoch=upserted.epoch)
    assert "oslo" in [source.passage.id for source in found.passages]
    deleted = client.delete(["oslo"], wait="found")
    assert deleted.deleted == 1 and deleted.epoch > upserted.epoch
    found = client.search(question, k=5, words="only", min_epoch=deleted.epoch)
    assert "oslo" not in [source.passage.id for source in found.passages]


def test_an_update_is_not_done_twice(client):
    passage, key = Passage("bern", "Bern is the capital of Switzerland."), b"0123456789abcdef"
    first = client.upsert([passage], key=key, wait="found")
    assert client.upsert([passage], key=key, wait="found").epoch == first.epoch
    client.delete(["bern"], wait="found")


def test_a_deadline_passes(client, cluster):
    cluster.expect_deadline(lambda: client.ask(QUESTION, timeout=1).read())


def test_a_cancelled_task_leaves_a_cluster_that_answers(cluster):
    async def run():
        async with AsyncClient(cluster.endpoints, timeout=30) as client:
            begun = asyncio.Event()

            async def read():
                async for event in client.ask(QUESTION, max_tokens=400):
                    if isinstance(event, Sources):
                        begun.set()

            task = asyncio.create_task(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await client.ask(QUESTION, max_tokens=4).read()).text

    assert asyncio.run(run())


def test_a_key_opens_and_its_role_limits(keyed):
    with Client(keyed.endpoints, key_file=keyed.key("reader", "read"), timeout=30) as reader:
        assert reader.search(QUESTION, k=1).passages
        with pytest.raises(ImpRAGError) as caught:
            reader.delete(["lima"])
    assert caught.value.code == "permission_denied"


@pytest.mark.parametrize("which", ["none", "another cluster's"])
def test_without_the_right_key_nothing_opens(keyed, which):
    file = None if which == "none" else keyed.key("stranger", "read", keys="others.json")
    with Client(keyed.endpoints, key_file=file, timeout=10) as stranger, pytest.raises(ImpRAGError) as caught:
        stranger.search(QUESTION)
    assert caught.value.code == "unauthenticated"


# The last one: a coordinator is gone after it.
def test_an_answer_survives_its_coordinator(cluster):
    with Client(cluster.endpoints, timeout=30) as client:
        options = {"max_tokens": 24, "temperature": 1.0, "seed": 7, "k": 2}
        expected = client.ask(QUESTION, **options).read()
        pieces, is_killed = [], False
        for event in client.ask(QUESTION, **options):
            if isinstance(event, Token):
                pieces.append(event.text)
                if not is_killed:
                    cluster.signal("coordinator-0")
                    is_killed = True
        assert is_killed and "".join(pieces) == expected.text
        assert client.status()
