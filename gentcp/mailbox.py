"""Mailboxes: messages, the descriptors that are polled for their owner, and the waits of other calls.

The mailbox of a process also polls its active sockets: `receive` waits for messages and for data at the same time
and turns the data into messages in the receiving thread, so that no message has to change threads.  While the owner
is in `receive` it holds `turn`; somebody else who finds `turn` free may serve the sockets in its stead (`pump`).

Where the system has no descriptor for a poller or a waker, nothing fails: whoever waits looks again every SLICE, and
tries to get one.
"""

from __future__ import annotations

import contextlib
import logging
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from math import isnan
from time import monotonic, sleep
from typing import Any, Final

from ._blocking import warn_in_loop
from ._compiled import mypyc_attr
from ._platform import LONGEST_POLL, READ, SLICE, Poller, Waker, new_woken_poller
from ._pollees import Pollable, pair_of
from .errors import OptionError, ProcessKilled, Term, Timeout

Predicate = Callable[[Any], bool]
Told = int
"""How a wait ended."""
EXPIRED: Final[Told] = 0
"""The deadline is over."""
WOKEN: Final[Told] = 1
"""Somebody called `wake`, or it has been long: look again."""
READY: Final[Told] = 2
"""The system says that the descriptor is ready."""
LONGEST_PARK: float = 1.0 if "t" in getattr(sys, "abiflags", "") else threading.TIMEOUT_MAX
"""Seconds that `park` waits at a time.

Without the interpreter's lock `acquire` gives way for a while before it sleeps, and does not notice a signal that comes
just then (CPython 3.14); so that Ctrl-C is not lost, whoever waits there comes back.
"""


HIGH_WATER = 100_000
"""Messages in a mailbox from which on the log has a warning of it."""
_log = logging.getLogger("gentcp")


class _InReceive(deque[Any]):
    """Stands for the messages that were left while their owner is in receive, which finds out if it comes again."""

    def popleft(self) -> Any:
        raise RuntimeError(
            "receive was called while this process is in receive already: by its predicate, or by a signal handler"
        )


_IN_RECEIVE: Final[deque[Any]] = _InReceive([None])


def check_receive(predicate: object, timeout: object) -> None:
    """OptionError for what receive does not take."""
    if predicate is not None and not callable(predicate):
        raise OptionError("predicate", f"expected a function, not {predicate!r}")
    number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and not isnan(timeout)
    if timeout is not None and not number:
        raise OptionError("timeout", f"expected seconds, or None for no limit, not {timeout!r}")


@mypyc_attr(allow_interpreted_subclasses=True)
class Mailbox:
    """The part of a process that waits."""

    __slots__ = (
        "_bell", "_crowded", "_ended", "_gate", "_inbox", "_left", "_opening", "_poll", "_poll_key", "_pollees",
        "_poller", "_poor", "_released", "_saved", "_stale", "_strays", "_unusual", "_waiting", "_waker", "on_end",
        "on_leave", "turn", "turns",
    )  # fmt: skip

    def __init__(self) -> None:
        self._ended = False
        self._crowded = False  # there have been HIGH_WATER messages, and not less than half of that since
        self._inbox: deque[Any] = deque()
        self._left: deque[Any] = deque()  # looked at by a selective receive and left; only the owner touches it
        self._saved: deque[Any] = self._left  # the same, while the owner is not in receive
        self._gate = threading.Lock()
        self._gate.acquire()
        self._opening = threading.RLock()  # a signal handler may come in the middle
        self._waiting = False
        self._released = False
        self._bell: Waker | None = None
        self._waker: Waker | None = None
        self._poller: Poller | None = None
        self._pollees: dict[int, Pollable] = {}
        self._unusual: dict[int, int] = {}
        """For what those wait who do not wait to read."""
        self._strays: set[int] = set()
        """Those that the poller does not know of."""
        self._stale = False
        """The poller knows of something that it should not."""
        self._poor = False
        """Either of these."""
        self._poll: select.poll | None = None
        self._poll_key = (-1, 0)
        self.turn: threading.Lock = threading.Lock()
        self.turns: int = 0
        """How often the owner has been in receive."""
        self.on_leave: Callable[[Any], None] | None = None
        """Called with the mailbox when its owner leaves receive."""
        self.on_end: Callable[[Any], None] | None = None
        """Called with the mailbox when its owner's thread is done."""

    # ---- messages

    def post(self, message: Term) -> None:
        """Put a message into the mailbox (Erlang's `!`).  Never blocks; to an ended process it does nothing."""
        if self._ended:
            return
        self._inbox.append(message)
        if self._waiting:
            self.ring()

    def post_all(self, messages: Iterable[Term]) -> None:
        """Post them in order."""
        if self._ended:
            return
        self._inbox.extend(messages)
        if self._waiting:
            self.ring()

    def check_size(self) -> None:
        """Warn in the log of a mailbox that has passed HIGH_WATER; again only when it has been half empty since.

        For who serves the sockets of an owner that is away, now and then: a delivery does not count.
        """
        size = len(self._inbox) + len(self._left)
        if not self._crowded and size >= HIGH_WATER:
            self._crowded = True
            _log.warning("%r has %d messages and does not receive them as fast as they come", self, size)
        elif self._crowded and size < HIGH_WATER // 2:
            self._crowded = False

    def ring(self) -> None:
        """Let receive look again."""
        bell = self._bell  # read once: who ends takes it away
        if bell is not None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                bell.wake()

    def receive(self, predicate: Predicate | None = None, timeout: float | None = None) -> Any:
        """See `gentcp.receive`; only the process itself may call it."""
        if predicate is None and self.on_leave is None:
            if self._saved:
                return self._saved.popleft()
            if self._inbox:
                return self._inbox.popleft()
        if self._saved is _IN_RECEIVE:
            self._saved.popleft()
        if predicate is not None or timeout is not None:
            check_receive(predicate, timeout)
        deadline = None if timeout is None else monotonic() + timeout
        self._saved = _IN_RECEIVE
        try:
            with self.turn:  # whoever serves the sockets in our absence finishes first
                self.turns += 1
                return self._receive(predicate, deadline)
        finally:
            self._saved = self._left
            on_leave = self.on_leave  # the driver may take it back at any time
            if on_leave is not None:
                on_leave(self)

    def _receive(self, predicate: Predicate | None, deadline: float | None) -> Any:
        left: deque[Any] = _IN_RECEIVE  # not those that were left, which have not been looked at
        last = False
        while True:
            if left is not self._left:  # at first; or a predicate has called something that took messages
                left = self._left
                for index, message in enumerate(left):
                    if predicate is None or predicate(message):
                        if left is not self._left:
                            break
                        del left[index]
                        return message
            if self._poller is None:
                self._open_poller()  # before anybody has to wake us
            inbox = self._inbox
            while inbox and left is self._left:
                message = inbox[0]
                wanted = predicate is None or predicate(message)  # if that raises, the message stays
                if left is not self._left:
                    break
                inbox.popleft()
                if wanted:
                    return message
                left.append(message)
            if left is not self._left:
                continue
            if self._crowded or (predicate is not None and len(left) >= HIGH_WATER):
                self.check_size()
            if self._ended:
                raise ProcessKilled
            if last:
                raise Timeout("timeout", "no such message in time")
            wait = -1.0
            if deadline is not None:
                wait = min(deadline - monotonic(), LONGEST_POLL)
                if wait <= 0:
                    wait, last = 0.0, True  # look at the sockets once more, as receive ... after 0 does
            if wait:
                warn_in_loop()
            self._waiting = True
            self.pump(0.0 if inbox or self._ended else wait)

    def take(self, predicate: Predicate) -> list[Any]:
        """Remove and return, in order, the messages that are there and satisfy `predicate`; own process only."""
        messages = deque(self._left)  # another one, by which receive sees that its predicate has called this
        messages.extend(self._inbox.popleft() for _ in range(len(self._inbox)))
        self._left = messages
        try:
            found = [message for message in messages if predicate(message)]
            if found:
                self._left = deque(message for message in messages if not predicate(message))
        finally:
            if self._saved is not _IN_RECEIVE:
                self._saved = self._left
        return found

    # ---- polling

    def pump(self, timeout: float) -> None:
        """Serve the watched descriptors that are ready, waiting up to `timeout` seconds (-1: for ever)."""
        poller, pollees = self._poller, self._pollees
        ready = self._poll_poorly(timeout) if poller is None or self._poor else poller.poll(timeout, 256)
        self._waiting = False  # what is posted from here on needs no bell
        for fd, events in ready:
            pollee = pollees.get(fd)
            if pollee is not None:
                pollee.on_ready(events)
            elif self._bell is not None and fd == self._bell.fd:
                self._bell.drain()

    def watch(self, fd: int, pollee: Pollable, events: int = READ) -> None:
        """Have `pollee.on_ready` called when `fd` is ready."""
        poller = self._poller or self._open_poller()
        if self._released:
            return
        if events != READ or self._unusual:
            pollee, events = self._paired(fd, pollee, events)
        self._pollees[fd] = pollee
        if poller is None:
            self._mend(fd)
            return
        try:
            poller.register(fd, events)  # as in `_registered`, without the call
        except (OSError, ValueError):
            if not _registered(poller, fd, events):
                self._mend(fd)
        if poller is not self._poller:
            self._mend(fd)

    def unwatch(self, fd: int, events: int = READ, pollee: Pollable | None = None) -> None:
        """Undo `watch`, if it was for `pollee`; nothing happens if there was none."""
        poller = self._poller  # as in `ring`
        pollees = self._pollees
        if self._unusual and fd in self._unusual and self._parted(fd, events, pollee):
            return
        if fd not in pollees or (pollee is not None and pollees[fd] is not pollee):
            return
        if pollees.pop(fd, None) is None or poller is None:
            return
        try:
            poller.unregister(fd)
        except (OSError, ValueError, KeyError):
            if fd not in self._strays:
                self.renew()

    def _paired(self, fd: int, pollee: Pollable, events: int) -> tuple[Pollable, int]:
        """Who is told when there is somebody already who waits for something else."""
        pair = pair_of(self._pollees.get(fd)).replaced(events, pollee)
        if pair.writer is None:
            return pollee, events
        self._unusual[fd] = pair.events
        return pair, pair.events

    def _parted(self, fd: int, events: int, pollee: Pollable | None) -> bool:
        """Undo `watch` for one of two; False when there is no other."""
        pair = pair_of(self._pollees.get(fd))
        mine = pair.reader if events == READ else pair.writer
        if mine is None or pollee not in (None, mine):
            return True
        rest = pair.replaced(events, None)
        del self._unusual[fd]
        if not rest.events:
            self._pollees[fd] = mine
            return False
        self._pollees[fd] = rest if rest.reader is None else rest.reader
        if rest.reader is None:
            self._unusual[fd] = rest.events
        poller = self._poller
        if poller is None or not _registered(poller, fd, rest.events):
            self._mend(fd)
        return True

    def renew(self) -> None:
        """The poller may poll what was closed behind our back, and cannot be told to stop: there has to be another."""
        self._stale = self._poor = True
        self.ring()

    def poller_fd(self) -> int:
        """A descriptor that is readable when a watched one is; -1 when there is no such thing, or not for now."""
        poller = self._poller or self._open_poller()
        return -1 if poller is None or self._poor else poller.fileno()

    @property
    def polled_poorly(self) -> bool:
        """Whether `poller_fd` does not have all that is watched, for now: `pump` does."""
        return bool(self._pollees) and (self._poor or self._poller is None)

    def _open_poller(self) -> Poller | None:
        """None when the owner's thread is done, and nobody would close it; or when the system has no descriptors."""
        with self._opening:
            if self._poller is None and not self._released:
                with contextlib.suppress(OSError, MemoryError):
                    self._poller, self._bell = new_woken_poller()
            return self._poller

    # ---- polling when the system has no descriptors, or its poller does not do

    def _mend(self, stray: int) -> None:
        """`stray` is watched, and the poller does not know of it."""
        with self._opening:
            self._strays.add(stray)
            self._poor = True
        self.ring()

    def _poll_poorly(self, timeout: float) -> list[tuple[int, int]]:
        """What is ready, not later than in a SLICE.

        With a new poller at once: whoever could not ring its bell before is heard, since the owner looks again.
        """
        poller = self._poller or self._open_poller()
        if self._released:
            return []
        if poller is not None:
            poller = self._repaired(poller)
            if not self._poor:
                return poller.poll(0, 256)
        poll = select.poll()
        for fd in tuple(self._strays):
            poll.register(fd, self._unusual.get(fd, READ))
        if poller is not None:
            poll.register(poller.fileno(), READ)
        wait = SLICE if timeout < 0 else min(timeout, SLICE)
        if self._stale:
            sleep(wait)
        ready = poll.poll(1000 * wait)
        if poller is None:
            return ready
        return [event for event in ready if event[0] != poller.fileno()] + poller.poll(0, 256)

    def _repaired(self, poller: Poller) -> Poller:
        """The poller, or another one, which knows of all that it can."""
        with self._opening:
            if self._stale:
                poller = self._another(poller)
            for fd in tuple(self._strays):
                if fd not in self._pollees or _registered(poller, fd, self._unusual.get(fd, READ)):
                    self._strays.discard(fd)
            self._poor = bool(self._strays or self._stale)
        return poller

    def _another(self, old: Poller) -> Poller:
        bell = self._bell
        try:
            made, self._bell = new_woken_poller()
        except (OSError, MemoryError):
            return old
        self._poller, self._stale = made, False
        self._strays.update(tuple(self._pollees))
        for closable in (old, bell):
            if closable is not None:
                closable.close()
        return made

    # ---- waiting in other calls

    def wake(self) -> None:
        """Let `park` or `wait_fd` return early; the caller looks again at what it waits for.

        It has a descriptor of its own: one shared with `receive` could be drained by whoever serves the sockets.
        """
        waker = self._waker  # as in `ring`
        if waker is not None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                waker.wake()
        with contextlib.suppress(RuntimeError):  # it is open already
            self._gate.release()

    def park(self, deadline: float | None) -> Told:
        """Wait for `wake`, until `deadline` (of `time.monotonic`) at most."""
        wait = LONGEST_PARK if deadline is None else min(max(0.0, deadline - monotonic()), LONGEST_PARK)
        woken = self._gate.acquire(timeout=wait)
        self.check()
        return EXPIRED if not woken and deadline is not None and monotonic() >= deadline else WOKEN

    def wait_fd(self, fd: int, events: int, deadline: float | None) -> Told:
        """Wait until the system says that `fd` is ready, or for `wake`, until `deadline` at most."""
        waker = self._waker
        if waker is None:
            return self._wait_unwoken(fd, events, deadline)
        poll, self._poll = self._poll, None  # a signal handler may wait for something else meanwhile
        if self._ended:
            self.check()
        try:
            if poll is None or self._poll_key != (fd, events):
                poll = select.poll()
                poll.register(waker.fd, READ)
                poll.register(fd, events)
            wait = None if deadline is None else min(max(0.0, deadline - monotonic()), LONGEST_POLL) * 1000
            ready = poll.poll(wait)
        except (OSError, MemoryError):  # the system cannot, for now
            return self._nap(deadline)
        told = EXPIRED
        for number, _ in ready:
            if number == fd:
                told = READY
            else:
                waker.drain()
                told = told or WOKEN
        self._poll, self._poll_key = poll, (fd, events)
        if self._ended:
            self.check()
        if not told and (deadline is None or monotonic() < deadline):
            return WOKEN
        return told

    def _wait_unwoken(self, fd: int, events: int, deadline: float | None) -> Told:
        """The first time: open what wakes us.  Without a descriptor for it, wait a little."""
        with contextlib.suppress(OSError, MemoryError):
            self._waker = Waker()
            return WOKEN  # whoever wanted to wake us until now could not: the caller looks again
        self.check()
        poll = select.poll()
        poll.register(fd, events)
        left = SLICE if deadline is None else min(SLICE, max(0.0, deadline - monotonic()))
        if poll.poll(1000 * left):
            return READY
        return _told(deadline)

    def _nap(self, deadline: float | None) -> Told:
        sleep(SLICE)
        self.check()
        return _told(deadline)

    def check(self) -> None:
        """Raise ProcessKilled when the process has been killed."""
        if self._ended:
            raise ProcessKilled

    def release_fds(self) -> None:
        """The owner's thread is done: nobody waits here any more."""
        with self.turn, self._opening:
            self._released = True
            self._close_fds()
        if self.on_end is not None:
            self.on_end(self)

    def _close_fds(self) -> None:
        opened = (self._poller, self._bell, self._waker)
        self._poller = self._bell = self._waker = None
        for closable in opened:
            if closable is not None:
                closable.close()

    def start_anew(self) -> None:
        """After a fork, in the child: the messages, and what was polled, are the parent's.

        The poller is shared with the parent: nothing may be taken out of it here.
        """
        self.turn = threading.Lock()
        self._opening = threading.RLock()
        self.on_leave = self.on_end = None
        self._inbox.clear()
        self._left = deque()
        if self._saved is not _IN_RECEIVE:
            self._saved = self._left
        self._pollees.clear()
        self._unusual.clear()
        self._strays.clear()
        self._stale = self._poor = False
        self._poll, self._poll_key = None, (-1, 0)
        self._close_fds()


def _registered(poller: Poller, fd: int, events: int) -> bool:
    """Have `poller` poll `fd`; False when the system does not let it, for now."""
    try:
        poller.register(fd, events)
    except FileExistsError:
        poller.modify(fd, events)
    except (OSError, ValueError):  # no memory for it; or it is closed, which the next look finds out
        return False
    return True


def _told(deadline: float | None) -> Told:
    return EXPIRED if deadline is not None and monotonic() >= deadline else WOKEN
