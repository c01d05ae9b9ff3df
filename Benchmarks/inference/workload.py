"""What every engine is given: how many tokens, which ids, passages of which lengths. Seeded, so the same in every process."""

import random
import statistics
import time

PREFILLS = (128, 512, 1300)
DECODE_PROMPT, DECODE_TOKENS = 32, 64
TOGETHER = 8
PASSAGES, PASSAGE_TOKENS, QUESTION_TOKENS, ANSWER_TOKENS = 10, 130, 60, 32
RAG_PROMPT = PASSAGES * PASSAGE_TOKENS + QUESTION_TOKENS
EMBEDDED = 96
SHORTEST, LONGEST = 40, 160
# Ids below this are text in every model here.
TEXT_IDS = 4000


def token_ids(count, seed=0):
    """`count` ids of text."""
    drawn = random.Random(seed)
    return [drawn.randrange(TEXT_IDS) for _ in range(count)]


def passage_lengths(count=EMBEDDED):
    """Lengths, in tokens, of the passages that are embedded; in the order in which a corpus would have them."""
    drawn = random.Random(1)
    return [drawn.randint(SHORTEST, LONGEST) for _ in range(count)]


def batches(lengths, size):
    """Rows of `lengths` in batches of at most `size`, longest first: little is padded, and the first batch is the largest."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    return [order[start : start + size] for start in range(0, len(order), size)]


def timed(work, repeats):
    """Runs `work` once to warm up and then `repeats` times; the seconds of those."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def rate(count, seconds):
    """The median of `count / seconds` over repetitions, and each of them."""
    each = [count / one for one in seconds]
    return statistics.median(each), each
