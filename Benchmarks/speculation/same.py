"""same.py ENDPOINT PASSAGES: answers with proposals are those without, bit for bit, one at a time and sixteen at once.

Needs the client of clients/python, and a cluster that runs: `imprag up --model MODEL --index INDEX`."""

import argparse
import asyncio
import json
import random

from imprag import AsyncClient, Sources, Token


def prompts(path, count, seed=1):
    """Beginnings of sentences of passages, which the model may copy on, and questions about their titles."""
    pick = random.Random(seed)
    with open(path, encoding="utf-8") as lines:
        rows = pick.sample([json.loads(line) for line in lines], count)
    for place, row in enumerate(rows):
        words = row["text"].split()
        start = pick.randrange(max(1, len(words) // 2))
        copied = " ".join(words[start:start + 5])
        yield f"Q: What is {row.get('title', row['id'])}? A:" if place % 3 == 0 else copied


async def answer(client, number, prompt, tokens, speculate):
    """What identifies an answer: tokens, the bits of their probabilities, sources; every fourth is sampled."""
    sampling = {"temperature": 0.8, "seed": number} if number % 4 == 3 else {}
    options = {"k": 3, "max_tokens": tokens, "speculate": speculate, "token_attention": number % 2 == 0}
    said, found, done = [], (), None
    async for event in client.ask(prompt, **options, **sampling):
        if isinstance(event, Token):
            said.append((event.token, event.logprob, event.text, event.attention))
        elif isinstance(event, Sources):
            found = tuple(source.passage.id for source in event.passages)
        else:
            done = event
    return (said, found, done.finish, done.passage_attention), (done.proposed_tokens, done.accepted_tokens)


async def everything(client, asked, tokens, at_once, speculate):
    """All answers, `at_once` of them in the making."""
    places = asyncio.Semaphore(at_once)

    async def one(number, prompt):
        async with places:
            return await answer(client, number, prompt, tokens, speculate)

    return await asyncio.gather(*(one(*each) for each in enumerate(asked)))


async def main():
    """Asks everything four times, and compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endpoint")
    parser.add_argument("passages")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--tokens", type=int, default=24)
    options = parser.parse_args()
    asked = list(prompts(options.passages, options.count))
    wanted, wrong = None, 0
    async with AsyncClient(options.endpoint, timeout=600) as client:
        for at_once, speculate in ((1, False), (1, True), (16, False), (16, True)):
            results = await everything(client, asked, options.tokens, at_once, speculate)
            answers, proposals = [each[0] for each in results], [each[1] for each in results]
            wanted = wanted or answers
            differing = sum(a != b for a, b in zip(answers, wanted))
            wrong += differing
            proposed, accepted = (sum(each[which] for each in proposals) for which in (0, 1))
            print(f"{at_once} at once, {'with' if speculate else 'without'} proposals: {len(answers)} answers of "
                  f"{sum(len(each[0]) for each in answers)} tokens, {proposed} proposed, {accepted} accepted, {differing} differ",
                  flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
