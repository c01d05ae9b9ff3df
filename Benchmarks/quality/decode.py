"""Greedy answers of a Llama with passages in its prompt, in PyTorch: batches, a cache of keys and values."""

import json
import pathlib

import prompts

# What a fine-tuned folder says about itself, beside the model: which retriever it reads, and how it was made.
DESCRIPTION = "baseline.json"


def retriever(folder):
    """BM25, MiniLM, none, or a model folder whose `imprag embed` retrieves."""
    path = pathlib.Path(folder) / DESCRIPTION
    if not path.exists():
        raise SystemExit(f"{folder} has no {DESCRIPTION}: finetune.py makes such folders")
    return json.loads(path.read_text())["retriever"]


def quick_type():
    """bf16 where the processor multiplies it, else float32: bf16 without such instructions is many times slower."""
    import torch

    return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32


class Decoder:
    """Loads a Hugging Face directory."""

    def __init__(self, folder, batch=16):
        import tokenizers
        import transformers

        self.batch = batch
        self.model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=quick_type()).eval()
        config = self.model.config
        self.eos = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
        tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
        self.reader = prompts.Reader(tokenizer, config.bos_token_id, self.eos[0])

    def answer(self, asked, passages, max_tokens):
        """The text after each prompt, up to the end token. Prompts of like length go together, padded on the left."""
        import torch

        rows = [self.reader.prompt(read, prompt) for prompt, read in zip(asked, passages)]
        texts = [""] * len(rows)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), self.batch):
            chosen = order[start : start + self.batch]
            longest = len(rows[chosen[-1]])
            tokens = torch.tensor([[self.eos[0]] * (longest - len(rows[i])) + rows[i] for i in chosen])
            mask = torch.tensor([[0] * (longest - len(rows[i])) + [1] * len(rows[i]) for i in chosen])
            with torch.inference_mode():
                made = self.model.generate(
                    tokens, attention_mask=mask, max_new_tokens=max_tokens, do_sample=False, use_cache=True,
                    pad_token_id=self.eos[0], eos_token_id=self.eos,
                )[:, longest:]  # fmt: skip
            for place, new in zip(chosen, made.tolist()):
                end = next((i for i, token in enumerate(new) if token in self.eos), len(new))
                texts[place] = self.reader.tokenizer.decode(new[:end], skip_special_tokens=True)
        return texts

    def first_token_seconds(self, passage_tokens, passages, prompt_tokens, repeats):
        """Median time to the first token of one prompt with so many passages of so many tokens in it."""
        import statistics
        import time

        import torch

        tokens = torch.full((1, passages * passage_tokens + prompt_tokens), 1000)
        times = []
        with torch.inference_mode():
            for _ in range(repeats + 1):
                begun = time.perf_counter()
                self.model(tokens, logits_to_keep=1, use_cache=True).logits.argmax().item()
                times.append(time.perf_counter() - begun)
        return statistics.median(times[1:])
