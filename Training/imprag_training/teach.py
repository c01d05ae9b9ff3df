"""A teacher for a prepared folder: which passages are good for a question, and where vectors should point.

- `bm25`: ranks by words; the multi-label NCE alone is trained.
- the directory of a bi-encoder with mean pooling (Hugging Face): its vectors are targets as well.
- the directory of an ImpRAG model: its own embeddings, so that a model which is adapted to documents goes on from where it is.

`--retrieve` ranks by the model in training: what it finds itself is what `read` and `distil` steps show it from then on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from .adapt import quick_dtype
from .batches import pad
from .prepared import TEMPLATES, read_lines
from .teacher import ranked

BEST, NEAR = 50, 16


def best(queries: np.ndarray, passages: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Per query the rows of its `count` best passages, best first, and their scores."""
    rows = np.empty((len(queries), count), np.int32)
    scores = np.empty((len(queries), count), np.float16)
    wide = np.ascontiguousarray(passages.astype(np.float32).T)
    for start in range(0, len(queries), 512):
        s = queries[start : start + 512].astype(np.float32) @ wide
        top = np.argpartition(s, -count, 1)[:, -count:]
        order = np.argsort(-np.take_along_axis(s, top, 1), 1, kind="stable")
        rows[start : start + 512] = np.take_along_axis(top, order, 1)
        scores[start : start + 512] = np.take_along_axis(s, rows[start : start + 512], 1)
    return rows, scores


def batches(sizes: list[int], count: int, what: str) -> Iterator[list[int]]:
    """Places of `sizes`, `count` at a time, the small ones first, with a line of progress every ten seconds."""
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    began = said = time.monotonic()
    for start in range(0, len(order), count):
        yield order[start : start + count]
        if time.monotonic() - said > 10:
            said = time.monotonic()
            done = min(start + count, len(order))
            each = (said - began) / done
            print(f"{what}: {done:,} of {len(order):,}, {1 / each:.0f}/s, {(len(order) - done) * each:.0f} s left", file=sys.stderr, flush=True)


@torch.inference_mode()
def by_encoder(folder: Path, texts: list[str], max_tokens: int, device: str, what: str) -> np.ndarray:
    """Unit vectors `[texts, D]` in float16: the mean of the last layer over a text's tokens, as sentence-transformers pools."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    dtype = quick_dtype() if device == "cpu" else torch.bfloat16
    model = AutoModel.from_pretrained(folder, dtype=dtype).to(device).eval()
    out = np.zeros((len(texts), model.config.hidden_size), np.float16)
    for rows in batches(list(map(len, texts)), 32, what):
        inputs = tokenizer([texts[i] for i in rows], truncation=True, max_length=max_tokens, padding=True, return_tensors="pt").to(device)
        hidden = model(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"][..., None].float()
        out[rows] = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).cpu().numpy()
    return out


@torch.inference_mode()
def by_model(folder: Path, passages: list[dict], queries: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """E_p of the passages and E_q of the questions' prompts, made unit length, float16."""
    from .checkpoint import load_model
    from .text import Layout

    model = load_model(folder).eval()
    c = model.config
    layout = Layout.load(folder, c.bos, c.eos[0], c.max_passage_tokens)
    ids = (
        layout.passages([(p["title"], p["text"]) for p in passages]),
        layout.prompts([TEMPLATES[q["template"]](q["text"]) for q in queries]),
    )
    made = []
    for rows, run, what in zip(ids, (model.embed_passages, model.embed_queries), ("passages", "questions")):
        out = np.zeros((len(rows), c.kv_heads * c.head_size), np.float16)
        with torch.autocast("cpu", torch.bfloat16, enabled=quick_dtype() == torch.bfloat16):
            for places in batches(list(map(len, rows)), 32, what):
                tokens, lengths = pad([rows[i] for i in places])
                out[places] = torch.nn.functional.normalize(run(tokens, lengths).float(), dim=1).numpy()
        made.append(out)
    return made[0], made[1]


def by_runtime(imprag: str, folder: Path, passages: list[dict], queries: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """As `by_model`, by the runtime's own `imprag embed`, which is several times as fast."""
    made = []
    for role, rows in (
        ("passage", [{"text": p["text"]} | ({"title": p["title"]} if p["title"] else {}) for p in passages]),
        ("query", [{"text": TEMPLATES[q["template"]](q["text"])} for q in queries]),
    ):
        lines = "".join(json.dumps(row | {"id": number}, ensure_ascii=False) + "\n" for number, row in enumerate(rows))
        run = subprocess.run(
            [imprag, "embed", "--model", str(folder), "--role", role], input=lines.encode(), stdout=subprocess.PIPE, check=True
        )
        vectors = [json.loads(line)["embedding"] for line in run.stdout.splitlines()]
        if len(vectors) != len(rows):
            raise ValueError(f"imprag embed gave {len(vectors)} embeddings of {len(rows)} texts")
        unit = np.array(vectors, np.float32)
        made.append((unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6)).astype(np.float16))
    return made[0], made[1]


def retrieve(data: Path, folder: Path, imprag: str | None) -> None:
    """Writes `retrieved.npz`: the passages that a model itself finds for each question, which reading and distilling then draw from."""
    passages, queries = read_lines(data / "passages.jsonl"), read_lines(data / "queries.jsonl")
    found = by_runtime(imprag, folder, passages, queries) if imprag else by_model(folder, passages, queries)
    rows, _ = best(found[1], found[0], min(BEST, len(passages)))
    np.savez(data / "retrieved.new.npz", rows=rows)
    (data / "retrieved.new.npz").replace(data / "retrieved.npz")


def teach(data: Path, teacher: str, max_tokens: int, device: str) -> None:
    """Writes the teacher's files beside what it teaches; vectors that are there already are used again."""
    passages, queries = read_lines(data / "passages.jsonl"), read_lines(data / "queries.jsonl")
    texts = [f"{p['title']}\n{p['text']}" if p["title"] else p["text"] for p in passages]
    questions = [q["text"] for q in queries]
    count, near_count = min(BEST, len(passages)), min(NEAR, len(passages))
    if teacher == "bm25":
        rows, scores = ranked(questions, texts, count)
        near, _ = ranked(texts, texts, near_count)
    else:
        folder = Path(teacher)
        files = data / "teacher-passages.npy", data / "teacher-queries.npy"
        if not all(file.exists() for file in files):
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if "imprag" in config:
                vectors = by_model(folder, passages, queries)
            else:
                vectors = tuple(by_encoder(folder, t, max_tokens, device, w) for t, w in ((texts, "passages"), (questions, "questions")))
            for file, made in zip(files, vectors):
                np.save(file, made)
        passage_vectors, query_vectors = (np.load(file) for file in files)
        rows, scores = best(query_vectors, passage_vectors, count)
        near, _ = best(passage_vectors, passage_vectors, near_count)
    # As shares of the best one; where not even that is like the question, none counts.
    first = scores[:, :1].astype(np.float32)
    scores = np.where(first > 0, scores / np.where(first > 0, first, 1), 0)
    np.savez(data / "teacher-best.new.npz", rows=rows, scores=scores.astype(np.float16), near=near)
    (data / "teacher-best.new.npz").replace(data / "teacher-best.npz")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Lets a teacher rank a prepared folder's passages for its questions.")
    parser.add_argument("--data", type=Path, required=True)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--teacher", help="bm25, or the directory of a bi-encoder or of an ImpRAG model")
    what.add_argument("--retrieve", type=Path, metavar="DIR", help="rank by the model that is trained (a run's latest/) instead, for what it reads")
    parser.add_argument("--imprag", metavar="FILE", help="with --retrieve: embed with the runtime's binary")
    parser.add_argument("--max-tokens", type=int, default=160)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.retrieve:
        retrieve(options.data, options.retrieve, options.imprag)
    else:
        teach(options.data, options.teacher, options.max_tokens, options.device)


if __name__ == "__main__":
    main()
