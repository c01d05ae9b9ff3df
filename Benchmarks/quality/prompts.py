"""How the baselines read: passages as text in the prompt, then the same template as ours."""


class Reader:
    """Token ids of prompts with passages in them, each passage cut to as many tokens as ours reads."""

    def __init__(self, tokenizer, bos, eos, passage_tokens=160):
        self.tokenizer, self.bos, self.eos, self.passage_tokens = tokenizer, bos, eos, passage_tokens
        # Special tokens inside data are ordinary text.
        tokenizer.encode_special_tokens = True

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def prompt(self, passages, prompt):
        """BOS, the passages, the prompt: the tokens of `in_prompt`, part by part."""
        tokens = [self.bos]
        for passage in passages:
            tokens += self.ids(passage.joined)[: self.passage_tokens] + self.ids("\n\n")
        return tokens + self.ids(prompt)

    def answer(self, answer):
        """A space, the answer, the end."""
        return self.ids(f" {answer}") + [self.eos]
