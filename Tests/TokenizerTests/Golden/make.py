"""Makes the golden files beside it: a tiny BPE with byte tokens, and what the `tokenizers` package (0.23.3) does with it.

    pip install tokenizers==0.23.3
    python make.py
"""

import json
import random
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors, trainers

FOLDER = Path(__file__).parent
TEXT = """The capital of Peru is Lima. The capital of Chile is Santiago. The river Thames flows through London and into the North Sea.
A passage is a title and a text. A prompt is answered from the passages that were found for it, and from nothing else.
Où est la bibliothèque? Das Haus steht am Fluß. El niño está aquí. In 1969 two people walked on the Moon; in 1972 the last two did.
    def encode(text):
        return [byte for byte in text]
"""
MARK = "▁"


def metaspace(scheme: str, split: bool = True) -> dict:
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": scheme, "split": split}


def base() -> dict:
    """Llama 2's way: the normalizer prepends, nothing splits."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    special = ["<unk>", "<s>", "</s>"]
    words = [MARK + word.replace(" ", MARK) for line in TEXT.split("\n") for word in line.split(" ")]
    trainer = trainers.BpeTrainer(
        vocab_size=520, special_tokens=special + [f"<0x{byte:02X}>" for byte in range(256)], show_progress=False
    )
    # Trained on words, so that no token goes across a space.
    plain = Tokenizer(models.BPE())
    plain.train_from_iterator(words, trainer)
    model = json.loads(plain.to_str())["model"]
    file = json.loads(tokenizer.to_str())
    file["model"] |= {"vocab": model["vocab"], "merges": model["merges"]}
    tokenizer = Tokenizer.from_str(json.dumps(file))
    tokenizer.add_special_tokens(special)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.add_tokens([AddedToken("<x>", rstrip=True, normalized=False), AddedToken("two did", normalized=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return json.loads(tokenizer.to_str())


def variants(file: dict) -> dict[str, dict]:
    """Members of the file, and of `model`, that each variant has instead."""
    chain = file["decoder"]["decoders"]
    return {
        "prepend": {},
        "metaspace-always": {"normalizer": None, "pre_tokenizer": metaspace("always")},
        "metaspace-first": {"normalizer": None, "pre_tokenizer": metaspace("first", split=False)},
        "metaspace-never": {
            "normalizer": {"type": "Sequence", "normalizers": []},
            "pre_tokenizer": metaspace("never"),
            "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, metaspace("always")]},
        },
        "whole-words": {"model": {"ignore_merges": True}, "normalizer": None, "pre_tokenizer": metaspace("always")},
        "no-bytes": {
            "model": {"byte_fallback": False, "fuse_unk": False},
            "decoder": {"type": "Sequence", "decoders": [*chain[:3], {"type": "Strip", "content": " ", "start": 2, "stop": 0}]},
        },
        "composed": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, *file["normalizer"]["normalizers"]]}},
        "compatible": {"normalizer": {"type": "NFKD"}, "pre_tokenizer": metaspace("always")},
    }


def texts(random: random.Random) -> list[str]:
    fixed = [
        "", " ", "   ", "a", "Lima", " Lima", "The capital of Peru is Lima.", "two  spaces   and\ttabs\n\nlines ", "\0\x01\x7f",
        "e\u0301 é ﬁ ½", "中文字符和日本語", "مرحبا بالعالم", "👩‍👩‍👧 🏳️‍🌈", "\ufffd\ufeff\u2028", "▁▁ marked▁text", "<s>The</s> river<s>",
        "<s> a <mask>  b<x>  c", "the last two did. two  did", "<0x41><unk>", "x" * 70, " " * 70, "The river" * 12,
    ]  # fmt: skip
    parts = ["The", " river", "  ", "\n", "é", "中", "م", "\u0301", "🙂", "<s>", "<x>", " <mask> ", "▁", "\0", "12", ".", "two did"]
    return fixed + ["".join(random.choices(parts, k=random.randint(2, 12))) for _ in range(20)]


def main() -> None:
    file = base()
    rng = random.Random(1)
    rows = []
    inputs = texts(rng)
    byte_ids = [file["model"]["vocab"][f"<0x{byte:02X}>"] for byte in range(256)]
    for name, changes in variants(file).items():
        changed = file | changes | {"model": file["model"] | changes.get("model", {})}
        tokenizer = Tokenizer.from_str(json.dumps(changed))
        for text in inputs:
            tokenizer.encode_special_tokens = False
            ids = tokenizer.encode(text, add_special_tokens=True).ids
            tokenizer.encode_special_tokens = True
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            rows.append({"variant": name, "text": text, "ids": ids, "plain": plain, "decoded": tokenizer.decode(ids)})
        for _ in range(20):
            ids = [rng.choice([rng.choice(byte_ids), rng.randrange(tokenizer.get_vocab_size())]) for _ in range(rng.randint(1, 12))]
            rows.append({"variant": name, "ids": ids, "decoded": tokenizer.decode(ids)})
    dump = {"ensure_ascii": False, "separators": (",", ":")}
    (FOLDER / "tokenizer.json").write_text(json.dumps(file, **dump) + "\n")
    (FOLDER / "variants.json").write_text(json.dumps(variants(file), ensure_ascii=False, indent=1) + "\n")
    (FOLDER / "vectors.jsonl").write_text("".join(json.dumps(row, **dump) + "\n" for row in rows))


if __name__ == "__main__":
    main()
