"""What a trace holds: the points of a case's run in order, as data that is the same each time it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an act is."""

    CALL = "call"
    """A function of OTP, called by a process of the case."""
    MESSAGES = "messages"
    """A process looks into its mailbox."""
    PEER = "peer"
    """The raw socket at the other end."""
    STAGE = "stage"
    """Raw listeners and connections, ports, paths: what a case has around it."""
    SPAWN = "spawn"
    """A new process, with its first job."""
    ASK = "ask"
    """A further job for a process."""
    LOOK = "look"
    """A look at what a job has come to."""
    END = "end"
    """A process is told to end, or killed."""
    UNTIL = "until"
    """A wait for something that nobody tells."""


@dataclass(frozen=True)
class State:
    """A connection after a point, in words: "" is empty (of `queue`: or not known), "5 B", "~4 MB", "full".

    `queue` is what the driver holds back, `out` and `into` what is on its way in the kernel, from the subject and to
    it; `wire` names what was sent in this point: "FIN>" from the subject, "<FIN" to it, "RST>", "<RST".
    """

    connection: int = 1
    queue: str = ""
    out: str = ""
    into: str = ""
    wire: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One thing that happened.  A call that others happened during has two points, for its begin and its end.

    `act` numbers acts; `lane` is the process, the case's own being 1, and `job` the number of its job.  `verb` and
    `args` say what is done, in Erlang notation with variables for sockets and processes.  `other` is the process that
    is spawned, asked, looked at or ended; `other_job` its job.  `took` is how long a call waited for nobody but the
    clock, "200 ms".  `count` is how often this came in a row, 0 for many times.
    """

    act: int
    lane: int
    kind: Kind
    verb: str
    args: tuple[str, ...] = ()
    begins: bool = True
    ends: bool = True
    result: str = ""
    bound: str = ""
    """Variable for the value in an {ok, Value} result, or for the value itself."""
    took: str = ""
    count: int = 1
    job: int = 0
    other: int = 0
    other_job: int = 0
    messages: tuple[str, ...] = ()
    state: State | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for points that are the same step of a case on two subjects, whatever came of it."""
        # How much a raw socket is to read is taken from what was sent.
        args = self.args[:1] if self.kind is Kind.PEER else self.args
        return (self.lane, self.kind, self.verb, args, self.begins, self.other)

    @property
    def seen(self) -> tuple[Any, ...]:
        """What a program sees of the point: it differs where the subjects do."""
        return (self.ends, self.result, self.took, self.count, self.messages)


@dataclass(frozen=True)
class Trace:
    """One case on one subject, named by the column that it stands for.  `notes` say what is not as it should be."""

    case: str
    subject: str
    points: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traces:
    """Traces by case and subject; `about` says from what they were made."""

    about: dict[str, str]
    traces: dict[tuple[str, str], Trace] = field(default_factory=dict[tuple[str, str], Trace])
