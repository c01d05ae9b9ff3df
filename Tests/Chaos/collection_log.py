"""The log of a collection as docs/storage.md describes it, read beside the cluster: what it says is the truth."""
import hashlib
import json
import os
import re
import struct
import threading
import time
import urllib.error
import urllib.request

VERSION = re.compile(r"says (\d+)\.")


class Segment:
    """One epoch: `updates[u]` is a list of (id, version), version None for a delete, over all partitions."""

    def __init__(self, epoch, data):
        magic, version, groups, self.epoch, _, _, dimension, _, count = struct.unpack_from("<8sIIQ16s32sIII", data, 0)
        header = 108 + 56 * groups + 16 * count
        if magic != b"IRSEGMNT" or version != 2 or self.epoch != epoch:
            raise ValueError(f"epoch {epoch}: {magic} of format {version}, says that it is epoch {self.epoch}")
        if hashlib.sha256(data[:header]).digest() != data[header:header + 32]:
            raise ValueError(f"epoch {epoch}: the header's checksum is wrong")
        self.updates = [[] for _ in range(count)]
        for group in range(groups):
            _, changes, offset, length, checksum = struct.unpack_from("<IIQQ32s", data, 108 + 56 * group)
            body = data[offset:offset + length]
            if hashlib.sha256(body).digest() != checksum:
                raise ValueError(f"epoch {epoch}: the checksum of group {group} is wrong")
            self.read(body, changes, dimension)

    def read(self, body, changes, dimension):
        place = 0
        for _ in range(changes):
            kind, update, length = struct.unpack_from("<BII", body, place)
            content = body[place + 9:place + 9 + length]
            place += 9 + length
            if kind == 1:
                place += 2 * dimension
                sizes = struct.unpack_from("<III", content, 0)
                text = content[12:12 + sum(sizes)].decode()
                self.updates[update].append((content[12:12 + sizes[0]].decode(), int(VERSION.search(text)[1])))
            else:
                self.updates[update].append((content.decode(), None))
        if place != len(body):
            raise ValueError(f"epoch {self.epoch}: a group of {len(body)} bytes has changes of {place}")


class Follower:
    """Copies every segment as it appears, because checkpoints let old ones go."""

    def __init__(self, directory=None, url=None):
        self.directory, self.url = directory, url
        self.segments = {}
        self.problems = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while not self.is_over.wait(0.05):
            self.look()

    def look(self):
        try:
            names = self.list()
        except (OSError, ValueError):
            return  # the store is away
        for name in names:
            epoch = int(name)
            if epoch in self.segments:
                continue
            try:
                self.segments[epoch] = Segment(epoch, self.read(name))
            except OSError:
                continue
            except (ValueError, struct.error, TypeError) as error:
                self.problems.append(f"segment {epoch} cannot be read: {error}")
                self.segments[epoch] = None

    def stop(self):
        self.is_over.set()
        self.thread.join()
        self.look()

    @property
    def newest(self):
        return max(self.segments, default=0)

    def list(self):
        if self.directory:
            return [name for name in os.listdir(self.directory) if name.isdigit()]
        last = f"{self.newest:020d}" if self.segments else ""
        request = urllib.request.Request(
            f"{self.url}/?limit=1000&lastFileName={last}", headers={"Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=2) as reply:
            entries = json.load(reply).get("Entries") or []
        return [entry["FullPath"].rsplit("/", 1)[1] for entry in entries]

    def read(self, name):
        if self.directory:
            with open(os.path.join(self.directory, name), "rb") as file:
                return file.read()
        with urllib.request.urlopen(f"{self.url}/{name}", timeout=2) as reply:
            return reply.read()
