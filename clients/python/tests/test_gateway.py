"""The client over HTTP against a real gateway of a real cluster."""

import asyncio
import json
from array import array

import pytest
from cluster import Cluster, binary

from imprag import AsyncClient, Client, Done, ImpRAGError, Passage, Sources, Token

pytest.importorskip("httpx", reason="httpx is not installed")

from imprag.http import AsyncHTTPClient, HTTPClient  # noqa: E402

pytestmark = pytest.mark.skipif(binary() is None, reason="IMPRAG_BINARY does not name an imprag binary")
QUESTION = "What is the capital of Peru?"
EUROPE = {"field": "continent", "equals": "europe"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("g"))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def url(cluster):
    return cluster.gateway()


@pytest.fixture(scope="module")
def secrets(cluster):
    return {role: cluster.secret(role, role) for role in ("read", "write")}


@pytest.fixture(scope="module")
def keyed_url(cluster, secrets):
    return cluster.gateway("http-keys.json")


@pytest.fixture
def client(url):
    with HTTPClient(url, timeout=30) as client:
        yield client


def ranked(sources):
    """With scores in single precision: JSON has their shortest text."""
    return [(source.passage, array("f", [source.score])[0], source.rank) for source in sources]


def test_an_answer_is_the_one_of_rpc(client, cluster):
    options = {"k": 2, "max_tokens": 8, "encoding": "segmented"}
    events = list(client.ask(QUESTION, **options))
    assert isinstance(events[0], Sources) and isinstance(events[-1], Done)
    tokens = events[1:-1]
    assert tokens and all(isinstance(token, Token) and token.logprob <= 0 for token in tokens)
    with Client(cluster.endpoints, timeout=30) as rpc:
        expected = rpc.ask(QUESTION, **options).read()
    assert "".join(token.text for token in tokens) == expected.text
    assert ranked(events[0].passages) == ranked(expected.sources.passages)
    done = events[-1]
    assert (done.finish, done.prompt_tokens, done.generated_tokens, done.completeness) == (
        expected.done.finish,
        expected.done.prompt_tokens,
        expected.done.generated_tokens,
        expected.done.completeness,
    )
    assert done.passage_attention == pytest.approx(expected.done.passage_attention, abs=1e-3)
    assert done.timings.total > 0


def test_embeddings_are_those_of_rpc(client, url, cluster):
    texts = ["Lima is the capital of Peru.", "Rome"]

    async def run():
        async with AsyncHTTPClient(url, timeout=30) as other, AsyncClient(cluster.endpoints, timeout=30) as rpc:
            return await other.embed(texts, role="query"), await rpc.embed(texts, role="query")

    with Client(cluster.endpoints, timeout=30) as rpc:
        passages = rpc.embed(texts)
        queries = rpc.embed(texts, role="query")
        with pytest.raises(ImpRAGError, match=r"texts\[1\] is empty"):
            rpc.embed(["a", " "])
    assert len(passages.vectors) == 2 and len(set(map(len, passages.vectors))) == 1
    assert passages.tokens > 2 and not passages.cut and len(passages.fingerprint) == 32
    assert passages.vectors[0] != queries.vectors[0]
    assert client.embed(texts) == passages and client.embed(texts, role="query") == queries
    assert asyncio.run(run()) == (queries, queries)


def test_sampling_and_stops_are_heard(client):
    drawn = [client.ask(QUESTION, temperature=1.5, top_p=0.95, seed=5, max_tokens=8).read().text for _ in range(2)]
    assert drawn[0] == drawn[1]
    text = client.ask(QUESTION, max_tokens=8).read().text
    stop = text.strip()[-1]
    assert stop not in client.ask(QUESTION, max_tokens=8, stop=stop).read().text


@pytest.mark.parametrize("filter", [EUROPE, json.dumps(EUROPE)], ids=["object", "text"])
def test_a_filter_holds(client, cluster, filter):
    found = client.search(QUESTION, k=4, filter=filter, words="fuse", recall=0.9)
    assert {source.passage.id for source in found.passages} == {"paris", "rome"}
    with Client(cluster.endpoints, timeout=30) as rpc:
        expected = rpc.search(QUESTION, k=4, filter=EUROPE, words="fuse", recall=0.9)
    assert ranked(found.passages) == ranked(expected.passages)
    assert found.completeness == expected.completeness


def test_an_update_is_found_and_its_deletion_too(client):
    metadata = {"continent": "europe", "year": 1048, "of": ("harbours", "fjords")}
    oslo = Passage("oslo", "Oslo is the capital of Norway.", "Norway", metadata)
    upserted = client.upsert([oslo], wait="found")
    assert upserted.found and (upserted.inserted, upserted.replaced) == (1, 0)
    question = "What is the capital of Norway?"
    found = client.search(question, k=5, words="only", min_epoch=upserted.epoch)
    assert oslo in [source.passage for source in found.passages]
    deleted = client.delete(["oslo"], wait="found")
    assert deleted.deleted == 1 and deleted.epoch > upserted.epoch
    found = client.search(question, k=5, words="only", min_epoch=deleted.epoch)
    assert "oslo" not in [source.passage.id for source in found.passages]
    assert client.delete(["oslo"]).epoch > deleted.epoch


def test_asyncio_gets_the_same(client, url, cluster):
    async def run():
        async with AsyncHTTPClient(url, timeout=30) as other:
            answer = await other.ask(QUESTION, max_tokens=8).read()
            return answer.text, (await other.search(QUESTION, k=2)).passages, await other.status()

    text, passages, nodes = asyncio.run(run())
    assert text == client.ask(QUESTION, max_tokens=8).read().text
    assert passages == client.search(QUESTION, k=2).passages
    with Client(cluster.endpoints, timeout=30) as rpc:
        expected = [(node.name, node.role, node.state, node.passages, node.fingerprint) for node in rpc.status()]
    assert [(node.name, node.role, node.state, node.passages, node.fingerprint) for node in nodes] == expected


def test_what_the_gateway_does_not_take_is_refused(client):
    with pytest.raises(ImpRAGError, match="temperature") as caught:
        client.ask(QUESTION, temperature=9).read()
    assert caught.value.code == "invalid_argument"
    with HTTPClient(client.urls, collection="none") as other, pytest.raises(ImpRAGError) as caught:
        other.search(QUESTION)
    assert caught.value.code == "not_found"


def test_keys_open_and_their_roles_limit(keyed_url, secrets):
    with HTTPClient(keyed_url, key=secrets["read"], timeout=30) as reader:
        assert reader.ask(QUESTION, max_tokens=2).read().text
        with pytest.raises(ImpRAGError) as caught:
            reader.delete(["nothing"])
        assert caught.value.code == "permission_denied"
    with HTTPClient(keyed_url, key=secrets["write"], timeout=30) as writer:
        assert writer.delete(["nothing"], wait="found").deleted == 0
    for key in (None, "another-0123456789"):
        with HTTPClient(keyed_url, key=key) as stranger, pytest.raises(ImpRAGError) as caught:
            stranger.ask(QUESTION).read()
        assert caught.value.code == "unauthenticated"


def test_a_deadline_passes(client, cluster):
    cluster.expect_deadline(lambda: client.ask(QUESTION, timeout=1).read())


def test_an_answer_that_is_left_leaves_a_cluster_that_answers(client):
    answer = client.ask(QUESTION, max_tokens=400)
    assert isinstance(next(iter(answer)), Sources)
    answer.close()
    assert client.ask(QUESTION, max_tokens=4).read().text
