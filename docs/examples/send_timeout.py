"""Give up on a peer that does not read: `python send_timeout.py --backend socket --timeout 0.5`.

One process owns the socket and sends for the others, which write to it and get "data_sent" or "error_sending" back.
Behind a timeout nobody knows what the peer has, perhaps half a header; so the sender says so and closes.  What became
of the last packet depends on the backend, and `SendTimeout` tells.  send_timeout_erl.py is the same in Erlang's words.
"""

from __future__ import annotations

import argparse
from typing import Any

import gentcp

PACKET = bytes(60_000)


def sender(port: int, backend: str, seconds: float) -> None:
    """Send what other processes ask for, with a limit for each send."""
    sock = gentcp.connect("localhost", port, inet_backend=backend, packet=2, send_timeout=seconds)
    while True:
        asker, _, data = gentcp.receive(lambda message: message[1] == "send_data")
        try:
            sock.send(data)
        except gentcp.Error as error:
            asker.post(("error_sending", error))
            sock.setopts(linger=0)  # else close goes on trying for a while
            sock.close()
            return
        asker.post(("data_sent", len(data)))


def deaf(asker: gentcp.Process, backend: str) -> None:
    """A server that accepts and never reads, until it is told to end."""
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        asker.post(("port", listener.port))
        with listener.accept(timeout=30.0):
            gentcp.receive()


def what_became_of_it(error: gentcp.Error) -> str:
    """In words."""
    match error:
        case gentcp.SendTimeout(queued=True):
            return "timeout, the packet is queued"
        case gentcp.SendTimeout(rest=bytes(rest)):
            return f"timeout, {'part' if len(rest) <= len(PACKET) else 'all'} of the packet was not sent"
        case _:
            return str(error)


def run(backend: str, seconds: float) -> None:
    """Let the sender send until it cannot."""
    me = gentcp.current_process()
    server = gentcp.spawn(deaf, me, backend)
    _, port = gentcp.receive(lambda message: message[0] == "port", timeout=30.0)
    process = gentcp.spawn(sender, port, backend, seconds)
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
    parser.add_argument("--timeout", type=float, default=1.0, help="seconds")
    given = parser.parse_args()
    run(given.backend, given.timeout)


if __name__ == "__main__":
    main()
