"""EINTR as it is: signals that interrupt the system calls of everybody but the main thread."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

_SIGNAL = signal.SIGUSR2
_PAUSE = 0.0005


@contextmanager
def storm() -> Generator[None]:
    """Meanwhile one comes every half a millisecond, for threads that `open_to` has started."""
    before = signal.signal(_SIGNAL, lambda _number, _frame: None)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {_SIGNAL})
    over = threading.Event()
    thread = threading.Thread(target=_send, args=(over,), name="storm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        while signal.sigtimedwait({_SIGNAL}, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(_SIGNAL, before)


def open_to(function: Callable[[], None]) -> Callable[[], None]:
    """The function, in a thread that signals may interrupt, as may those that it starts."""

    def interrupted() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {_SIGNAL})
        function()

    return interrupted


def _send(over: threading.Event) -> None:
    while not over.wait(_PAUSE):
        os.kill(os.getpid(), _SIGNAL)
