"""Erlang's gen_tcp in Python, with its two backends.

General layout: `_api` and `_socket` are the Python face, `erl` the Erlang face, `process` mailboxes, `abc` the
contract for backends, `_registry` finds them, `engine` is what backends over real descriptors share, `options`
the table of options, `packet` framing without I/O.
"""

from ._registry import available_backends as available_backends
from ._registry import get_backend as get_backend
from ._registry import register as register
from ._registry import unregister as unregister
from ._socket import Listener as Listener
from ._socket import Socket as Socket
from .config import default_backend as default_backend
from .config import set_default_backend as set_default_backend
from .errors import ProcessKilled as ProcessKilled
from .process import Process as Process
from .process import Ref as Ref
from .process import current_process as current_process
from .process import demonitor as demonitor
from .process import monitor as monitor
from .process import receive as receive
from .process import spawn as spawn

__version__ = "0.1.0"
