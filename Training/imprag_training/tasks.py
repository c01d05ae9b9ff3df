"""What a step of `imprag-adapt` can be, each drawn from a generator and giving a loss: `search`, `read`, `distil` and `plain`."""

from __future__ import annotations

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .adapt_recipe import AdaptRecipe
from .batches import pad
from .model import ImpRAG
from .objective import contrastive_loss, distillation_loss, generation_loss
from .prepared import Prepared
from .text import Layout, question_prompt
from .unlabelled import make, sentences


class Tasks:
    """The losses of one model on one prepared folder. `recipe` changes with the run's stages."""

    def __init__(
        self, recipe: AdaptRecipe, model: ImpRAG, data: Prepared, layout: Layout, device: torch.device, dtype: torch.dtype
    ) -> None:
        """`dtype`: of products, under autocast."""
        self.recipe, self.model, self.data, self.layout = recipe, model, data, layout
        self.device, self.dtype = device, dtype

    def loss(self, task: str, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        """The loss of one batch of `search`, `read`, `distil` or `plain`, drawn from `rng`, and what to report."""
        run = {"search": self._search, "read": self._read, "distil": self._distil, "plain": self._plain}[task]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            return run(rng)

    # ------------------------------------------------------------------------------------------ search

    @torch.no_grad()
    def fit(self) -> None:
        """Starts W_k and W_q of layer b as the ridge regression of the teacher's vectors on the states that they project.

        The base model's last states say little about what a text is about, but a linear map finds it: from there the bottom layers
        learn several times as fast as from the pretrained projections.
        """
        rng = random.Random(self.recipe.seed)
        c, d = self.model.config, self.data
        passages = rng.sample(range(d.corpus_count), min(self.recipe.fit, d.corpus_count))
        queries = rng.sample(range(len(d.queries)), min(2 * self.recipe.fit, len(d.queries)))

        def states(rows: list[list[int]]) -> Tensor:
            out: list[Tensor] = [torch.empty(0)] * len(rows)
            order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
            for start in range(0, len(order), 32):
                tokens, lengths = pad([rows[i] for i in order[start : start + 32]])
                for place, state in zip(order[start : start + 32], self.model._last(self.model._bottom(tokens), lengths).float()):
                    out[place] = state
            return torch.stack(out)

        def regression(x: Tensor, targets: Tensor) -> Tensor:
            gram = x.T @ x
            penalty = 0.03 * gram.diagonal().mean() * torch.eye(len(gram))
            return torch.linalg.solve(gram + penalty, x.T @ (self.recipe.norm * targets)).T

        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            keys, asked = states([self._passage_row(p, rng) for p in passages]), states([d.prompt_ids[q] for q in queries])
        attention = self.model.layers[c.bottom].self_attn
        attention.k_proj.weight.copy_(regression(keys, self._numbers(d.passage_targets[passages])))
        query = regression(asked, self._numbers(d.query_targets[queries]))
        # The query's embedding is the mean over a group's heads: each starts as the same.
        share = query.view(c.kv_heads, 1, c.head_size, c.hidden).expand(-1, c.heads // c.kv_heads, -1, -1)
        attention.q_proj.weight.copy_(share.reshape(c.heads * c.head_size, c.hidden))

    def _passage_row(self, row: int, rng: random.Random) -> list[int]:
        """A passage's tokens; some long ones end at a sentence within the first 64, to see more of them in the same time."""
        ids = self.data.passage_ids[row]
        if len(ids) > 64 and rng.random() < self.recipe.short:
            ends = [i for i in range(24, 64) if ids[i] in self._full_stops]
            if ends:
                return ids[: ends[-1] + 1]
        return ids

    @property
    def _full_stops(self) -> set[int]:
        if not hasattr(self, "_stops"):
            self._stops = {ids[-1] for ids in self.layout.ids(["word.", "word).", 'word."'])}
        return self._stops

    def _embed(self, rows: list[list[int]], query: bool) -> Tensor:
        """Embeddings `[n, K·d]` of token rows, in batches of like length, in the order given."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = []
        size = 64 if query else 20
        for start in range(0, len(order), size):
            tokens, lengths = pad([rows[i] for i in order[start : start + size]])
            run = self.model.embed_queries if query else self.model.embed_passages
            parts.append(run(tokens, lengths).float())
        inverse = torch.empty(len(order), dtype=torch.long)
        inverse[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[inverse]

    def _numbers(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(self.device)

    def _cosine_loss(self, embedded: Tensor, targets: Tensor) -> Tensor:
        """1 − cos to the teacher's direction, and how far the length is from `norm`."""
        length = embedded.norm(dim=1)
        cosine = (embedded * targets).sum(1) / length.clamp(min=1e-3)
        return (1 - cosine).mean() + 0.1 * (length / self.recipe.norm).log().square().mean()

    def _search(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d = self.recipe, self.data
        kinds = {k: w for k, w in r.kinds.items() if d.by_kind.get(k)}
        chosen = [rng.choice(d.by_kind[k]) for k in rng.choices(list(kinds), list(kinds.values()), k=r.search_queries)]
        passages: dict[int, None] = {}
        prompts, positives = [], []
        for place, row in enumerate(chosen):
            query = d.queries[row]
            known = [g for g in query["gold"] if g < d.corpus_count]
            scores = d.best_scores[row].astype(np.float32)
            near = [int(p) for p, s in zip(d.best_rows[row][:5], scores) if s >= 0.95]
            if place < r.search_passages and (known or near):
                passages[rng.choice(known or near)] = None
                if rng.random() < r.hard:
                    passages[int(rng.choice(d.best_rows[row][10:] if len(d.best_rows[row]) > 10 else d.best_rows[row]))] = None
            prompts.append(d.prompt_ids[row])
            positives.append(set(known) or set(near))
        inverse = []
        for row in rng.sample(list(passages), int(len(passages) * r.inverse)):
            found = sentences(d.passages[row]["text"])
            if len(found) > 1:
                text = rng.choice(found)
                inverse.append(question_prompt(text.rstrip(".") + "?") if rng.random() < 0.5 else text)
                positives.append({row})
        prompts += self.layout.prompts(inverse)
        columns = list(passages)
        queries = self._embed(prompts, True)
        keys = self._embed([self._passage_row(p, rng) for p in columns], False)
        positive = torch.tensor([[c in p for c in columns] for p in positives])
        scores = queries @ keys.T / r.tau
        if d.query_targets is not None:
            # A passage that the teacher finds nearly as good as the right one is no negative.
            teacher = self._numbers(d.query_targets[chosen]) @ self._numbers(d.passage_targets[columns]).T
            own = torch.where(positive[: len(chosen)], teacher, torch.inf).amin(1, keepdim=True)
            alike = (teacher > 0.98 * own) & ~positive[: len(chosen)]
            scores = scores.masked_fill(F.pad(alike, (0, 0, 0, len(scores) - len(chosen))), -1e4)
        has = positive.any(1)
        loss_nce = contrastive_loss(scores[has], positive[has])
        loss = r.lambda_nce * loss_nce
        hit = positive[has].gather(1, scores[has].argmax(1)[:, None]).float().mean()
        report = {"search.nce": loss_nce.item(), "search.hit": hit.item()}
        for part, embedded, targets, rows in (("q", queries[: len(chosen)], d.query_targets, chosen), ("p", keys, d.passage_targets, columns)):
            if targets is not None:
                cosine = self._cosine_loss(embedded, self._numbers(targets[rows]))
                loss = loss + r.lambda_cosine * cosine
                report[f"search.{part}"] = cosine.item()
        return loss, report

    # ------------------------------------------------------------------------------------------ read

    def _group(self, rng: random.Random) -> tuple[list[int], list[tuple[list[int], list[int], int, int]]]:
        """Passage rows, and (prompt, answer, place of the passage that answers, query row or −1) of questions."""
        r, d = self.recipe, self.data
        kinds = {k: w for k, w in r.read_kinds.items() if d.by_kind.get(k) or k == "made"}
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == "made":
            first = rng.randrange(d.corpus_count)
            pool = [int(p) for p in d.near[first] if p != first]
        else:
            while True:
                seed = rng.choice(d.by_kind[kind])
                if d.queries[seed]["gold"]:
                    break
            first = rng.choice(d.queries[seed]["gold"])
            if first >= d.corpus_count:
                pool = [d.queries[rng.choice(d.by_kind[kind])]["gold"][0] for _ in range(6)]
            else:
                pool = [int(p) for p in d.near[first] if p != first] if rng.random() < 0.6 else [int(p) for p in d.best_rows[seed][:20]]
        own = kind != "made" and d.retrieved is not None and first < d.corpus_count and rng.random() < r.retrieved
        if own:
            pool = [int(p) for p in d.retrieved[seed][: r.group_passages]]
        pool = [p for p in dict.fromkeys(pool) if p != first]
        if not own:
            # Neighbours that are asked for as well make more of the same reading.
            rng.shuffle(pool)
            pool.sort(key=lambda p: p not in d.asked)
        rows = [first] + pool[: r.group_passages - 1]
        rng.shuffle(rows)
        asked = [(q, place) for place, p in enumerate(rows) for q in d.asked.get(p, ()) if d.queries[q]["kind"] in r.read_kinds]
        rng.shuffle(asked)
        if kind != "made":
            asked.sort(key=lambda item: item[0] != seed)
        made = []
        for _ in range(24):
            if len(made) >= r.group_questions * (1.0 if kind == "made" else r.made):
                break
            place = rng.randrange(len(rows))
            task = rng.choices(list(r.made_tasks), list(r.made_tasks.values()))[0]
            found = make(task, sentences(d.passages[rows[place]]["text"]), d.passages[rows[place]]["title"], rng)
            if found:
                made.append((found[0], found[1], place))
        asked = asked[: r.group_questions - len(made)]
        questions = [(d.prompt_ids[q], d.answer_ids[q], place, q) for q, place in asked]
        prompts = self.layout.prompts([question_prompt(text) for text, _, _ in made])
        answers = self.layout.answers([answer for _, answer, _ in made])
        questions += [(p, a, place, -1) for p, a, (_, _, place) in zip(prompts, answers, made)]
        return rows, questions

    def _read(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d, c = self.recipe, self.data, self.model.config
        total, answered, right, wrong_tokens = torch.zeros(()), 0, 0, 0.0
        cosine = torch.zeros(())
        groups = [g for g in (self._group(rng) for _ in range(r.groups)) if g[1]]
        for rows, questions in groups:
            tokens, lengths = pad([d.passage_ids[p] for p in rows])
            passages = self.model.encode_passages(tokens[None], lengths[None], "independent")
            # Some questions see fewer passages, the right one among them.
            visible = torch.ones(1, len(questions), len(rows), dtype=torch.bool)
            for q, (_, _, place, _) in enumerate(questions):
                if rng.random() < 0.2:
                    visible[0, q] = torch.tensor([rng.random() < 0.3 or p == place for p in range(len(rows))])
            prompts, _ = pad([p + a for p, a, _, _ in questions])
            ends = torch.tensor([len(p) for p, _, _, _ in questions])
            reading = self.model.read(prompts[None], ends[None], r.group_passages * c.max_passage_tokens, passages, visible)
            mask = torch.zeros(prompts.shape, dtype=torch.bool)
            for q, (p, a, _, _) in enumerate(questions):
                mask[q, len(p) - 1 : len(p) + len(a) - 1] = True
            mask = mask[:, :-1]
            targets = prompts[:, 1:][mask]
            logits = self.model.logits(reading.hidden[0, :, :-1][mask]).float()
            weights = (1.0 / mask.sum(1).sqrt())[:, None].expand(mask.shape)[mask]
            total = total + generation_loss(logits, targets, weights) / len(groups)
            with torch.no_grad():
                owner = torch.arange(len(questions))[:, None].expand(mask.shape)[mask]
                wrong = torch.zeros(len(questions)).index_add_(0, owner, (logits.argmax(1) != targets).float())
                right += int((wrong == 0).sum())
                answered += len(questions)
                wrong_tokens += F.cross_entropy(logits, targets).item() / len(groups)
            taught = d.query_targets is not None
            known = [(q, row) for q, (_, _, _, row) in enumerate(questions) if row >= 0 and taught]
            inside = [i for i, p in enumerate(rows) if p < d.corpus_count and taught]
            if known:
                q, row = zip(*known)
                cosine = cosine + self._cosine_loss(reading.queries[0].float()[list(q)], self._numbers(d.query_targets[list(row)])) / len(groups)
            if inside:
                keys = passages.embeddings[0].float()[inside]
                cosine = cosine + self._cosine_loss(keys, self._numbers(d.passage_targets[[rows[i] for i in inside]])) / len(groups)
        loss = total + r.lambda_read_cosine * cosine
        return loss, {"read.loss": wrong_tokens, "read.exact": right / max(1, answered), "read.cosine": float(cosine.detach()), "read.questions": float(answered)}

    # ------------------------------------------------------------------------------------------ distil

    def _distil(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        """KL(P_T ‖ P_R) over a known passage and four of the fifty that the model itself ranks best, or the teacher where it has not ranked."""
        r, d, c = self.recipe, self.data, self.model.config
        kinds = {k: w for k, w in r.read_kinds.items() if any(d.queries[q]["gold"] and d.queries[q]["gold"][0] < d.corpus_count for q in d.by_kind.get(k, [])[:20])}
        loss, top = torch.zeros(()), 0.0
        for _ in range(r.distil_questions):
            while True:
                row = rng.choice(d.by_kind[rng.choices(list(kinds), list(kinds.values()))[0]])
                if d.queries[row]["gold"] and d.queries[row]["gold"][0] < d.corpus_count:
                    break
            gold = rng.choice(d.queries[row]["gold"])
            candidates = d.best_rows if d.retrieved is None else d.retrieved
            others = [int(p) for p in candidates[row] if p not in d.queries[row]["gold"]]
            rows = [gold] + rng.sample(others[:10], 2) + rng.sample(others[10:], 2) if len(others) > 12 else [gold] + others[:4]
            tokens, lengths = pad([d.passage_ids[p] for p in rows])
            passages = self.model.encode_passages(tokens[None], lengths[None], "independent")
            prompt, answer = d.prompt_ids[row], d.answer_ids[row]
            repeated = torch.tensor([prompt + answer]).expand(len(rows), -1)[None]
            ends = torch.full((1, len(rows)), len(prompt))
            with torch.no_grad():
                one = torch.eye(len(rows), dtype=torch.bool)[None]
                alone = self.model.read(repeated, ends, r.group_passages * c.max_passage_tokens, passages, one)
                logits = self.model.logits(alone.hidden[0, :, len(prompt) - 1 : -1]).float()
                totals = logits.log_softmax(-1).gather(2, repeated[0, :, len(prompt) :, None])[..., 0].sum(1)
            queries = self._embed([prompt], True)
            scores = queries @ passages.embeddings[0].float().T
            loss = loss + distillation_loss(scores, totals[None], r.teacher_tau, r.tau) / r.distil_questions
            top += float(scores.argmax() == totals.argmax()) / r.distil_questions
        return loss, {"distil.kl": loss.item(), "distil.agree": top}

    # ------------------------------------------------------------------------------------------ plain

    def _plain(self, rng: random.Random) -> tuple[Tensor, dict[str, float]]:
        r, d = self.recipe, self.data
        rows, starts = [], []
        while len(rows) < r.plain_rows:
            # Passages one after the other, as text is.
            row = [self.layout.bos]
            while len(row) < r.plain_tokens:
                row += d.passage_ids[rng.randrange(d.corpus_count)][1:] + self.layout.ids(["\n\n"])[0]
            rows.append(row[: r.plain_tokens])
            starts.append(0)
        for _ in range(r.plain_rows):
            kinds = r.plain_kinds
            q = rng.choice(d.by_kind[rng.choices(list(kinds), list(kinds.values()))[0]]) if kinds else rng.randrange(len(d.queries))
            rows.append(d.prompt_ids[q] + d.answer_ids[q])
            starts.append(len(d.prompt_ids[q]) - 1)
        total = torch.zeros(())
        losses = []
        for part in (slice(0, r.plain_rows), slice(r.plain_rows, None)):
            tokens, lengths = pad(rows[part])
            reading = self.model.read(tokens[None], lengths[None], 0, None)
            places = torch.arange(tokens.shape[1] - 1)
            mask = (places < lengths[:, None] - 1) & (places >= torch.tensor(starts[part])[:, None])
            logits = self.model.logits(reading.hidden[0, :, :-1][mask]).float()
            loss = F.cross_entropy(logits, tokens[:, 1:][mask])
            losses.append(loss.item())
            total = total + loss
        return total, {"plain.text": losses[0], "plain.closed": losses[1]}
