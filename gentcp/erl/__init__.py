"""The Erlang face: OTP's modules with OTP's functions, Erlang terms in and out.

Any line of the manual can be typed in almost as it stands:

    from gentcp.erl import gen_tcp, inet
    ok, sock = gen_tcp.connect("localhost", 5678, ["binary", ("packet", 0)])

Atoms are str, binaries bytes, lists lists, tuples tuples, maps dicts, true and false bool; strings are lists of ints
(those that functions give are `Charlist`s, whose `str()` is the text), host names, addresses and paths may be str.
Times are milliseconds or "infinity".  What exits with badarg in Erlang raises `Exit("badarg")`, what raises an error
`ErlangError`.

General layout: one module per module of OTP.  What is about a socket they ask its handle; what is about none, such as
addresses, hosts and interfaces, stands in `_inet_*`.
"""

from gentcp.errors import ErlangError as ErlangError
from gentcp.errors import Exit as Exit
from gentcp.terms import Charlist as Charlist
from gentcp.terms import ImproperList as ImproperList

from . import application as application
from . import erlang as erlang
from . import file as file
from . import gen_tcp as gen_tcp
from . import inet as inet
from . import inet_db as inet_db
from . import inet_tcp as inet_tcp
from . import prim_inet as prim_inet
from ._common import look_up as _look_up

_look_up(globals())
