"""The backends `otp_inet` and `otp_socket`: the `gen_tcp` of a real Erlang VM.

One VM a Python process, started when first used: `erl` on PATH, or the command in GENTCP_ERL.  Each process that calls
has its shadow in the VM, which makes the calls and owns the sockets; their messages come to the mailbox here.

- `_backend`: the two backends; `_handle`: a socket.
- `_vm`: the VM and what is said to it; `_shadow`: processes; `harness.erl`: the VM's side.
- `_terms`: the external format, by erlang_py; `_command`: what is started.

What is different from the backends on this machine's descriptors: there is no `fileno`, the descriptors that `fdopen`
takes are the VM's, and a call that is interrupted (Ctrl-C) ends the shadow, and with it the sockets of the calling
process, since a call in the VM cannot be called off.
"""

from importlib.util import find_spec

if find_spec("erlang") is None:
    raise ImportError("the package erlang_py is needed: pip install 'gentcp[otp]'")

from ._backend import inet as inet
from ._backend import socket as socket
from ._command import NoErlang as NoErlang
from ._command import find as find
from ._vm import VMDied as VMDied
from ._vm import stop as stop
