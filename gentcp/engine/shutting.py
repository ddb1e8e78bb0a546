"""What shutdown does to whoever reads; functions over an endpoint."""

from __future__ import annotations

from gentcp._platform import READ, ready
from gentcp.process import Process

from .endpoint import Endpoint
from .receivers import Returned


def reading_ends(endpoint: Endpoint, process: Process) -> Returned | None:
    """The reading side has just been shut down: what has come goes to whom it belongs, and then the end.

    `process` did it.  What it waits for comes back if somebody is in a blocking recv, who does all that.  With the lock
    held.
    """
    if endpoint.reading:
        endpoint.returned = Returned(process, endpoint.lock)
        return endpoint.returned
    _read_end(endpoint)
    return None


def _read_end(endpoint: Endpoint) -> None:
    while endpoint.state.flows and endpoint.fd >= 0 and not endpoint.reading and ready(endpoint.fd, READ):
        op = endpoint.receiver
        if op is None or not endpoint.recv_has_precedence():
            if not _read_for_owner(endpoint):
                return
        else:
            endpoint.read_for(op)
            if op.result is not None:
                op.look()  # it did not read itself
            elif endpoint.receiver is op and not endpoint.inbound.buf:
                return


def _read_for_owner(endpoint: Endpoint) -> bool:
    return endpoint.armed and endpoint.active is not False and endpoint.owner_reads() and endpoint.read_for_owner()
