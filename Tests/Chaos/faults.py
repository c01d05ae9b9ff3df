"""The faults: what is done to which node, and for how long."""
import os
import random
import shutil
import signal
import threading
import time

from history import Fault
from membership import TTL_S

# How often each comes, beside the others.
KINDS = {
    # Of processes, the store and etcd.
    "kill": 3, "stop": 4, "term": 2, "disk": 2, "away": 1.5, "etcd": 1.5,
    # Of the network: packets lost, one direction lost, two groups that do not reach each other.
    "loss": 3, "hole": 3, "part": 3,
    # Of the machine: a shard's disk full, no fsync, the clock set, little processor, too little memory.
    "full": 2, "sync": 2, "clock": 2, "slow": 2, "memory": 1,
}
NETWORK = {"loss", "hole", "part"}
OF_SHARDS = {"disk", "full"}
OF_SERVERS = {"away": "store", "etcd": "etcd"}  # whose server each hits
PAST_LEASE_S = (TTL_S + 1, 3 * TTL_S)  # with etcd: a node that is away for so long is replaced meanwhile
JUMPS_S = [-86_400, -3600, -30, 30, 3600, 86_400]


class Faults:
    """Needs `cluster`, `kinds`, `dice`, `faults`, `options`, `wait_for_store`, `wait_until_whole` of the class with it."""

    def break_something(self, workload):
        """One fault, or several at once on different nodes, until the cluster is whole again."""
        begun = []
        for _ in range(self.options.together):
            kind = self.dice.choices(self.kinds, [KINDS[kind] for kind in self.kinds])[0]
            free = [name for name in (self.cluster.shards if kind in OF_SHARDS else self.cluster.nodes)
                    if not any(fault.hits(name) for fault in begun)]
            is_alone = kind in ("part", *OF_SERVERS) and any(fault.kind == kind for fault in begun)
            if free and not is_alone:
                node = OF_SERVERS.get(kind) or self.dice.choice(free)
                begun.append(Fault(kind, node, time.monotonic()))
                begun[-1].dice = random.Random(self.dice.random())
        self.faults += begun
        threads = [threading.Thread(target=self.guard, args=(fault,)) for fault in begun]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if any(fault.kind in ("away", "sync") for fault in begun):
            self.wait_for_store(workload)
        is_whole = self.wait_until_whole(workload.newest, "; ".join(map(str, begun)))
        for fault in begun:
            if is_whole:
                fault.end = time.monotonic()
            if self.options.verbose:
                print(f"  {fault}", flush=True)

    def guard(self, fault):
        try:
            getattr(self, f"do_{fault.kind}")(fault)
        except Exception as error:  # noqa: BLE001
            self.violations.append(f"the test could not do {fault.kind} to {fault.node}: {error!r}")

    @staticmethod
    def last(fault, shortest, longest):
        """For how long a fault is on."""
        seconds = fault.dice.uniform(shortest, longest)
        fault.detail = f"{fault.detail} for {seconds:.1f} s".strip()
        time.sleep(seconds)

    # ------------------------------------------------------------------------------------------------ processes

    def do_kill(self, fault):
        if self.cluster.membership and fault.dice.random() < 0.5:
            return self.do_away(fault, *PAST_LEASE_S)
        self.cluster.kill(fault.node)

    def do_term(self, fault):
        self.cluster.kill(fault.node, signal.SIGTERM, status=0)

    def do_stop(self, fault):
        self.cluster.pause(fault.node, True)
        times = fault.dice.choice([(0.2, 2), (2, 8), *([PAST_LEASE_S] if self.cluster.membership else [])])
        if times == PAST_LEASE_S and fault.node in self.cluster.shards:
            # The log may have left it behind by then: it ends, to be started again.
            self.cluster.expect(fault.node, 1)
        self.last(fault, *times)
        self.cluster.pause(fault.node, False)

    def do_disk(self, fault):
        self.cluster.kill(fault.node, away=3)
        self.cluster.wait_gone(fault.node)
        path = self.cluster.data(fault.node)
        if not os.path.ismount(path):
            return shutil.rmtree(path)
        for name in os.listdir(path):
            file = os.path.join(path, name)
            shutil.rmtree(file) if os.path.isdir(file) else os.remove(file)

    def do_away(self, fault, shortest=1, longest=10):
        away = fault.dice.uniform(shortest, longest)
        fault.detail = f"for {away:.1f} s"
        self.cluster.kill(fault.node, away=away)
        time.sleep(away)

    do_etcd = do_away

    # ------------------------------------------------------------------------------------------------ network

    def do_loss(self, fault):
        percent = fault.dice.choice([1, 5, 20, 40])
        fault.detail = f"of {percent} %"
        self.cluster.network.lose(fault.node, percent)
        self.last(fault, 1, 8)
        self.cluster.network.heal("loss", fault.node)

    def do_hole(self, fault):
        direction = fault.dice.choice(["in", "out"])
        fault.detail = f"of all that goes {direction}"
        self.cluster.network.cut(fault.node, direction)
        self.last(fault, *fault.dice.choice([(0.5, 3), (3, 12)]))
        self.cluster.network.heal("hole", fault.node)

    def do_part(self, fault):
        nodes = [name for name in self.cluster.nodes if name != fault.node]
        fault.others = nodes  # each is cut off from some
        group = {fault.node, *fault.dice.sample(nodes, fault.dice.randint(0, len(nodes) - 1))}
        friends = sorted(group - {fault.node})
        fault.detail = f"with {', '.join(friends)} from the others" if friends else "from all others"
        self.cluster.network.part(group)
        self.last(fault, 1, 12)
        self.cluster.network.heal("part")

    # ------------------------------------------------------------------------------------------------ machine

    def do_full(self, fault):
        path = self.cluster.data(fault.node)
        self.cluster.machine.fill(path)
        self.last(fault, 1, 8)
        self.cluster.machine.empty(path)

    def do_sync(self, fault):
        process = self.cluster.process_id(fault.node)
        percent = fault.dice.choice([10, 100])
        fault.detail = f"{percent} % of its fsyncs fail"
        if process:
            # A replica that could not be written takes no more: its shard ends, to be started again.
            self.cluster.processes[fault.node].expected.add(1)
            self.cluster.machine.fail_syncs(process, percent)
            self.last(fault, 1, 6)
            self.cluster.machine.fail_syncs(process, 0)

    def do_clock(self, fault):
        jump = fault.dice.choice(JUMPS_S)
        fault.detail = f"by {jump:+d} s"
        self.cluster.machine.set_clock(fault.node, jump)
        self.last(fault, 1, 6)
        self.cluster.machine.set_clock(fault.node, 0)

    def do_slow(self, fault):
        process = self.cluster.process_id(fault.node)
        percent = fault.dice.choice([2, 10, 30])
        fault.detail = f"{percent} % of a processor"
        if process:
            self.cluster.machine.slow(process, percent)
            self.last(fault, 1, 6)
            self.cluster.machine.release(process, "cpu")

    def do_memory(self, fault):
        process = self.cluster.process_id(fault.node)
        if process:
            self.cluster.expect(fault.node, -signal.SIGKILL)
            self.cluster.machine.squeeze(process)
            self.last(fault, 1, 3)
            self.cluster.machine.release(process, "memory")
            if self.cluster.process_id(fault.node) != process:
                fault.detail += ", ended"
