"""The checker notices what it is there for: small histories with one thing wrong in each."""
import collections
import unittest

from client import Outcome
from history import History
from workload import Operation

Segment = collections.namedtuple("Segment", "updates")


class NoDelays:
    def between(self, start, end):
        return 0


def operation(what, start, end, number=[0], **fields):
    number[0] += 1
    outcome = Outcome(start, start + 1, end, asked=["ipc:///coordinator-0"])
    return Operation(number[0], 0, what, ["a"], outcome=outcome, **fields)


class HistoryTests(unittest.TestCase):
    def setUp(self):
        self.segments = {1: Segment([[("a", 1)]]), 2: Segment([[("a", 2)]]), 3: Segment([[("a", None)]])}
        self.put = operation("put", 0, 1, version=1, epoch=1)
        self.second = operation("put", 2, 3, version=2, epoch=2)
        self.delete = operation("delete", 4, 5, epoch=3)

    def violations(self, *more):
        history = History([self.put, self.second, self.delete, *more], self.segments, [], NoDelays(), {})
        history.check()
        return history.violations

    def test_right_history(self):
        reads = [operation("read", 6, 7, seen=None, min_epoch=3), operation("read", 1.5, 2.1, seen=1, min_epoch=1),
                 operation("read", 2, 3, seen=2, min_epoch=1), operation("read", 8, 9, seen=1)]
        self.assertEqual(self.violations(*reads), [])

    def test_deleted_passage_returns(self):
        self.assertEqual(len(self.violations(operation("read", 6, 7, seen=2, min_epoch=3))), 1)

    def test_read_is_older_than_its_epoch(self):
        self.assertEqual(len(self.violations(operation("read", 3, 4, seen=1, min_epoch=2))), 1)

    def test_written_passage_is_missing(self):
        self.segments = {1: self.segments[1], 2: self.segments[2]}
        self.delete = operation("delete", 4, 5)
        self.delete.outcome.code = "unavailable"
        self.assertEqual(len(self.violations(operation("read", 6, 7, seen=None, min_epoch=2))), 1)

    def test_acknowledged_update_is_not_in_its_epoch(self):
        self.segments[2] = Segment([[("a", 1)]])
        self.assertIn("acknowledged at epoch 2", "".join(self.violations()))

    def test_acknowledged_update_is_not_in_the_log(self):
        del self.segments[3]
        self.assertIn("not in the log", "".join(self.violations()))

    def test_update_is_in_the_log_more_often_than_sent(self):
        self.segments[4] = Segment([[("a", 2)]])
        self.assertIn("2 times", "".join(self.violations()))

    def test_later_update_is_earlier_in_the_log(self):
        self.segments[1], self.segments[2] = self.segments[2], self.segments[1]
        self.put.epoch, self.second.epoch = 2, 1
        self.assertIn("began after epoch 2", "".join(self.violations()))

    def test_late_and_silent(self):
        late = operation("read", 6, 7.2, seen=None)
        silent = operation("read", 6, 7.04)
        silent.outcome.code, silent.outcome.is_silent = "deadline_exceeded", True
        text = "".join(self.violations(late, silent))
        self.assertIn("past its deadline", text)
        self.assertIn("coordinator-0 was well", text)

    def test_errors_that_nothing_explains(self):
        failed = operation("read", 6, 7)
        failed.outcome.code = "internal"
        self.assertIn("no fault explains", "".join(self.violations(failed)))


if __name__ == "__main__":
    unittest.main()
