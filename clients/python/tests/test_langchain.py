import asyncio

import pytest

from imprag import AsyncClient, Client

pytest.importorskip("langchain_core", reason="langchain-core is not installed")

from langchain_core.runnables import RunnableLambda  # noqa: E402

from imprag.langchain import ImpRAGRetriever  # noqa: E402

FILTER = {"field": "lang", "equals": "en"}


def test_passages_become_documents_in_a_chain(coordinator):
    with Client(coordinator.endpoint) as client:
        chain = ImpRAGRetriever(client=client, options={"k": 3}) | RunnableLambda(lambda documents: documents[0])
        document = chain.invoke("Q")
    assert (document.id, document.page_content) == ("lima", "Lima is its capital.")
    assert document.metadata == {"lang": "en", "title": "Peru", "score": 1.5, "rank": 0}
    assert coordinator.requests[0].k == 3


def test_a_call_has_options_of_its_own(coordinator):
    with Client(coordinator.endpoint) as client:
        ImpRAGRetriever(client=client, options={"k": 3}).invoke("Q", k=5, filter=FILTER)
    assert coordinator.requests[0].k == 5
    assert coordinator.requests[0].options.filter.equals.field == "lang"


@pytest.mark.parametrize("has_async_client", [True, False])
def test_asyncio_gets_the_same(coordinator, has_async_client):
    async def run():
        with Client(coordinator.endpoint) as client:
            async with AsyncClient(coordinator.endpoint) as asynchronous:
                other = asynchronous if has_async_client else None
                return await ImpRAGRetriever(client=client, async_client=other).ainvoke("Q", k=2)

    [document] = asyncio.run(run())
    assert document.id == "lima"
    assert coordinator.requests[0].k == 2
