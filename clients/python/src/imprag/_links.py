"""Connections to coordinators: made when needed, kept for the next request."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import zmq

from ._errors import ImpRAGError, invalid

KEPT_LINKS = 8  # of each endpoint; more are made for more requests at once, and closed after them
LINGER_MS = 100  # so that a cancel still leaves
REPLY_BYTES = 64 << 20

REFUSALS: dict[int, str] = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "does not let in this key: it is revoked, or of another cluster",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "takes a key and got none, or the other way round",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "breaks off the handshake: it takes another key, or takes one at all",
}

NEWS: list[int] = [zmq.EVENT_CLOSED, zmq.EVENT_DISCONNECTED, *REFUSALS]


@dataclass(frozen=True)
class Key:
    """What proves who we are, and that the coordinator is who it should be."""

    public: bytes
    secret: bytes
    server: bytes

    def __repr__(self) -> str:
        return "Key(…)"

    @staticmethod
    def read(path: str | os.PathLike[str]) -> Key:
        """Reads the file that `imprag keys create` made."""
        try:
            fields = json.loads(Path(path).read_text())
            key = Key(*(fields[name].encode() for name in ("public", "secret", "server")))
        except OSError as error:
            raise ImpRAGError("not_found", f"the key file {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise invalid(f"{path} is no key file: one that `imprag keys create` made is right") from error
        if any(len(part) != 40 for part in (key.public, key.secret, key.server)):
            raise invalid(f"{path} is no key file: its keys have 40 characters each")
        return key


class Link:
    """One connection. It belongs to one request at a time."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], endpoint: str, key: Key | None) -> None:
        self.endpoint = endpoint
        self.is_ready = False
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = LINGER_MS
        self.socket.immediate = True  # it can be written to only while it is connected
        self.socket.set(zmq.MAXMSGSIZE, REPLY_BYTES)
        if key and endpoint.startswith("tcp://"):
            self.socket.curve_publickey = key.public
            self.socket.curve_secretkey = key.secret
            self.socket.curve_serverkey = key.server
        # Says that nobody listens there, that we are not let in, or later that the connection is lost.
        self.news = self.socket.get_monitor_socket(sum(NEWS))
        try:
            self.socket.connect(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise invalid(f"{endpoint!r} is no endpoint: tcp://HOST:PORT or ipc://PATH is right") from error

    @property
    def is_lost(self) -> bool:
        return bool(int(self.news.getsockopt(zmq.EVENTS)) & zmq.POLLIN)

    def refusal(self) -> str | None:
        """Why the handshake failed, if it did."""
        while self.is_lost:
            event = int.from_bytes(self.news.recv_multipart()[0][:2], sys.byteorder)
            if event in REFUSALS:
                return REFUSALS[event]
        return None

    def close(self) -> None:
        self.socket.disable_monitor()
        self.news.close(linger=0)
        self.socket.close()


class Links:
    """The connections that wait for the next request. Any thread may use it."""

    def __init__(self, key: Key | None) -> None:
        # Not one of our own: collected with a client that was not closed, it would wait for sockets that are still there.
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
        self.key = key
        self.is_closed = False
        self._lock = threading.Lock()
        self._idle: dict[str, list[Link]] = {}
        self._ids = itertools.count(1)

    def next_id(self) -> int:
        return next(self._ids)

    def take(self, endpoint: str) -> Link:
        with self._lock:
            if self.is_closed:
                raise ImpRAGError("unavailable", "the client is closed")
            idle = self._idle.get(endpoint, [])
            while idle:
                link = idle.pop()
                if not link.is_lost:
                    return link
                link.close()
        return Link(self.context, endpoint, self.key)

    def give_back(self, link: Link) -> None:
        """`link` has nothing on its way."""
        with self._lock:
            idle = self._idle.setdefault(link.endpoint, [])
            if not self.is_closed and len(idle) < KEPT_LINKS:
                idle.append(link)
                return
        link.close()

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            idle = [link for links in self._idle.values() for link in links]
            self._idle = {}
        for link in idle:
            link.close()
