"""The listeners of the asyncio face."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Generic

from gentcp._failures import current, failure
from gentcp._keywords import Data_co
from gentcp._socket import Listener as ThreadListener
from gentcp._values import milliseconds
from gentcp.abc import Result
from gentcp.engine import Operation
from gentcp.errors import Closed, ErlangError

from ._process import TaskProcess, call, caller, on_behalf_of
from ._socket import BaseSocket, Socket
from ._waiting import wait

_log = logging.getLogger("gentcp")


class Listener(BaseSocket, Generic[Data_co]):
    """A listening socket.  Iterating over it gives accepted sockets, until it is closed."""

    __slots__ = ()

    shown_as = "gentcp.aio.Listener"

    @call
    def accept(self, timeout: float | None = None) -> Coroutine[Any, Any, Socket[Data_co]]:
        """The next connection, with the listener's options, owned by the running task.  `gen_tcp:accept/2`.

        `timeout` in seconds (Timeout); with 0 `socket` does not even look.  Closed when the listener is.  A call that
        is cancelled has taken no connection.
        """
        return self._accept(caller(), timeout)

    async def _accept(self, process: TaskProcess | None, timeout: float | None) -> Socket[Data_co]:
        process = on_behalf_of(process)
        wanted = milliseconds("timeout", timeout)
        try:
            result = await _finish(self._endpoint.begin_accept(process, wanted), process)
        except ErlangError as error:
            raise failure(self.handle, error.term) from None
        if result[0] != "ok":
            raise failure(self.handle, result[1])
        accepted = result[1].term
        assert isinstance(accepted, Socket)
        _log.debug("accept %r", accepted)
        return accepted

    async def __aiter__(self) -> AsyncIterator[Socket[Data_co]]:
        """Connections until the listener is closed."""
        while True:
            try:
                accepted = await self.accept()
            except Closed:
                if current(self.handle, "active") is None:
                    return
                raise
            yield accepted

    @property
    def blocking(self) -> ThreadListener[Data_co]:
        """The same listener on the Python face, for threads."""
        return _ListenerView(self)


async def _finish(found: Result | Operation, process: TaskProcess) -> Result:
    return await wait(found, process.host) if isinstance(found, Operation) else found


class _ListenerView(ThreadListener[Data_co]):
    """Another face of a listener, which is not closed when nobody has this one any more."""

    __slots__ = ("_primary",)

    def __init__(self, primary: Listener[Data_co]) -> None:
        super().__init__(primary.handle)
        self._primary = primary

    def __del__(self) -> None:
        """The primary face closes it."""


TaskProcess._faces = (Socket, Listener)
