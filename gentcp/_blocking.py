"""A word of warning for calls of the thread faces that hold up an event loop."""

from __future__ import annotations

import sys
import threading
import warnings
from types import FrameType

_warned = threading.local()


def warn_in_loop() -> None:
    """The calling thread is about to wait.  Where an event loop runs in it that is a mistake: say so, once a thread."""
    if "asyncio" not in sys.modules or hasattr(_warned, "once"):
        return
    if sys.modules["asyncio"]._get_running_loop() is None:
        return
    _warned.once = True
    call, depth = _called()
    what = f"gentcp: {call}() is for threads, and holds up the event loop that runs in this one; see gentcp.aio"
    warnings.warn(what, RuntimeWarning, stacklevel=depth)


def _called() -> tuple[str, int]:
    """The call of ours that the user has made, and how far up the user is."""
    call, depth = "this call", 3
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(("gentcp.", "gentcp_")):
        call, frame, depth = frame.f_code.co_name, frame.f_back, depth + 1
    return call, depth
