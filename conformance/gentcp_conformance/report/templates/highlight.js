// Colours for code: `highlight(element)` puts the tokens of a <code class="python"> or "erlang" into <i class="...">,
// by the names of the groups: keyword, string, number, comment, function that is defined.  The text stays as it is.
const highlight = (() => {
  "use strict";
  const python = `False None True and as assert async await break case class continue def del elif else except finally
    for from global if import in is lambda match nonlocal not or pass raise return try while with yield`;
  const erlang = `after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not
    of or orelse receive rem try when xor`;
  const words = (text) => `(?<k>\\b(?:${text.split(/\s+/).join("|")})\\b)`;
  const number = "(?<n>\\b\\d[\\d_]*(?:[#x]\\w+|\\.\\d+(?:e[+-]?\\d+)?)?)";
  const string = `"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'`;
  const any = "\\w+";
  const tokens = {
    python: ["(?<c>#.*)", `(?<s>\\b[bfr]{0,2}(?:${string})|${string})`, words(python), "(?<f>(?<=\\bdef )\\w+)", number, any],
    erlang: ["(?<c>%.*)", `(?<s>${string}|\\$(?:\\\\.|.))`, words(erlang), number, "(?<f>^[a-z]\\w*(?=\\())", any],
  };
  return (element) => {
    const text = element.textContent;
    const pieces = [];
    let end = 0;
    for (const found of text.matchAll(new RegExp(tokens[element.className].join("|"), "gm"))) {
      const [style] = Object.keys(found.groups).filter((name) => found.groups[name] !== undefined);
      if (!style) continue;
      const token = Object.assign(document.createElement("i"), { className: style, textContent: found[0] });
      pieces.push(text.slice(end, found.index), token);
      end = found.index + found[0].length;
    }
    element.replaceChildren(...pieces, text.slice(end));
  };
})();
