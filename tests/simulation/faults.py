"""Faults that gentcp has had, or could have, put back: the simulation has to find them.

`python -m tests.simulation.faults` prints after how many histories it finds each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from gentcp import process as processes
from gentcp.mailbox import READY

from ..support import seams
from .history import draw
from .run import Outcome, Simulation, simulation

Original = Callable[..., Any]


@dataclass(frozen=True)
class Fault:
    """`change` is called in the place of what is at `seam` (see `tests.support.seams`), with the original in front."""

    name: str
    breaks: str
    backend: str
    seam: str
    change: Callable[..., Any]


def dies_with_its_caller(original: Original, sender: Any) -> None:
    if sender.data is not None:
        original(sender)
    else:
        sender.result = ("error", "aborted")


def tries_when_it_is_too_late(original: Original, operation: Any, told: int) -> None:
    original(operation, READY)


def looks_before_it_waits(original: Original, mailbox: Any, timeout: float) -> None:
    """It has looked for messages, and does not look again once others know that they have to ring."""
    late = not timeout and mailbox._waiting and mailbox._inbox and not mailbox._ended
    mine = getattr(processes.local, "process", None) is mailbox
    original(mailbox, -1.0 if late and mine else timeout)


def is_not_told(original: Original, port: Any) -> None:
    """Those that are suspended find out by themselves."""


def forgets_the_next(original: Original, writer: Any, op: Any) -> None:
    """The next writer moves up, and is not woken."""
    if writer.head is op and writer.others:
        with mock.patch.object(type(writer.others[0]), "look", _say_nothing):
            original(writer, op)
    else:
        original(writer, op)


def _say_nothing(_operation: Any) -> None:
    pass


def counts_one_less(original: Original, frame: bytes, written: int, head: int) -> Any:
    return original(frame, written + 1, head)


FAULTS = (
    Fault("a timer dies with its caller", "the time of a blocked sender ends with its process: the port stays busy",
          "inet", "a blocked sender gives up", dies_with_its_caller),
    Fault("written without being told", "a send whose time is over tries once more",
          "socket", "a waiter goes on", tries_when_it_is_too_late),
    Fault("a lost wake-up: messages", "receive looks for messages, and then waits without looking again",
          "inet", "serve a mailbox", looks_before_it_waits),
    Fault("a lost wake-up: suspended senders", "nobody tells them that the port is not busy any more",
          "inet", "those who wait go on", is_not_told),
    Fault("a lost wake-up: writers", "the next in the line of writers is not told that it is its turn",
          "socket", "a writer steps aside", forgets_the_next),
    Fault("the rest of a send", "one byte less than was not written",
          "socket", "the rest of a send", counts_one_less),
)  # fmt: skip


@contextmanager
def alive(fault: Fault) -> Generator[None]:
    """The fault is there as long as this lasts."""
    owner, name = seams.seam(fault.seam, fault.backend)
    original = getattr(owner, name)

    def changed(*arguments: Any, **details: Any) -> Any:
        return fault.change(original, *arguments, **details)

    with mock.patch.object(owner, name, changed):
        yield


def hunt(simulated: Simulation, fault: Fault, most: int, first: int = 0) -> Outcome | None:
    """The first history that shows it, of so many."""
    with alive(fault):
        for seed in range(first, first + most):
            outcome = simulated.run(draw(seed, fault.backend))
            if outcome.violations:
                return outcome
    return None


def main() -> None:
    """Print how long it takes to find each."""
    with simulation() as simulated:
        for fault in FAULTS:
            found = hunt(simulated, fault, 3000)
            where = "not found" if found is None else f"history {found.history.seed + 1}: {found.violations[0]}"
            print(f"{fault.backend:7} {fault.name}: {where}", flush=True)  # noqa: T201  what it is there for


if __name__ == "__main__":
    main()
