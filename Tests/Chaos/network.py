"""A network for the nodes: each has a namespace of its own, on one bridge, and rules that lose what it sends and gets."""
import os
import shutil
import subprocess


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Network:
    """Needs root, `ip` and `nft`. The clients, and the store's server, stay outside, at `host`."""

    def __init__(self, names):
        number = os.getpid()
        self.bridge = f"chaos{number % 100_000}"
        self.subnet = f"10.{200 + number % 50}.{number // 50 % 250}"
        self.host = f"{self.subnet}.254"
        self.places = {name: place for place, name in enumerate(names, 1)}

    @staticmethod
    def lacks():
        """What this machine lacks for it; empty for nothing."""
        if os.geteuid():
            return "root"
        return ", ".join(tool for tool in ("ip", "nft") if not shutil.which(tool))

    def address(self, name):
        return f"{self.subnet}.{self.places[name]}"

    def space(self, name):
        return f"{self.bridge}-{self.places[name]}"

    def command(self, name):
        """What stands before the command of a process of that node."""
        return ["ip", "netns", "exec", self.space(name)]

    def make(self):
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "address", "add", f"{self.host}/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        for name, place in self.places.items():
            space, outer = self.space(name), f"{self.bridge}v{place}"[-15:]
            run("ip", "netns", "add", space)
            run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "link", "set", outer, "master", self.bridge, "up")
            run("ip", "-n", space, "address", "add", f"{self.address(name)}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            run("ip", "-n", space, "link", "set", "lo", "up")

    # ------------------------------------------------------------------------------------------------ faults

    def lose(self, name, percent):
        """Loses a share of the packets that the node gets and sends."""
        rule = f"numgen random mod 100 < {percent} drop"
        self.rules("loss", name, rule, rule)

    def cut(self, name, direction):
        """Loses everything in one direction, `in` or `out`: the others' kernels, or its own, notice nothing."""
        self.rules("hole", name, *(("drop", "accept") if direction == "in" else ("accept", "drop")))

    def part(self, group):
        """Cuts the nodes of `group` off from all others, and those from them. The clients reach everybody."""
        for name in self.places:
            others = [other for other in self.places if (other in group) != (name in group)]
            addresses = ", ".join(self.address(other) for other in others)
            self.rules("part", name, f"ip saddr {{ {addresses} }} drop", f"ip daddr {{ {addresses} }} drop")

    def heal(self, kind, *names):
        for name in names or self.places:
            self.nft(name, f"add table inet {kind}\ndelete table inet {kind}\n")

    def rules(self, kind, name, arriving, leaving):
        # A table for each kind of fault: several may be on at once.
        # Loopback stays whole: a process that cannot reach itself is another fault.
        chains = "".join(
            f"chain {hook} {{ type filter hook {hook} priority 0; {way} lo accept; {rule}; }}\n"
            for hook, way, rule in (("input", "iif", arriving), ("output", "oif", leaving)))
        self.nft(name, f"table inet {kind} {{\n{chains}}}\n")

    def nft(self, name, text):
        run(*self.command(name), "nft", "-f", "-", text=text)

    def clear(self):
        for name in self.places:
            subprocess.run(["ip", "netns", "del", self.space(name)], capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True)
