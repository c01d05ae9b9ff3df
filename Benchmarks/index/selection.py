"""Which points of which engine count: the best speed at a recall, the medians of several runs, the line in the picture.

A point is a dictionary with `recall`, `one_qps` and `batch_qps`, and the knobs that gave them. Pure functions; no files.
"""

import statistics
from dataclasses import dataclass

TARGETS = [0.90, 0.95, 0.98, 0.985, 0.99]
MEASURES = {"one_qps": "one by one", "batch_qps": "batch"}


@dataclass(frozen=True)
class Row:
    """The best of both sides at one target recall; None where nothing reaches it.

    `ratio` is ImpRAG's speed over the best peer's, None unless both reach the target.
    """

    target: float
    imprag: dict | None
    peer: dict | None
    peer_name: str | None
    ratio: float | None


def best(points, target, measure):
    """The fastest point whose recall is at least `target`, or None."""
    return max((point for point in points if point["recall"] >= target), key=lambda point: point[measure], default=None)


def against_peers(imprag, peers, target, measure):
    """Compares ImpRAG's points with those of every peer, `{name: points}`, at one target."""
    mine = best(imprag, target, measure)
    reached = {name: point for name, points in peers.items() if (point := best(points, target, measure))}
    name = max(reached, key=lambda name: reached[name][measure], default=None)
    theirs = reached.get(name)
    ratio = mine[measure] / theirs[measure] if mine and theirs else None
    return Row(target, mine, theirs, name, ratio)


def frontier(points, measure):
    """The points that no other one beats in both recall and speed, by rising recall: what a line in the picture joins."""
    kept, fastest = [], 0.0
    for point in sorted(points, key=lambda point: (-point["recall"], -point[measure])):
        if point[measure] > fastest:
            kept.append(point)
            fastest = point[measure]
    return kept[::-1]


def median_points(runs, knobs):
    """The points of several runs of one engine as one: points with equal `knobs` become the median of each number.

    A target that only some runs map to these knobs (calibration differs from build to build) is dropped from the median
    together with everything else that is not a number in all of them.
    """
    grouped = {}
    for points in runs:
        for point in points:
            grouped.setdefault(tuple(point.get(knob) for knob in knobs), []).append(point)
    merged = []
    for group in grouped.values():
        numbers = [name for name in group[0] if all(isinstance(point.get(name), (int, float)) for point in group)]
        merged.append({name: statistics.median(point[name] for point in group) for name in numbers})
    return merged
