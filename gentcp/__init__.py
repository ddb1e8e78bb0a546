"""Erlang's gen_tcp in Python, with its two backends.

General layout: `_api` and `_socket` are the Python face (`_keywords` its types, `_values` and `_addresses` its
arguments, `_files` and `_descriptors` what it is given open, `_failures` its exceptions), `erl` the Erlang face,
`process` and `mailbox` what owns sockets and gets their messages, `abc` the contract for backends, `_registry` finds
them, `engine` is what backends over real descriptors share, `options` the table of options, `packet` framing without
I/O, `ports`, `tokens` and `system_monitor` what erlang's functions on ports need, `posix` texts of errors, `config`
settings of the process.
"""

from ._api import connect as connect
from ._api import fdopen as fdopen
from ._api import listen as listen
from ._keywords import Address as Address
from ._keywords import CommonOptions as CommonOptions
from ._keywords import ConnectOptions as ConnectOptions
from ._keywords import Host as Host
from ._keywords import Interface as Interface
from ._keywords import Iodata as Iodata
from ._keywords import ListenOptions as ListenOptions
from ._keywords import Parsed as Parsed
from ._keywords import SocketOptions as SocketOptions
from ._registry import available_backends as available_backends
from ._registry import get_backend as get_backend
from ._registry import register as register
from ._registry import unregister as unregister
from ._socket import Listener as Listener
from ._socket import Socket as Socket
from .config import default_backend as default_backend
from .config import set_default_backend as set_default_backend
from .engine.forking import close_inherited as close_inherited
from .errors import AddressError as AddressError
from .errors import Busy as Busy
from .errors import Closed as Closed
from .errors import Error as Error
from .errors import Inherited as Inherited
from .errors import InvalidState as InvalidState
from .errors import MessageTooLong as MessageTooLong
from .errors import NoBackend as NoBackend
from .errors import NotOwner as NotOwner
from .errors import OptionError as OptionError
from .errors import ProcessKilled as ProcessKilled
from .errors import Refused as Refused
from .errors import Reset as Reset
from .errors import SendTimeout as SendTimeout
from .errors import Timeout as Timeout
from .errors import Unanswered as Unanswered
from .process import Process as Process
from .process import Ref as Ref
from .process import current_process as current_process
from .process import demonitor as demonitor
from .process import monitor as monitor
from .process import receive as receive
from .process import spawn as spawn

__version__ = "0.1.0"
