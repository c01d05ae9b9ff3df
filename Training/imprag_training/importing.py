"""`imprag-import`: makes a directory that `imprag` loads from a GGUF file or a Hugging Face directory.

Needs numpy, and `gguf` for GGUF files. Holds a few million numbers at a time; only `--check` loads the model, with torch.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .chat import files_of_directory, files_of_gguf
from .config import ENCODINGS, ModelConfig
from .errors import Failure, exit_code
from .families import Family, as_plain, family_of
from .gguf_packed import EMBEDDING, HEAD, packed_tensors
from .gguf_source import GGUFSource
from .hf_source import HuggingFaceSource
from .tensors import Written, stored, write

DTYPES = {"bf16": ("BF16", "bfloat16"), "f32": ("F32", "float32")}
# As a GGUF file has them.
PACKED = "packed"


def default_boundaries(layers: int) -> tuple[int, int]:
    """b and t for a model nobody has tuned: the paper's 7 and N − 9 (19 of 28, 23 of 32), in proportion for fewer layers."""
    bottom = min(7, layers // 4)
    return bottom, layers - 9 if layers >= 28 else max(bottom, 2 * layers // 3)


def expected_shapes(config: ModelConfig, family: Family = Family()) -> dict[str, tuple[int, ...]]:
    """Every tensor of a model, in the order in which they are written."""
    queries, keys = config.heads * config.head_size, config.kv_heads * config.head_size
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config.vocabulary, config.hidden)}
    for layer in range(config.layer_count):
        place = f"model.layers.{layer}"
        shapes[f"{place}.input_layernorm.weight"] = (config.hidden,)
        shapes[f"{place}.self_attn.q_proj.weight"] = (queries, config.hidden)
        shapes[f"{place}.self_attn.k_proj.weight"] = (keys, config.hidden)
        shapes[f"{place}.self_attn.v_proj.weight"] = (keys, config.hidden)
        shapes[f"{place}.self_attn.o_proj.weight"] = (config.hidden, queries)
        shapes[f"{place}.post_attention_layernorm.weight"] = (config.hidden,)
        shapes[f"{place}.mlp.gate_proj.weight"] = (config.intermediate, config.hidden)
        shapes[f"{place}.mlp.up_proj.weight"] = (config.intermediate, config.hidden)
        shapes[f"{place}.mlp.down_proj.weight"] = (config.hidden, config.intermediate)
        for part in family.biases:
            name = f"{place}.{'self_attn' if part[0] in 'qkvo' else 'mlp'}.{part}"
            shapes[f"{name}.bias"] = shapes[f"{name}.weight"][:1]
        if family.normalizes_heads:
            shapes |= {f"{place}.self_attn.{part}_norm.weight": (config.head_size,) for part in "qk"}
    shapes["model.norm.weight"] = (config.hidden,)
    if not config.tied:
        shapes["lm_head.weight"] = (config.vocabulary, config.hidden)
    return shapes


def import_model(
    source: Path, target: Path, imprag: dict[str, Any] | None = None, dtype: str = "bf16", bos: int | None = None,
    progress: Callable[[str], None] = lambda _: None, plain_only: bool = False,
) -> ModelConfig:
    """Makes the directory `target`, whole or not at all; `imprag` overrides the source's own object and the defaults.

    `progress` hears each tensor's name before it is read. `plain_only` refuses what `--check` could not compute.
    """
    if target.exists() or target.is_symlink():
        raise Failure(f"{target} exists already; name a directory that does not, or remove it first")
    if not source.exists():
        raise Failure(f"{source}: there is no such file or directory")
    model = (HuggingFaceSource if source.is_dir() else GGUFSource)(source, bos)
    chat = files_of_gguf(model.file) if isinstance(model, GGUFSource) else files_of_directory(source)
    family, problems = family_of(model.config)
    if problems:
        raise Failure(f"{source}: {'; '.join(problems)}")
    if plain_only and not family.is_plain:
        raise Failure(f"{source}: --check computes plain Llama layers, and this is a {family.name} model; leave it out, and measure with imprag eval")
    config = _config(as_plain(model.config), imprag or {}, source)
    expected = expected_shapes(config, family)
    _check_shapes(model.shapes, expected, source, family)
    if dtype == PACKED:
        tensors, settings = _packed(model, config, expected, source)
    else:
        stored_as, name = DTYPES[dtype]
        settings = config.to_json(name)
        tensors = [Written(tensor, stored_as, shape, _pieces(model, tensor, stored_as, source, progress)) for tensor, shape in expected.items()]
    with new_directory(target) as folder:
        write(folder / "model.safetensors", tensors, {"format": "pt"})
        write_json(folder / "config.json", family.settings(settings))
        write_json(folder / "generation_config.json", model.generation)
        for file, content in {"tokenizer.json": model.tokenizer, **chat}.items():
            (folder / file).write_bytes(content)
        for notice in model.notices:
            shutil.copyfile(notice, folder / notice.name)
    return config


def _pieces(
    model: HuggingFaceSource | GGUFSource, tensor: str, stored_as: str, source: Path, progress: Callable[[str], None]
) -> Iterator[np.ndarray]:
    progress(tensor)
    for piece in model.pieces(tensor):
        if not np.isfinite(piece).all():
            raise Failure(f"{source}: the tensor {tensor} holds numbers that are not finite")
        yield stored(piece, stored_as)


def _packed(
    model: HuggingFaceSource | GGUFSource, config: ModelConfig, expected: dict[str, tuple[int, ...]], source: Path
) -> tuple[list[Written], dict[str, Any]]:
    """The matrices as the file has them; the output layer is one of its own then."""
    if not isinstance(model, GGUFSource):
        raise Failure(f"{source}: only a GGUF file has packed numbers; `imprag quantize` makes them of a directory")
    tensors, bits = packed_tensors(model, expected | {HEAD: expected[EMBEDDING]})
    return tensors, config.to_json("bfloat16") | {"tie_word_embeddings": False, "quantization_config": {"quant_method": "imprag", "bits": bits}}


class new_directory:
    """A directory beside `target` that takes its name at the end, and is gone where something fails."""

    def __init__(self, target: Path) -> None:
        self.target, self.folder = target, target.with_name(target.name + ".new")

    def __enter__(self) -> Path:
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise Failure(f"{self.folder} cannot be made: {error.strerror}") from error
        return self.folder

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            self.folder.rename(self.target)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """As `config.json` is written everywhere: the same value gives the same bytes."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _config(data: dict[str, Any], imprag: dict[str, Any], source: Path) -> ModelConfig:
    """`data` as a checked configuration with an `imprag` object."""
    try:
        layers = data["num_hidden_layers"]
        bottom, top = default_boundaries(layers)
        own = {
            "bottom_boundary": bottom, "top_boundary": top, "top_k": 10, "passage_encoding": "independent",
            "max_passage_tokens": min(160, data.get("max_position_embeddings", 2048)),
        }
        own |= data.get("imprag") or {}
        own |= imprag
        if "bottom_boundary" in imprag and "top_boundary" not in imprag:
            own["top_boundary"] = max(own["top_boundary"], own["bottom_boundary"])
        config = ModelConfig.from_json({**data, "imprag": own})
        whole = (config.vocabulary, config.hidden, config.intermediate, layers, config.heads, config.kv_heads, config.head_size)
        problems = []
        if not all(type(number) is int and 0 < number < 1 << 24 for number in whole) or layers > 4096:
            problems.append(f"the sizes {whole} must be whole numbers above zero")
        elif config.head_size % 2:
            problems.append(f"the head size is {config.head_size}; rotary positions need an even one")
        if not all(type(token) is int and 0 <= token < config.vocabulary for token in (config.bos, *config.eos)):
            problems.append(f"the BOS token {config.bos} and the end tokens {config.eos} must be below vocab_size, {config.vocabulary}")
        scaling = config.rope_scaling
        positive = [config.rope_theta, *((scaling.factor, scaling.low, scaling.high - scaling.low, scaling.original_positions) if scaling else ())]
        if not all(type(number) in (int, float) and 0 < number < 1e18 for number in positive) or not 0 <= config.rms_norm_eps <= 1:
            problems.append(f"rms_norm_eps {config.rms_norm_eps}, rope_theta {config.rope_theta} and {scaling} are not all usable")
        if not 1 <= config.max_passage_tokens <= config.max_positions:
            problems.append(f"max_passage_tokens must be from 1 to {config.max_positions}, not {config.max_passage_tokens}")
        if not 0 <= config.top_k <= 65536:
            problems.append(f"top_k must be from 0 to 65536, not {config.top_k}")
    except KeyError as error:
        raise Failure(f"{source}: {error.args[0]} is missing from the configuration") from error
    except (TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise Failure(f"{source}: the configuration is not usable: {error}") from error
    if problems:
        raise Failure(f"{source}: {'; '.join(problems)}")
    return config


def _check_shapes(found: dict[str, tuple[int, ...]], expected: dict[str, tuple[int, ...]], source: Path, family: Family) -> None:
    problems = [f"{name} is missing" for name in expected if name not in found]
    problems += [f"{name} is none of a {family.name.capitalize()} model's" for name in found if name not in expected]
    problems += [
        f"{name} has the shape {list(found[name])} instead of {list(shape)}"
        for name, shape in expected.items() if name in found and found[name] != shape
    ]
    if problems:
        more = f", and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise Failure(f"{source}: tensors do not fit the configuration: {'; '.join(problems[:5])}{more}")


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="imprag-import", description=__doc__.split("\n")[0].partition(": ")[2])
    parser.add_argument("source", type=Path, help="a GGUF file or a Hugging Face directory")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the directory to make")
    parser.add_argument("--bottom", type=int, metavar="B", help="the boundary b (default: 7, or a quarter of few layers)")
    parser.add_argument("--top", type=int, metavar="T", help="the boundary t (default: the number of layers less 9, or two thirds of few)")
    parser.add_argument("--top-k", type=int, metavar="K", help="passages a request reads unless it says otherwise (default: 10)")
    parser.add_argument("--max-passage-tokens", type=int, metavar="N", help="where passages are cut (default: 160)")
    parser.add_argument("--encoding", choices=ENCODINGS, help="how passages are read (default: independent, the one that can be stored)")
    parser.add_argument("--dtype", choices=[*DTYPES, PACKED], default="bf16", help="of the weights that are written; packed keeps a GGUF file's 4- and 8-bit numbers")
    parser.add_argument("--bos", type=int, metavar="ID", help="the token that begins a text, where the source does not say")
    parser.add_argument("--check", type=Path, metavar="FILE", help="measure the perplexity of this text, plain or gzip, and compare greedy answers with transformers (needs torch)")
    parser.add_argument("--check-tokens", type=int, default=8192, metavar="N", help="how much of that text (default: 8,192 tokens)")
    return parser.parse_args(arguments)


class _Progress:
    """A line of progress every few seconds: small models need none."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def __call__(self, tensor: str) -> None:
        if time.monotonic() - self.last > 5:
            self.last = time.monotonic()
            print(f"imprag-import: {tensor}", file=sys.stderr, flush=True)


def _checker() -> Callable[[Path, Path, int], None]:
    try:
        from .import_check import check
    except ImportError as error:
        raise Failure(f"--check needs torch, tokenizers and safetensors: {error}") from error
    return check


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    options = _arguments(arguments)
    chosen = {
        "bottom_boundary": options.bottom, "top_boundary": options.top, "top_k": options.top_k,
        "max_passage_tokens": options.max_passage_tokens, "passage_encoding": options.encoding,
    }

    def work() -> None:
        if options.check is not None and not options.check.is_file():
            raise Failure(f"{options.check}: there is no such file")
        if options.check is not None and options.dtype == PACKED:
            raise Failure("--check computes in floats; leave it out with --dtype packed, and measure with imprag eval")
        check = _checker() if options.check is not None else None
        imprag = {name: value for name, value in chosen.items() if value is not None}
        config = import_model(options.source, options.out, imprag, options.dtype, options.bos, _Progress(), check is not None)
        print(
            f"{options.out}: {config.layer_count} layers of {config.hidden}, {config.vocabulary} tokens, {options.dtype}; "
            f"b = {config.bottom}, t = {config.top}, k = {config.top_k}, passages of at most {config.max_passage_tokens} tokens, {config.passage_encoding}"
        )
        if check is not None:
            check(options.out, options.check, options.check_tokens)

    return exit_code("imprag-import", work)


if __name__ == "__main__":
    sys.exit(main())
