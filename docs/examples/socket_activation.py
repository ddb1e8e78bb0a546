"""A service that gets its listeners from systemd: `systemd-socket-activate -l 8080 python socket_activation.py`.

systemd opens the sockets of a .socket unit, starts the service when somebody connects, and passes it the listeners as
the descriptors from 3 on: LISTEN_FDS says how many, LISTEN_PID for which process they are, LISTEN_FDNAMES what they
are called.  The service can be started again without refusing anybody, and needs no rights for its ports.

Every line that comes in is sent back, with the name of the listener in front.
"""

from __future__ import annotations

import argparse
import os

import gentcp

FIRST = 3


def listeners(backend: str) -> dict[str, gentcp.Listener]:
    """The listeners of this process, by name; there are none unless it was started for a socket."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return {}
    count, names = int(os.environ.pop("LISTEN_FDS")), os.environ.pop("LISTEN_FDNAMES", "").split(":")
    found: dict[str, gentcp.Listener] = {}
    for number in range(count):
        fd = FIRST + number
        name = names[number] if len(names) == count and names[number] not in found else str(fd)
        found[name] = gentcp.listen(fd=fd, inet_backend=backend, packet="line")  # IPv4, IPv6 or local: it is found out
        os.close(fd)  # gentcp has a duplicate; with this one open, the port would be taken after close
    return found


def serve(name: str, listener: gentcp.Listener) -> None:
    """Accept for ever, with a process for each connection."""
    with listener:
        for sock in listener:
            process = gentcp.spawn(echo, name)
            sock.controlling_process(process)
            process.post(sock)


def echo(name: str) -> None:
    """Send back each line, until the connection ends."""
    with gentcp.receive() as sock:
        for line in sock:
            sock.send([name.encode(), b": ", line])


def main() -> None:
    """Serve on all listeners until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default="inet", choices=list(gentcp.available_backends()))
    found = listeners(parser.parse_args().backend)
    if not found:
        raise SystemExit("there are no sockets: start this with systemd-socket-activate, or from a .socket unit")
    try:
        processes = [gentcp.spawn(serve, name, listener) for name, listener in found.items()]
        for (name, listener), process in zip(found.items(), processes, strict=True):
            listener.controlling_process(process)
            print(f"{name} listens on {listener.sockname}", flush=True)
        for process in processes:
            process.join()
    except KeyboardInterrupt:
        print("bye")


if __name__ == "__main__":
    main()
