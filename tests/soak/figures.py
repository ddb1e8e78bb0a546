"""Figures for people."""

from __future__ import annotations

from collections import Counter

from .measures import MEGABYTE, Sample

_COUNTED = (
    "made", "closes", "half closes", "resets", "kills", "hand-overs", "slow", "timeouts", "recovered", "errors told",
    "sent", "packets", "messages", "bytes",
)  # fmt: skip


def progress(seconds: float, alive: int, counts: Counter[str], now: Sample) -> str:
    """A line of how it stands."""
    done = ", ".join(f"{counts[name]} {name}" for name in ("made", "resets", "kills", "hand-overs", "timeouts"))
    return f"{seconds:5.0f} s  {alive} connections, {done}, {counts['bytes'] / MEGABYTE:.0f} MB; {used(now)}"


def used(now: Sample) -> str:
    """What is used of the machine."""
    shown = f"{now.descriptors} descriptors, {now.threads} threads, {now.blocks} blocks, "
    return shown + f"{now.heap / MEGABYTE:.1f} MB of heap, {now.memory / MEGABYTE:.1f} MB of memory"


def summary(counts: Counter[str], before: Sample, peak: Sample, after: Sample) -> str:
    """The tables at the end."""
    lines = [f"{name:<12} {counts[name]:>15,}" for name in _COUNTED]
    lines += ["", f"{'':<12} {'before':>15} {'peak':>15} {'after':>15}"]
    for name in Sample._fields:
        row = [getattr(found, name) for found in (before, peak, after)]
        shown = [f"{value / MEGABYTE:.1f} MB" if name in {"heap", "memory"} else f"{value:,}" for value in row]
        lines.append(f"{name:<12} " + " ".join(f"{value:>15}" for value in shown))
    return "\n".join(lines)
