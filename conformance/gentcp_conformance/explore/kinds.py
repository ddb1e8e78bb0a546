"""The table of all kinds of steps: a row each, with its name, how it is drawn, how it is run and how it is written.

A call of OTP needs no code of its own: it is the same on the Erlang face, in Python and in Erlang.
"""

from __future__ import annotations

from . import deeds, drawing, outcomes
from .drawing import on_peer, on_socket
from .kind import Call, Deed, Kind

_FILE = "file.sendfile(zeros({0}), {on})", "file:sendfile(Zeros({0}), {on})"
_PART = (
    'file.sendfile(file.open(zeros({0}), ["read", "raw", "binary"])[1], {on}, {1}, {2}, [])',
    "file:sendfile(element(2, file:open(Zeros({0}), [read, raw, binary])), {on}, {1}, {2}, [])",
)

_ROWS = (
    # gen_tcp
    Kind("recv", drawing.recv, Call("gen_tcp", "recv", outcomes.received)),
    Kind("send", drawing.send, Call("gen_tcp", "send", outcomes.sent)),
    Kind("send_much", drawing.send_much, Call("gen_tcp", "send", outcomes.sent)),
    Kind("shutdown", drawing.shutdown, Call("gen_tcp", "shutdown")),
    Kind("close", drawing.close, Call("gen_tcp", "close")),
    Kind("unrecv", drawing.unrecv, Call("gen_tcp", "unrecv")),
    Kind("give", drawing.give, Call("gen_tcp", "controlling_process", of_process=True)),
    Kind("accept", drawing.accept, Call("gen_tcp", "accept")),
    # inet
    Kind("setopts", drawing.setopts, Call("inet", "setopts")),
    Kind("go_active", drawing.go_active, Call("inet", "setopts")),
    Kind("getopts", drawing.getopts, Call("inet", "getopts")),
    Kind("getstat", drawing.getstat, Call("inet", "getstat", outcomes.counted)),
    Kind("sockname", on_socket("sockname"), Call("inet", "sockname", outcomes.address)),
    Kind("peername", on_socket("peername"), Call("inet", "peername", outcomes.address)),
    Kind("port", on_socket("port"), Call("inet", "port", outcomes.port)),
    Kind("info", on_socket("info"), Call("inet", "info", outcomes.states)),
    Kind("monitor", drawing.monitor, Call("inet", "monitor")),
    Kind("cancel_monitor", drawing.cancel_monitor, Call("inet", "cancel_monitor")),
    Kind("inet_close", on_socket("inet_close"), Call("inet", "close")),
    # below gen_tcp
    Kind("async_recv", drawing.async_recv, Call("prim_inet", "async_recv", outcomes.asynchronous)),
    Kind("async_accept", drawing.async_accept, Call("prim_inet", "async_accept", outcomes.asynchronous)),
    Kind("prim_getopts", drawing.subscribe, Call("prim_inet", "getopts")),
    Kind("prim_close", on_socket("prim_close"), Call("prim_inet", "close")),
    Kind("getstatus", on_socket("getstatus"), Call("prim_inet", "getstatus")),
    Kind("port_command", drawing.port_command, Call("erlang", "port_command")),
    Kind("port_connect", drawing.port_connect, Call("erlang", "port_connect", of_process=True)),
    Kind("port_close", on_socket("port_close"), Call("erlang", "port_close")),
    Kind("is_port", on_socket("is_port"), Call("erlang", "is_port")),
    # files
    Kind("sendfile", drawing.sendfile, Call("file", "sendfile", outcomes.sent, False, (), deeds.send_file, *_FILE)),
    Kind(
        "sendfile_part", drawing.sendfile_part,
        Call("file", "sendfile", outcomes.sent, False, (), deeds.send_part, *_PART),
    ),
    # the other end
    Kind("peer_sends", drawing.peer_sends, Deed(deeds.peer_sends, "{on}.sendall({0})", "socket:send({on}, {0})")),
    Kind("peer_reads", on_peer("peer_reads"), Deed(deeds.peer_reads, "read({on}, 0.035)", "Read({on}, 35)")),
    Kind("peer_drains", on_peer("peer_drains"), Deed(deeds.peer_drains, "read({on}, 0.12)", "Read({on}, 120)")),
    Kind(
        "peer_shuts", on_peer("peer_shuts"),
        Deed(deeds.peer_shuts, "{on}.shutdown(socket.SHUT_WR)", "socket:shutdown({on}, write)"),
    ),
    Kind("peer_closes", on_peer("peer_closes"), Deed(deeds.peer_closes, "{on}.close()", "socket:close({on})")),
    Kind("peer_resets", on_peer("peer_resets"), Deed(deeds.peer_resets, "reset({on})", "Reset({on})")),
    Kind("peer_connects", drawing.raw_connect, Deed(deeds.peer_connects)),
    # processes
    Kind("kill", drawing.kill, Deed(deeds.kill, "{0}.kill()", "exit({0}, kill)")),
    Kind("end", drawing.end, Deed(deeds.end, '{0}.post("end")', "{0} ! stop")),
    Kind("messages", drawing.messages, Deed(deeds.messages, "messages", "Messages")),
    Kind("look", drawing.look, Deed(deeds.look, "time.sleep(0.12)", "timer:sleep(120)")),
    Kind("wait", drawing.wait, Deed(deeds.wait, "time.sleep({0} / 1000)", "timer:sleep({0})")),
)  # fmt: skip

KINDS = {kind.name: kind for kind in _ROWS}
"""All kinds by their names."""
