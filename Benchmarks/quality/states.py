"""How passages are read: concatenated, segmented or each by itself; and each by itself from states that shards have
stored, of each codec. A cluster is asked, as a user asks it; each question has the same five passages, the right one
among them, which a filter picks."""

import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import answers
import results
import sources
import vectors

sys.path.insert(0, str(sources.ROOT / "clients/python/src"))

SETS = ("entities", "squad")
COMPUTED = "computed"
# Encoding, and what stores the states; those of bf16 are the computed ones, bit for bit.
CASES = (
    ("independent", COMPUTED),
    ("segmented", COMPUTED),
    ("concatenated", COMPUTED),
    ("independent", "int8"),
    ("independent", "pq"),
)


def run(options, ranking):
    """Enters the answers of every case."""
    part = results.Part("states")
    for each in (each for each in options.sets if each.name in SETS):
        corpus, questions = each.corpora[0], each.questions[: options.limit]
        current = {"key": vectors.Ours(options.model, options.imprag).key, "questions": len(questions)}
        for codec in dict.fromkeys(codec for _, codec in CASES):
            encodings = [encoding for encoding, stored in CASES if stored == codec]
            keys = [{"set": each.name, "encoding": encoding, "codec": codec} for encoding in encodings]
            if not options.again and all(part.find(key | current) for key in keys):
                continue
            words = ranking("BM25", each.questions, corpus)[: len(questions)]
            chosen = answers.gold_among_five(questions, corpus, words)
            folder = index(options, f"{each.name}-{len(questions)}", chosen, codec)
            with cluster(options, folder) as endpoint:
                for key in keys:
                    said = asked(endpoint, questions, key["encoding"])
                    part.put(key, current | answers.score(said, questions))
                    print(f"{key}: {part.find(key)['exact']}", file=sys.stderr)


def index(options, name, chosen, codec):
    """The index of the questions' passages, with states unless they are computed; goes on where it stopped."""
    place = vectors.FOLDER / "states"
    place.mkdir(parents=True, exist_ok=True)
    passages, readers = {}, {}
    for question, read in enumerate(chosen):
        for passage in read:
            passages[passage.id] = passage
            readers.setdefault(passage.id, []).append(str(question))
    lines = (
        json.dumps({"id": p.id, "title": p.title, "text": p.text, "metadata": {"questions": readers[p.id]}}) + "\n"
        for p in passages.values()
    )
    corpus = place / f"{name}.jsonl"
    corpus.write_text("".join(lines), encoding="utf-8")
    folder = place / f"{vectors.Ours(options.model, options.imprag).key}-{name}-{codec}"
    # The pieces are cut already.
    command = [options.imprag, "index", "--model", str(options.model), "--corpus", str(corpus), "--out", str(folder), "--words", "0"]
    if codec != COMPUTED:
        command += ["--store-kv", codec]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return folder


@contextlib.contextmanager
def cluster(options, folder):
    """A cluster over an index while the block runs; its endpoint."""
    with tempfile.TemporaryDirectory() as place:
        endpoint = f"ipc://{place}/coordinator"
        command = [options.imprag, "up", "--model", str(options.model), "--index", str(folder), "--endpoint", endpoint]
        log = pathlib.Path(place, "log")
        with log.open("w") as errors:
            nodes = subprocess.Popen([*command, "--no-gateway"], stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            if not nodes.stdout.readline():
                raise SystemExit(f"the cluster did not start:\n{log.read_text()}")
            yield endpoint
        finally:
            nodes.terminate()
            nodes.wait()


def asked(endpoint, questions, encoding):
    """Greedy answers, each from its own five passages."""
    import imprag

    found = []
    with imprag.Client(endpoint) as client:
        for place, question in enumerate(questions):
            answer = client.ask(
                question.prompt, timeout=300, k=answers.K, encoding=encoding, exact=True, max_tokens=answers.MAX_TOKENS,
                filter={"field": "questions", "equals": str(place)},
            ).read()  # fmt: skip
            found.append(answer.text)
    return found
