#!/usr/bin/env python3
"""Measures retrieval and answers of a model beside its peers, and writes docs/quality.md.

    run.py [--model DIR] [--imprag BIN] [--parts retrieval,answers,latency,report] [--sets NAME,…] [--limit N]
           [--baseline NAME=DIR]… [--results DIR] [--again]

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
import sources
import vectors
from questions import SETS

PARTS = ("retrieval", "answers", "latency", "report")


def encoders(options):
    """What ranks by vectors: MiniLM, and the models under test."""
    found = [vectors.MiniLM()]
    if options.model:
        found.append(vectors.Ours(options.model, options.imprag, options.label))
    return found


def ranking(encoder, name, corpus):
    """A ranking of a set over a corpus; `encoder` None ranks by words. Kept in the cache."""
    questions = SETS[name].questions
    key = "bm25" if encoder is None else encoder.key
    marks = (str([(q.plain, q.prompt) for q in questions]), str([p.id for p in sources.passages(corpus)]))
    path = vectors.FOLDER / "rankings" / f"{name}-{corpus}-{key}-{vectors.digest(marks)}.npy"
    if not path.exists():
        print(f"{name} over {corpus}: {key}", file=sys.stderr)
        if encoder is None:
            ranks = retrieval.rank_words(corpus, questions)
        else:
            ranks = retrieval.rank_vectors(encoder, corpus, questions)
        path.parent.mkdir(parents=True, exist_ok=True)
        numpy.save(path, ranks)
    return numpy.load(path)


def run_retrieval(options):
    part = results.Part("retrieval")
    for each in options.sets:
        for corpus in each.corpora:
            words = None
            for encoder in [None, *encoders(options)]:
                name = "BM25" if encoder is None else encoder.name
                keys = {"set": each.name, "corpus": corpus, "system": name}
                if not options.again and part.find(keys | ({"key": encoder.key} if encoder else {})):
                    continue
                words = ranking(None, each.name, corpus)
                ranks = words if encoder is None else ranking(encoder, each.name, corpus)
                more = {"questions": len(each.questions), "passages": len(sources.passages(corpus))}
                more["key"] = encoder.key if encoder else "bm25"
                part.put(keys, more | retrieval.figures(ranks, each, corpus))
                if encoder is not None:
                    fused = retrieval.fuse(ranks, words)
                    part.put(keys | {"system": f"{name} + BM25"}, more | retrieval.figures(fused, each, corpus))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, help="a model directory of this project")
    parser.add_argument("--label", default="ImpRAG", help="its name in the tables")
    parser.add_argument("--imprag", default=str(sources.ROOT / ".build/release/imprag"), help="the runtime")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--limit", type=int, default=500, help="questions of a set that are answered (default: 500)")
    parser.add_argument("--baseline", action="append", default=[], metavar="NAME=DIR",
                        help="a fine-tuned model that answers with passages in its prompt; see finetune.py")  # fmt: skip
    parser.add_argument("--results", type=pathlib.Path, default=results.COMMITTED, help="where results go (default: results/)")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    results.FOLDER = options.results.resolve()
    parts = options.parts.split(",")
    if unknown := (set(parts) - set(PARTS)) | (set(options.sets.split(",")) - set(SETS)):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; parts are {', '.join(PARTS)}; sets are {', '.join(SETS)}")
    options.sets = available([SETS[name] for name in options.sets.split(",")])
    if "retrieval" in parts:
        run_retrieval(options)
    if "answers" in parts:
        answers.run(options, ranking)
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
