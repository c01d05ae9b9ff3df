"""Adapters: what is written comes back, the merge has the same bits everywhere, and nothing that does not fit is merged."""

import hashlib
import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gguf_files import write_gguf
from imprag_training import tensors
from imprag_training.adapter import LIMIT, LoRA, main, merge, read_adapter, write_adapter
from imprag_training.checkpoint import load_model
from imprag_training.errors import Failure
from imprag_training.hf_source import open_weights
from imprag_training.importing import import_model
from imprag_training.tensors import SafeTensors, rounded, widened
from test_import import IMPRAG, config_of, weights_of

Q, UP, NORM = "model.layers.1.self_attn.q_proj.weight", "model.layers.2.mlp.up_proj.weight", "model.norm.weight"
EMBEDDING = "model.embed_tokens.weight"
METADATA = {"imprag": IMPRAG | {"top_k": 2}, "recipe": {"name": "trial", "seed": 3}, "hours": 1.5}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """An imported model in bf16."""
    folder = tmp_path_factory.mktemp("base")
    config = config_of()
    write_gguf(folder / "m.gguf", config, weights_of(config))
    import_model(folder / "m.gguf", folder / "base", IMPRAG)
    return folder / "base"


def weights(folder) -> dict[str, np.ndarray]:
    return {name: file.array(name) for name, file in open_weights(folder).items()}


def changes(base):
    """LoRA on two matrices, a tuned matrix with an untouched row, a tuned norm."""
    numbers = np.random.default_rng(11)
    own = weights(base)
    loras = {
        name: (numbers.normal(size=(rank, own[name].shape[1])).astype(np.float32), numbers.normal(size=(own[name].shape[0], rank)).astype(np.float32), 0.03)
        for name, rank in ((Q, 4), (EMBEDDING, 1))
    }
    tuned = {UP: own[UP] + numbers.normal(size=own[UP].shape).astype(np.float32) / 50, NORM: own[NORM] * np.float32(1.25)}
    tuned[UP][7] = own[UP][7]
    return own, loras, tuned


def test_round_trip(base, tmp_path):
    own, loras, tuned = changes(base)
    size = write_adapter(tmp_path / "a.safetensors", own, loras, tuned, METADATA)
    assert size == (tmp_path / "a.safetensors").stat().st_size
    adapter = read_adapter(tmp_path / "a.safetensors")
    assert adapter.imprag == METADATA["imprag"] and adapter.metadata == {"recipe": METADATA["recipe"], "hours": 1.5}
    assert adapter.changes.keys() == {Q, EMBEDDING, UP, NORM}
    for name, (a, b, scale) in loras.items():
        found = adapter.changes[name]
        np.testing.assert_array_equal(found.a, widened(rounded(a)))
        np.testing.assert_array_equal(found.b, widened(rounded(b)))
        assert found.scale == np.float32(scale)
    merge(base, tmp_path / "a.safetensors", tmp_path / "out")
    merged = weights(tmp_path / "out")
    for name in own:
        if name in loras:
            a, b, scale = loras[name]
            np.testing.assert_allclose(merged[name], own[name] + scale * (b @ a), atol=0.02)
        elif name in tuned:
            step = np.abs(tuned[name] - own[name]).max() / 127
            np.testing.assert_allclose(merged[name], tuned[name], rtol=0.005, atol=step)
        else:
            np.testing.assert_array_equal(merged[name], own[name])
    np.testing.assert_array_equal(merged[UP][7], own[UP][7])
    assert json.loads((tmp_path / "out" / "config.json").read_text())["imprag"] == METADATA["imprag"]
    for name in ("tokenizer.json", "generation_config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (base / name).read_bytes()
    assert load_model(tmp_path / "out").config.top_k == 2


def test_parameters_may_lack_the_prefix_that_files_have(base, tmp_path):
    own, loras, tuned = changes(base)
    write_adapter(tmp_path / "a.safetensors", own, loras, tuned, METADATA)
    bare = [{name.removeprefix("model."): value for name, value in values.items()} for values in (own, loras, tuned)]
    write_adapter(tmp_path / "b.safetensors", *bare, METADATA)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def bf16(number: float) -> int:
    """Of a float64 by way of float32, in whole numbers of Python."""
    bits = struct.unpack("<I", struct.pack("<f", number))[0]
    low, high = bits & 0xFFFF, bits >> 16
    return high + (low > 0x8000 or (low == 0x8000 and high & 1))


def test_the_merge_is_the_stated_arithmetic_number_by_number(base, tmp_path):
    own, loras, tuned = changes(base)
    write_adapter(tmp_path / "a.safetensors", own, loras, tuned, METADATA)
    merge(base, tmp_path / "a.safetensors", tmp_path / "out")
    adapter = read_adapter(tmp_path / "a.safetensors")
    file = SafeTensors(tmp_path / "out" / "model.safetensors")
    choose = random.Random(4)
    for name in (Q, EMBEDDING, UP, NORM):
        bits = file.bytes(name).view("<u2")
        before = own[name].reshape(bits.shape)
        change = adapter.changes[name]
        for _ in range(2000):
            row, column = choose.randrange(bits.shape[0]), choose.randrange(bits.shape[1])
            if isinstance(change, LoRA):
                total = 0.0
                for rank in range(change.a.shape[0]):
                    total = total + float(change.b[row, rank]) * float(change.a[rank, column])
                number = float(before[row, column]) + total * change.scale
            else:
                number = float(before[row, column]) + float(change.numbers[row, column]) * float(change.scales[row])
            assert bits[row, column] == bf16(number), (name, row, column)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_threads_and_the_size_of_parts_change_no_bit(base, tmp_path, monkeypatch):
    own, loras, tuned = changes(base)
    write_adapter(tmp_path / "a.safetensors", own, loras, tuned, METADATA)
    found = set()
    for threads in ("1", "4"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        out = tmp_path / f"threads-{threads}"
        command = [sys.executable, "-m", "imprag_training.adapter", "--base", base, "--adapter", tmp_path / "a.safetensors", "--out", out]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[1], env=os.environ | dict.fromkeys(names, threads))
        found.add(digest(out))
    for piece in (300, 1 << 12):
        monkeypatch.setattr(tensors, "PIECE", piece)
        merge(base, tmp_path / "a.safetensors", tmp_path / f"pieces-{piece}")
        found.add(digest(tmp_path / f"pieces-{piece}"))
    assert len(found) == 1


def test_bf16_is_rounded_to_nearest_ties_to_even():
    cases = {0x3F800000: 0x3F80, 0x3F808000: 0x3F80, 0x3F808001: 0x3F81, 0x3F818000: 0x3F82, 0xBF807FFF: 0xBF80, 0x7F800000: 0x7F80, 0x00018000: 2}
    numbers = np.array(list(cases), np.uint32).view(np.float32)
    assert rounded(numbers).tolist() == list(cases.values())
    assert np.isnan(widened(rounded(np.array([0x7F800001, 0xFFFFFFFF], np.uint32).view(np.float32)))).all()
    every = np.arange(1 << 16, dtype=np.uint16)
    every = every[np.isfinite(widened(every))]
    np.testing.assert_array_equal(rounded(widened(every)), every)


def test_what_does_not_fit_is_not_written(base, tmp_path):
    own, loras, tuned = changes(base)
    a, b, scale = loras[Q]
    path = tmp_path / "a.safetensors"

    def refuse(expected: str, loras=loras, tuned=tuned, metadata=METADATA) -> None:
        with pytest.raises(Failure, match=expected):
            write_adapter(path, own, loras, tuned, metadata)
        assert not list(tmp_path.iterdir())

    refuse("imprag", metadata={"recipe": 1})
    refuse("none of the base", loras={"model.layers.9.mlp.up_proj.weight": (a, b, scale)})
    refuse("do not make a change", loras={Q: (a[:, 1:], b, scale)})
    refuse("do not make a change", loras={Q: (a[1:], b, scale)})
    refuse("do not make a change", loras={NORM: (a, b, scale)}, tuned={})
    refuse("not finite", loras={Q: (a * np.inf, b, scale)})
    refuse("not finite", loras={Q: (a, b, float("nan"))})
    refuse("one of them", tuned={Q: own[Q]})
    refuse("tuned tensor is", tuned={NORM: own[NORM][1:]})
    refuse("not finite", tuned={NORM: own[NORM] * np.nan})


def test_an_adapter_has_at_most_40_megabytes(tmp_path):
    wide = {"model.embed_tokens.weight": np.zeros((LIMIT // 1000, 1000), np.float32)}
    with pytest.raises(Failure, match="at most 40"):
        write_adapter(tmp_path / "a.safetensors", wide, {}, wide, {"imprag": {}})


def test_an_adapter_of_another_base_is_refused(base, tmp_path, capsys):
    own, loras, tuned = changes(base)
    own[EMBEDDING][3, 5] += 0.5
    write_adapter(tmp_path / "a.safetensors", own, loras, tuned, METADATA)
    assert main(["--base", str(base), "--adapter", str(tmp_path / "a.safetensors"), "--out", str(tmp_path / "out")]) == 1
    assert "was made for weights with SHA-256" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_hostile_adapters_are_refused(base, tmp_path):
    own, loras, tuned = changes(base)
    path = tmp_path / "a.safetensors"
    write_adapter(path, own, loras, tuned, METADATA)
    good = path.read_bytes()

    def refuse(data: bytes, expected: str) -> None:
        path.write_bytes(data)
        with pytest.raises(Failure, match=expected):
            merge(base, path, tmp_path / "out")
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.safetensors"]

    def edited(change) -> bytes:
        length = struct.unpack("<Q", good[:8])[0]
        header = json.loads(good[8 : 8 + length])
        change(header)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + good[8 + length :]

    refuse(good[:-1], "cut off")
    refuse(b"", "cut off")
    refuse(edited(lambda h: h["__metadata__"].update(format="other")), "no adapter")
    refuse(edited(lambda h: h["__metadata__"].pop("base")), "metadata")
    refuse(edited(lambda h: h["__metadata__"].update(imprag="{")), "metadata")
    refuse(edited(lambda h: h["__metadata__"].update(imprag="[]")), "object")
    refuse(edited(lambda h: h["__metadata__"].update(imprag='{"bottom_boundary": 9}')), "imprag")
    refuse(edited(lambda h: h["__metadata__"].update(more="{")), "metadata")
    refuse(edited(lambda h: h.pop(f"{Q}.lora_B")), "lora_B")
    refuse(edited(lambda h: h.pop(f"{Q}.lora_A")), "belongs to no change")
    refuse(edited(lambda h: h.pop(f"{UP}.delta_scale")), "delta_scale")
    refuse(edited(lambda h: h.update({"x.delta": h.pop(f"{NORM}.delta")})), "no such tensor")
    refuse(edited(lambda h: h[f"{UP}.delta"].update(shape=[128, 512])), "do not fit")
    refuse(edited(lambda h: h[f"{UP}.delta"].update(shape=[1 << 40, 1 << 40])), "cannot have")
    refuse(edited(lambda h: h[f"{UP}.delta"].update(data_offsets=[0, 1 << 50])), "cannot have|data_offsets")
    refuse(edited(lambda h: h.update({f"{NORM}.lora_A": h[f"{Q}.lora_A"], f"{NORM}.lora_B": h[f"{Q}.lora_B"],
                                      f"{NORM}.lora_scale": h[f"{Q}.lora_scale"]})), "do not fit together")
    path.write_bytes(good)
    merge(base, path, tmp_path / "out")
