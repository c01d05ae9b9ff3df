"""Faults of the machine under a node: a full disk, a disk that does not sync, a clock that jumps, too little processor or memory."""
import contextlib
import glob
import os
import pathlib
import shutil
import struct
import subprocess

CGROUPS = pathlib.Path("/sys/fs/cgroup")
DISK_BYTES = 320 << 20  # of a shard's data, maybe all partitions, and 128 MiB that it keeps free; the fault fills it


def library(*patterns):
    """The first file that is there."""
    return next((path for pattern in patterns for path in sorted(glob.glob(pattern))), None)


class Machine:
    """Which faults the machine can have, and how they are made. `kinds` are asked for."""

    def __init__(self, work, kinds):
        self.work = work
        self.clock = os.path.join(work, "clock.so")
        self.fiu = [library("/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/*/fiu/fiu_run_preload.so"),
                    library("/usr/lib/fiu/fiu_posix_preload.so", "/usr/lib/*/fiu/fiu_posix_preload.so")]
        self.kinds = {kind for kind in kinds if not self.lacks(kind)}
        self.group = f"chaos-{os.getpid()}"
        self.mounts = []
        if "clock" in self.kinds:
            source = pathlib.Path(__file__).with_name("clock.c")
            subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.clock, str(source), "-ldl"], check=True)

    def lacks(self, kind):
        """What is missing for faults of that kind; empty for nothing."""
        if kind in ("full", "slow", "memory") and os.geteuid():
            return "root"
        if kind == "slow" and not (CGROUPS / "cpu" / "cgroup.procs").exists():
            return "cgroup v1's cpu controller"
        if kind == "memory" and not (CGROUPS / "memory" / "cgroup.procs").exists():
            return "cgroup v1's memory controller"
        if kind == "clock" and not shutil.which("cc"):
            return "a C compiler"
        if kind == "sync" and not (all(self.fiu) and shutil.which("fiu-ctrl")):
            return "libfiu (Debian: fiu-utils)"
        return ""

    def environment(self, name):
        """What a node's process needs so that it can be hit."""
        preload, more = [], {}
        if "clock" in self.kinds:
            preload.append(self.clock)
            pathlib.Path(self.clock_file(name)).write_bytes(bytes(8))
            more["CHAOS_CLOCK"] = self.clock_file(name)
        if "sync" in self.kinds:
            preload += self.fiu
            more["FIU_CTRL_FIFO"] = os.path.join(self.work, "fiu")
        return more | ({"LD_PRELOAD": " ".join(preload)} if preload else {})

    # ------------------------------------------------------------------------------------------------ clock

    def clock_file(self, name):
        return os.path.join(self.work, f"clock-{name}")

    def set_clock(self, name, seconds):
        with open(self.clock_file(name), "r+b", buffering=0) as file:  # the node has it mapped
            file.write(struct.pack("<q", seconds))

    # ------------------------------------------------------------------------------------------------ disk

    def make_disk(self, path):
        """A small disk for a shard's data."""
        if "full" in self.kinds:
            os.makedirs(path)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", path], check=True)
            self.mounts.append(path)

    @staticmethod
    def fill(path):
        """Leaves not a byte free."""
        with open(os.path.join(path, "ballast"), "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
        with open(os.path.join(path, "ballast"), "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    @staticmethod
    def empty(path):
        os.remove(os.path.join(path, "ballast"))

    def fail_syncs(self, process, percent):
        """From now on that share of the process's fsync and fdatasync fails; 0: none."""
        command = f"enable_random name=posix/io/sync/*,probability={percent / 100}" if percent else "disable name=posix/io/sync/*"
        subprocess.run(
            ["fiu-ctrl", "-f", os.path.join(self.work, "fiu"), "-c", command, str(process)], capture_output=True, timeout=5)

    # ------------------------------------------------------------------------------------------------ processor, memory

    def slow(self, process, percent):
        """Gives a process that share of one processor."""
        group = CGROUPS / "cpu" / self.group
        group.mkdir(exist_ok=True)
        (group / "cpu.cfs_period_us").write_text("100000")
        (group / "cpu.cfs_quota_us").write_text(str(1000 * percent))
        (group / "cgroup.procs").write_text(str(process))

    def squeeze(self, process):
        """Allows a process next to no memory beyond what it has: at more the system ends it."""
        group = CGROUPS / "memory" / self.group
        group.mkdir(exist_ok=True)
        # What it has stays with its former group.
        (group / "memory.limit_in_bytes").write_text(str(1 << 20))
        (group / "cgroup.procs").write_text(str(process))

    @staticmethod
    def release(process, controller):
        with contextlib.suppress(OSError):  # it may have ended
            (CGROUPS / controller / "cgroup.procs").write_text(str(process))

    def clear(self):
        for path in self.mounts:
            subprocess.run(["umount", "-l", path], capture_output=True)
        for controller in ("cpu", "memory"):
            with contextlib.suppress(OSError):
                (CGROUPS / controller / self.group).rmdir()
