"""Time to the first token over five passages of 130 tokens: ours from stored states and from text, the baseline with the
passages in its prompt. On a quiet machine; Benchmarks/inference has llama.cpp beside it."""

import json
import os
import subprocess

import results

PASSAGES, PASSAGE_TOKENS, PROMPT_TOKENS = 5, 130, 40


def run(options):
    part = results.Part("latency")
    threads = os.cpu_count()
    tokens = PASSAGE_TOKENS
    if options.model:
        tokens = min(tokens, json.loads((options.model / "config.json").read_text())["imprag"]["max_passage_tokens"])
    sizes = {"passages": PASSAGES, "passage_tokens": tokens, "prompt_tokens": PROMPT_TOKENS, "threads": threads}
    if options.model:
        command = [options.imprag, "bench", "rag", "--model", str(options.model), "--json", "--threads", str(threads)]
        command += ["--passages", str(PASSAGES), "--passage-tokens", str(tokens), "--prompt-tokens", str(PROMPT_TOKENS)]
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
        for line in done.stdout.splitlines():
            figure = json.loads(line)
            keys = {"reader": options.label, "source": figure["passages"]}
            part.put(keys, sizes | {name: figure[name] for name in ("compute", "first_token_seconds", "tokens_per_second")})
    for baseline in options.baseline[:1]:
        import torch

        import decode

        torch.set_num_threads(threads)
        seconds = decode.Decoder(baseline.split("=", 1)[1]).first_token_seconds(tokens, PASSAGES, PROMPT_TOKENS, 3)
        part.put(
            {"reader": "PyTorch", "source": "in the prompt"},
            sizes | {"compute": str(decode.quick_type()).removeprefix("torch."), "first_token_seconds": seconds},
        )
