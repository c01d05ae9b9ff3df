"""What clients do: they write and read a few passages again and again, search what never changes, and ask."""
import dataclasses
import itertools
import random
import re
import threading
import time

from client import Client, Outcome, pb

KEYS = [f"chaos-{number}" for number in range(40)]
VERSION = re.compile(r"^Entry (\S+) says (\d+)\.$")


@dataclasses.dataclass
class Operation:
    number: int
    client: int
    what: str  # put, delete, read, search, ask
    keys: list = dataclasses.field(default_factory=list)
    version: int = None  # what a put wrote
    waits: bool = False  # an update, until it is found
    min_epoch: int = 0
    is_partial: bool = False  # a read that takes a flagged answer from some of the partitions
    is_hasty: bool = False  # its deadline is too short to count on an answer
    question: str = ""
    outcome: Outcome = None
    epoch: int = 0  # of an acknowledged update
    seen: object = None  # a read: the version that it found, None for no passage; else what came, as a text
    problem: str = ""  # an answer that is wrong by itself
    is_flagged: bool = False

    @property
    def is_update(self):
        return self.what in ("put", "delete")

    @property
    def is_answered(self):
        return self.outcome is not None and not self.outcome.code

    def __str__(self):
        text = f"#{self.number} client {self.client} {self.what} {' '.join(self.keys)}{self.question}"
        if self.version is not None:
            text += f" version {self.version}"
        if self.min_epoch:
            text += f" at epoch {self.min_epoch} or later"
        if self.outcome is None:
            return text + ": never ended"
        outcome = self.outcome
        text += f", {outcome.start:.3f} to {outcome.end:.3f} (deadline {outcome.deadline:.3f})"
        text += f" by {', '.join(end.rsplit('/', 1)[-1] for end in outcome.asked)}: "
        if outcome.code:
            return text + outcome.message
        return text + (f"epoch {self.epoch}" if self.is_update else f"saw {self.seen}")


def passage(key, version):
    return pb.Passage(id=key, title="", text=f"Entry {key} says {version}.", metadata=[
        pb.MetadataEntry(field="key", text=key), pb.MetadataEntry(field="version", number=version)])


def key_filter(key):
    return pb.Filter(equals=pb.FieldEquals(field="key", value=pb.FilterScalar(text=key)))


def unchanging_filter():
    """Everything that was indexed: what clients write has a version."""
    has_version = pb.Filter(range=pb.FieldRange(
        field="version", lower=pb.FilterBound(value=0, inclusive=True)))
    return pb.Filter(negated=has_version)


class Workload:
    def __init__(self, context, endpoints, questions, clients, seed):
        self.context, self.endpoints, self.questions = context, endpoints, questions
        self.operations = []
        self.right = {}  # what searches and asks of a question give
        self.newest = 0  # the newest acknowledged epoch
        self.versions = itertools.count(1)
        self.numbers = itertools.count(1)
        self.is_over = threading.Event()
        self.threads = [
            threading.Thread(target=self.guarded, args=(number, random.Random(f"{seed}/{number}")), daemon=True)
            for number in range(clients)]
        self.broken = []  # clients that ended by an error of their own

    def learn(self):
        """Asks each question without faults, through each coordinator: they have to agree."""
        for question in self.questions:
            for what in ("search", "ask"):
                for endpoint in self.endpoints:
                    operation = self.begin(-1, what, question=question)
                    self.perform(Client(self.context, [endpoint]), operation, 10_000)
                    if operation.outcome.code or operation.problem:
                        raise SystemExit(f"without any fault: {operation} {operation.problem}")
                    if self.right.setdefault((what, question), operation.seen) != operation.seen:
                        raise SystemExit(f"the coordinators disagree: {operation}")

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)

    def guarded(self, number, dice):
        try:
            self.work(number, dice)
        except Exception as error:  # noqa: BLE001
            self.broken.append(f"client {number} of the test failed: {error!r}")

    def work(self, number, dice):
        client = Client(self.context, self.endpoints if number % 2 == 0 else self.endpoints[::-1])
        own = 0
        while not self.is_over.is_set():
            what = dice.choices(["read", "put", "delete", "search", "ask"], [45, 18, 9, 13, 15])[0]
            deadline = dice.choice([5000, 10_000] if what in ("ask", "put", "delete") else [2000, 4000, 8000])
            operation = self.begin(number, what)
            if dice.random() < 0.08:
                operation.is_hasty = True
                deadline = dice.randint(20, 500)
            if what in ("put", "delete"):
                operation.keys = dice.sample(KEYS, dice.randint(1, 3))
                operation.version = next(self.versions) if what == "put" else None
                operation.waits = dice.random() < 0.4
            else:
                operation.min_epoch = dice.choice([0, own, self.newest, self.newest])
                operation.is_partial = dice.random() < 0.1
                if what == "read":
                    operation.keys = [dice.choice(KEYS)]
                else:
                    operation.question = dice.choice(self.questions)
            self.perform(client, operation, deadline)
            if operation.is_update and operation.is_answered:
                own = operation.epoch
                self.newest = max(self.newest, operation.epoch)
            time.sleep(dice.expovariate(1 / 0.02))

    # ------------------------------------------------------------------------------------------------ one request

    def begin(self, client, what, **fields):
        operation = Operation(next(self.numbers), client, what, **fields)
        self.operations.append(operation)
        return operation

    def perform(self, client, operation, deadline):
        operation.outcome = client.call(deadline, **self.body(operation))
        if operation.outcome.code:
            if operation.what == "ask" and operation.outcome.replies:
                self.compare_beginning(operation)
            return
        getattr(self, "take_update" if operation.is_update else f"take_{operation.what}")(
            operation, operation.outcome.replies)

    @staticmethod
    def body(operation):
        wait = pb.FOUND if operation.waits else pb.DURABLE
        if operation.what == "put":
            passages = [passage(key, operation.version) for key in operation.keys]
            return {"upsert": pb.UpsertRequest(passages=passages, wait=wait)}
        if operation.what == "delete":
            return {"delete": pb.DeleteRequest(ids=operation.keys, wait=wait)}
        wanted = key_filter(operation.keys[0]) if operation.what == "read" else unchanging_filter()
        options = pb.SearchOptions(exact=True, filter=wanted, min_epoch=operation.min_epoch)
        policy = pb.PARTIAL if operation.is_partial else pb.FAIL
        if operation.what == "ask":
            return {"ask": pb.AskRequest(
                prompt=operation.question, options=options, completeness=policy, sampling=pb.Sampling(max_tokens=6))}
        prompt = operation.question or f"What does {operation.keys[0]} say?"
        return {"search": pb.SearchRequest(prompt=prompt, k=5, options=options, completeness=policy)}

    def take_update(self, operation, replies):
        operation.epoch = replies[0].epoch
        if operation.epoch < 1:
            operation.problem = "acknowledged without an epoch"
        if operation.waits and not replies[0].found:
            operation.problem = "not found, although it was to wait for that"

    def flag(self, operation, reply):
        operation.is_flagged = not reply.completeness.complete
        if operation.is_flagged and not operation.is_partial:
            operation.problem = "an incomplete answer to a request that wanted all or nothing"
        if not reply.filter_applied:
            operation.problem = "the filter was not applied"

    def take_read(self, operation, replies):
        self.flag(operation, replies[0])
        found = [entry.passage for entry in replies[0].passages]
        if not found:
            return
        match = VERSION.match(found[0].text)
        if len(found) > 1 or found[0].id != operation.keys[0] or not match or match[1] != found[0].id:
            operation.problem = f"wrong passages: {[(entry.id, entry.text) for entry in found]}"
        else:
            operation.seen = int(match[2])
            if found[0] != passage(found[0].id, operation.seen):
                operation.problem = f"a passage that nobody wrote: {found[0]}"

    def take_search(self, operation, replies):
        self.flag(operation, replies[0])
        operation.seen = str([(entry.passage.id, entry.score) for entry in replies[0].passages])
        self.compare(operation)

    def take_ask(self, operation, replies):
        self.flag(operation, replies[0])
        if not isinstance(replies[-1], pb.AskDone):
            operation.problem = "an answer without an end"
        operation.seen = self.answer(replies)
        self.compare(operation)

    @staticmethod
    def answer(replies):
        ids = [entry.passage.id for entry in replies[0].passages]
        return f"{ids} " + "".join(reply.text for reply in replies if isinstance(reply, pb.Token))

    def compare(self, operation):
        right = self.right.get((operation.what, operation.question))
        if right is not None and operation.seen != right and not operation.is_flagged:
            operation.problem = f"another answer than without faults: {right}"

    def compare_beginning(self, operation):
        """What came of an answer that failed has to be the beginning of the right one."""
        seen = self.answer(operation.outcome.replies)
        right = self.right[("ask", operation.question)]
        if operation.outcome.replies[0].completeness.complete and not right.startswith(seen):
            operation.problem = f"began as {seen}, without faults {right}"
