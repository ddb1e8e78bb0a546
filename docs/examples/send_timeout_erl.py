"""Give up on a peer that does not read: `python send_timeout_erl.py --backend socket --timeout 500`.

The same as send_timeout.py in Erlang's words.  A program that matches {error, timeout} alone, as every one written for
`inet` does, never sees the {error, {timeout, Rest}} of `socket`: this one has a clause for each.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.terms import iodata_to_bytes

PACKET = bytes(60_000)


def sender(port: int, backend: str, timeout: int) -> None:
    """Send what other processes ask for, with a limit for each send."""
    options = [("inet_backend", backend), ("active", False), ("packet", 2), ("send_timeout", timeout)]
    _, sock = gen_tcp.connect("localhost", port, options)
    while True:
        asker, _, data = gentcp.receive(lambda message: message[1] == "send_data")
        match gen_tcp.send(sock, [data]):
            case ("error", reason):
                asker.post(("error_sending", reason))
                inet.setopts(sock, [("linger", (True, 0))])  # else close goes on trying for a while
                gen_tcp.close(sock)
                return
            case _:  # ok
                asker.post(("data_sent", len(data)))


def deaf(asker: gentcp.Process, backend: str) -> None:
    """A server that accepts and never reads, until it is told to end."""
    _, listener = gen_tcp.listen(0, [("inet_backend", backend), ("ip", "loopback"), ("active", False)])
    _, port = inet.port(listener)
    asker.post(("port", port))
    gen_tcp.accept(listener, 30_000)
    gentcp.receive()  # both sockets go with their owner


def what_became_of_it(reason: Any) -> str:
    """In words."""
    match reason:
        case "timeout":
            return "timeout, the packet is queued"
        case ("timeout", rest):  # with its header of two bytes
            part = len(iodata_to_bytes(rest)) <= len(PACKET)
            return f"timeout, {'part' if part else 'all'} of the packet was not sent"
        case other:
            return str(other)


def run(backend: str, timeout: int) -> None:
    """Let the sender send until it cannot."""
    me = gentcp.current_process()
    server = gentcp.spawn(deaf, me, backend)
    _, port = gentcp.receive(lambda message: message[0] == "port", timeout=30.0)
    process = gentcp.spawn(sender, port, backend, timeout)
    packets = 0
    while (answer := ask(process, me))[0] == "data_sent":
        packets += 1
    print("some packets were sent" if packets else "nothing was sent")
    print(f"error_sending: {what_became_of_it(answer[1])}")
    server.post("end")
    for ending in (process, server):
        ending.join(10.0)


def ask(process: gentcp.Process, me: gentcp.Process) -> Any:
    """Have a packet sent, and wait for what the sender says."""
    process.post((me, "send_data", PACKET))
    return gentcp.receive(timeout=30.0)


def main() -> None:
    """Send to a server that does not read."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=list(gentcp.available_backends()))
    parser.add_argument("--timeout", type=int, default=1000, help="milliseconds")
    given = parser.parse_args()
    run(given.backend, given.timeout)


if __name__ == "__main__":
    main()
