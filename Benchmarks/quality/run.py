#!/usr/bin/env python3
"""Measures retrieval and answers of a model beside its peers, and writes docs/quality.md.

    run.py [--model DIR] [--imprag BIN] [--parts retrieval,answers,eval,states,latency,report] [--sets NAME,…] [--corpora NAME,…] [--limit N]
           [--baseline NAME=DIR]… [--results DIR] [--without-minilm] [--again]

Without --model, only the peers are measured. Pieces that are there already are kept (results/), so the same command goes on
after whatever ended it; --again measures the chosen ones anew. Sets whose data is not on this machine are passed over
with a message.
"""

import argparse
import pathlib
import sys

import numpy

import answers
import latency
import report
import results
import retrieval
import runtime
import sources
import states
import vectors
from bm25 import Words
from questions import SETS, calibration

# BM25 that counts titles: what a cluster finds by `--words only`.
WORDS = "words"
PARTS = ("retrieval", "answers", "eval", "states", "latency", "report")


def encoders(options):
    """What ranks by vectors: MiniLM, and the models under test."""
    found = [] if options.without_minilm else [vectors.MiniLM()]
    if options.model:
        found.append(vectors.Ours(options.model, options.imprag, options.label))
    return found


def ranking(encoder, questions, corpus):
    """A ranking of a corpus for questions; `encoder` may also be BM25 or WORDS. Kept in the cache."""
    if isinstance(encoder, str):
        # Another weight of titles is another ranking.
        key = f"{WORDS}-{Words.TITLE_WEIGHT}" if encoder == WORDS else encoder
    else:
        key = encoder.key
    asked = [(question.plain, question.prompt) for question in questions]
    mark = vectors.digest([asked, [passage.id for passage in sources.passages(corpus)]])
    path = vectors.FOLDER / "rankings" / f"{corpus}-{key}-{mark}.npy"
    if not path.exists():
        print(f"{len(questions)} questions over {corpus}: {key}", file=sys.stderr)
        if isinstance(encoder, str):
            ranks = retrieval.rank_words(corpus, questions, encoder == WORDS)
        else:
            ranks = retrieval.rank_vectors(encoder, corpus, questions)
        path.parent.mkdir(parents=True, exist_ok=True)
        numpy.save(path, ranks)
    return numpy.load(path)


def fusion(encoder, questions, corpus, words):
    """Both rankings, by vectors and by `words`, as one, and the weight of the vectors' in it."""
    weight, known = 0.5, calibration(corpus)
    if known:
        weight = retrieval.best_weight(ranking(encoder, known, corpus), ranking(words, known, corpus), known, corpus)
    return retrieval.fuse(ranking(encoder, questions, corpus), ranking(words, questions, corpus), weight), weight


def run_retrieval(options):
    part = results.Part("retrieval")
    for each in options.sets:
        for corpus in each.corpora:
            if options.corpora and corpus not in options.corpora.split(","):
                continue
            for encoder in ["BM25", WORDS, *encoders(options)]:
                is_words = isinstance(encoder, str)
                # Ours with what the cluster fuses it with, the peer with what it is used with.
                words = WORDS if isinstance(encoder, vectors.Ours) else "BM25"
                keys = {"set": each.name, "corpus": corpus, "system": encoder if is_words else encoder.name}
                fused = keys | {"system": f"{keys['system']} + {words}"}
                more = {"key": encoder if is_words else encoder.key}
                if not options.again and part.find(keys | more) and (is_words or part.find(fused | more)):
                    continue
                more |= {"questions": len(each.questions), "passages": len(sources.passages(corpus))}
                ranks = ranking(encoder, each.questions, corpus)
                part.put(keys, more | retrieval.figures(ranks, each, corpus))
                if is_words:
                    continue
                ranks, more["weight"] = fusion(encoder, each.questions, corpus, words)
                part.put(fused, more | retrieval.figures(ranks, each, corpus))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, help="a model directory of this project")
    parser.add_argument("--label", default="ImpRAG", help="its name in the tables")
    parser.add_argument("--imprag", default=str(sources.ROOT / ".build/release/imprag"), help="the runtime")
    parser.add_argument("--without-minilm", action="store_true", help="BM25 is the only peer: it needs no vectors")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--corpora", help="of the chosen sets' corpora those that are searched (default: all)")
    parser.add_argument("--limit", type=int, default=500, help="questions of a set that are answered (default: 500)")
    parser.add_argument("--baseline", action="append", default=[], metavar="NAME=DIR",
                        help="a fine-tuned model that answers with passages in its prompt; see finetune.py")  # fmt: skip
    parser.add_argument("--gguf", type=pathlib.Path, help="the base as GGUF, for llama.cpp's time to the first token")
    parser.add_argument("--results", type=pathlib.Path, default=results.COMMITTED, help="where results go (default: results/)")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    results.FOLDER = options.results.resolve()
    parts = options.parts.split(",")
    if unknown := (set(parts) - set(PARTS)) | (set(options.sets.split(",")) - set(SETS)):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; parts are {', '.join(PARTS)}; sets are {', '.join(SETS)}")
    options.sets = available([SETS[name] for name in options.sets.split(",")])
    if not options.sets and parts != ["report"]:
        print("no set can be measured", file=sys.stderr)
        return 1
    if "retrieval" in parts:
        run_retrieval(options)
    if "answers" in parts:
        answers.run(options, ranking, fusion)
    if "eval" in parts and options.model:
        runtime.run(options)
    if "states" in parts and options.model:
        states.run(options, ranking)
    if "latency" in parts:
        latency.run(options)
    if "report" in parts:
        report.write()
    return 0


def available(sets):
    """Those of `sets` whose data is here; says what the others lack."""
    found = []
    for each in sets:
        try:
            each.questions, [sources.passages(corpus) for corpus in each.corpora]
            found.append(each)
        except sources.Missing as missing:
            print(f"{each.name} is passed over: {missing}", file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(main())
