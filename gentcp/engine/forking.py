"""What is left of a socket in the child of a fork: a descriptor that it shares with its parent's socket.

Whatever a child does with the connection reaches the parent: shutdown(2), setsockopt(2), what is written and what is
read.  Only close(2) is about the child's own descriptor.  So an inherited socket does nothing but close, and give its
descriptor away (`detach`) to whoever means to use the connection in the child.
"""

from __future__ import annotations

import weakref

from gentcp.abc import SocketHandle

inherited: weakref.WeakSet[SocketHandle] = weakref.WeakSet()
"""The sockets of the parent, and of its parents."""


def close_inherited() -> int:
    """Close this program's copies of the sockets of its parent, and return how many that were.

    For the children of forks that live on, such as the workers of a pool (`initializer=gentcp.close_inherited`): a peer
    sees the end of a connection that the parent closes only when nobody has it open any more.
    """
    handles = [handle for handle in inherited if handle.of_parent]
    inherited.clear()
    for handle in handles:
        handle.close()
    return len(handles)
