"""The stage of a program that runs: its processes, sockets and peers, and the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gentcp
from gentcp.engine import inspection
from gentcp.erl import ErlangError

from ..peer import Peer
from ..task import Job, Task, is_told
from ..term import Term
from ..waiting import CaseError
from . import outcomes
from .program import Program

BLOCKED = "blocked"
BUSY = "busy"
ENDED = "ended"
KILLED = "killed"
ENDLESS = "endless"
ENDED_VM = "the VM has ended"

_PAUSE = 0.008
_IDLE = 0.03
_NEARLY_OVER = 0.03
_MOST = 500
_ACKNOWLEDGED = 0.05
_POLL = 0.001


class Lost(Exception):
    """The subject has died or hangs: nothing can be said of any program that ran."""


class Actor:
    """A process of a program, which makes one call after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._task = Task(int, ())
        self._job: Job | None = None
        self.label = ""
        self.shows: outcomes.Shows = outcomes.same
        self.looked_at = True

    @property
    def process(self) -> gentcp.Process:
        """The process itself."""
        return self._task.process

    def state(self, grace: float) -> str:
        """Why no further call can be made: ended, or busy when the last one is not over in so many seconds; or ""."""
        if not self.process.alive:
            return ENDED
        return BUSY if self.outcome(grace) == BLOCKED else ""

    def start(self, label: str, shows: outcomes.Shows, function: Callable[..., Term], *args: Any) -> None:
        """Make a call."""
        self.label, self.shows, self.looked_at = label, shows, False
        self._job = self._task.start(_caught, function, *args)

    def outcome(self, grace: float) -> Term:
        """What the call came to so far; raises Lost."""
        if self._job is None:
            return None
        try:
            value = self._job.outcome(grace if self.process.alive else 0)
        except (gentcp.ProcessKilled, CaseError):
            return KILLED
        if value == "still_blocked" and not self.process.alive:  # a killed thread may notice later
            return KILLED
        if value == ENDED_VM:
            raise Lost(ENDED_VM)
        return BLOCKED if value == "still_blocked" else value

    def look(self, grace: float) -> Term:
        """What is shown of the outcome; raises Lost."""
        value = self.outcome(grace)
        self.looked_at = self.looked_at or value != BLOCKED
        return self.shows(value)

    def leave(self) -> None:
        """End the process normally, when it is in no call."""
        self._task.end()

    def dismiss(self) -> None:
        """End the process."""
        if self.process.alive:
            self.process.kill()


class Stage:
    """All there is while a program runs.  `patience` is how much longer than usual it waits for others to be done."""

    def __init__(self, program: Program, backend: str, patience: float) -> None:
        self.program, self.backend, self.patience = program, backend, patience
        self.things: dict[str, Term] = {}
        self.peers: dict[str, Peer] = {}
        self.actors: dict[str, Actor] = {}
        self.raw: list[Any] = []
        self.log: list[str] = []
        self._names: dict[int, str] = {}

    # what there is

    def actor(self, name: str) -> Actor:
        """A process by its name, begun when it is first needed."""
        if name not in self.actors:
            self.actors[name] = Actor(name)
        return self.actors[name]

    def bind(self, name: str, value: Term) -> None:
        """A name for what a call made."""
        match value:
            case ("ok", made):
                value = made
            case "error" | ("error" | "exception", *_):
                return
            case _:
                pass
        self.things[name] = value
        if isinstance(value, gentcp.Socket | gentcp.Listener):
            self._names[id(value)] = name.upper()

    def say(self, label: str, value: Term) -> None:
        """A line of the log."""
        self.log.append(f"{label}: {outcomes.text(value, self._names)}")

    # waiting

    def state_of(self, actor: Actor) -> str:
        """What `Actor.state` says when calls that are as good as over have had their time."""
        return actor.state(_NEARLY_OVER * self.patience)

    def settle(self) -> None:
        """Wait until the subject has noticed what the peers and others have done."""
        deadline = time.monotonic() + _ACKNOWLEDGED
        while time.monotonic() < deadline and any(_under_way(peer) for peer in self.peers.values()):
            time.sleep(_POLL)
        if not self.backend.startswith("otp_"):
            inspection.settled(1.0)
        time.sleep(_PAUSE * self.patience)

    def messages(self) -> list[Term]:
        """The mailbox of the calling process, emptied."""
        found: list[Term] = []
        while len(found) < _MOST:
            try:
                found.append(gentcp.receive(_is_for_program, timeout=_IDLE * self.patience))
            except TimeoutError:
                return outcomes.merged(sorted(found, key=self._about))
        return [ENDLESS]

    def _about(self, message: Term) -> str:
        """The socket that a message is about: which of two sockets tells first is chance."""
        parts = message if isinstance(message, tuple) else ()
        return next((self._names[id(part)] for part in parts if id(part) in self._names), "")

    # the end

    def close(self) -> None:
        """Nothing stays: the peers reset their connections, the processes end, and the sockets with them."""
        for peer in self.peers.values():
            if peer.raw.fileno() >= 0:
                peer.reset()
        for actor in self.actors.values():
            actor.dismiss()
        for raw in self.raw:
            raw.close()


def _caught(function: Callable[..., Term], *args: Any) -> Term:
    try:
        return function(*args)
    except ErlangError as error:
        return outcomes.exception(error)
    except Exception as error:  # noqa: BLE001  whatever a subject raises is an outcome
        if type(error).__name__ == "VMDied":
            return ENDED_VM
        return ("exception", "python", f"{type(error).__name__}: {error}")


def _under_way(peer: Peer) -> bool:
    if peer.raw.fileno() < 0:
        return False
    try:
        return peer.unacknowledged() > 0
    except OSError:
        return False


def _is_for_program(message: Any) -> bool:
    return not is_told(message)
