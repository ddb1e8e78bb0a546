"""Whose result something is: which functions of OTP a variable, a case or a function of the same file may come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .tree import Node, Source, atom_of

MODULES = frozenset({"gen_tcp", "inet", "prim_inet", "inet_tcp", "inet6_tcp", "inet_db", "erlang", "file"})
"""Modules of OTP that sockets are given to."""
_TRANSPORT = {
    "send": "gen_tcp", "recv": "gen_tcp", "close": "gen_tcp", "shutdown": "gen_tcp", "accept": "gen_tcp",
    "controlling_process": "gen_tcp", "setopts": "inet", "getopts": "inet", "getstat": "inet", "sockname": "inet",
    "peername": "inet",
}  # fmt: skip
"""What modules with the face of gen_tcp have, such as ranch's transports."""
_ON_SOCKETS = (
    "gen_tcp:send", "gen_tcp:recv", "gen_tcp:close", "gen_tcp:accept", "gen_tcp:shutdown",
    "gen_tcp:controlling_process",
    "inet:setopts", "inet:getopts", "inet:getstat", "inet:close", "inet:peername", "inet:sockname", "inet:port",
    "inet:monitor", "inet:info", "prim_inet:",
)  # fmt: skip
_CALLS = ("transport", "tcp", "socket_mod", "sockmod")
_NOTHING: frozenset[str] = frozenset()
_ROUNDS = 4

Origins = frozenset[str]
Variables = dict[str, Origins]


def called(call: Node) -> str:
    """The function of OTP that a call is of, such as "gen_tcp:send/2"; empty if it is none."""
    module, colon, name = call.text.partition(":")
    if not colon:
        return ""
    if module in MODULES:
        return call.arity
    if module[:1] == "?" and name in _TRANSPORT and (_is_transport(module) or _is_named_socket(call.parts)):
        return f"{_TRANSPORT[name]}:{name}/{len(call.parts)}"
    return ""


def _is_transport(module: str) -> bool:
    return any(word in module.lower() for word in _CALLS)


def _is_named_socket(arguments: Sequence[Node]) -> bool:
    """`Mod:send(Socket, Data)`."""
    return bool(arguments) and arguments[0].kind == "variable" and "sock" in arguments[0].text.lower()


def sockets_of(nodes: Iterable[Node]) -> frozenset[str]:
    """The variables that a function's clause uses as sockets: given to functions of sockets, or got from them."""
    found: set[str] = set()
    for node in nodes:
        if node.kind == "call" and node.parts and called(node).startswith(_ON_SOCKETS):
            found.update(part.text for part in node.parts[:1] if part.kind == "variable")
        elif node.kind == "tuple" and len(node.parts) > 2 and atom_of(node.parts[0]).startswith(("tcp", "inet_")):
            found.update(part.text for part in node.parts[1:2] if part.kind == "variable")
    return frozenset(found)


def is_socket(node: Node, sockets: frozenset[str]) -> bool:
    """Whether a term is a socket, as far as can be seen: so used, or so called."""
    if node.kind == "variable" and node.text in sockets:
        return True
    words = [each.text.lower() for each in node if each.kind in {"variable", "atom"}]
    return node.kind in {"variable", "other"} and any("sock" in word for word in words)


class Wrappers:
    """The functions of a file whose results are those of functions of OTP."""

    def __init__(self, source: Source) -> None:
        self._found: dict[str, Origins] = {}
        self._nodes: dict[int, list[Node]] = {}
        self._matches: dict[int, list[Node]] = {}
        forms = [form for form in source.forms if form.text]
        for _ in range(_ROUNDS):
            before = dict(self._found)
            for form in forms:
                self._add(form)
            if self._found == before:
                break

    def of(self, name: str) -> Origins:
        """What a local function, such as "send/2", may give back the result of."""
        return self._found.get(name, _NOTHING)

    def origins(self, node: Node, variables: Mapping[str, Origins]) -> Origins:
        """The functions of OTP whose result a node may be."""
        match node.kind:
            case "call" if node.text in {"erlang:catch", "catch"}:
                return _union(self.origins(part, variables) for part in node.parts)
            case "call":
                name = called(node)
                return frozenset({name}) if name else self.of(node.arity)
            case "variable":
                return variables.get(node.text, _NOTHING)
            case "any":
                return _union(self.origins(part, variables) for part in node.parts)
            case "match":
                return self.origins(node.parts[1], variables)
            case "case":
                return self._of_case(node, variables)
            case "other" if node.text in {"catch_expr", "paren_expr", "block_expr", "try", "maybe", "with"}:
                return self.origins(node.parts[-1], variables) if node.parts else _NOTHING
            case _:
                return _NOTHING

    def _of_case(self, node: Node, variables: Mapping[str, Origins]) -> Origins:
        """A clause that ends in the variable it has matched gives back what was looked at."""
        looked_at = self.origins(node.parts[0], variables)
        found: list[Origins] = []
        for clause in node.parts[1:]:
            if clause.kind == "clause" and clause.body:
                inside = {**variables, **dict.fromkeys(whole_names(clause.patterns), looked_at)}
                found.append(self.origins(clause.body[-1], inside))
        return _union(found)

    def _add(self, form: Node) -> None:
        for clause in form.parts:
            if clause.kind == "clause" and clause.body:
                found = self.origins(clause.body[-1], self.variables(clause))
                if found:
                    self._found[clause.text] = self._found.get(clause.text, _NOTHING) | found

    def variables(self, clause: Node) -> Variables:
        """What the variables of a function's clause have the result of."""
        found: Variables = {}
        if id(clause) not in self._matches:
            self._matches[id(clause)] = [
                node for node in self.nodes(clause) if node.kind == "match" and node.parts[0].kind == "variable"
            ]
        for node in self._matches[id(clause)]:
            found[node.parts[0].text] = self.origins(node.parts[1], found)
        return found

    def nodes(self, clause: Node) -> list[Node]:
        """All that is in a clause, listed once."""
        found = self._nodes.get(id(clause))
        if found is None:
            found = self._nodes[id(clause)] = list(clause)
        return found


def whole_names(patterns: Iterable[Node]) -> list[str]:
    """The variables that have all of what is matched, such as E in `{error, _} = E`."""
    found: list[str] = []
    for pattern in patterns:
        parts = pattern.parts if pattern.kind == "match" else (pattern,)
        found += [part.text for part in parts if part.kind == "variable"]
    return found


def _union(parts: Iterable[Origins]) -> Origins:
    return _NOTHING.union(*parts)
