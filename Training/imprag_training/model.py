"""An ImpRAG model in PyTorch: a Llama-family decoder whose middle layers also read passages.

Shapes: G groups, P passages of a group, Q prompts of a group, L tokens, D hidden size, H query heads, K key/value heads,
d head size, V vocabulary. A group's prompts share its passages; `visible` says which of them each prompt may read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .config import ModelConfig

MASKED = -1e30


class RMSNorm(nn.Module):
    """Root-mean-square norm in float32, scaled by a learned weight."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        """`[..., D]` → `[..., D]`."""
        wide = x if x.dtype == torch.float64 else x.float()
        return wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotation_frequencies(config: ModelConfig) -> Tensor:
    """RoPE frequencies `[d/2]`, float64, with Llama 3's scaling where the configuration asks for it."""
    d = config.head_size
    frequencies = config.rope_theta ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    scaling = config.rope_scaling
    if scaling is None:
        return frequencies
    turns = scaling.original_positions * frequencies / (2 * math.pi)
    smooth = ((turns - scaling.low) / (scaling.high - scaling.low)).clamp(0, 1)
    return frequencies / scaling.factor * (1 - smooth) + frequencies * smooth


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates the halves of `x` `[..., L, d]` by angles whose cosines and sines are `[..., L, d/2]`."""
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


class Attention(nn.Module):
    """Grouped-query attention; keys and values of passages, where given, share one softmax with the prompt's own."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_size = config.heads, config.kv_heads, config.head_size
        self.q_proj = nn.Linear(config.hidden, config.heads * config.head_size, bias=False)
        self.k_proj = nn.Linear(config.hidden, config.kv_heads * config.head_size, bias=False)
        self.v_proj = nn.Linear(config.hidden, config.kv_heads * config.head_size, bias=False)
        self.o_proj = nn.Linear(config.heads * config.head_size, config.hidden, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`[S, L, D]` → queries `[S, H, L, d]`, keys and values `[S, K, L, d]`; queries and keys after RoPE."""
        s, length, _ = x.shape
        q = self.q_proj(x).view(s, length, self.heads, self.head_size).transpose(1, 2)
        k = self.k_proj(x).view(s, length, self.kv_heads, self.head_size).transpose(1, 2)
        v = self.v_proj(x).view(s, length, self.kv_heads, self.head_size).transpose(1, 2)
        return rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype), v

    def spread(self, x: Tensor) -> Tensor:
        """Repeats `[S, K, L, d]` to one per query head: `[S, H, L, d]`."""
        groups = self.heads // self.kv_heads
        return x if groups == 1 else x.repeat_interleave(groups, 1)

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, passages: PassageStates | None, passage_bias: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Attends.

        - `q` `[S, H, L, d]`, `k`, `v` `[S, K, L, d]`; `bias` `[S or 1, 1, L, L]` is 0 where visible, else `MASKED`; None is causal.
        - `passages`: keys and values `[G, K, T, d]` with S = G·Q; `passage_bias` `[G, Q, 1, 1 or L, T]`.

        Returns the output `[S, L, D]`, and the weights on passage tokens `[S, H, L, T]` where there are any.
        """
        s, heads, length, d = q.shape
        k, v = self.spread(k), self.spread(v)
        if passages is None:
            # Padding stands on the right, so that a causal mask alone hides it from every real token.
            if bias is None and q.is_cuda:
                out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            else:
                # On CPUs torch's fused attention takes two to six times as long in bf16.
                scores = (q * d**-0.5 @ k.transpose(-1, -2)).to(torch.float64 if q.dtype == torch.float64 else torch.float32)
                scores = scores + (torch.full((length, length), MASKED).triu(1) if bias is None else bias)
                out = scores.softmax(-1).to(v.dtype) @ v
            return self.o_proj(out.transpose(1, 2).reshape(s, length, heads * d)), None
        q = q * d**-0.5
        scores = (q @ k.transpose(-1, -2)).to(bias.dtype) + bias
        pk, pv = self.spread(passages.keys), self.spread(passages.values)
        groups, total = pk.shape[0], pk.shape[2]
        prompts = s // groups
        shared = q.view(groups, prompts, heads, length, d).transpose(1, 2).reshape(groups, heads, prompts * length, d)
        far = (shared @ pk.transpose(-1, -2)).to(bias.dtype)
        far = far.view(groups, heads, prompts, length, total).transpose(1, 2) + passage_bias
        weights = torch.cat((far.reshape(s, heads, length, total), scores), -1).softmax(-1)
        far, near = weights.split([total, length], -1)
        out = near.to(v.dtype) @ v
        shared = far.to(v.dtype).view(groups, prompts, heads, length, total).transpose(1, 2)
        shared = shared.reshape(groups, heads, prompts * length, total) @ pv
        out = out + shared.view(groups, heads, prompts, length, d).transpose(1, 2).reshape(s, heads, length, d)
        return self.o_proj(out.transpose(1, 2).reshape(s, length, heads * d)), far


class MLP(nn.Module):
    """SwiGLU."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden, config.intermediate, bias=False)
        self.up_proj = nn.Linear(config.hidden, config.intermediate, bias=False)
        self.down_proj = nn.Linear(config.intermediate, config.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[..., D]` → `[..., D]`."""
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One decoder layer."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden, config.rms_norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config.hidden, config.rms_norm_eps)
        self.mlp = MLP(config)

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        bias: Tensor | None,
        passages: PassageStates | None = None,
        passage_bias: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """`x` `[S, L, D]` → the next `x`, this layer's keys and values `[S, K, L, d]`, and the weights on passage tokens."""
        q, k, v = self.self_attn.project(self.input_layernorm(x), cos, sin)
        attended, weights = self.self_attn(q, k, v, bias, passages, passage_bias)
        x = x + attended
        x = x + self.mlp(self.post_attention_layernorm(x))
        return x, k, v, weights


@dataclass
class PassageStates:
    """Keys (after RoPE) and values of a group's passages at one layer, each `[G, K, T, d]`."""

    keys: Tensor
    values: Tensor


@dataclass
class Passages:
    """What reading needs of a batch's passages.

    - `states`: per layer b…t.
    - `owner`: `[G, T]`, which passage of its group a token belongs to; −1 where padding.
    - `embeddings`: `[G, P, K·d]`.
    """

    states: list[PassageStates]
    owner: Tensor
    embeddings: Tensor

    def choose(self, rows: Tensor) -> Passages:
        """New groups `[n, k]` put together from all passages of all groups, numbered row by row.

        Only for `independent` states: no others may meet neighbours they were not encoded with.
        """
        groups, count = self.embeddings.shape[:2]

        def picked(x: Tensor) -> Tensor:
            heads, size = x.shape[1], x.shape[3]
            each = x.view(groups, heads, count, -1, size).transpose(1, 2).flatten(0, 1)
            return each[rows].transpose(1, 2).reshape(rows.shape[0], heads, -1, size)

        states = [PassageStates(picked(s.keys), picked(s.values)) for s in self.states]
        real = (self.owner >= 0).view(groups * count, -1)[rows]
        places = torch.arange(rows.shape[1])[:, None].expand(real.shape)
        owner = places.masked_fill(~real, -1).flatten(1)
        return Passages(states, owner, self.embeddings.flatten(0, 1)[rows])


@dataclass
class Reading:
    """What the model makes of prompts.

    - `hidden`: `[G, Q, L, D]` after the final norm; `logits` turns rows of it into logits.
    - `queries`: query embeddings `[G, Q, K·d]`.
    - `attention`: per layer b…t the weights `[G, Q, H, T]` of the last prompt token on passage tokens; only on request.
    """

    hidden: Tensor
    queries: Tensor
    attention: list[Tensor]


class ImpRAG(nn.Module):
    """The model. Parameter names are those of `LlamaForCausalLM` without the prefix `model.`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocabulary, config.hidden)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layer_count))
        self.norm = RMSNorm(config.hidden, config.rms_norm_eps)
        # Whether layers keep only their input for the backward pass, and run again there.
        self.checkpointing = False
        self.lm_head = None if config.tied else nn.Linear(config.hidden, config.vocabulary, bias=False)
        self._frequencies = rotation_frequencies(config)

    def initialise(self, seed: int) -> None:
        """Random weights: normal, the projections back into the residual stream smaller with depth."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2:
                nn.init.ones_(parameter)
                continue
            deviation = 0.02 if "embed" in name or "lm_head" in name else parameter.shape[1] ** -0.5
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                deviation /= math.sqrt(2 * self.config.layer_count)
            nn.init.normal_(parameter, 0, deviation, generator=generator)

    def _run(self, layer: Layer, *inputs) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        if self.checkpointing and torch.is_grad_enabled():
            return checkpoint(layer, *inputs, use_reentrant=False)
        return layer(*inputs)

    def rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines `[..., L, d/2]` for `positions` `[..., L]`, angles in float64, rounded to the weights' type."""
        angles = positions.to(torch.float64)[..., None] * self._frequencies
        return angles.cos().to(self.norm.weight.dtype), angles.sin().to(self.norm.weight.dtype)

    def _bias(self, visible: Tensor) -> Tensor:
        dtype = torch.float64 if self.norm.weight.dtype == torch.float64 else torch.float32
        return torch.zeros(visible.shape, dtype=dtype).masked_fill_(~visible, MASKED)

    def embed_passages(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Passage embeddings `[..., K·d]` from tokens `[..., L]` padded on the right, and lengths `[...]`."""
        flat, counts = tokens.flatten(0, -2), lengths.flatten()
        return self._key_embedding(self._bottom(flat), counts).unflatten(0, lengths.shape)

    def embed_queries(self, tokens: Tensor, lengths: Tensor, start: int = 0) -> Tensor:
        """Query embeddings `[..., K·d]`; token i has position `start` + i."""
        flat, counts = tokens.flatten(0, -2), lengths.flatten()
        return self._query_embedding(self._bottom(flat, start), counts).unflatten(0, lengths.shape)

    def _bottom(self, tokens: Tensor, start: int = 0) -> Tensor:
        """Layers 0…b−1 on `[S, L]` → the state that enters layer b, `[S, L, D]`."""
        x = self.embed_tokens(tokens)
        x = x if x.dtype == torch.float64 else x.float()
        length = tokens.shape[1]
        cos, sin = self.rotation(torch.arange(start, start + length))
        for layer in self.layers[: self.config.bottom]:
            x, *_ = self._run(layer, x, cos, sin, None)
        return x

    def _last(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Row `lengths` − 1 of `[S, L, D]`, after layer b's input norm: `[S, D]`."""
        return self.layers[self.config.bottom].input_layernorm(x[torch.arange(x.shape[0]), lengths - 1])

    def _key_embedding(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.layers[self.config.bottom].self_attn.k_proj(self._last(x, lengths))

    def _query_embedding(self, x: Tensor, lengths: Tensor) -> Tensor:
        c = self.config
        q = self.layers[c.bottom].self_attn.q_proj(self._last(x, lengths))
        return q.view(-1, c.kv_heads, c.heads // c.kv_heads, c.head_size).mean(2).flatten(1)

    def encode_passages(self, tokens: Tensor, lengths: Tensor, encoding: str | None = None) -> Passages:
        """Runs passages `[G, P, L]` (padded on the right, `lengths` `[G, P]`, 0 for none) through layers 0…t."""
        c = self.config
        encoding = encoding or c.passage_encoding
        groups, count, length = tokens.shape
        padded = torch.arange(length) >= lengths[..., None]
        owner = torch.arange(count)[:, None].expand(groups, count, length).masked_fill(padded, -1).reshape(groups, -1)
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        if encoding == "independent":
            sequences, positions = tokens.flatten(0, 1), torch.arange(length)
            bias = None
        else:
            sequences = tokens.flatten(1)
            starts = lengths.cumsum(1) - lengths
            positions = (starts[..., None] + torch.arange(length)).flatten(1)[:, None]
            same = owner[:, :, None] == owner[:, None, :]
            before = (owner[:, :, None] > owner[:, None, :]) & (owner[:, None, :] >= 0)
            inside = same & causal.repeat(count, count)
            seen = inside if encoding == "segmented" else inside | before
            # A padding token sees itself, so that its softmax is defined; nobody sees it.
            seen |= torch.eye(seen.shape[-1], dtype=torch.bool)
            bias = self._bias(seen[:, None])
        cos, sin = self.rotation(positions)
        x = self.embed_tokens(sequences)
        x = x if x.dtype == torch.float64 else x.float()
        states = []
        embeddings = None
        for index, layer in enumerate(self.layers[: c.top + 1]):
            if index == c.bottom and encoding == "independent":
                embeddings = self._key_embedding(x, lengths.flatten().clamp(min=1)).unflatten(0, (groups, count))
            x, k, v, _ = self._run(layer, x, cos, sin, bias)
            if index >= c.bottom:
                states.append(PassageStates(self._joined(k, groups), self._joined(v, groups)))
        if embeddings is None:
            embeddings = self.embed_passages(tokens, lengths.clamp(min=1))
        return Passages(states, owner, embeddings)

    @staticmethod
    def _joined(x: Tensor, groups: int) -> Tensor:
        """`[G·n, K, L, d]` → `[G, K, n·L, d]`."""
        s, heads, length, d = x.shape
        return x.view(groups, s // groups, heads, length, d).transpose(1, 2).reshape(groups, heads, -1, d)

    def read(
        self,
        tokens: Tensor,
        prompt_lengths: Tensor,
        start: int,
        passages: Passages | None,
        visible: Tensor | None = None,
        keep_attention: bool = False,
    ) -> Reading:
        """Runs prompts with what follows them, `[G, Q, L]`, through all layers.

        - `prompt_lengths` `[G, Q]`: tokens up to the end of the prompt; the last of them gives the query embedding.
        - `start`: the first token's position, requested passages times `max_passage_tokens`.
        - `visible` `[G, Q, P]`: which passages a prompt may read; all where None.
        """
        c = self.config
        groups, prompts, length = tokens.shape
        flat = tokens.flatten(0, 1)
        x = self.embed_tokens(flat)
        x = x if x.dtype == torch.float64 else x.float()
        cos, sin = self.rotation(torch.arange(start, start + length))
        bias = self._bias(torch.ones(1, 1, length, length, dtype=torch.bool).tril())
        passage_bias = None
        if passages is not None:
            seen = passages.owner >= 0
            if visible is not None:
                chosen = visible.gather(2, passages.owner.clamp(min=0)[:, None].expand(-1, prompts, -1))
                seen = seen[:, None] & chosen
            else:
                seen = seen[:, None].expand(-1, prompts, -1)
            passage_bias = self._bias(seen)[:, :, None, None, :]
        queries = None
        attention: list[Tensor] = []
        last = prompt_lengths.flatten() - 1
        for index, layer in enumerate(self.layers):
            if index == c.bottom:
                queries = self._query_embedding(x, prompt_lengths.flatten()).unflatten(0, (groups, prompts))
            reads = passages is not None and c.bottom <= index <= c.top
            if reads:
                x, _, _, weights = self._run(layer, x, cos, sin, bias, passages.states[index - c.bottom], passage_bias)
                if keep_attention:
                    attention.append(weights[torch.arange(len(last)), :, last].unflatten(0, (groups, prompts)))
            else:
                x, *_ = self._run(layer, x, cos, sin, None)
        return Reading(self.norm(x).unflatten(0, (groups, prompts)), queries, attention)

    def logits(self, hidden: Tensor) -> Tensor:
        """`[..., D]` → `[..., V]`."""
        return F.linear(hidden, self.embed_tokens.weight if self.lm_head is None else self.lm_head.weight)
