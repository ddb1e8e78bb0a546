"""Run a program under strace, and read what it wrote."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

_LINE = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)")
_RESULT = re.compile(r" = (-?\d+)(?: \w+ \(.*\))?$")
_MARK = re.compile(r'"mark:(begin|end):?([^"]*)"')
_SAME = {"epoll_pwait": "epoll_wait", "ppoll": "poll"}  # on machines that lack the shorter one
MEMORY = ("brk", "madvise", "mmap", "mremap", "munmap")
"""Made by the allocator, when its memory is full or has become empty."""


@dataclass
class Call:
    """One system call; `fd` is -1 when its first argument is no number."""

    thread: int
    name: str
    fd: int
    result: int = 0


@dataclass
class Section:
    """What was called between two marks of a thread: `own` by itself, `others` meanwhile."""

    own: list[Call] = field(default_factory=list)
    others: list[Call] = field(default_factory=list)

    def plain(self) -> str:
        """The thread's own calls but for those about memory, in order: `poll, 2 recvfrom`."""
        return listed(call.name for call in self.own if call.name not in MEMORY)


def listed(names: Iterator[str]) -> str:
    runs = [(name, len(list(run))) for name, run in groupby(names)]
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in runs)


@cache
def why_not() -> str:
    """Empty when strace works here."""
    if shutil.which("strace") is None:
        return "strace is not here"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


def need() -> None:
    """Skip the test, with the reason, where nothing can be traced."""
    if reason := why_not():
        pytest.skip(reason)


def trace(command: list[str], patience: float) -> tuple[str, dict[str, list[Section]]]:
    """What the program printed, and its sections by name."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        options = ["-f", "-qq", "-s", "80", "-e", "signal=none", "-o", str(log)]
        done = subprocess.run(
            ["strace", *options, *command], capture_output=True, text=True, check=False, timeout=patience
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout, sections(log.read_text())


def sections(log: str) -> dict[str, list[Section]]:
    found: dict[str, list[Section]] = defaultdict(list)
    section, owner = Section(), 0
    for call, mark in _calls(log):
        if mark is None:
            (section.own if call.thread == owner else section.others).append(call)
            continue
        section, owner = Section(), 0
        if mark[1] == "begin":
            found[mark[2]].append(section)
            owner = call.thread
    return found


def _calls(log: str) -> Iterator[tuple[Call, re.Match[str] | None]]:
    """In the order in which they began; results of those that others interrupt are filled in later."""
    open_calls: dict[int, Call] = {}
    for line in log.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, rest = int(found["thread"]), found["rest"]
        result = _RESULT.search(rest)
        if found["resumed"]:
            call = open_calls.pop(thread)
            call.result = int(result[1]) if result else 0
            continue
        fd = re.match(r"\d+", rest)
        name = found["name"]
        call = Call(thread, _SAME.get(name, name), int(fd[0]) if fd else -1, int(result[1]) if result else 0)
        if rest.endswith("<unfinished ...>"):
            open_calls[thread] = call
        yield call, _MARK.search(rest)
