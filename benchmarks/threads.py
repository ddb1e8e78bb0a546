"""A thread for each connection, and a thread beside them that only computes: `python -m benchmarks.threads`.

Two minutes.  Passive owners are compared with blocking sockets, active ones with an epoll for each thread, since that
is a system call more.  `slowest/fastest` compares the messages of the owner that got on worst with those of the best.

Beside a thread that computes, whoever has waited gets the interpreter back only when that thread must let go of it
(sys.getswitchinterval(), 5 ms).  With one owner that is the price of a message, by hand as with gentcp; with several,
some of them find their data there when they get it back, and have not waited.
"""

from __future__ import annotations

from collections.abc import Iterator

from .aside import run
from .load import Load
from .model import Contestant, Options, Sample, Workload
from .peers.roster import BACKENDS
from .sides import Program, Side, cpus, spent
from .workloads.echo import SIZE, short_of

OWNERS = (1, 10, 100, 200)
BESIDE = (1, 10)
"""Owners, when there is a thread that computes."""


def measure(server: Program, owners: int, beside: bool, options: Options) -> Sample:
    own, other = cpus()
    with (
        Side(own, server, owners, beside) as serving,
        Load(other, "echo", serving.ask(), owners, SIZE, options.seconds) as load,
    ):
        load.ready()
        with spent(serving) as used:
            load.go()
            count, seconds, total = load.result()
        serving.tell("enough")
        counts = serving.ask()
    return Sample((count / seconds, 1e6 * used[0] / total, min(counts) / max(counts)))


def _contestants(owners: int, beside: bool) -> Iterator[Contestant]:
    for base, function in (("raw", "gentcp_passive"), ("raw_epoll", "gentcp_active")):
        yield Contestant(base, (Program("owners", base), owners, beside), base=base)
        for backend in BACKENDS:
            name = f"{function.replace('_', f' {backend}, ')}"
            yield Contestant(name, (Program("owners", function, (backend,)), owners, beside), base=base)


def _workload(owners: int, beside: bool) -> Workload:
    return Workload(
        f"{'beside' if beside else 'threads'}-{owners}",
        f"Echo, {owners} owners, a thread each{', beside one that computes' if beside else ''}, {SIZE} B, packet 4",
        ("messages/s", "CPU us/msg", "slowest/fastest"),
        measure,
        list(_contestants(owners, beside)),
        digits=(0, 1, 2),
        impossible=lambda: short_of(owners),
    )


WORKLOADS = (*(_workload(owners, False) for owners in OWNERS), *(_workload(owners, True) for owners in BESIDE))

if __name__ == "__main__":
    run(WORKLOADS, seconds=0.5)
