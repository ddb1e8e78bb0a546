"""Processes of a loop that stand in for others, and the calls that are made for them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any

from gentcp import process as threads
from gentcp._platform import READ
from gentcp._watching import Pollable
from gentcp.abc import Face
from gentcp.engine import Operation, Steps
from gentcp.mailbox import Predicate
from gentcp.process import Owned, Process

from ._loops import LoopHost
from ._process import acting
from ._waiting import run, wait


class StandIn(Process):
    """Owns sockets in a loop for another process: mailbox, lifetime and possessions are that one's.

    It is for that process to see to it that its mailbox is not looked through meanwhile: it waits for the call.
    """

    __slots__ = ("stands_for",)

    def __init__(self, stands_for: Process, host: LoopHost) -> None:
        super().__init__(stands_for.name)
        self.stands_for: Process = stands_for
        self.host = host
        self._waiting = True  # so that all that is posted goes through `post`
        threads._all.pop(self._number, None)  # there is one process
        self._waiting = True  # for ever: so nobody puts a message into this mailbox without `post`

    @classmethod
    def show_as(cls, connected: Face, listening: Face) -> None:
        """What stands for the sockets of such stand-ins."""
        cls._faces = (connected, listening)

    @property
    def alive(self) -> bool:
        return self.stands_for.alive

    @property
    def seen_as(self) -> Process:
        return self.stands_for

    def check(self) -> None:
        self.stands_for.check()

    def own(self, thing: Owned) -> None:
        self.stands_for.own(thing)

    def disown(self, thing: Owned) -> None:
        self.stands_for.disown(thing)

    def post(self, message: Any) -> None:
        self.stands_for.post(message)

    def post_all(self, messages: Iterable[Any]) -> None:
        self.stands_for.post_all(messages)

    def take(self, predicate: Predicate) -> list[Any]:
        return self.stands_for.take(predicate)

    def watch(self, fd: int, pollee: Pollable, events: int = READ) -> None:
        self.host.watch(fd, pollee, events)

    def unwatch(self, fd: int, events: int = READ, pollee: Pollable | None = None) -> None:
        self.host.unwatch(fd, events, pollee)


async def carry_out(process: Process, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call the function as `process`, whose host is the running loop's; the result of what it returns, if that waits.

    It may return an operation or steps, as the calls of the engine do.
    """
    found = acting(process, function, *arguments)
    if isinstance(found, Operation):
        return await wait(found, process.host)
    if isinstance(found, Generator):
        return await run(_acted(process, found), process.host)
    return found


def _acted(process: Process, steps: Steps) -> Steps:
    """The same steps, gone by `process`."""
    go_on: Callable[..., Any] = steps.send
    given: Any = None
    try:
        while True:
            step = acting(process, go_on, given)
            try:
                yield step
            except BaseException as error:  # noqa: BLE001  it is for the steps
                go_on, given = steps.throw, error
            else:
                go_on, given = steps.send, None
    except StopIteration as end:
        return end.value
