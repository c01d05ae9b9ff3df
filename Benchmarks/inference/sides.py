#!/usr/bin/env python3
"""Prefill and decode of ImpRAG and llama.cpp side by side, in many short turns, on a machine that others may use too.

    sides.py --imprag BIN --model DIR --int8-model DIR --gguf-bf16 FILE --gguf-q8 FILE [--minutes 10] [--name NAME]
    sides.py --imprag BIN --4bit-model DIR --gguf-q4 FILE --name NAME
    sides.py --show results/NAME.json

What else runs only ever slows a turn down, and rarely all turns of one engine alone: the best of each engine's turns is
compared, and the medians stand beside it. Engines take turns, in another order every round, until the minutes are over.
Only the models that are named are measured.
Needs llama-cpp-python and numpy. Writes `results/NAME.json` and prints a table.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import bar
import compare
import peers

HERE = pathlib.Path(__file__).resolve().parent
PROMPT = 512
# Engine and the option that names its model.
ENGINES = {"ImpRAG bf16": "model", "llama.cpp bf16": "gguf_bf16", "ImpRAG int8": "int8_model", "llama.cpp Q8_0": "gguf_q8",
           "ImpRAG 4-bit": "4bit_model", "llama.cpp Q4_K_M": "gguf_q4"}
# Figure, whose, of which of llama.cpp's (the better of them), and how many times its speed is wanted.
AIMS = (("prefill", "ImpRAG bf16", ("llama.cpp bf16", "llama.cpp Q8_0"), 1.25),
        ("prefill", "ImpRAG int8", ("llama.cpp bf16", "llama.cpp Q8_0"), 2),
        ("decode", "ImpRAG bf16", ("llama.cpp bf16",), 1),
        ("decode", "ImpRAG int8", ("llama.cpp Q8_0",), 1.1),
        ("prefill", "ImpRAG 4-bit", ("llama.cpp bf16", "llama.cpp Q8_0", "llama.cpp Q4_K_M"), None),
        ("decode", "ImpRAG 4-bit", ("llama.cpp Q4_K_M",), 1.1))


def output(command, threads):
    """The JSON objects that a command prints."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True, env=peers.environment(threads))
    return [json.loads(line) for line in done.stdout.splitlines()]


def imprag(options, model, lengths):
    """One turn of ImpRAG: figure to tokens a second."""
    figures = output([options.imprag, "bench", "model", "--model", model, "--threads", options.threads, "--tokens", PROMPT,
                      "--answers", 1, "--lengths", lengths, "--repeats", 1, "--json"], options.threads)
    return {figure["figure"]: figure["tokens_per_second"] for figure in figures if "tokens_per_second" in figure}


def llama_cpp(options, model, turn):
    """One turn of llama.cpp, with flash attention in every other one."""
    made = {}
    for figure in ("prefill", "decode"):
        command = [sys.executable, HERE / "llamacpp.py", "--model", model, "--figure", figure, "--tokens", PROMPT, "--repeats", 1,
                   "--threads", options.threads, "--flash", ("on", "off")[turn % 2]]
        made[figure] = output(command, options.threads)[0]["tokens_per_second"]
    return made


def take_turns(options):
    """`{engine: {figure: [tokens a second of each turn]}}`."""
    models = {engine: path for engine, option in ENGINES.items() if (path := getattr(options, option))}
    engines = list(models)
    speeds = {engine: {"prefill": [], "decode": []} for engine in engines}
    start, longest, turn = time.monotonic(), 0, 0
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lengths:
        lengths.write("16\n")
        lengths.flush()
        # Two rounds at least: one with flash attention and one without.
        while turn < 2 or time.monotonic() - start + longest < 60 * options.minutes:
            began = time.monotonic()
            for engine in engines[turn % len(engines):] + engines[:turn % len(engines)]:
                made = (imprag(options, models[engine], lengths.name) if engine.startswith("ImpRAG")
                        else llama_cpp(options, models[engine], turn))
                print(f"round {turn + 1}, {engine}: {made}", file=sys.stderr)
                for figure, speed in made.items():
                    speeds[engine][figure].append(speed)
            longest, turn = max(longest, time.monotonic() - began), turn + 1
    return speeds


def verdicts(speeds):
    """Figure, whose, against whose, both speeds, their ratio and the aim, by the best turns."""
    for figure, mine, theirs, aim in AIMS:
        theirs = [engine for engine in theirs if engine in speeds]
        if mine not in speeds or not theirs:
            continue
        peer = max(theirs, key=lambda engine: max(speeds[engine][figure]))
        ours, best = max(speeds[mine][figure]), max(speeds[peer][figure])
        yield figure, mine, peer, ours, best, ours / best, aim


def report(result):
    """The table of the best turns, of what they are compared with, and of the medians."""
    speeds = result["speeds"]
    where = result["machine"]
    turns = len(next(iter(speeds.values()))["decode"])
    lines = [f"{where['processor']} ({', '.join(where['instructions'])}), {where['cores']} cores, {where['memory_gib']} GiB, "
             f"{where['system']}; {result['threads']} threads, {turns} turns each; {where['llama.cpp']}", "",
             "| tokens/s, best turn | ImpRAG | llama.cpp | ratio | aim | |", "|---|---|---|---|---|---|"]
    for figure, mine, peer, ours, best, ratio, aim in verdicts(speeds):
        name = f"prefill {PROMPT}" if figure == "prefill" else figure
        verdict = f"≥ {aim:g} | {'met' if ratio >= aim else 'missed'}" if aim else "|"
        lines.append(f"| {name}, {mine.split()[1]} | {bar.number(ours)} | {bar.number(best)} ({peer.split()[1]}) | {ratio:.2f} | "
                     f"{verdict} |")
    lines += ["", "| tokens/s, median turn | prefill | decode |", "|---|---|---|"]
    lines += [f"| {engine} | " + " | ".join(bar.number(statistics.median(speeds[engine][figure])) for figure in ("prefill", "decode"))
              + " |" for engine in speeds]
    return "\n".join(lines)


def main():
    parser = compare.engine_options(__doc__)
    parser.add_argument("--4bit-model", metavar="DIR", help="folder that `imprag quantize --bits 4` made of it")
    parser.add_argument("--gguf-q4", metavar="FILE", help="the same in Q4_K_M, by to_gguf.py")
    parser.add_argument("--minutes", type=float, default=10, help="no round begins that may end later (default 10)")
    parser.add_argument("--name", default="sides", help="of the result (default sides)")
    options = parser.parse_args()
    if options.show:
        print(report(json.loads(options.show.read_text())))
        return
    if not options.imprag or not any(getattr(options, option) for option in ENGINES.values()):
        parser.error("--imprag and models are needed, or --show")
    result = {"name": options.name, "machine": compare.machine([]), "threads": options.threads,
              "kernels": os.environ.get("IMPRAG_KERNELS", ""), "speeds": take_turns(options)}
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{options.name}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(report(result))


if __name__ == "__main__":
    main()
