#!/usr/bin/env python3
"""Measures llama.cpp and transformers, every figure in a process of its own; prints one JSON object a line.

    peers.py --model DIR --gguf-bf16 FILE --gguf-q8 FILE [--only TEXT ...] [--threads 2] [--repeats 3] [--launcher COMMAND]

Where an engine has settings (flash attention, tokens a batch, passages a batch), each is tried once and the quickest is measured
again; that one counts. Needs what `llamacpp.py` and `huggingface.py` need.
"""

import argparse
import itertools
import json
import os
import pathlib
import shlex
import subprocess
import sys
from dataclasses import dataclass, field

import workload

HERE = pathlib.Path(__file__).resolve().parent


@dataclass(frozen=True)
class Job:
    """One figure of one engine: the script that measures it, its options, and the settings of which the best counts."""

    peer: str
    precision: str
    script: str
    options: dict
    settings: dict = field(default_factory=dict)

    @property
    def name(self):
        """What `--only` looks in, such as `llama.cpp bf16 prefill 512`."""
        words = [str(value) for option, value in self.options.items() if option != "model"]
        return " ".join([self.peer, self.precision, *words])

    def choices(self):
        """Every combination of the settings."""
        return [dict(zip(self.settings, values)) for values in itertools.product(*self.settings.values())]


def jobs(model, gguf):
    """All figures; `gguf` maps a precision to a file, `model` is the Hugging Face directory."""
    flash = {"flash": ["on", "off"]}
    for precision, file in gguf.items():
        for tokens in workload.PREFILLS:
            # More tokens a batch than the prompt has would change nothing.
            sizes = [512] if tokens <= 512 else [512, 2048]
            yield Job("llama.cpp", precision, "llamacpp.py", {"model": file, "figure": "prefill", "tokens": tokens},
                      flash | {"batch-tokens": sizes})
        yield Job("llama.cpp", precision, "llamacpp.py", {"model": file, "figure": "decode", "batch": 1}, flash)
        yield Job("llama.cpp", precision, "llamacpp.py", {"model": file, "figure": "decode", "batch": workload.TOGETHER},
                  flash | {"unified": ["on", "off"]})
        yield Job("llama.cpp", precision, "llamacpp.py", {"model": file, "figure": "rag"}, flash | {"batch-tokens": [512, 2048]})
    for tokens in workload.PREFILLS:
        yield Job("transformers", "bf16", "huggingface.py", {"model": model, "figure": "prefill", "tokens": tokens})
    for batch in (1, workload.TOGETHER):
        yield Job("transformers", "bf16", "huggingface.py", {"model": model, "figure": "decode", "batch": batch})
    yield Job("transformers", "bf16", "huggingface.py", {"model": model, "figure": "embed"}, {"batch": [4, 8, 16, 32]})


def score(figure):
    """The number by which settings are compared; more is better."""
    if "first_token_seconds" in figure:
        return 1 / figure["first_token_seconds"]
    return figure.get("passages_per_second") or figure["tokens_per_second"]


def environment(threads):
    """The environment of every measured process: all have the same threads, and none takes slower kernels than it could."""
    inherited = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    return inherited | {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def launch(threads, launcher):
    """A function that measures a job with given settings and repetitions in one process, and returns the figure."""

    def run(job, settings, repeats):
        command = [*launcher, sys.executable, str(HERE / job.script), f"--threads={threads}", f"--repeats={repeats}"]
        command += [f"--{name}={value}" for name, value in (job.options | settings).items()]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment(threads))
        return json.loads(done.stdout) | {"peer": job.peer, "precision": job.precision, "settings": settings}

    return run


def measure(job, repeats, run):
    """The figure of a job with the settings that one try of each finds to be the quickest."""
    choices = job.choices()
    if len(choices) > 1:
        tries = [run(job, choice, 1) for choice in choices]
        tried = [one["settings"] | {"score": round(score(one), 3)} for one in tries]
        print(job.name, tried, file=sys.stderr)
        return run(job, max(tries, key=score)["settings"], repeats) | {"tried": tried}
    return run(job, choices[0], repeats)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR", help="folder that make_model.py wrote")
    parser.add_argument("--gguf-bf16", required=True, metavar="FILE")
    parser.add_argument("--gguf-q8", required=True, metavar="FILE")
    parser.add_argument("--only", nargs="+", metavar="TEXT", default=[""], help="only figures whose name contains one of these")
    parser.add_argument("--threads", type=int, default=2, help="threads of every engine (default 2)")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions that a median is taken of (default 3)")
    parser.add_argument("--launcher", default="", help="command before every measured process, such as `taskset -c 0,1`")
    options = parser.parse_args()
    run = launch(options.threads, shlex.split(options.launcher))
    for job in jobs(options.model, {"bf16": options.gguf_bf16, "q8_0": options.gguf_q8}):
        if any(text in job.name for text in options.only):
            print(json.dumps(measure(job, options.repeats, run)), flush=True)


if __name__ == "__main__":
    main()
