r"""Text that others wrote, as Markdown that shows it and does nothing else.

What a model, a tool or a user wrote is data. An answer keeps its Markdown and its LaTeX, but its HTML is shown as text
and its images become links: an image is a request to somebody's server, with whatever the address carries. All other
text is shown as it stands. The page sanitises again and its Content-Security-Policy forbids what both should miss.

LaTeX leaves here in two forms alone, `\(…\)` and `$$…$$`. A single dollar is read by pandoc's rule, so that "$5 and $6"
stays money.
"""

from __future__ import annotations

import re

LATEX_DELIMITERS: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": r"\(", "right": r"\)", "display": False},
]

_INSIDE = r"(?:(?!\n[ \t]*\n).)"  # a span never crosses an empty line
# Spans are bounded, so that an answer full of openings that never close takes linear time.
_SPAN = re.compile(
    rf"""
      (?P<code>
          ^[ ]{{0,3}}(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}})[^\n]*(?:\n.*?(?:^[ ]{{0,3}}(?P=fence)[`~]*[ \t]*$|\Z)|\Z)
        | (?<!`)(?P<run>`+)(?!`){_INSIDE}{{1,1000}}?(?<!`)(?P=run)(?!`)
      )
    | \$\$(?P<display>{_INSIDE}{{1,2000}}?)\$\$
    | \\\[(?P<bracketed>{_INSIDE}{{1,2000}}?)\\\]
    | \\\((?P<inline>{_INSIDE}{{1,500}}?)\\\)
    | (?P<escaped>\\[^\w\s])
    | (?<![\w$])\$(?P<dollar>(?![\s$])[^$\n]{{1,500}}(?<![\s\\]))\$(?!\d)
    | (?P<markup><(?=[A-Za-z/!?]) | !(?=\[))
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
# Where a backslash would make or end LaTeX or would not keep an address from becoming a link, an entity; elsewhere a
# backslash, which reads better aloud and as a copy.
_LITERAL = {ord(sign): f"&#{ord(sign)};" for sign in "\\[]$:@"} | {ord(sign): f"\\{sign}" for sign in "`*_<>|~&"}
_WWW = re.compile(r"(?i)\b(www)\.")
_LINE_OPENING = re.compile(r"^(\d{0,9})([#+=.)-])")


def answer_markdown(text: str) -> str:
    """A model's answer, whole or still growing."""
    return _SPAN.sub(_safe, text)


def literal_markdown(text: str) -> str:
    """Any text, shown exactly as it is."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_literal_line(line.translate(_LITERAL)) for line in lines)


def code_block(text: str, language: str = "text") -> str:
    """Any text in a fence that it cannot close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _safe(match: re.Match[str]) -> str:
    display = match["display"] or match["bracketed"]
    inline = match["inline"] or match["dollar"]
    if display is not None:
        return f"$${_latex(display)}$$"
    if inline is not None:
        return rf"\({_latex(inline)}\)"
    if match["markup"] is not None:
        return "\\" + match["markup"]
    return match[0]


def _latex(source: str) -> str:
    # A bare "<" would be read as the start of a tag before LaTeX sees it.
    return source.replace("<", r"\lt ")


def _literal_line(line: str) -> str:
    """Takes their meaning from what opens a list, a heading, a rule or, by four spaces, a code block."""
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)].replace("\t", "    ")
    return "&nbsp;" * len(indent) + _LINE_OPENING.sub(r"\1\\\2", _WWW.sub(r"\1&#46;", body))
