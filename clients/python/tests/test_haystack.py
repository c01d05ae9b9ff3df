import asyncio
import os

import pytest

from imprag import ImpRAGError

# Tests tell nobody that they run.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
pytest.importorskip("haystack", reason="haystack-ai is not installed")

from haystack import Pipeline  # noqa: E402

from imprag.haystack import ImpRAGGenerator, ImpRAGRetriever, own_filter  # noqa: E402


def test_passages_become_documents_in_a_pipeline(coordinator):
    pipeline = Pipeline()
    pipeline.add_component("retriever", ImpRAGRetriever(coordinator.endpoint, top_k=3))
    # A pipeline is stored as a text, and made of it again.
    pipeline = Pipeline.loads(pipeline.dumps(), allowed_modules=["imprag.haystack"])
    filters = {"field": "meta.lang", "operator": "==", "value": "en"}
    [document] = pipeline.run({"retriever": {"query": "Q", "filters": filters}})["retriever"]["documents"]
    assert (document.id, document.content, document.score) == ("lima", "Lima is its capital.", 1.5)
    assert document.meta == {"lang": "en", "title": "Peru"}
    assert coordinator.requests[0].k == 3
    assert coordinator.requests[0].options.filter.equals.field == "lang"


def test_answers_become_replies(coordinator):
    pieces = []
    generator = ImpRAGGenerator(coordinator.endpoint, generation_kwargs={"k": 1})
    result = generator.run(prompt="Q", streaming_callback=lambda chunk: pieces.append(chunk.content))
    assert result["replies"] == ["Lima"] and pieces == ["Li", "ma"]
    assert result["meta"][0]["usage"] == {"prompt_tokens": 9, "completion_tokens": 2}
    assert [document.id for document in result["documents"]] == ["lima"]


def test_asyncio_gets_the_same(coordinator):
    async def run():
        found = await ImpRAGRetriever(coordinator.endpoint).run_async(query="Q")
        answered = await ImpRAGGenerator(coordinator.endpoint).run_async(prompt="Q")
        return found["documents"][0].id, answered["replies"]

    assert asyncio.run(run()) == ("lima", ["Lima"])


def test_filters_are_translated():
    old = {"field": "meta.year", "operator": "<", "value": 1900}
    other = {"field": "lang", "operator": "not in", "value": ["en", "fr"]}
    assert own_filter({"operator": "AND", "conditions": [old, other]}) == {
        "all": [{"field": "year", "below": 1900}, {"not": {"field": "lang", "in": ["en", "fr"]}}]
    }
    assert own_filter({"operator": "NOT", "conditions": [old]}) == {"not": {"all": [{"field": "year", "below": 1900}]}}
    assert own_filter({"field": "year", "below": 1900}) == {"field": "year", "below": 1900}
    with pytest.raises(ImpRAGError, match="like"):
        own_filter({"field": "lang", "operator": "like", "value": "e"})
