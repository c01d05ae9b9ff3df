"""Checks what clients saw against the log, and counts."""
import bisect
import collections

from client import GRACE_S

LIMIT_S = 0.05  # past its deadline
# What a cluster with something missing may say; anything else is a fault.
HONEST = {"unavailable", "deadline_exceeded", "resource_exhausted"}


class Fault:
    """From `begin` until the cluster was whole again."""

    def __init__(self, kind, node, begin, detail=""):
        self.kind, self.node, self.begin, self.detail = kind, node, begin, detail
        self.others = []  # nodes that it hits beside that one
        self.end = None

    def hits(self, node):
        return node == self.node or node in self.others

    @property
    def title(self):
        node = self.node.rsplit("-", 1)[0]
        return self.kind if self.kind == node else f"{self.kind} {node}"

    def overlaps(self, outcome):
        return self.begin <= outcome.end and (self.end is None or outcome.start <= self.end)

    def __str__(self):
        end = "never" if self.end is None else f"{self.end - self.begin:.1f} s later"
        return f"{self.begin:.3f} {self.kind} {self.node} {self.detail}: whole {end}"


class History:
    def __init__(self, operations, segments, faults, delays, names):
        """`names`: of coordinators, by their endpoints."""
        self.names = names
        self.operations = [one for one in operations if one.outcome is not None]
        self.unended = [one for one in operations if one.outcome is None]
        self.segments, self.faults, self.delays = segments, faults, delays
        self.violations = []
        self.figures = collections.Counter()
        self.changes = collections.defaultdict(list)  # by id: (epoch, version or None), ascending
        for epoch in sorted(segments):
            last = {}
            for update in segments[epoch].updates if segments[epoch] else []:
                last.update(update)
            for key, version in last.items():
                self.changes[key].append((epoch, version))
        for operation in self.acknowledged:  # in epochs that were gone before the test could read them
            if operation.epoch not in segments:
                for key in operation.keys:
                    bisect.insort(self.changes[key], (operation.epoch, operation.version), key=lambda one: one[0])

    def check(self):
        for operation in self.unended:
            self.report(f"a request never ended: {operation}")
        for operation in self.operations:
            self.check_alone(operation)
        self.check_log()
        self.check_acknowledged()
        self.check_order()
        self.check_reads()

    def report(self, text, *keys, around=None):
        """- Parameter around: the operation, whose neighbours of the same passages are shown."""
        self.violations.append(text)
        if around is None:
            return
        for key in keys:
            of_key = sorted((one for one in self.operations if key in one.keys), key=lambda one: one.outcome.start)
            place = of_key.index(around)
            text = "\n".join(f"      {one}" for one in of_key[max(0, place - 8):place + 3])
            epochs = [change for change in self.changes[key] if change[0] >= around.min_epoch - 20][:40]
            self.violations[-1] += f"\n    requests for {key}:\n{text}\n    the log has: {epochs}"

    # ------------------------------------------------------------------------------------------------ one by one

    def check_alone(self, operation):
        outcome = operation.outcome
        if operation.problem:
            self.report(f"{operation.problem}: {operation}")
        # Durable, and not found yet: a shard was lost while it was waited for.
        is_late = outcome.code == "failed_precondition" and "is durable at epoch" in outcome.message
        if outcome.code and outcome.code not in HONEST and not is_late:
            self.report(f"an error that no fault explains: {operation}")
        excuse = self.delays.between(outcome.deadline - 1, outcome.end)
        if outcome.end - outcome.deadline > LIMIT_S + excuse:
            self.report(f"{(outcome.end - outcome.deadline) * 1000:.0f} ms past its deadline: {operation}")
        if outcome.is_silent:
            self.figures["without a reply in time"] += 1
            asked = self.names.get(outcome.asked[-1], outcome.asked[-1])
            of_node = [fault for fault in self.faults if fault.hits(asked) and fault.overlaps(outcome)]
            if not of_node and excuse < GRACE_S / 2:
                late = f"{GRACE_S * 1000:.0f} ms after the deadline"
                self.report(f"{asked} was well and had not replied {late}: {operation}")

    # ------------------------------------------------------------------------------------------------ the log

    def check_log(self):
        """Nothing is in the log that no client sent, and nothing more often than it was sent."""
        newest = max(self.segments, default=0)
        self.figures["epochs"] = newest
        missed = [epoch for epoch in range(1, newest + 1) if epoch not in self.segments]
        self.figures["epochs that this test was too late to read"] = len(missed)
        sent, every = collections.Counter(), self.operations + self.unended
        for operation in every:
            if operation.is_update:
                sent[self.content(operation)] += len(operation.outcome.asked) if operation.outcome else 100
        written = collections.Counter(
            frozenset(update) for segment in self.segments.values() if segment for update in segment.updates)
        for content, count in written.items():
            if count > sent[content]:
                self.report(f"{sorted(content)} is in the log {count} times and was sent {sent[content]} times")
        self.figures["updates that are in the log twice"] = sum(
            count - 1 for content, count in written.items() if any(version for _, version in content))

    @staticmethod
    def content(operation):
        return frozenset((key, operation.version) for key in operation.keys)

    @property
    def acknowledged(self):
        return [one for one in self.operations if one.is_update and one.is_answered]

    def check_acknowledged(self):
        by_epoch = collections.defaultdict(list)
        for operation in self.acknowledged:
            by_epoch[operation.epoch].append(operation)
        for epoch, operations in by_epoch.items():
            if epoch not in self.segments:
                if epoch > max(self.segments, default=0):
                    self.report(f"acknowledged and not in the log: {operations[0]}")
                continue
            there = collections.Counter(map(frozenset, self.segments[epoch].updates)) if self.segments[epoch] else {}
            for operation in operations:
                content = self.content(operation)
                if there.get(content, 0) < 1:
                    found = self.segments[epoch].updates if self.segments[epoch] else "no segment that can be read"
                    self.report(f"acknowledged at epoch {epoch}, which has {found}: {operation}")
                else:
                    there[content] -= 1

    def check_order(self):
        """What was acknowledged before another update began is before it in the log."""
        by_end = sorted(self.acknowledged, key=lambda one: one.outcome.end)
        ends = [one.outcome.end for one in by_end]
        newest = [0]
        for operation in by_end:
            newest.append(max(newest[-1], operation.epoch))
        for operation in self.acknowledged:
            before = newest[bisect.bisect_left(ends, operation.outcome.start)]
            if operation.epoch <= before:
                self.report(f"began after epoch {before} was acknowledged: {operation}")

    # ------------------------------------------------------------------------------------------------ reads

    def is_right(self, key, version, epoch):
        """Whether the passage has been so at `epoch` or later."""
        changes = self.changes[key]
        place = bisect.bisect_right(changes, epoch, key=lambda change: change[0])
        at_epoch = changes[place - 1][1] if place else None
        return version == at_epoch or any(version == change[1] for change in changes[place:])

    def check_reads(self):
        found = sorted((one.outcome.end, one.epoch) for one in self.acknowledged if one.waits)
        best = [0]
        for _, epoch in found:
            best.append(max(best[-1], epoch))
        for operation in self.operations:
            if operation.what != "read" or not operation.is_answered or operation.problem:
                continue
            if operation.is_flagged and operation.seen is None:
                continue
            key = operation.keys[0]
            if not self.is_right(key, operation.seen, operation.min_epoch):
                self.report(f"a state that was over at epoch {operation.min_epoch}: {operation}", key, around=operation)
            elif operation.min_epoch:
                self.figures["reads checked at an epoch"] += 1
            else:
                self.figures["reads checked without one"] += 1
                before = best[bisect.bisect_left(found, (operation.outcome.start, 0))]
                if not self.is_right(key, operation.seen, before):
                    self.figures["of these, older than an update that was found before"] += 1

    # ------------------------------------------------------------------------------------------------ counts

    def shares(self):
        """How many of the requests with a fair deadline were answered, by the fault that was on."""
        counts = collections.defaultdict(lambda: [0, 0])
        for operation in self.operations:
            if operation.is_hasty or operation.client < 0:
                continue
            on = next((fault for fault in self.faults if fault.overlaps(operation.outcome)), None)
            title = on.title if on else "no fault"
            if title == "away store":
                reads = ", reads at an epoch" if operation.min_epoch else ", reads"
                title += ", updates" if operation.is_update else reads
            counts[title][0] += 1
            counts[title][1] += operation.is_answered
        return counts

    def latencies(self):
        by_kind = collections.defaultdict(list)
        for operation in self.operations:
            if operation.is_answered and operation.client >= 0:
                by_kind[operation.what].append((operation.outcome.end - operation.outcome.start) * 1000)
        return {kind: sorted(values) for kind, values in by_kind.items()}
