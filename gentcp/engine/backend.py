"""A backend whose calls are made of steps, so that any host can wait for them."""

from __future__ import annotations

from abc import abstractmethod

from gentcp._compiled import mypyc_attr
from gentcp.abc import Backend, Result, Term, Time
from gentcp.process import Process, current_process

from .waiting import Steps, run


@mypyc_attr(native_class=False)
class SteppingBackend(Backend):
    """Base of the backends over `Endpoint`."""

    @abstractmethod
    def connect_steps(self, process: Process, address: Term, port: Term, options: list[Term], timeout: Time) -> Steps:
        """connect/4 by `process`, which becomes the owner."""

    @abstractmethod
    def listen_for(self, process: Process, port: Term, options: list[Term]) -> Result:
        """listen/2 by `process`, which becomes the owner."""

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        """See `Backend.connect`."""
        return run(self.connect_steps(current_process(), address, port, options, timeout))

    def listen(self, port: Term, options: list[Term]) -> Result:
        """See `Backend.listen`."""
        return self.listen_for(current_process(), port, options)
