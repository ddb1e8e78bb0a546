"""What happens during a run, as it happens: acts of the case's processes and what is seen between them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp.erl import ErlangError

from .events import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from .observer import Seen

# How long an act of the case's own process may be held up until all is quiet.  Cases time some calls, and call
# anything below 50 ms immediate.
_SETTLE_CALL = 0.025
_SETTLE = 0.25
_LARGE = 65536
# So many equal acts in a row are a loop, which is not to be held up.
_LOOP = 6


@dataclass
class Act:
    """One act.  Times are of the monotonic clock; `ended` stays None when it never came back."""

    number: int
    lane: int
    job: int
    kind: Kind
    verb: str
    args: tuple[Any, ...]
    began: float
    target: Any = None
    ended: float | None = None
    value: Any = None
    error: ErlangError | None = None
    looked: bool = False
    """Whether a message was put back."""


@dataclass
class Log:
    """Begins and ends (act, whether it is an end) in order with their times, and what was seen after so many."""

    acts: list[Act] = field(default_factory=list["Act"])
    entries: list[tuple[Act, bool, float]] = field(default_factory=list[tuple["Act", bool, float]])
    seen: dict[int, Seen | None] = field(default_factory=dict[int, "Seen | None"])


class Recorder:
    """One run.  Acts within acts, and those of processes that the case did not make, are not recorded."""

    def __init__(self, *, settle: bool = True) -> None:
        self.log = Log()
        self.lanes: dict[gentcp.Process, int] = {}
        self.jobs: dict[int, tuple[int, int]] = {}
        self.kept: list[Any] = []
        self.changed = threading.Condition()
        self._settle = settle
        self._within = threading.local()
        self._jobs_of: dict[int, int] = {}
        self._running = False
        self._last_lane = 0

    def start(self) -> None:
        """Record from now on; the calling process is the first lane."""
        self.adopt(gentcp.current_process(), self.new_lane())
        self._running = True

    def stop(self) -> None:
        """Record nothing more."""
        with self.changed:
            self._running = False
            self.changed.notify_all()

    @property
    def running(self) -> bool:
        """Whether acts are being recorded."""
        return self._running

    def new_lane(self) -> int:
        """A number for a process that is about to be, so that numbers follow the order of spawning."""
        with self.changed:
            self._last_lane += 1
            return self._last_lane

    def adopt(self, process: gentcp.Process, lane: int) -> None:
        """Record the acts of a process under this number."""
        self.lanes[process] = lane

    def job(self, job: Any) -> None:
        """The calling process begins its next job."""
        lane = self.lanes.get(gentcp.current_process(), 0)
        number = self._jobs_of[lane] = self._jobs_of.get(lane, 0) + 1
        self.jobs[id(job)] = (lane, number)
        self.kept.append(job)  # so that nothing else gets its id

    def job_of(self, act: Act) -> tuple[int, int]:
        """Process and number of the job that an act is about: one that is given, or looked at."""
        if act.kind is Kind.SPAWN:
            return self.lanes.get(act.value.process, 0), 1
        if act.kind is Kind.ASK:
            before = self.log.acts[: act.number]
            number = 1 + sum(each.kind is Kind.ASK and each.target is act.target for each in before)
            return self.lanes.get(act.target.process, 0), number
        return self.jobs.get(id(act.target)) or (self.lanes.get(act.target.process, 0), 0)

    def act(self, kind: Kind, verb: str, args: tuple[Any, ...], call: Callable[[], Any], target: Any = None) -> Any:
        """Make a call and record it."""
        lane = self.lanes.get(gentcp.current_process())
        if lane is None or not self._running or getattr(self._within, "act", None) is not None:
            return call()
        if lane == 1 and kind is not Kind.CALL:
            self._settle_down(_SETTLE)
        act = self._begin(lane, kind, verb, args, target)
        self._within.act = act
        try:
            act.value = call()
        except ErlangError as error:
            act.error = error
            raise
        finally:
            self._within.act = None
            self._end(act)
        return act.value

    def sending(self) -> bool:
        """Whether the last act but those of the case's own process is to send large data."""
        others = [act for act in self.log.acts[-3:] if act.lane != 1]
        return bool(others) and others[-1].ended is None and _is_large(others[-1])

    def put_back(self, process: gentcp.Process, message: Any) -> None:
        """A process has sent itself a message; if it had just taken it, it was only looking."""
        acts = [act for act in self.log.acts[-3:] if act.verb == "receive" and act.value is message]
        if acts and process is gentcp.current_process():
            acts[-1].looked = True

    def _begin(self, lane: int, kind: Kind, verb: str, args: tuple[Any, ...], target: Any) -> Act:
        with self.changed:
            number = len(self.log.acts) + 1
            act = Act(number, lane, self._jobs_of.get(lane, 0), kind, verb, args, time.monotonic(), target)
            self.log.acts.append(act)
            self.log.entries.append((act, False, act.began))
            self.changed.notify_all()
        return act

    def _end(self, act: Act) -> None:
        if not gentcp.current_process().alive:
            return  # killed in the call
        with self.changed:
            if not self._running:
                return  # the case is being taken down
            act.ended = time.monotonic()
            self.log.entries.append((act, True, act.ended))
            self.changed.notify_all()
        if act.lane == 1 or _is_large(act):
            self._settle_down(_SETTLE_CALL if act.kind is Kind.CALL else _SETTLE)

    def _settle_down(self, limit: float) -> None:
        """Let what follows from an act happen before the next one, so that the order is the same each time."""
        if not self._settle:
            return
        recent = self.log.acts[-_LOOP:]
        if len(recent) == _LOOP and len({(act.verb, act.lane) for act in recent}) == 1:
            return
        with self.changed:
            self.changed.wait_for(lambda: not self._running or len(self.log.entries) in self.log.seen, limit)


def _is_large(act: Act) -> bool:
    """Whether a process may be at its next act before what it has sent is where it belongs."""
    return any(isinstance(arg, bytes) and len(arg) > _LARGE for arg in act.args)
