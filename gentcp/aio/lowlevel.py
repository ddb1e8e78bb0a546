"""For authors of adapters: calls of the engine on an event loop, made for processes that live elsewhere.

A thread that wants something of a socket in a loop has a stand-in there, which owns the socket.  `carry_out`, in a task
of the loop, makes the call and waits for what that waits for.
"""

from ._loops import LoopHost as LoopHost
from ._loops import host_of_loop as host_of_loop
from ._process import acting as acting
from ._standing import StandIn as StandIn
from ._standing import carry_out as carry_out
from ._waiting import run as run
from ._waiting import wait as wait
