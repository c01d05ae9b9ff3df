"""Puts figures of ImpRAG beside those of the peers and says which aims are met. Pure functions; no files, no processes.

A figure is a dictionary as `imprag bench ... --json` and `peers.py` print them; ImpRAG's have `compute` (bf16 or int8), the peers'
`peer` and `precision` (bf16 or q8_0).
"""

import statistics
from dataclasses import dataclass

# llama.cpp's format that stands beside each of ImpRAG's.
BESIDE = {"bf16": "bf16", "int8": "q8_0"}
AT_ONCE = 8


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `ratio` is how many times better ImpRAG is than what `against` names, None where one of the two is missing; `aim` is the least
    ratio that is wanted, None where none is set.
    """

    name: str
    compute: str
    unit: str
    imprag: float | None
    llama_cpp: float | None
    transformers: float | None
    against: str
    ratio: float | None
    aim: float | None

    @property
    def verdict(self):
        """`met` or `missed`; empty where there is no aim or nothing to judge."""
        if self.aim is None or self.ratio is None:
            return ""
        return "met" if self.ratio >= self.aim else "missed"


def find(figures, key, **wanted):
    """The median of `key` over all figures that have all of `wanted`; None where there is none."""
    fitting = [figure for figure in figures if key in figure and all(figure.get(name) == value for name, value in wanted.items())]
    values = [figure[key] for figure in fitting]
    return statistics.median(values) if values else None


def ratio(imprag, peer, smaller_is_better=False):
    """How many times better `imprag` is than `peer`; None where one is missing or nothing."""
    if not imprag or not peer:
        return None
    return peer / imprag if smaller_is_better else imprag / peer


def row(name, compute, unit, key, imprag, peers, aim, mine, theirs, against="llama.cpp", smaller_is_better=False):
    """One line: `mine` picks ImpRAG's figure and `theirs` the peers'."""
    own = find(imprag, key, compute=compute, **mine)
    llama_cpp = find(peers, key, peer="llama.cpp", precision=BESIDE[compute], **theirs)
    transformers = find(peers, key, peer="transformers", precision="bf16", **theirs)
    compared = llama_cpp if against == "llama.cpp" else transformers
    return Row(name, compute, unit, own, llama_cpp, transformers, against, ratio(own, compared, smaller_is_better), aim)


def rows(imprag, peers):
    """All lines of the table. The aims are those of the project, for the shape of Llama-3.2-1B on two cores."""
    made = []
    for compute in BESIDE:
        for tokens in (128, 512, 1300):
            aim = None if tokens == 128 else {"bf16": 1.35, "int8": 4}[compute]
            same = {"figure": "prefill", "tokens": tokens}
            made.append(row(f"prefill, {tokens} tokens", compute, "tokens/s", "tokens_per_second", imprag, peers, aim, same, same))
        same = {"figure": "decode", "batch": 1}
        made.append(row("decode", compute, "tokens/s", "tokens_per_second", imprag, peers, 1.2, same, same))
        same = {"figure": "decode", "batch": AT_ONCE}
        at_once = row(f"decode, {AT_ONCE} at once", compute, "tokens/s", "tokens_per_second", imprag, peers, None, same, same)
        made.append(at_once)
        alone = find(imprag, "tokens_per_second", compute=compute, figure="decode", batch=1)
        made.append(Row(f"{AT_ONCE} at once over one", compute, "tokens/s", at_once.imprag, None, None, "itself",
                        ratio(at_once.imprag, alone), 5))
        for passages, aim in (("stored", 30), ("computed", 2)):
            mine, theirs = {"figure": "rag", "passages": passages}, {"figure": "rag"}
            made.append(row(f"first token, passages {passages}", compute, "s", "first_token_seconds", imprag, peers, aim,
                            mine, theirs, smaller_is_better=True))
            made.append(row(f"answer, passages {passages}", compute, "tokens/s", "tokens_per_second", imprag, peers, None,
                            mine, theirs))
        same = {"figure": "embed"}
        made.append(row("embedding passages", compute, "passages/s", "passages_per_second", imprag, peers,
                        1.5 if compute == "bf16" else None, same, same, against="transformers"))
    return [line for line in made if any(value is not None for value in (line.imprag, line.llama_cpp, line.transformers))]


def number(value):
    """A figure with three digits that count, or a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(lines):
    """Markdown."""
    text = ["| figure | arithmetic | unit | ImpRAG | llama.cpp | transformers | ratio | to | aim | |",
            "|---|---|---|---|---|---|---|---|---|---|"]
    for line in lines:
        aim = "" if line.aim is None else f"≥ {line.aim:g}"
        shown = "–" if line.ratio is None else f"{line.ratio:.2f}"
        text.append(f"| {line.name} | {line.compute} | {line.unit} | {number(line.imprag)} | {number(line.llama_cpp)} | "
                    f"{number(line.transformers)} | {shown} | {line.against} | {aim} | {line.verdict} |")
    return "\n".join(text)
