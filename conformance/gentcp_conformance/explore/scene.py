"""What is known of a program while its steps are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..term import Term
from .program import OWN, Step

if TYPE_CHECKING:
    from .draw import Draw

_PROCESSES = "ABCDEFGH"


@dataclass
class Scene:
    """The sockets, peers and processes so far; `others` is the share of calls that others than the owner make.

    `stalled` says that peers do not read, so that sends may block; `active` whether data come as messages, as far as
    one can tell; `receiving` that another process may be in recv.
    """

    draw: Draw
    packet: Term = "raw"
    others: float = 0.0
    stalled: bool = False
    sockets: list[str] = field(default_factory=lambda: ["s"])
    listeners: list[str] = field(default_factory=list)
    peers: list[str] = field(default_factory=lambda: ["p"])
    processes: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    receiving: bool = False
    active: bool = True
    made: int = 0

    def socket(self) -> str:
        """One of the sockets; the first one more often."""
        return self.sockets[0] if self.draw.chance(0.4) else self.draw.pick(self.sockets)

    def peer(self) -> str:
        """One of the peers."""
        return self.draw.pick(self.peers)

    def caller(self, share: float | None = None) -> str:
        """Who makes a call: the owner, or with that share another process, a new one more often than not."""
        if not self.draw.chance(self.others if share is None else share):
            return OWN
        return self.other()

    def other(self) -> str:
        """A process that is not the owner, perhaps a new one."""
        if self.processes and (self.draw.chance(0.25) or len(self.processes) == len(_PROCESSES)):
            return self.draw.pick(self.processes)
        self.processes.append(_PROCESSES[len(self.processes)])
        return self.processes[-1]

    def new(self, letter: str) -> str:
        """A name for something that a step makes."""
        self.made += 1
        return f"{letter}{self.made}"

    def step(self, kind: str, *args: Term, on: str = "s", by: str = OWN, waits: bool = True, to: str = "") -> Step:
        """A step."""
        return Step(kind, args, on, by, waits, to)
