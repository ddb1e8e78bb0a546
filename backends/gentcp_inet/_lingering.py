"""A close(2) that lingers: what happens only when it is over; functions over a port, with its lock held.

In OTP the port is inside close(2) meanwhile.  Whatever is asked of it waits, and who was told of the end, by a result
or a message, is told when close(2) has returned.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import Later, Lingering, Operation, answer_of, lingers
from gentcp.process import Process, current_process

from ._states import CLOSED, UNPLUGGED, Step

if TYPE_CHECKING:
    from ._port import InetPort


def would_linger(port: InetPort, step: Step) -> bool:
    """Whether this transition of a port that lingers closes the descriptor, and the kernel has unsent data."""
    if port.fd < 0 or step.next not in (UNPLUGGED, CLOSED):
        return False
    queued = step.keeps_queue and port.writer.queue.size > 0
    return not queued and port.writer.transfer is None and lingers(port.sock)


def begin(port: InetPort) -> None:
    """close(2) takes a while."""
    port.lingers = False
    waiting: list[Operation | None] = [port.receiver, *(op for op in port.writer.blocked or () if op.flushes)]
    polling = [op for op in waiting if op is not None and op.waiter is None]
    port.lingering = Lingering(port, polling)


def lingers_still(port: InetPort) -> bool:
    """Whether close(2) has not returned yet."""
    return port.lingering is not None and not port.lingering.done


def later(port: InetPort, process: Process, call: Callable[[], Result] | None = None) -> Later | None:
    """What a call of `process` waits for, if close(2) lingers, and comes to what `call` gives; without the lock."""
    if port.lingering is None:
        return None
    with port.lock:
        return port.later(process, ("error", "closed"), call)


def steps(port: InetPort, process: Process) -> Generator[Operation, None, None]:
    """A call of `process` in steps waits here, and goes on."""
    waits = later(port, process)
    if waits is not None:
        yield waits


def wait_until_over(port: InetPort) -> None:
    """The same for a call of this thread, which goes on when close(2) is over; that of a task does at once."""
    waits = None if port.lingering is None else later(port, current_process())
    if waits is not None:
        answer_of(waits)
