"""How a request fails."""

from __future__ import annotations


class ImpRAGError(RuntimeError):
    """What the cluster reported, or what kept the request from reaching it.

    `code` is one of docs/rpc.md's, in lower case: `invalid_argument`, `unavailable`, `deadline_exceeded`, …;
    `retry_after` the seconds after which it is worth asking again, if the cluster knows.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        node: str = "",
        retry_after: float | None = None,
        other_collection: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}" + (f" ({node})" if node else ""))
        self.code = code
        self.message = message
        self.node = node
        self.retry_after = retry_after
        self.other_collection = other_collection


def invalid(message: str) -> ImpRAGError:
    return ImpRAGError("invalid_argument", message)
