"""Checks the evaluation itself, on toys: `python -m pytest` in this folder. What needs data says so and is skipped."""

import json
import re

import numpy
import pytest

import answers
import bm25
import contamination
import metrics
import questions
import report
import results
import retrieval
import sources
import splits


def needs_data(function):
    """Skips a test where the data is not on this machine."""

    def wrapped():
        try:
            function()
        except sources.Missing as missing:
            pytest.skip(str(missing))

    wrapped.__name__ = function.__name__
    return wrapped


# Metrics


def test_answers_are_compared_in_squads_normal_form():
    assert metrics.exact_match("The  Eiffel-Tower!", ["eiffeltower"])
    assert metrics.exact_match("a dog", ["cat", "Dog"])
    assert not metrics.exact_match("two dogs", ["dogs"])
    assert not metrics.exact_match("theatre", ["atre"])


def test_f1_is_the_best_over_the_answers_and_counts_repeated_words():
    assert metrics.f1("in Paris France", ["Paris"]) == pytest.approx(2 / 4)
    assert metrics.f1("in Paris France", ["London", "Paris, France"]) == pytest.approx(4 / 5)
    assert metrics.f1("Lima Lima", ["Lima"]) == pytest.approx(2 / 3)
    assert metrics.f1("Lima", ["Quito"]) == 0
    assert metrics.f1("the", ["a"]) == 1


def test_an_answer_is_inside_a_text_only_as_whole_words():
    assert metrics.contains("It was 1990-95.", ["1990"])
    assert metrics.contains("in the U.S. then", ["US"])
    assert not metrics.contains("an important man", ["port"])
    assert not metrics.contains("anything", ["the"])


def test_an_interval_holds_the_mean_and_narrows_with_more_values():
    few, many = metrics.interval([0, 1] * 10), metrics.interval([0, 1] * 1000)
    assert few[0] == many[0] == 0.5 and few[1] < many[1] < 0.5 < many[2] < few[2]
    assert metrics.interval([1, 1, 1]) == (1, 1, 1)
    assert numpy.isnan(metrics.interval([])[0])


def test_a_paired_difference_is_surer_than_two_intervals():
    first = numpy.array([0, 1] * 50)
    mean, low, high = metrics.difference(first, first - 0.1)
    assert (mean, low, high) == pytest.approx((0.1, 0.1, 0.1))


# Passages


def test_texts_are_cut_as_the_indexer_cuts_them():
    assert sources.pieces(" a b\u00a0c ", 2) == [" a b", "c "]
    assert sources.pieces("a b ", 2) == ["a b "]
    assert sources.pieces(" \n") == []
    # U+001F is white space to Python's split, not to Unicode.
    assert sources.pieces("a\x1fb c", 1) == ["a\x1fb", "c"]


# BM25 and fusion


def test_bm25_prefers_rare_terms_and_short_texts():
    index = bm25.BM25(["the cat and the dog", "a cat", "a bird sings of many other things", "stone"])
    assert index.rank("cat", 4).tolist() == [1, 0]
    assert index.rank("singing birds", 4).tolist() == [2]
    assert index.rank("the of", 4).tolist() == []
    assert index.rank("cat dog", 1).tolist() == [0]


def test_bm25_scores_are_lucenes():
    index = bm25.BM25(["red red blue", "green"])
    # df 1 of 2, tf 2, length 3 of 2 on average.
    expected = numpy.log(1 + 1.5 / 1.5) * 2 / (2 + 0.9 * (0.6 + 0.4 * 3 / 2))
    assert index.scores("red") == pytest.approx([expected, 0])
    assert index.scores("red red")[0] == pytest.approx(2 * expected)


def test_words_count_titles_by_the_share_that_is_named():
    titles, texts = ["The cat", "Cat food", ""], ["it purrs", "cat food", "cat cat"]
    joined = [f"{title}\n{text}" for title, text in zip(titles, texts)]
    plain, index = bm25.BM25(joined), bm25.Words(joined, titles)
    assert plain.rank("the cat", 3).tolist() == [2, 1, 0]
    assert index.rank("the cat", 3).tolist() == [0, 1, 2]


def test_terms_are_lucenes_english_ones():
    terms = bm25.Analyzer().terms("The Nile's sources: 6,650 km, in the U.S. and don't; x86-64 café, 3rd")
    assert terms == ["nile", "sourc", "6,650", "km", "u.", "don't", "x86", "64", "café", "3rd"]


def test_the_best_come_first_and_equals_by_lower_place():
    scores = numpy.array([1.0, 3.0, 2.0, 3.0, 2.0])
    assert bm25.best(scores, 3).tolist() == [1, 3, 2]
    assert bm25.best(scores, 9).tolist() == [1, 3, 2, 4, 0]


def test_fusion_adds_reciprocal_ranks():
    first, second = retrieval.filled([[7, 1, 2]]), retrieval.filled([[1, 9]])
    # 1: 1/62 + 1/61; 7: 1/61; 9: 1/62; 2: 1/63, each halved.
    assert retrieval.fuse(first, second)[0, :4].tolist() == [1, 7, 9, 2]
    assert retrieval.fuse(first, second)[0, 4] == -1
    assert retrieval.fuse(first, second, weight=1)[0, :3].tolist() == [7, 1, 2]
    # Equal scores: the better place in the first list.
    assert retrieval.fuse(retrieval.filled([[4]]), retrieval.filled([[3]]))[0, :2].tolist() == [4, 3]


def test_the_weight_follows_the_better_list(monkeypatch):
    monkeypatch.setattr(retrieval.sources, "passages", lambda corpus: [sources.Passage(str(i), "", "") for i in range(9)])
    asked = [questions.Question("q", "", "", (), (frozenset("3"),))] * 2
    good, bad = retrieval.filled([[3, 1, 2]] * 2), retrieval.filled([[4, 5, 6]] * 2)
    # Equal scores go to the first list, so a half is enough for a good first one.
    assert retrieval.best_weight(good, bad, asked, "toy") == 0.5 > retrieval.best_weight(bad, good, asked, "toy")
    assert retrieval.best_weight(good, good, asked, "toy") == 0.5


def test_recall_is_the_share_of_gold_groups():
    asked = [questions.Question("q", "", "", ("x",), (frozenset("ab"), frozenset("c")))]
    ranking = retrieval.filled([[2, 0, 1]])
    assert retrieval.recall(ranking, asked, ["d", "c", "b"], 1) == [0.5]
    assert retrieval.recall(ranking, asked, ["d", "c", "b"], 2) == [0.5]
    assert retrieval.recall(ranking, asked, ["d", "c", "b"], 3) == [1.0]


def test_an_answer_in_the_title_counts():
    asked = [questions.Question("q", "", "", ("Lima",), (frozenset("a"),))]
    passages = [sources.Passage("a", "", "nothing"), sources.Passage("b", "Lima", "a city")]
    assert retrieval.answer_ranks(retrieval.filled([[0, 1]]), asked, passages).tolist() == [2]
    assert retrieval.answer_ranks(retrieval.filled([[0]]), asked, passages).tolist() == [numpy.inf]


# What is held out


@needs_data
def test_the_committed_lists_are_what_the_data_gives():
    for name, lines in splits.lists().items():
        assert (splits.FOLDER / name).read_text().split() == lines, name


@needs_data
def test_subjects_are_held_out_whole_and_give_300_questions():
    asked = questions.SETS["entities"].questions
    assert len(asked) >= splits.HELD_OUT_QUESTIONS
    assert {question.subject for question in asked} == splits.subjects()
    rest = [row for row in splits.entity_questions() if sources.fold(row["title"]) not in splits.subjects()]
    assert len(asked) + len(rest) == len(splits.entity_questions())


@needs_data
def test_squads_training_articles_are_not_its_test_articles():
    by_id = {document.id: sources.fold(document.title) for document in sources.documents("squad")}
    trained = {by_id[row["passage_id"]] for row in sources.rows("squad/qa.train.jsonl")}
    assert trained.isdisjoint(splits.titles())


@needs_data
def test_every_question_has_gold_in_its_corpora():
    for each in questions.SETS.values():
        for corpus in each.corpora:
            ids = {passage.id for passage in sources.passages(corpus)}
            assert len(each.questions) > 100, each.name
            assert all(not group.isdisjoint(ids) for question in each.questions for group in question.gold), each.name
        assert len({question.id for question in each.questions}) == len(each.questions), each.name


# Contamination

AGAINST = contamination.Tested(
    questions={"q1"}, question_hashes={contamination.text_hash("Who won?")}, subjects={"lima"},
    passages={"p1"}, passage_hashes={contamination.text_hash("Some text.")}, titles={"amazon"},
)  # fmt: skip


def manifest(folder, *rows):
    path = folder / "manifest.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [path]


def row(kind, id, text, title=None):
    return {"kind": kind, "id": id, "text": text, "title": title}


def test_clean_training_data_passes(tmp_path):
    rows = [
        row("question", "q2", "Who lost?", "Quito"),
        row("passage", "p2", "Other text.", "Nile"),
        row("passage", "Lima", "x", "Lima"),
    ]
    assert contamination.check(manifest(tmp_path, *rows), AGAINST) == ({"question": 1, "passage": 2}, [])


@pytest.mark.parametrize(
    "bad",
    [
        row("question", "q1", "anything"),
        row("question", "q9", "WHO  won?"),
        row("question", "q9", "anything", "Lima"),
        row("passage", "p1", "anything"),
        row("passage", "p1#3", "anything"),
        row("passage", "p9", "some text."),
        row("passage", "p9", "anything", "Amazon"),
        {"kind": "question", "id": "q9", "title": None, "sha256": contamination.text_hash("who won?")},
    ],
)
def test_what_is_tested_is_found_and_named(tmp_path, bad):
    counts, problems = contamination.check(manifest(tmp_path, row("question", "q2", "Who lost?"), bad), AGAINST)
    assert sum(counts.values()) == 2
    assert len(problems) == 1 and bad["id"] in problems[0]


@pytest.mark.parametrize("text", ["", "{}\n", "no JSON\n", '{"kind": "question", "id": 1, "title": null}\n', "[]\n"])
def test_a_manifest_that_shows_nothing_is_refused(tmp_path, text):
    path = tmp_path / "manifest.jsonl"
    path.write_text(text)
    with pytest.raises(contamination.BadManifest, match="manifest"):
        contamination.check([path], AGAINST)


# Results and answers


def test_the_report_has_a_row_for_every_system_and_judges_the_bar(tmp_path):
    sure = {f"{metric}@{k}": [0.95, 0.93, 0.97] for metric in ("recall", "answer") for k in retrieval.CUTOFFS}
    piece = {"set": "entities", "corpus": "articles", "questions": 300, "passages": 12324} | sure
    part = results.Part("retrieval", tmp_path)
    for system in ("BM25", "ImpRAG", "ImpRAG + words"):
        part.put({"system": system} | piece, {})
    answered = results.Part("answers", tmp_path)
    for reader, mark in (("ImpRAG", "1110"), ("RA-IT", "1000")):
        keys = {"set": "squad", "reader": reader, "passages": "the right one among five"}
        answered.put(keys, answers.score(list(mark), [questions.Question("", "", "", ("1",), ())] * 4) | {"questions": 4})
    read = results.Part("states", tmp_path)
    for codec, marks in (("computed", "11"), ("pq", "10")):
        said = answers.score(list(marks), [questions.Question("", "", "", ("1",), ())] * 2)
        read.put({"set": "squad", "encoding": "independent", "codec": codec}, said)
    text = report.text(tmp_path)
    assert "| squad | independent | stored, pq | 50.0 (0–100) |" in text and "| 50.0 (0–100) |\n" in text
    assert text.count("95.0 (93–97)") >= 15
    assert "| recall@20 of the own article, entities, vectors alone | ≥ 90 | 95.0 | met |" in text
    assert "| recall@5 of the own article, entities, fused | ≥ 99 | 95.0 | **missed** |" in text
    assert "| exact match, SQuAD, the right passage among five | ≥ 50 | 75.0 | met |" in text
    assert "50.0 points above" in text and "not measured" in text


def test_a_piece_is_kept_and_replaced_by_a_newer_one(tmp_path):
    part = results.Part("toy", tmp_path)
    part.put({"set": "a"}, {"x": 1})
    part.put({"set": "b"}, {"x": 2})
    part.put({"set": "a"}, {"x": 3})
    again = results.Part("toy", tmp_path)
    assert [piece["x"] for piece in again.pieces] == [3, 2]
    assert again.find({"set": "a", "x": 1}) is None and again.find({"set": "a"})["machine"]["cores"] > 0


def test_answers_computed_once_are_not_computed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(answers.vectors, "FOLDER", tmp_path)

    class Reader:
        key, name, calls = "toy", "toy", 0

        def answer(self, prompts, passages, k):
            self.calls += 1
            return [prompt.upper() for prompt in prompts]

    reader, passages = Reader(), [[sources.Passage("a", "t", "x")]] * 70
    asked = [f"q{i}" for i in range(70)]
    first = answers.kept(reader, asked, passages, 5)
    assert answers.kept(reader, asked, passages, 5) == first == [text.upper() for text in asked]
    assert reader.calls == 2
    answers.kept(reader, asked, [[]] * 70, 5)
    assert reader.calls == 4


def test_the_right_passage_stands_among_five_with_an_answer_inside(monkeypatch):
    passages = [sources.Passage(f"p{i}", "", f"text {i}") for i in range(9)]
    monkeypatch.setattr(answers.sources, "passages", lambda corpus: passages)
    question = questions.Question("q", "", "", ("text 7",), (frozenset(["p3", "p7"]),))
    words = retrieval.filled([[3, 0, 1, 7, 2, 4, 5]])
    (chosen,) = answers.gold_among_five([question], "toy", words)
    assert sorted(passage.id for passage in chosen) == ["p0", "p1", "p2", "p4", "p7"]
    assert answers.gold_among_five([question], "toy", words) == [chosen]


# Fine-tuning the baselines, on the small model of the repository


@pytest.fixture
def training_files(tmp_path):
    passages = [{"id": f"p{i}", "title": f"Town {i}", "text": f"Town {i} has a mayor named Mayor {i}."} for i in range(12)]
    asked = [
        {
            "id": f"q{i}",
            "text": f"Who is the mayor of Town {i}?",
            "answers": [f"Mayor {i}"],
            "gold": [i],
            "template": "question",
        }
        for i in range(12)
    ]
    for name, rows in (("passages", passages), ("questions", asked)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = sources.ROOT / "Models/encyclopedia-tiny"
    return [
        "--base",
        str(model),
        "--questions",
        str(tmp_path / "questions.jsonl"),
        "--passages",
        str(tmp_path / "passages.jsonl"),
    ]


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("script", ["finetune_reader", "finetune_retriever"])
def test_fine_tuning_lowers_the_loss_and_goes_on_with_the_same_losses(script, training_files, tmp_path, monkeypatch):
    module = pytest.importorskip(script)
    monkeypatch.setattr(module, "CHECKPOINT_STEPS", 1)
    if script == "finetune_reader":
        common = ["--retriever", "BM25", "--layers", "1-3", "--rate", "3e-3"]
    else:
        common = ["--teacher", "BM25", "--bottom", "2", "--top", "3"]
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    module.main([*training_files, *common, "--out", str(whole), "--tokens", "12000"])
    state = module.training_state
    stopped = state.torch.save

    def stop(value, path):
        stopped(value, path)
        if value["step"] == 2:
            raise KeyboardInterrupt

    # Cut off while the second checkpoint is written: the run goes on from the first.
    monkeypatch.setattr(state.torch, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        module.main([*training_files, *common, "--out", str(halves), "--tokens", "12000"])
    monkeypatch.setattr(state.torch, "save", stopped)
    module.main([*training_files, *common, "--out", str(halves), "--tokens", "12000"])
    made = losses(whole)
    assert len(made) > 3 and made[-1] < made[0]
    resumed = losses(halves)
    assert resumed[:2] == made[:2] and resumed[2:] == made[1:]


def test_a_fine_tuned_reader_answers_alike_alone_and_in_a_batch(training_files, tmp_path):
    module = pytest.importorskip("finetune_reader")
    out = tmp_path / "reader"
    module.main([*training_files, "--retriever", "none", "--layers", "1-3", "--out", str(out), "--tokens", "600"])
    reader = answers.Baseline("toy", out)
    asked = ["Q: Who is the mayor of Town 3? A:", "Q: Who? A:"]
    read = [[sources.Passage("a", "Town 3", "Town 3 has a mayor named Mayor 3.")], []]
    together = reader.answer(asked, read, 5)
    alone = [reader.answer([prompt], [passages], 5)[0] for prompt, passages in zip(asked, read)]
    assert together == alone and answers.decode.retriever(out) == "none"


def test_a_reader_cuts_passages_and_keeps_the_prompt():
    import tokenizers

    import prompts

    tokenizer = tokenizers.Tokenizer.from_file(str(sources.ROOT / "Models/encyclopedia-tiny/tokenizer.json"))
    reader = prompts.Reader(tokenizer, 1, 2, passage_tokens=3)
    text = sources.Passage("a", "Lima", "is a city with many inhabitants")
    tokens = reader.prompt([text, text], "Q: x A:")
    cut = reader.ids(text.joined)[:3] + reader.ids("\n\n")
    assert tokens == [1, *cut, *cut, *reader.ids("Q: x A:")]
    assert reader.answer("Lima") == [*reader.ids(" Lima"), 2]


def test_short_runs_change_one_thing():
    import ablations

    plain = ablations.recipe("warm-up", 80)
    assert plain["steps"] == 80 and plain["stages"] == [] and set(plain["tasks"]) == {"search", "read", "plain"}
    deep = ablations.recipe("b = 8", 80)
    assert deep["imprag"] == plain["imprag"] | {"bottom_boundary": 8}
    trained = [f"layers.{i}.mlp.up_proj" for i in range(12) if re.fullmatch(deep["full"], f"layers.{i}.mlp.up_proj")]
    assert trained == [f"layers.{i}.mlp.up_proj" for i in range(8)]
    assert re.fullmatch(deep["full"], "layers.8.self_attn.k_proj.weight")
    both = ablations.recipe("warm-up, then self-distillation", 80)
    assert [stage["from"] for stage in both["stages"]] == [40] and "distil" in both["stages"][0]["tasks"]
    for name in ablations.RUNS:
        assert abs(sum(ablations.recipe(name, 80)["tasks"].values()) - 1) < 1e-9
