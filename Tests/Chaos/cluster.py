"""A cluster of real processes, restarted by a supervisor after a pause, and the store that it writes to."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from membership import Membership

RESTART_S = 1.0  # a node that ended begins again after this
CORPUS_LINES = 4000
NODES = {"coordinator": 2, "shard": 3, "generator": 2}
SERVERS = {"store", "etcd"}  # what a cluster buys: processes that are none of its nodes


class Process:
    """A node, or a server."""

    def __init__(self, name, command, log, environment=None):
        self.name, self.command, self.log, self.environment = name, command, log, environment
        self.child = None
        self.may_start_at = 0.0
        self.expected = set()  # exit statuses that a fault of ours leads to
        self.starts = 0

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        self.starts += 1
        self.expected = set()

    def signal(self, number, *statuses):
        self.expected |= set(statuses)
        self.child.send_signal(number)

    def tail(self):
        with open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 1500))
            return log.read().decode(errors="replace")


class Cluster:
    """Three shards with two partitions each (or by etcd), two coordinators, two generators, from one cluster file."""

    def __init__(self, imprag, model, work, options, network=None, machine=None):
        self.imprag, self.model, self.work, self.options = imprag, model, work, options
        self.partitions = options.partitions
        self.network, self.machine = network, machine
        self.membership = None
        self.processes = {}
        self.unexpected = []  # nodes that ended by themselves
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.environment = dict(os.environ)
        self.environment.pop("OPENBLAS_CORETYPE", None)
        self.supervisor = threading.Thread(target=self.supervise, daemon=True)

    def endpoint(self, name):
        return f"tcp://{self.network.address(name)}:7000" if self.network else f"ipc://{self.work}/{name}"

    def data(self, name):
        """A shard's directory."""
        return os.path.join(self.work, f"data-{name.rsplit('-', 1)[1]}")

    @property
    def coordinators(self):
        return [name for name in self.processes if name.startswith("coordinator")]

    @property
    def shards(self):
        return [name for name in self.processes if name.startswith("shard")]

    @property
    def nodes(self):
        return [name for name in self.processes if name not in SERVERS]

    def run(self, *arguments, timeout=120):
        return subprocess.run(
            [self.imprag, *arguments], capture_output=True, text=True, timeout=timeout, env=self.environment)

    def checked(self, *arguments):
        result = self.run(*arguments)
        if result.returncode:
            raise SystemExit(f"imprag {' '.join(arguments)}: {result.stdout}{result.stderr}")

    # ------------------------------------------------------------------------------------------------ making it

    def make(self, corpus):
        lines = os.path.join(self.work, "corpus.jsonl")
        with open(corpus) as source, open(lines, "w") as target:
            for number, line in enumerate(source):
                if number == CORPUS_LINES:
                    break
                target.write(line)
        directory = os.path.join(self.work, "index")
        self.checked("index", "--model", self.model, "--corpus", lines, "--out", directory,
                     "--partitions", str(self.partitions))
        if self.options.weed:
            self.start_store()
            self.checked("collections", "create", self.index, "--from", directory)
        else:
            self.index = directory
            self.log = {"directory": os.path.join(directory, "log")}
            os.makedirs(self.log["directory"], exist_ok=True)
        if self.options.etcd:
            self.start_etcd()
        self.write_file()

    def write_file(self):
        nodes = []
        for number in range(NODES["coordinator"]):
            nodes.append({"name": f"coordinator-{number}", "role": "coordinator"})
        for number in range(NODES["shard"]):
            held = sorted({number % self.partitions, (number + 1) % self.partitions})
            if self.machine:
                self.machine.make_disk(self.data(f"shard-{number}"))
            nodes.append({"name": f"shard-{number}", "role": "shard", "data": self.data(f"shard-{number}"),
                          "checkpoint_after": self.options.checkpoint_after})
            if not self.membership:
                nodes[-1]["partitions"] = held
        for number in range(NODES["generator"]):
            nodes.append({"name": f"generator-{number}", "role": "generator"})
        for node in nodes:
            node["listen"] = self.endpoint(node["name"])
            if node["role"] != "shard":
                node["threads"] = 1
        file = os.path.join(self.work, "cluster.json")
        contents = {"model": self.model, "index": self.index, "partitions": self.partitions, "nodes": nodes}
        if self.membership:
            contents["membership"] = self.membership.settings
        if self.network:
            contents |= self.make_keys()
        with open(file, "w") as target:
            json.dump(contents, target, indent=2)
        for node in nodes:
            name = node["name"]
            self.processes[name] = Process(
                name, [*(self.network.command(name) if self.network else []),
                       self.imprag, node["role"], "--config", file, "--node", name],
                os.path.join(self.work, name + ".log"),
                self.environment | (self.machine.environment(name) if self.machine else {}))

    def make_keys(self):
        """The cluster file's fields; other machines are let in by their keys only. Clients find theirs in IMPRAG_KEY."""
        keys = os.path.join(self.work, "keys.json")
        for name in ("node", "admin"):
            self.checked("keys", "create", name, "--role", name, "--keys", keys, "--out", self.key(name))
        self.environment["IMPRAG_KEY"] = os.environ["IMPRAG_KEY"] = self.key("admin")
        os.environ["NODE_KEY"] = self.key("node")
        return {"keys": keys, "key": self.key("node")}

    def key(self, name):
        return os.path.join(self.work, f"{name}.key")

    def start_store(self):
        """SeaweedFS, as Tests/ObjectStoreTests/seaweedfs.sh starts it."""
        data = os.path.join(self.work, "weed")
        os.makedirs(data)
        master, volume, filer, s3 = free_ports(4)
        config = os.path.join(self.work, "s3.json")
        with open(config, "w") as file:
            json.dump({"identities": [{
                "name": "test", "credentials": [{"accessKey": "test-key", "secretKey": "test-secret"}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}, file)
        self.environment |= {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret"}
        store = Process("store", [
            self.options.weed, "server", f"-dir={data}", f"-ip={self.host}", f"-ip.bind={self.host}",
            f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}", "-s3",
            f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={config}"],
            os.path.join(self.work, "store.log"))
        self.processes["store"] = store
        store.start()
        shell = [self.options.weed, "shell", f"-master={self.host}:{master}", f"-filer={self.host}:{filer}"]
        for _ in range(60):
            time.sleep(0.5)
            made = subprocess.run(shell, input="s3.bucket.create -name bucket\n", capture_output=True, text=True)
            if made.returncode == 0:
                break
        else:
            raise SystemExit(f"the store does not start: {store.tail()}")
        self.index = f"s3://bucket/chaos?endpoint=http://{self.host}:{s3}"
        self.log = {"url": f"http://{self.host}:{filer}/buckets/bucket/chaos/log"}

    def start_etcd(self):
        self.membership = Membership(self.options.etcd, self.work, self.host, free_ports(2), self.partitions)
        etcd = Process("etcd", self.membership.command, os.path.join(self.work, "etcd.log"))
        self.processes["etcd"] = etcd
        etcd.start()
        try:
            self.membership.wait_until_it_serves()
        except OSError as error:
            raise SystemExit(f"etcd does not start: {error}: {etcd.tail()}") from error

    @property
    def host(self):
        """Where the servers listen."""
        return self.network.host if self.network else "127.0.0.1"

    # ------------------------------------------------------------------------------------------------ keeping it

    def start(self):
        for name in self.nodes:
            self.processes[name].start()
        self.supervisor.start()

    def supervise(self):
        while not self.is_over.wait(0.02):
            with self.lock:
                for process in self.processes.values():
                    self.look_after(process)

    def look_after(self, process):
        now = time.monotonic()
        if process.child is None:
            if now >= process.may_start_at:
                process.start()
            return
        status = process.child.poll()
        if status is None:
            return
        if status not in process.expected:
            self.unexpected.append(f"{process.name} ended by itself with {status}: {process.tail()}")
        process.child = None
        process.may_start_at = max(process.may_start_at, now + RESTART_S)

    def kill(self, name, number=signal.SIGKILL, away=0.0, status=None):
        """Ends a node, which begins again after a pause, and not before `away` seconds."""
        with self.lock:
            process = self.processes[name]
            if process.child is not None:
                process.may_start_at = time.monotonic() + away
                process.signal(number, -number if status is None else status)

    def wait_gone(self, name):
        """Waits until the process that was killed is gone."""
        while True:
            with self.lock:
                if self.processes[name].child is None:
                    return
            time.sleep(0.01)

    def pause(self, name, is_on):
        with self.lock:
            if self.processes[name].child is not None:
                self.processes[name].signal(signal.SIGSTOP if is_on else signal.SIGCONT)

    def process_id(self, name):
        """None while it is gone."""
        with self.lock:
            child = self.processes[name].child
            return child.pid if child is not None and child.poll() is None else None

    def expect(self, name, status):
        """The node may end with that status from now on, until it begins again."""
        with self.lock:
            self.processes[name].expected.add(status)

    def stop(self):
        """Ends every node as a platform does; returns those that did not end with 0."""
        self.is_over.set()
        if self.supervisor.ident:
            self.supervisor.join()
        running = [process for process in self.processes.values() if process.child is not None]
        problems = []
        for process in running:
            if process.name not in SERVERS:
                process.signal(signal.SIGCONT)
                process.signal(signal.SIGTERM)
        for process in running:
            if process.name in SERVERS:
                continue
            try:
                status = process.child.wait(20)
                if status not in {0, *process.expected}:
                    problems.append(f"{process.name} ended with {status} after SIGTERM: {process.tail()}")
            except subprocess.TimeoutExpired:
                problems.append(f"{process.name} does not end within 20 s after SIGTERM: {process.tail()}")
                process.child.kill()
        return problems

    def clear(self, keep):
        for process in self.processes.values():
            if process.child is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.child.kill()
                process.child.wait()
        if self.machine:
            self.machine.clear()
        if not keep:
            shutil.rmtree(self.work, ignore_errors=True)


def free_ports(count):
    """Ports of which each plus 10,000 is free too: SeaweedFS serves gRPC there."""
    found = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port > 55_000 or port in found:
                continue
            try:
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            found.append(port)
    return found
