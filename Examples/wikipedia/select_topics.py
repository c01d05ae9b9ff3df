#!/usr/bin/env python3
"""Choose the articles that a machine can index in time: all, or those of as many topics as fit, one at least.

Writes the articles to OUT, one JSON object a line, and the names of their topics beside it, to a file `topics`.
"""
import argparse
import collections
import json
import os
import pathlib

# Those that the demo has questions about come first.
ORDER = ["People", "Geography", "Arts", "History"]
WORDS_PER_PASSAGE = 100

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("articles", type=pathlib.Path)
parser.add_argument("--passages", type=int, required=True, help="how many may be indexed")
parser.add_argument("--out", type=pathlib.Path, required=True)
options = parser.parse_args()

lines = collections.defaultdict(list)
passages = collections.Counter()
with options.articles.open(encoding="utf-8") as file:
    for line in file:
        article = json.loads(line)
        topic = article["metadata"]["topic"]
        lines[topic].append(line)
        passages[topic] += -(-len(article["text"].split()) // WORDS_PER_PASSAGE)

order = [topic for topic in ORDER if topic in lines] + sorted(set(lines) - set(ORDER))
chosen, left = [], options.passages
for topic in order:
    if chosen and passages[topic] > left:
        break
    chosen.append(topic)
    left -= passages[topic]
if len(chosen) < len(order):
    print(f"{passages.total()} passages are more than fit in the demo's time here: {', '.join(chosen)} are indexed, "
          f"{sum(passages[topic] for topic in chosen)} passages")

options.out.with_name("topics").write_text("".join(f"{topic}\n" for topic in chosen), encoding="utf-8")
# Under its name only when it is whole: an interrupted run chooses again.
partial = options.out.with_suffix(".partial")
with partial.open("w", encoding="utf-8") as file:
    for topic in chosen:
        file.writelines(lines[topic])
os.replace(partial, options.out)
