"""The process that is told when another one is suspended by a busy port (`erlang:system_monitor/2`, `busy_port`).

There is one such process, or none.  What else it may ask to be told of, about the memory and schedulers of a VM, is
kept and never happens.
"""

from __future__ import annotations

from typing import Any

from .process import Process
from .terms import is_int

Term = Any

_FLAGS = ("busy_dist_port", "busy_port")
_LEAST = {"large_heap": (1, 16384), "long_schedule": (1, 1), "long_gc": (0, 1)}
"""The least number that is taken, and the least that is meant."""
_setting: tuple[Process, list[Term]] | None = None


def get_monitor() -> tuple[Process, list[Term]] | None:
    """The process that is told and its options; None when there is none, or it has ended."""
    setting = _setting
    return setting if setting is not None and setting[0].alive else None


def set_monitor(process: Process | None, options: list[Term]) -> None:
    """From now on `process` is told; None: nobody.  ValueError for what is no option, or a process that has ended."""
    global _setting
    checked = _checked(options)
    if process is not None and not process.alive:
        raise ValueError(f"{process!r} has ended")
    _setting = None if process is None or not checked else (process, checked)


def busy_port(process: Process, port: Term) -> None:
    """`process` is being suspended because `port` is busy; who is told of itself is not told."""
    setting, process = get_monitor(), process.seen_as
    if setting is not None and setting[0] is not process and "busy_port" in setting[1]:
        setting[0].post(("monitor", process, "busy_port", port))


def _checked(options: list[Term]) -> list[Term]:
    """The options as OTP gives them back: in its order, each name once, the last one of each."""
    found: dict[str, Term] = {}
    for option in options:
        match option:
            case str() if option in _FLAGS:
                found[option] = option
            case (str(name), int(number)) if name in _LEAST and is_int(number) and number >= _LEAST[name][0]:
                found[name] = (name, max(number, _LEAST[name][1]))
            case ("long_message_queue", (int(low), int(high))) if 0 <= low < high:
                found["long_message_queue"] = option
            case _:
                raise ValueError(f"{option!r} is no option of system_monitor")
    return [found[name] for name in (*_FLAGS, *_LEAST, "long_message_queue") if name in found]
