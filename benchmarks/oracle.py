"""What the oracle costs: `python -m benchmarks.oracle` prints how long a VM takes to start, and a call through it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

import gentcp
import gentcp_otp
from gentcp.erl import gen_tcp, inet

STARTS = 5
CALLS = 5000


def main() -> None:
    starts = sorted(_seconds(_start) for _ in range(STARTS))
    about = gentcp.get_backend("otp_inet").about()
    print(f"OTP {about['release']} ({about['command']}), with the time to compile the harness")
    print(f"start of a VM:     {_row(starts, 1e3, 'ms')}")
    for name in ("otp_inet", "otp_socket"):
        options: list[Any] = [("inet_backend", name), "binary", ("active", False), ("packet", 4)]
        _, listener = gen_tcp.listen(0, options)
        _, client = gen_tcp.connect("localhost", inet.port(listener)[1], options)
        _, server = gen_tcp.accept(listener)
        calls: dict[str, Callable[[], Any]] = {
            "getopts": lambda client=client: inet.getopts(client, ["active"]),  # type: ignore[misc]
            "send and recv": lambda client=client, server=server: (  # type: ignore[misc]
                gen_tcp.send(client, b"x" * 64),
                gen_tcp.recv(server, 0),
            ),
        }
        for what, call in calls.items():
            print(f"{name:<11}{what:<15}{_row(sorted(_seconds(call) for _ in range(CALLS)), 1e6, 'us')}")


def _start() -> None:
    gentcp_otp.stop()
    gentcp.get_backend("otp_inet").about()


def _seconds(call: Callable[[], Any]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _row(seconds: list[float], scale: float, unit: str) -> str:
    low, median, high = (value * scale for value in statistics.quantiles(seconds, n=4))
    return f"median {median:.0f} {unit} [{low:.0f}-{high:.0f}]"


if __name__ == "__main__":
    main()
