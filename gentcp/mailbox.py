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
from ._platform import LONGEST_POLL, READ, SLICE, Waker
from ._watching import Watching
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
class Mailbox(Watching):
    """The part of a process that waits."""

    __slots__ = (
        "_crowded", "_ended", "_gate", "_inbox", "_left", "_poll", "_poll_key", "_saved", "_waker", "on_end",
        "on_leave", "turn", "turns",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._ended = False
        self._crowded = False  # there have been HIGH_WATER messages, and not less than half of that since
        self._inbox: deque[Any] = deque()
        self._left: deque[Any] = deque()  # looked at by a selective receive and left; only the owner touches it
        self._saved: deque[Any] = self._left  # the same, while the owner is not in receive
        self._gate = threading.Lock()
        self._gate.acquire()
        self._waker: Waker | None = None
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


def _told(deadline: float | None) -> Told:
    return EXPIRED if deadline is not None and monotonic() >= deadline else WOKEN
