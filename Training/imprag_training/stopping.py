"""How a long run is stopped: between two steps, with its checkpoint written."""

from __future__ import annotations

import signal
from typing import Protocol


class Stoppable(Protocol):
    """A run that ends after the step during which `stop` became true."""

    stop: bool


def stop_on_signals(run: Stoppable) -> None:
    """SIGINT and SIGTERM end `run` after its current step."""

    def interrupt(*_) -> None:
        print("stopping after this step", flush=True)
        run.stop = True

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
