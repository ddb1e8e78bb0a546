"""One and two interpreters on one port: `python -m benchmarks.reuseport`, a minute.

The load generator takes processor time, too.  With one worker it has a CPU of its own; where there are two CPUs, two
workers have to share them with it, and cannot be twice as fast however well the work is divided.  So look at the
processor time: what a message costs the workers must not grow with their number, and the last column says how many
messages a second all CPUs would do if they never waited: CPUs / (time of the workers + time of the load).
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack

from .aside import run
from .load import Load, program
from .model import Contestant, Options, Sample, Workload
from .peers.roster import BACKENDS
from .sides import Program, Side, cpus, spent
from .workloads.echo import SIZE, short_of

CONNECTIONS = 200


def measure(worker: Program, workers: int, options: Options) -> Sample:
    """Linux divides the connections, and moves the workers: only the load stays on its CPU."""
    program()  # the compiler's time is not the load's
    everywhere = os.sched_getaffinity(0)
    own, other = cpus()
    with ExitStack() as stack:
        sides = [stack.enter_context(Side(own, worker, everywhere, 0))]
        port = sides[0].ask()
        for _ in range(1, workers):
            sides.append(stack.enter_context(Side(own, worker, everywhere, port)))
            sides[-1].ask()
        before = _ended_children()
        with Load(other, "echo", port, CONNECTIONS, SIZE, options.seconds) as load:
            load.ready()
            with spent(*sides) as used:
                load.go()
                count, seconds, total = load.result()
        cost, its = 1e6 * sum(used) / total, 1e6 * (_ended_children() - before) / total
    return Sample((count / seconds, cost, its, 1e6 * len(everywhere) / (cost + its)))


def _ended_children() -> float:
    """Processor seconds of the child processes that have ended; of ours, the load is the first."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _contestants() -> Iterator[Contestant]:
    by_hand = "raw_epoll, 1 worker"
    programs = {"raw_epoll": Program("sharing", "raw_epoll")}
    programs |= {f"gentcp {backend}": Program("sharing", "gentcp_active", (backend,)) for backend in BACKENDS}
    for name, worker in programs.items():
        alone = f"{name}, 1 worker"
        yield Contestant(alone, (worker, 1), base=by_hand)
        yield Contestant(f"{name}, 2 workers", (worker, 2), base=alone)
    for name, worker in list(programs.items())[1:]:
        yield Contestant(f"{name}, 2 workers too", (worker, 2), base="raw_epoll, 2 workers")


WORKLOAD = Workload(
    "reuseport",
    f"Echo, {CONNECTIONS} active connections divided by Linux, {SIZE} B, packet 4",
    ("messages/s", "us/msg of workers", "us/msg of load", "messages/s if no CPU waited"),
    measure,
    list(_contestants()),
    digits=(0, 1, 1, 0),
    impossible=lambda: short_of(CONNECTIONS),
)

if __name__ == "__main__":
    run((WORKLOAD,), seconds=1.0)
