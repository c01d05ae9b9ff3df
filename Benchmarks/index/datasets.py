#!/usr/bin/env python3
"""Writes data sets for the index benchmark, one folder each: `base.fbin`, `query.fbin`, `truth.ibin` (BigANN formats).

    datasets.py OUT [--only NAME ...] [--seed N] [--ann DIR] [--imprag BIN --keystates N]

Names: `attention-200k`, or any `attention-ROWS[-DIMENSION]` such as `attention-5m` and `attention-20k-384` (dimension 1024 unless
said); `duplicates`; `bge` and `sift`, from --ann; `keystates`, from --imprag. Truth is the exact top 100 by inner product. A
set that is there already, made with the same parameters, is left alone. Needs numpy.
"""

import argparse
import gzip
import json
import pathlib
import re
import shutil
import sys
import time

import numpy as np

import bigann
import keystates
import truth
from attention import Attention

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUERIES = 1000
SAMPLE = 400
DEFAULT = ["attention-200k", "attention-20k-96", "attention-20k-384", "attention-20k-768", "attention-20k-1536",
           "duplicates", "bge", "sift", "keystates"]
GIVEN = {"bge": ("bge.{}.f32.gz", np.dtype("<f4"), 1024), "sift": ("sift.{}.u8.gz", np.dtype("u1"), 128)}
DUPLICATES = {"rows": 20_000, "dimension": 96, "copies": 5, "zeros": 200}


class Skip(Exception):
    """This set cannot be made here; the message says what is missing."""


def write_blocks(path, rows, dimension, blocks):
    """One `.fbin` of `rows` vectors from their blocks."""
    with bigann.Writer(path, rows, dimension) as writer:
        for block in blocks:
            writer.write(block)


def attention(folder, rows, dimension, seed):
    """Made attention states; a base of any size, written by blocks."""
    made = Attention(dimension, seed)
    write_blocks(folder / "base.fbin", rows, dimension, made.base(rows))
    write_blocks(folder / "query.fbin", QUERIES, dimension, made.queries(QUERIES))


def duplicates(folder, seed):
    """Every vector `copies` times, and `zeros` zero vectors, in mixed order: what must not confuse an index.

    Five copies fill the best 10 exactly, so which ids are right is not a matter of taste.
    """
    rows, dimension = DUPLICATES["rows"], DUPLICATES["dimension"]
    made = Attention(dimension, seed)
    distinct = (rows - DUPLICATES["zeros"]) // DUPLICATES["copies"]
    base = np.concatenate(list(made.base(distinct)))
    base = np.concatenate([np.repeat(base, DUPLICATES["copies"], axis=0), np.zeros((DUPLICATES["zeros"], dimension), np.float32)])
    bigann.save(folder / "base.fbin", np.random.default_rng(3 + 10 * seed).permutation(base))
    write_blocks(folder / "query.fbin", QUERIES, dimension, made.queries(QUERIES))


def given(folder, name, directory):
    """A set that lies in `directory` as compressed rows without a header; bytes become float32."""
    pattern, kind, dimension = GIVEN[name]
    for part in ("base", "query"):
        path = None if directory is None else directory / pattern.format(part)
        if path is None or not path.exists():
            raise Skip(f"needs {pattern.format(part)}: give the folder that has it as --ann DIR")
        numbers = np.frombuffer(gzip.decompress(path.read_bytes()), kind)
        bigann.save(folder / f"{part}.fbin", numbers.reshape(-1, dimension).astype(np.float32))


def key_states(folder, options):
    """Key states and query states of the repository's own model, and a sample of more queries to calibrate with.

    Key states are rounded to bf16, as an index stores them: passages made from templates lie so close together that the
    rounding reorders them, and every engine is to be asked for the same neighbours.
    """
    if options.imprag is None:
        raise Skip("needs a model's arithmetic: give the binary as --imprag BIN")
    if not options.iso_codes.is_dir():
        raise Skip(f"needs Debian's package iso-codes; {options.iso_codes} is not there (--iso-codes)")
    world = keystates.load_world(ROOT, options.iso_codes, 11 + options.seed)
    texts = keystates.Texts(world, options.keystates, QUERIES + SAMPLE)
    model = ROOT / "Models" / "encyclopedia-tiny"
    blocks = keystates.embed(options.imprag, model, "passage", texts.passages(), options.keystates, options.threads)
    first = next(blocks)
    with bigann.Writer(folder / "base.fbin", options.keystates, first.shape[1]) as writer:
        writer.write(bigann.rounded(first))
        for block in blocks:
            writer.write(bigann.rounded(block))
    queries = np.concatenate(list(
        keystates.embed(options.imprag, model, "query", texts.prompts(), QUERIES + SAMPLE, options.threads)))
    # Each part from all over the passages.
    is_sample = np.arange(len(queries)) * SAMPLE % len(queries) < SAMPLE
    bigann.save(folder / "query.fbin", queries[~is_sample])
    bigann.save(folder / "sample.fbin", queries[is_sample])


def count_of(text):
    """`20k` is 20,000; `5m` is 5,000,000."""
    return int(text.rstrip("km")) * {"k": 1000, "m": 1_000_000}.get(text[-1], 1)


def make(name, folder, options):
    """Writes base and queries of one set, then the truth, then `about.json`, which says that the set is whole."""
    sized = re.fullmatch(r"attention-(\d+[km]?)(?:-(\d+))?", name)
    about = {"name": name}
    if name not in GIVEN:
        about["seed"] = options.seed
    if name == "keystates":
        about["rows"] = options.keystates
    if (folder / "about.json").exists() and about.items() <= json.loads((folder / "about.json").read_text()).items():
        print(f"{name}: is there", file=sys.stderr)
        return
    start = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if sized:
        attention(folder, count_of(sized[1]), int(sized[2] or 1024), options.seed)
    elif name == "duplicates":
        duplicates(folder, options.seed)
    elif name in GIVEN:
        given(folder, name, options.ann)
    else:
        key_states(folder, options)
    base, queries = bigann.load(folder / "base.fbin"), np.array(bigann.load(folder / "query.fbin"))
    made = time.monotonic()
    bigann.save(folder / "truth.ibin", truth.nearest(base, queries))
    about |= {"rows": base.shape[0], "dimension": base.shape[1], "queries": len(queries), "distance": "inner product"}
    (folder / "about.json").write_text(json.dumps(about) + "\n")
    print(f"{name}: {base.shape[0]:,} x {base.shape[1]}, {len(queries):,} queries; made in {made - start:,.1f} s, "
          f"truth in {time.monotonic() - made:,.1f} s", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="folder to write the sets' folders in")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=DEFAULT, help=f"default: {' '.join(DEFAULT)}")
    parser.add_argument("--seed", type=int, default=0, help="0 gives the sets of the published figures; another gives others alike")
    parser.add_argument("--ann", type=pathlib.Path, help="folder with the given sets bge and sift")
    parser.add_argument("--imprag", type=pathlib.Path, help="the imprag binary, for keystates")
    parser.add_argument("--keystates", type=int, default=1_000_000, metavar="N", help="passages of keystates (default 1000000)")
    parser.add_argument("--iso-codes", type=pathlib.Path, default=pathlib.Path("/usr/share/iso-codes/json"))
    parser.add_argument("--threads", type=int, default=2, help="threads of imprag embed (default 2)")
    options = parser.parse_args()
    names = [name for name in options.only if not re.fullmatch(r"attention-\d+[km]?(-\d+)?", name)]
    unknown = sorted(set(names) - {"duplicates", "bge", "sift", "keystates"})
    if unknown:
        parser.error(f"no data set is called {', '.join(unknown)}")
    for name in options.only:
        try:
            make(name, options.out / name, options)
        except Skip as reason:
            shutil.rmtree(options.out / name, ignore_errors=True)
            print(f"{name}: skipped, it {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
