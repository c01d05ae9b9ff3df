"""Time to the first token over five passages of 130 tokens: ours from stored states and from text; a baseline, and llama.cpp
(PyPI's `llama-cpp-python`, compiled on the machine) on the base's GGUF, with the passages in their prompts. On a quiet machine."""

import json
import os
import statistics
import subprocess
import time

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
    if options.gguf:
        keys = {"reader": "llama.cpp", "source": "in the prompt"}
        seconds = llama_cpp_seconds(options.gguf, PASSAGES * tokens + PROMPT_TOKENS, threads)
        part.put(keys, sizes | {"compute": options.gguf.stem, "first_token_seconds": seconds})
    for baseline in options.baseline[:1]:
        import torch

        import decode

        torch.set_num_threads(threads)
        seconds = decode.Decoder(baseline.split("=", 1)[1]).first_token_seconds(tokens, PASSAGES, PROMPT_TOKENS, 3)
        part.put(
            {"reader": "PyTorch", "source": "in the prompt"},
            sizes | {"compute": str(decode.quick_type()).removeprefix("torch."), "first_token_seconds": seconds},
        )


def llama_cpp_seconds(gguf, tokens, threads):
    """Median time of five until llama.cpp has the first token after so many."""
    import llama_cpp

    model = llama_cpp.Llama(str(gguf), n_ctx=1024, n_batch=1024, n_threads=threads, n_threads_batch=threads, verbose=False)
    prompt = [model.token_bos()] + [1000 + place % 400 for place in range(tokens - 1)]
    times = []
    for _ in range(6):
        model.reset()
        begun = time.perf_counter()
        model.eval(prompt)
        model.sample(temp=0.0)
        times.append(time.perf_counter() - begun)
    return statistics.median(times[1:])
