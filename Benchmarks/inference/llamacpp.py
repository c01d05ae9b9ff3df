#!/usr/bin/env python3
"""Measures one figure of llama.cpp with one set of settings, in this process; prints one JSON object.

    llamacpp.py --model FILE.gguf --figure prefill --tokens 512 [--flash on|off] [--batch-tokens 512] [--threads 2] [--repeats 3]

Token ids go through llama_decode itself, so neither tokenizer nor sampling chain is measured. Needs llama-cpp-python and numpy.
"""

import argparse
import json
import statistics
import sys
import time

import llama_cpp
import numpy as np

import workload

# Only errors: the default prints every tensor.
ERROR_LEVEL = 4


@llama_cpp.llama_log_callback
def _log(level, text, _):
    if level == ERROR_LEVEL:
        print(text.decode(errors="replace"), end="", file=sys.stderr)


class Session:
    """A loaded model with one context, for `sequences` sequences of together at most `context` tokens."""

    def __init__(self, path, context, sequences=1, threads=2, flash=True, batch_tokens=512, unified=False):
        llama_cpp.llama_log_set(_log, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"{path}: llama.cpp did not load it")
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx, settings.n_seq_max = context, sequences
        settings.n_batch = settings.n_ubatch = batch_tokens
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        settings.kv_unified = unified
        self.context = llama_cpp.llama_init_from_model(self.model, settings)
        if not self.context:
            raise SystemExit(f"{path}: llama.cpp made no context of {context} tokens")
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.batch_tokens = batch_tokens
        self.batch = llama_cpp.llama_batch_init(batch_tokens, 0, 1)

    def clear(self):
        """Forgets all sequences."""
        llama_cpp.llama_memory_clear(self.memory, True)

    def decode(self, entries):
        """One call of llama_decode on `(id, position, sequence, wanted)`; the logits of those wanted, `[count, vocabulary]`."""
        self.batch.n_tokens = len(entries)
        for i, (token, position, sequence, wanted) in enumerate(entries):
            self.batch.token[i], self.batch.pos[i], self.batch.logits[i] = token, position, wanted
            self.batch.n_seq_id[i], self.batch.seq_id[i][0] = 1, sequence
        status = llama_cpp.llama_decode(self.context, self.batch)
        if status != 0:
            raise SystemExit(f"llama_decode of {len(entries)} tokens returned {status}")
        count = sum(wanted for *_, wanted in entries)
        if count == 0:
            llama_cpp.llama_synchronize(self.context)
            return None
        return np.ctypeslib.as_array(llama_cpp.llama_get_logits(self.context), (count, self.vocabulary))

    def prefill(self, ids, sequence=0):
        """Reads a whole prompt, as many tokens a call as the context takes; the logits after its last one."""
        for start in range(0, len(ids), self.batch_tokens):
            part = ids[start : start + self.batch_tokens]
            last = len(ids) - 1 - start
            logits = self.decode([(token, start + i, sequence, int(i == last)) for i, token in enumerate(part)])
        return logits[0]


def prefill(session, tokens, repeats):
    """Tokens a second of reading a prompt, up to the logits after it."""
    ids = workload.token_ids(tokens)

    def work():
        session.clear()
        session.prefill(ids)

    speed, each = workload.rate(tokens, workload.timed(work, repeats))
    return {"tokens": tokens, "tokens_per_second": speed, "runs": each}


def decode(session, sequences, repeats):
    """Tokens a second, of all sequences together, of greedy decoding after a short prompt each."""
    seconds = []
    for _ in range(repeats + 1):
        session.clear()
        last = [int(session.prefill(workload.token_ids(workload.DECODE_PROMPT, s), s).argmax()) for s in range(sequences)]
        start = time.perf_counter()
        for step in range(workload.DECODE_TOKENS):
            logits = session.decode([(last[s], workload.DECODE_PROMPT + step, s, 1) for s in range(sequences)])
            last = logits.argmax(axis=1).tolist()
        seconds.append(time.perf_counter() - start)
    speed, each = workload.rate(sequences * workload.DECODE_TOKENS, seconds[1:])
    return {"batch": sequences, "context": workload.DECODE_PROMPT, "tokens_per_second": speed, "runs": each}


def rag(session, repeats):
    """Seconds to the first token of an answer whose passages all stand in its prompt, and tokens a second of all of it."""
    ids, first, whole = workload.token_ids(workload.RAG_PROMPT), [], []
    session.prefill(ids[: workload.PREFILLS[0]])
    for _ in range(repeats):
        session.clear()
        start = time.perf_counter()
        token = int(session.prefill(ids).argmax())
        first.append(time.perf_counter() - start)
        for step in range(workload.ANSWER_TOKENS - 1):
            token = int(session.decode([(token, len(ids) + step, 0, 1)]).argmax())
        whole.append(time.perf_counter() - start)
    speed, each = workload.rate(workload.ANSWER_TOKENS, whole)
    return {"prompt_tokens": len(ids), "first_token_seconds": statistics.median(first), "tokens_per_second": speed,
            "runs": first, "token_runs": each}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="FILE.gguf")
    parser.add_argument("--figure", required=True, choices=["prefill", "decode", "rag", "system"])
    parser.add_argument("--tokens", type=int, default=512, help="prompt of a prefill (default 512)")
    parser.add_argument("--batch", type=int, default=1, help="sequences decoded together (default 1)")
    parser.add_argument("--flash", choices=["on", "off"], default="on", help="flash attention (default on)")
    parser.add_argument("--batch-tokens", type=int, default=512, help="n_batch and n_ubatch (default 512)")
    parser.add_argument("--unified", choices=["on", "off"], default="off", help="one KV buffer for all sequences (default off)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.figure == "system":
        print(json.dumps({"system": llama_cpp.llama_print_system_info().decode().strip(" |\n")}))
        return
    context = {"prefill": options.tokens, "rag": workload.RAG_PROMPT + workload.ANSWER_TOKENS,
               "decode": options.batch * (workload.DECODE_PROMPT + workload.DECODE_TOKENS)}[options.figure]
    session = Session(options.model, context, options.batch, options.threads, options.flash == "on", options.batch_tokens,
                      options.unified == "on")
    if options.figure == "prefill":
        result = prefill(session, options.tokens, options.repeats)
    elif options.figure == "decode":
        result = decode(session, options.batch, options.repeats)
    else:
        result = rag(session, options.repeats)
    print(json.dumps({"figure": options.figure} | result))


if __name__ == "__main__":
    main()
