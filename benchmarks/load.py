"""The load generator of the echo workload: load.c where there is a C compiler, otherwise the same in Python, slower.

As a program: `python -m benchmarks.load PORT CONNECTIONS SIZE SECONDS`.
"""

from __future__ import annotations

import atexit
import functools
import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from . import raw

_SOURCE = Path(__file__).with_name("load.c")
_WARM_UP = 0.2


def run(cpu: int, port: int, connections: int, size: int, seconds: float) -> tuple[int, float, int]:
    """Packets in the measured time, that time in seconds, and packets in all."""
    command = [*program(), str(port), str(connections), str(size), str(seconds)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {cpu})
    )
    count, spent, total = done.stdout.split()
    return int(count), float(spent), int(total)


@functools.cache
def program() -> tuple[str, ...]:
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return sys.executable, "-m", __name__
    folder = tempfile.mkdtemp(prefix="gentcp-benchmarks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    binary = Path(folder, "load")
    subprocess.run([compiler, "-O2", "-o", binary, _SOURCE], check=True)
    return (str(binary),)


def main(port: int, connections: int, size: int, seconds: float) -> None:
    poller, packet = select.epoll(), raw.frame(bytes(size))
    socks = {sock.fileno(): sock for sock in (raw.connect(port) for _ in range(connections))}
    missing = dict.fromkeys(socks, len(packet))
    for fd, sock in socks.items():
        poller.register(fd, select.EPOLLIN)
        sock.send(packet)
    count, before, counted, start, stop = 0, 0, 0, 0.0, 0.0
    warm = perf_counter() + _WARM_UP * seconds
    while missing:  # in the end all replies are read, or close would reset the connections
        now = perf_counter()
        if not start and now >= warm:
            start, before = now, count
        elif start and not stop and now >= start + seconds:
            stop, counted = now, count - before
        for fd, _events in poller.poll(0.1):
            missing[fd] -= len(socks[fd].recv(missing[fd]))
            if missing[fd]:
                continue
            count += 1
            if stop:
                del missing[fd]
            else:
                missing[fd] = len(packet)
                socks[fd].send(packet)
    print(counted, stop - start, count)


if __name__ == "__main__":
    _port, _connections, _size, _seconds = sys.argv[1:]
    main(int(_port), int(_connections), int(_size), float(_seconds))
