"""The teacher's vectors for a prepared folder, by any bi-encoder with mean pooling (a Hugging Face directory)."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from .prepared import read_lines


@torch.inference_mode()
def embed(folder: Path, texts: list[str], max_tokens: int, batch: int, dtype: torch.dtype, device: str, what: str) -> np.ndarray:
    """Unit vectors `[texts, D]` in float16: the mean of the last layer over a text's tokens, as sentence-transformers pools."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=dtype).to(device).eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out, began, said = None, time.monotonic(), 0.0
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        inputs = tokenizer([texts[i] for i in rows], truncation=True, max_length=max_tokens, padding=True, return_tensors="pt").to(device)
        hidden = model(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"][..., None].float()
        vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).cpu().numpy()
        if out is None:
            out = np.zeros((len(texts), vectors.shape[1]), np.float16)
        out[rows] = vectors
        elapsed = time.monotonic() - began
        if elapsed - said > 10:
            said = elapsed
            done = start + len(rows)
            print(f"{what}: {done:,} of {len(texts):,}, {done / elapsed:.0f}/s", file=sys.stderr, flush=True)
    return out


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Embeds a prepared folder's passages and questions with a teacher.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="Hugging Face directory of a bi-encoder")
    parser.add_argument("--max-tokens", type=int, default=160)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    from .adapt import quick_dtype

    dtype = quick_dtype() if options.device == "cpu" else torch.float16
    passages = [f"{p['title']}\n{p['text']}" if p["title"] else p["text"] for p in read_lines(options.data / "passages.jsonl")]
    queries = [q["text"] for q in read_lines(options.data / "queries.jsonl")]
    for name, texts in (("queries", queries), ("passages", passages)):
        target = options.data / f"teacher-{name}.npy"
        if not target.exists():
            vectors = embed(options.teacher, texts, options.max_tokens, options.batch, dtype, options.device, name)
            np.save(target.with_suffix(".new.npy"), vectors)
            target.with_suffix(".new.npy").replace(target)


if __name__ == "__main__":
    main()
