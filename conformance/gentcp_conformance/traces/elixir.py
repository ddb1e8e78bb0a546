"""The Erlang code of a case as Elixir, for iex: what the transcripts are made of, statement by statement.

It is translated from the syntax tree of the Erlang code, so it needs the grammars of the extra `check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

    Found = tree_sitter.Node

_HELPERS: Mapping[str, str] = {
    "Data": "data = fn n -> binary_part(for(i <- 1..(div(n, 4) + 1), into: <<>>, do: <<i::32>>), 0, n) end",
    "Spawn": """me = self()
# a process that tells what its jobs give, and lives on
go_on = fn go_on, job ->
  send(me, {:done, self(), catching.(job)})
  receive do
    {:job, next} -> go_on.(go_on, next)
    :stop -> :ok
  end
end
spawn_job = fn job -> spawn(fn -> go_on.(go_on, job) end) end""",
    "Look": """look = fn p, ms ->
  receive do {:done, ^p, value} -> value after ms -> :still_blocked end
end""",
    "Flush": """# the mailbox, once there are n messages
more = fn more, n ->
  receive do
    m when elem(m, 0) != :done -> [m | more.(more, n - 1)]
  after
    (if n > 0, do: 5000, else: 80) -> []
  end
end
flush = fn n -> more.(more, n) end""",
    "Drain": """# all there is: {bytes, what then}
all_of = fn all_of, sock, ms, size ->
  case :socket.recv(sock, 0, ms) do
    {:ok, bin} -> all_of.(all_of, sock, ms, size + byte_size(bin))
    {:error, why} -> {size, why}
  end
end
drain = fn sock, ms, size -> all_of.(all_of, sock, ms, size) end""",
}
_CATCHING = """catching = fn job ->
  try do
    job.()
  catch
    :throw, thrown -> thrown
    :exit, reason -> {:EXIT, reason}
    :error, reason -> {:EXIT, {reason, __STACKTRACE__}}
  end
end"""
_RESERVED = frozenset({
    "do", "end", "fn", "when", "and", "or", "not", "in", "after", "else", "rescue", "catch", "self", "spawn",
})  # fmt: skip
_SIGNS = {"=:=": "===", "=/=": "!==", "/=": "!=", "=<": "<=", "andalso": "and", "orelse": "or"}
_FUNCTIONS = {"div": "div", "rem": "rem", "!": "send"}
_KERNEL = frozenset(
    {"self", "spawn", "is_list", "is_binary", "is_tuple", "is_port", "is_pid", "is_atom", "is_map", "is_integer"}
)
_HEAD = re.compile(r"^(Data|Spawn|Look|Flush|Drain) = fun")


def translated(erlang: str) -> str:
    """The code for iex, of what `Views.erlang` gives."""
    lines: list[str] = []
    expression = _Expression()
    for text, comment in _statements(erlang):
        helper = _HEAD.match(text)
        if helper:
            lines += _HELPERS[helper[1]].splitlines()
        elif text and not text.startswith("Self ="):
            lines += expression.statement(text).splitlines()
        if comment and not helper:
            lines = _commented(lines, comment, alone=not text)
    code = "\n".join(lines)
    return (f"{_CATCHING}\n{code}" if "catching." in code else code) + "\n"


def _commented(lines: list[str], comment: str, *, alone: bool) -> list[str]:
    text = f"# {comment.lstrip('%').strip()}"
    return [*lines, text] if alone or not lines else [*lines[:-1], f"{lines[-1]}  {text}"]


def _statements(erlang: str) -> Iterator[tuple[str, str]]:
    """Each expression with the comment behind it; comments and blank lines by themselves."""
    waiting: list[str] = []
    for line in erlang.splitlines():
        code, _, comment = line.partition("  %") if not line.startswith("%") else ("", "", line)
        if line.startswith("%") and not waiting:
            yield "", line
        elif not code.strip() and not waiting:
            yield "", ""
        else:
            waiting.append(code)
            if code.rstrip().endswith("."):
                yield "\n".join(waiting).rstrip()[:-1], comment
                waiting = []


@cache
def _parser() -> tree_sitter.Parser:
    from tree_sitter_language_pack import get_parser

    return get_parser("erlang")


class _Expression:
    """One expression after the other.  A variable that is bound is matched, where Elixir would bind it anew."""

    def __init__(self) -> None:
        self._bound: set[str] = set()
        self._pattern = False

    def statement(self, text: str) -> str:
        """The expression in Elixir."""
        root = _parser().parse(f"f() -> {text}.".encode()).root_node
        body = next(node for node in _walk(root) if node.type == "clause_body")
        return "\n".join(self._of(child) for child in _inside(body))

    def _of(self, node: Found) -> str:
        make: Callable[[Found], str] | None = getattr(self, f"_{node.type}", None)
        return _text(node) if make is None else make(node)

    def _all(self, nodes: Sequence[Found]) -> str:
        return ", ".join(map(self._of, nodes))

    def _matched(self, node: Found) -> str:
        """A pattern; what it binds is bound from then on."""
        self._pattern = True
        found = self._of(node)
        self._pattern = False
        self._bound.update(_variable(_text(each)) for each in _walk(node) if each.type == "var")
        return found

    # ---- terms

    def _atom(self, node: Found) -> str:
        name = _text(node)
        plain = name[1:-1] if name.startswith("'") else name
        if plain in {"true", "false"}:
            return plain
        return f":{plain}" if re.fullmatch(r"[a-zA-Z_]\w*[?!]?", plain) else f':"{plain}"'

    def _var(self, node: Found) -> str:
        name = _variable(_text(node))
        return f"^{name}" if self._pattern and name in self._bound and not name.startswith("_") else name

    def _char(self, node: Found) -> str:
        return f"?{_text(node)[1:]}"

    def _integer(self, node: Found) -> str:
        return _text(node).replace("16#", "0x").replace("2#", "0b")

    def _string(self, node: Found) -> str:
        return f"~c{_text(node)}"

    def _tuple(self, node: Found) -> str:
        return f"{{{self._all(_inside(node))}}}"

    def _list(self, node: Found) -> str:
        return f"[{self._all(_inside(node))}]"

    def _pipe(self, node: Found) -> str:
        return " | ".join(map(self._of, _inside(node)))

    def _map_expr(self, node: Found) -> str:
        return f"%{{{self._all(_inside(node))}}}"

    def _map_field(self, node: Found) -> str:
        key, value = _inside(node)
        return f"{self._of(key)} => {self._of(value)}"

    def _binary(self, node: Found) -> str:
        elements = _inside(node)
        if len(elements) == 1 and _text(elements[0]).startswith('"') and _text(elements[0]).endswith('"'):
            return _text(elements[0]).replace("#{", "\\#{")
        return f"<<{self._all(elements)}>>"

    def _bin_element(self, node: Found) -> str:
        value, *rest = _inside(node)
        written = _text(value) if value.type == "string" else self._of(value)
        size = "".join(_text(each) for each in rest)
        types = size.replace("/", "-").replace(":", "").strip("-")
        return f"{written}::{types}" if types else written

    # ---- calls

    def _call(self, node: Found) -> str:
        callee, arguments = _inside(node)[0], _inside(_inside(node)[1])
        given = self._all(arguments)
        if callee.type == "remote":
            return f"{self._remote(callee)}({given})"
        name = _text(callee)
        if callee.type == "atom":
            return f"{name if name in _KERNEL else f':erlang.{name}'}({given})"
        called = {"Spawn": "spawn_job"}.get(name) or self._of(callee)
        return f"{called}.({given})"

    def _remote(self, node: Found) -> str:
        module, function = _inside(node)
        of = self._of(_inside(module)[0])
        return f"{of}.{_text(function)}"

    def _binary_op_expr(self, node: Found) -> str:
        left, right = (self._of(each) for each in _inside(node))
        sign = next(_text(each) for each in node.children if not each.is_named)
        if sign in _FUNCTIONS:
            return f"{_FUNCTIONS[sign]}({left}, {right})"
        return f"{left} {_SIGNS.get(sign, sign)} {right}"

    def _unary_op_expr(self, node: Found) -> str:
        sign = next(_text(each) for each in node.children if not each.is_named)
        return f"{sign}{' ' if sign.isalpha() else ''}{self._of(_inside(node)[0])}"

    def _paren_expr(self, node: Found) -> str:
        return f"({self._of(_inside(node)[0])})"

    def _match_expr(self, node: Found) -> str:
        pattern, value = _inside(node)
        if self._pattern:
            return f"{self._of(pattern)} = {self._of(value)}"
        told = self._of(value)
        return f"{self._matched(pattern)} = {told}"

    def _catch_expr(self, node: Found) -> str:
        return f"catching.(fn -> {self._of(_inside(node)[0])} end)"

    # ---- clauses

    def _anonymous_fun(self, node: Found) -> str:
        clauses = [each for each in _inside(node) if each.type == "fun_clause"]
        name = clauses[0].child_by_field_name("name")
        if name is not None:
            return self._again(node)
        before = set(self._bound)
        written = [self._fun_clause(each) for each in clauses]
        self._bound = before
        if len(written) == 1:
            return f"fn {written[0]}" + ("\nend" if "\n" in written[0] else " end")
        return "fn\n" + indent("\n".join(written), "  ") + "\nend"

    def _again(self, node: Found) -> str:
        """`(fun Again() -> case Call of ok -> Again(); Other -> Other end end)()`: a call as long as it is ok."""
        call = next(each for each in _walk(node) if each.type == "case_expr")
        return (
            "fn -> Enum.find_value(Stream.cycle([1]), fn _ ->\n"
            f"  with :ok <- {self._of(_inside(call)[0])}, do: nil\nend) end"
        )

    def _fun_clause(self, node: Found) -> str:
        arguments = node.child_by_field_name("args")
        parts = [self._matched(each) for each in (_inside(arguments) if arguments is not None else [])]
        return self._arrow(node, ", ".join(parts))

    def _cr_clause(self, node: Found) -> str:
        pattern = node.child_by_field_name("pat")
        return self._arrow(node, self._matched(pattern) if pattern is not None else "_")

    def _if_clause(self, node: Found) -> str:
        guard, body = node.child_by_field_name("guard"), node.child_by_field_name("body")
        return f"{self._guard(guard) if guard is not None else 'true'} ->{self._body(body)}"

    def _arrow(self, node: Found, head: str) -> str:
        guard = node.child_by_field_name("guard")
        when = f" when {self._guard(guard)}" if guard is not None else ""
        return f"{head}{when} ->".lstrip() + self._body(node.child_by_field_name("body"))

    def _body(self, node: Found | None) -> str:
        lines = [self._of(each) for each in (_inside(node) if node is not None else [])]
        short = len(lines) == 1 and "\n" not in lines[0]
        return f" {lines[0]}" if short else "\n" + indent("\n".join(lines), "  ")

    def _guard(self, node: Found) -> str:
        clauses = [" and ".join(map(self._of, _inside(each))) for each in _inside(node)]
        return " or ".join(clauses)

    def _block(self, head: str, clauses: Sequence[Found], after: str = "") -> str:
        before = set(self._bound)
        written: list[str] = []
        for clause in clauses:
            written.append(self._of(clause))
            self._bound = set(before)
        return f"{head} do\n" + indent("\n".join(written), "  ") + f"\n{after}end"

    def _case_expr(self, node: Found) -> str:
        looked_at, *clauses = _inside(node)
        return self._block(f"case {self._of(looked_at)}", clauses)

    def _if_expr(self, node: Found) -> str:
        return self._block("cond", _inside(node))

    def _receive_expr(self, node: Found) -> str:
        clauses = [each for each in _inside(node) if each.type == "cr_clause"]
        after = next((each for each in _inside(node) if each.type == "receive_after"), None)
        if after is None:
            return self._block("receive", clauses)
        time, body = _inside(after)
        last = indent(f"{self._of(time)} ->{self._body(body)}", "  ")
        if not clauses:
            return f"receive do\nafter\n{last}\nend"
        return self._block("receive", clauses, f"after\n{last}\n")

    def _block_expr(self, node: Found) -> str:
        return "(" + "; ".join(map(self._of, _inside(node))) + ")"

    # ---- comprehensions

    def _list_comprehension(self, node: Found) -> str:
        value, generators = _inside(node)
        inside = self._generators(generators)
        return f"for({inside}, do: {self._of(value)})"

    def _binary_comprehension(self, node: Found) -> str:
        value, generators = _inside(node)
        inside = self._generators(generators)
        return f"for({inside}, into: <<>>, do: {self._of(value)})"

    def _generators(self, node: Found) -> str:
        return ", ".join(self._generator(each) for each in _walk(node) if each.type in {"generator", "b_generator"})

    def _generator(self, node: Found) -> str:
        pattern, source = _inside(node)
        told = self._of(source)
        if node.type == "b_generator":
            return f"<<({self._matched(pattern).strip('<>')} <- {told})>>"
        return f"{self._matched(pattern)} <- {told}"


def _inside(node: Found) -> list[Found]:
    return [child for child in node.named_children if child.type != "comment"]


def _walk(node: Found) -> Iterator[Found]:
    yield node
    for child in node.named_children:
        yield from _walk(child)


def _text(node: Found) -> str:
    return (node.text or b"").decode()


def _variable(name: str) -> str:
    """`Data4MB` is data4mb; what Elixir keeps for itself gets another letter."""
    lower = name if name.startswith("_") else re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    lower = "me" if name == "Self" else lower
    return f"{lower}_" if lower in _RESERVED else lower
