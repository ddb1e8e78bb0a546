"""A round: connections are made, used and made anew for some time, then all have to deliver what was sent."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any

import gentcp

from .connections import Connection, End
from .owners import Owner

_PATIENCE = 60.0
"""Seconds for one step of an owner, after which it is stuck,"""
_PROGRESS = 30.0
"""and in which something has to come of what is left at the end."""
_LOOK = 0.1
_SHOWN = 4
"""Faults that are kept, of which there may be as many as connections."""


class Round:
    """What the owners have in common."""

    def __init__(self, connections: int, owners: int, backends: Sequence[str], seed: int) -> None:
        self.target = connections
        self.backends = backends
        self.seed = seed
        self.ends: dict[gentcp.Socket[Any], End] = {}
        self.faults: list[str] = []
        self.finishing = False
        self.over = False
        self.alive = 0
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._names = itertools.count(1)
        self._counts: Counter[str] = Counter()
        self.owners: list[Owner] = []
        for _ in range(owners):
            self.owners.append(self._owner())

    def _owner(self) -> Owner:
        return Owner(self, f"owner-{next(self._names)}")

    # ---- for owners

    def wants_another(self) -> bool:
        """Whether a connection is missing; whoever is told so makes it."""
        with self._lock:
            missing = self.alive < self.target and not self.finishing and not self.over
            self.alive += missing
        return missing

    def has_not_made(self) -> None:
        """The connection that was missing still is."""
        with self._lock:
            self.alive -= 1

    def next_number(self) -> int:
        """For a new connection."""
        return next(self._numbers)

    def add(self, connection: Connection) -> None:
        """Both ends are there."""
        self.ends.update({end.sock: end for end in connection.ends})

    def remove(self, end: End) -> None:
        """An end is over; when both are, what has become of their streams is looked at."""
        with self._lock:
            if end.over:
                return
            end.over = True
            self.ends.pop(end.sock, None)
            end.connection.open -= 1
            if end.connection.open:
                return
            self.alive -= 1
        for fault in end.connection.faults():
            self.fail(fault)

    def lose(self, end: End) -> None:
        """The owner of this end has ended, and so has its socket."""
        end.lost_owner = True
        self.remove(end)

    def keep(self, end: End) -> None:
        """It could not be given."""
        with self._lock:
            if end.giver is not None:
                end.owner, end.giver = end.giver, None

    def given(self, end: End) -> None:
        """It has been given; if that was to an owner that has been replaced since, it is lost."""
        with self._lock:
            end.giver = None
            lost = end.owner.replaced
        if lost:
            self.lose(end)

    def give(self, end: End, dice: random.Random) -> Owner | None:
        """Another owner for this end than it and its peer have, until `given` or `keep`; None if there is none yet.

        Messages may reach that one before the socket is handed over.
        """
        with self._lock:
            others = [other for other in self.owners if other is not end.owner and other is not end.peer.owner]
            if not others:
                return None
            end.giver, end.owner = end.owner, dice.choice(others)
            return end.owner

    def fail(self, fault: str) -> None:
        """Something is not as it must be."""
        if len(self.faults) < _SHOWN:
            self.faults.append(fault)

    # ---- for whoever runs the round

    def work(self, seconds: float) -> None:
        """Wait, and look whether all owners go on."""
        until = monotonic() + seconds
        pause = threading.Event()
        while not self.faults and (left := until - monotonic()) > 0:
            pause.wait(min(left, _LOOK))
            self._look_for_stuck()

    def replace_one(self) -> None:
        """Kill an owner, and let another one take its place."""
        places = [place for place, owner in enumerate(self.owners) if self._may_end(owner)]
        if not places:
            return
        place = self._dice.choice(places)
        another = self._owner()
        with self._lock:
            killed, self.owners[place] = self.owners[place], another
        killed.process.kill()
        if not killed.process.join(_PATIENCE):
            self.fail(f"{killed.name} was killed, and has not noticed; it is in {where(killed)}")
            return
        killed.thread.join()
        with self._lock:
            killed.replaced = True
            lost = [end for end in list(self.ends.values()) if end.holder is killed]
        for end in lost:
            self.lose(end)
        self.collect(killed)
        self._counts["kills"] += 1

    def _may_end(self, owner: Owner) -> bool:
        """Not if both owners of a connection would have ended: on `inet` their queues may wait for each other for ever.

        Each is flushed in the background, and nobody reads any more; OTP does the same.
        """
        mine = [end for end in list(self.ends.values()) if end.holder is owner]
        return not any(end.peer.holder is owner or end.peer.lost_owner for end in mine)

    def finish(self) -> None:
        """No new data: what was sent has to come, and then everything is closed."""
        self.finishing = True
        before: Any = None
        while self.alive and not self.faults:
            now = self.alive, self.counts()["bytes"]
            if now == before:
                shown = "\n  ".join(map(repr, {end.connection: None for end in [*self.ends.values()][:_SHOWN]}))
                self.fail(f"{self.alive} connections do not come to their end:\n  {shown}")
            before = now
            until = monotonic() + _PROGRESS
            while self.alive and monotonic() < until and not self.faults:
                self.work(_LOOK)

    def end(self) -> None:
        """Let the owners go."""
        self.over = True
        for owner in self.owners:
            if not owner.process.join(_PATIENCE):
                self.fail(f"{owner.name} does not end; it is in {where(owner)}")
            else:
                owner.thread.join()
            self.collect(owner)
        if not any(owner.process.alive for owner in self.owners):  # or it has yet to reset what is its own
            self.ends.clear()
        self.owners.clear()

    def collect(self, owner: Owner) -> None:
        """Keep the counts of an owner that has ended."""
        self._counts += owner.counts

    def counts(self) -> Counter[str]:
        """What has been done so far."""
        return sum((Counter(owner.counts) for owner in self.owners), Counter(self._counts))

    def _look_for_stuck(self) -> None:
        now = monotonic()
        for owner in self.owners:
            if now - owner.last_step > _PATIENCE:
                self.fail(f"{owner.name} has made no step for {_PATIENCE:.0f} s; it is in {where(owner)}")


def where(owner: Owner) -> str:
    """Where an owner's thread is, for people."""
    frame = sys._current_frames().get(owner.thread.ident or 0)
    return "no thread" if frame is None else "\n" + "".join(traceback.format_stack(frame))
