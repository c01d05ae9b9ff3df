"""What a command says before it ends with exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Callable


class Failure(Exception):
    """Bad input or a bad world: what is wrong, where, and what would be right."""


def exit_code(name: str, work: Callable[[], None]) -> int:
    """Does the `work` of the command `name`, which makes all or nothing: 0, or 1 after saying why not."""
    try:
        work()
    except (Failure, OSError) as failure:
        print(f"{name}: {failure}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{name}: stopped; nothing was made", file=sys.stderr)
    else:
        return 0
    return 1
