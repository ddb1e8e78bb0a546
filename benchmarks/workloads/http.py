"""Request heads of 12 headers, parsed in memory.

Nothing waits here, so processor time is the whole time, less what other processes take.
"""

from __future__ import annotations

from ..model import Contestant, Goal, Options, Sample, Workload
from ..sides import Program, Side, cpus

_NEEDS = {"h11": ("h11",), "httptools": ("httptools",)}


def measure(program: Program, options: Options) -> Sample:
    with Side(cpus()[0], program, options.seconds) as side:
        count, used = side.ask()
    return Sample((count / used,))


def _contestant(name: str, parser: str, *goals: Goal) -> Contestant:
    return Contestant(name, (Program("http_heads", "run", (parser,)),), goals, needs=_NEEDS.get(parser, ()))


WORKLOADS = (
    Workload(
        "http",
        "Request heads of 12 headers, in memory",
        ("heads/CPU s",),
        measure,
        [
            _contestant("raw", "raw"),
            _contestant("gentcp, decode_packets", "gentcp, whole", Goal(0.50), Goal(4.0, "h11")),
            _contestant("gentcp, decode_packet", "gentcp", Goal(0.50), Goal(4.0, "h11")),
            _contestant("h11", "h11"),
            _contestant("httptools", "httptools"),
            _contestant("http.client", "http.client"),
        ],
        share=0.6,
    ),
)
