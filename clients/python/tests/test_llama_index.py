import asyncio

import pytest

from imprag import AsyncClient, Client

pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")

from llama_index.core.base.llms.types import ChatMessage  # noqa: E402

from imprag.llama_index import ImpRAG, ImpRAGRetriever  # noqa: E402


@pytest.fixture
def client(coordinator):
    with Client(coordinator.endpoint) as client:
        yield client


def test_passages_become_nodes_with_scores(coordinator, client):
    retriever = ImpRAGRetriever(client, k=3, filter={"field": "lang", "equals": "en"})
    [found] = retriever.retrieve("Q")
    assert (found.node.node_id, found.text, found.score) == ("lima", "Lima is its capital.", 1.5)
    assert found.node.metadata == {"lang": "en", "title": "Peru"}
    assert coordinator.requests[0].options.filter.equals.field == "lang"
    assert coordinator.requests[0].k == 3


def test_an_answer_is_completed_and_has_its_sources(coordinator, client):
    response = ImpRAG(client, max_tokens=5).complete("Q", max_tokens=6)
    assert response.text == "Lima"
    assert [source.node.node_id for source in response.additional_kwargs["sources"]] == ["lima"]
    assert coordinator.requests[0].sampling.max_tokens == 6


def test_an_answer_is_streamed(client):
    responses = list(ImpRAG(client).stream_complete("Q"))
    assert [response.delta for response in responses if response.delta] == ["Li", "ma"]
    assert responses[-1].text == "Lima"


def test_a_chat_asks_its_only_message(coordinator, client):
    llm = ImpRAG(client)
    assert llm.chat([ChatMessage(role="user", content="Q")]).message.content == "Lima"
    assert [part.delta for part in llm.stream_chat([ChatMessage(role="user", content="Q")]) if part.delta] == ["Li", "ma"]
    assert coordinator.requests[0].prompt == "Q"
    llm.chat([ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Q")])
    assert coordinator.requests[-1].prompt == "system: Be brief.\nuser: Q"


def test_asyncio_gets_the_same(coordinator, client):
    async def run():
        async with AsyncClient(coordinator.endpoint) as asynchronous:
            llm, retriever = ImpRAG(client, asynchronous), ImpRAGRetriever(client, asynchronous)
            parts = [part.delta async for part in await llm.astream_complete("Q") if part.delta]
            return (await llm.acomplete("Q")).text, parts, (await retriever.aretrieve("Q"))[0].node.node_id

    assert asyncio.run(run()) == ("Lima", ["Li", "ma"], "lima")
