"""Propositional logic by truth tables, and normal forms by SymPy's minimisation."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.logic import MAX_LETTERS
from ..reading.syntax import Apply, Ask, Node, Variable, variables_of
from ..solution import Solution
from .domain import Handler
from .integers import verdict
from .presenting import Reading
from .printing import clipped

_MOST_IN_TABLE = 5
_SIGNS = {"and": r"\land", "or": r"\lor", "implies": r"\to", "iff": r"\leftrightarrow", "xor": r"\oplus"}
_MEANING: dict[str, Callable[..., bool]] = {
    "not": lambda a: not a,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
    "nand": lambda a, b: not (a and b),
    "nor": lambda a, b: not (a or b),
    "xnor": lambda a, b: a == b,
    "implies": lambda a, b: b or not a,
    "iff": lambda a, b: a == b,
    "true": lambda: True,
    "false": lambda: False,
}
_STRENGTH = {"not": 6, "and": 5, "nand": 5, "xor": 4, "or": 3, "nor": 3, "implies": 2, "iff": 1, "xnor": 1}


def _letters(nodes: tuple[Node, ...]) -> list[str]:
    found = sorted(variables_of(*nodes))
    if len(found) > MAX_LETTERS:
        raise ToolError(f"logic is done for at most {MAX_LETTERS} letters, not {len(found)}")
    return found


def _holds(node: Node, values: dict[str, bool]) -> bool:
    if isinstance(node, Variable):
        return values[node.name]
    assert isinstance(node, Apply)
    return _MEANING[node.name.removeprefix("logic ")](*(_holds(part, values) for part in node.args))


def _rows(letters: list[str]) -> list[dict[str, bool]]:
    return [dict(zip(letters, row, strict=True)) for row in itertools.product((True, False), repeat=len(letters))]


def _text(node: Node, strength: int = 0) -> str:
    if isinstance(node, Variable):
        return node.name
    assert isinstance(node, Apply)
    name = node.name.removeprefix("logic ")
    if name in ("true", "false"):
        return name
    own = _STRENGTH[name]
    if name == "not":
        return f"not {_text(node.args[0], own)}"
    # `a implies (b implies c)` and `(a nand b) nand c` keep their brackets; `and` and `or` need none among themselves.
    chained = name in ("and", "or", "xor")
    written = f" {name} ".join(_text(part, own - chained + 1) for part in node.args)
    return f"({written})" if own < strength or (own == strength and not chained) else written


def _latex(node: Node) -> str:
    if isinstance(node, Variable):
        return node.name
    assert isinstance(node, Apply)
    name = node.name.removeprefix("logic ")
    if name in ("true", "false"):
        return rf"\text{{{name}}}"
    if name == "not":
        return rf"\lnot {_latex(node.args[0])}"
    sign = _SIGNS.get(name, rf"\;\text{{{name}}}\;")
    return r"\left(" + f" {sign} ".join(_latex(part) for part in node.args) + r"\right)"


def _said(values: dict[str, bool]) -> str:
    return ", ".join(f"{letter}={'T' if value else 'F'}" for letter, value in values.items())


def _formula_solution(node: Node, reading: Reading, verified: str | None = None) -> Solution:
    import sympy

    text = _text(node)
    return reading.solution(
        sympy.S.One, text=clipped(text), exact=text, number="", latex=_latex(node), verified=verified
    )


def _truth_table(ask: Ask, reading: Reading) -> Solution:
    import sympy

    node = ask.args[0]
    letters = _letters(ask.args)
    if len(letters) > _MOST_IN_TABLE:
        raise ToolError(f"a truth table is written for at most {_MOST_IN_TABLE} letters")
    rows = [(values, _holds(node, values)) for values in _rows(letters)]
    text = "; ".join(f"{_said(values)}{': ' if values else ''}{'T' if holds else 'F'}" for values, holds in rows)
    head = " & ".join([*letters, _latex(node)])
    lines = [" & ".join("T" if value else "F" for value in (*values.values(), holds)) for values, holds in rows]
    body = r"\\".join([head + r"\\ \hline", *lines]).replace(r"\hline\\", r"\hline ")
    latex = rf"\begin{{array}}{{{'c' * len(letters)}|c}}{body}\end{{array}}"
    return reading.solution(sympy.S.One, text=clipped(f"{_text(node)}: {text}"), exact=text, number="", latex=latex)


def _classified(ask: Ask, reading: Reading) -> Solution:
    node, kind = ask.args[0], ask.words[0].lower()
    letters = _letters(ask.args)
    true_for = [values for values in _rows(letters) if _holds(node, values)]
    false_for = [values for values in _rows(letters) if not _holds(node, values)]
    if not false_for:
        reason = "it is true in every case (a tautology)"
    elif not true_for:
        reason = "it is false in every case (a contradiction)"
    else:
        reason = f"it is true for {_said(true_for[0])} and false for {_said(false_for[0])}"
    holds = {
        "tautology": not false_for,
        "tautological": not false_for,
        "valid": not false_for,
        "contradiction": not true_for,
        "unsatisfiable": not true_for,
        "contingency": bool(true_for and false_for),
        "contingent": bool(true_for and false_for),
    }.get(kind, bool(true_for))
    return verdict(holds, reading, reason)


def _equivalent(ask: Ask, reading: Reading) -> Solution:
    left, right = ask.args
    for values in _rows(_letters(ask.args)):
        if _holds(left, values) != _holds(right, values):
            return verdict(False, reading, f"they differ for {_said(values)}")
    return verdict(True, reading, "both are true in the same cases")


def _follows(ask: Ask, reading: Reading) -> Solution:
    *premises, claim = ask.args
    for values in _rows(_letters(ask.args)):
        if all(_holds(premise, values) for premise in premises) and not _holds(claim, values):
            return verdict(False, reading, f"for {_said(values)} the premises are true and the conclusion is false")
    return verdict(True, reading, "the conclusion is true whenever the premises are")


def _valued(ask: Ask, reading: Reading) -> Solution:
    node = ask.args[0]
    known = {word[0]: word[2] == "1" for word in ask.words}
    letters = _letters(ask.args)
    missing = [letter for letter in letters if letter not in known]
    results = {_holds(node, known | values) for values in _rows(missing)}
    if len(results) > 1:
        raise ToolError(f"the value depends on {', '.join(missing)}; say whether it is true or false")
    return _truth(results.pop(), reading)


def _truth(holds: bool, reading: Reading) -> Solution:
    import sympy

    word = "true" if holds else "false"
    return reading.solution(sympy.S.One, text=word, exact=word, number="", latex=rf"\text{{{word}}}")


def _to_sympy(node: Node) -> Any:
    import sympy

    if isinstance(node, Variable):
        return sympy.Symbol(node.name)
    assert isinstance(node, Apply)
    name = node.name.removeprefix("logic ")
    made: dict[str, Any] = {
        "not": sympy.Not, "and": sympy.And, "or": sympy.Or, "xor": sympy.Xor, "nand": sympy.Nand, "nor": sympy.Nor,
        "xnor": sympy.Equivalent, "implies": sympy.Implies, "iff": sympy.Equivalent,
        "true": lambda: sympy.true, "false": lambda: sympy.false,
    }  # fmt: skip
    return made[name](*(_to_sympy(part) for part in node.args))


def _from_sympy(found: Any) -> Node:
    import sympy

    if found is sympy.true or found is sympy.false:
        return Apply("logic true" if found is sympy.true else "logic false", ())
    if isinstance(found, sympy.Symbol):
        return Variable(found.name)
    parts = tuple(_from_sympy(part) for part in sorted(found.args, key=sympy.default_sort_key))
    if isinstance(found, sympy.Not):
        return Apply("logic not", parts)
    return Apply("logic and" if isinstance(found, sympy.And) else "logic or", parts)


def _minimal(node: Node, form: str | None, reading: Reading) -> Solution:
    import sympy

    letters = _letters((node,))
    values = {_holds(node, row) for row in _rows(letters)}
    if len(values) == 1:  # SymPy leaves `A and not A`, which is a normal form, as it is
        return _truth(values.pop(), reading)
    forms = (form,) if form else ("dnf", "cnf")
    candidates: list[Any] = [sympy.simplify_logic(_to_sympy(node), form=wanted, force=True) for wanted in forms]
    found = _from_sympy(min(candidates, key=lambda candidate: candidate.count_ops()))
    same = all(_same(node, found, values) for values in _rows(letters))
    return _formula_solution(found, reading, "same truth table" if same else None)


def _same(left: Node, right: Node, values: dict[str, bool]) -> bool:
    return _holds(left, values) == _meaning_of_many(right, values)


def _meaning_of_many(node: Node, values: dict[str, bool]) -> bool:
    """As `_holds`, for formulas from SymPy, whose `and` and `or` have any number of parts."""
    if isinstance(node, Apply) and node.name in ("logic and", "logic or"):
        combine = all if node.name == "logic and" else any
        return combine(_meaning_of_many(part, values) for part in node.args)
    if isinstance(node, Apply) and node.name == "logic not":
        return not _meaning_of_many(node.args[0], values)
    return _holds(node, values)


def _simplified(ask: Ask, reading: Reading) -> Solution:
    if not variables_of(*ask.args):
        return _truth(_holds(ask.args[0], {}), reading)
    return _minimal(ask.args[0], None, reading)


def _negated(ask: Ask, reading: Reading) -> Solution:
    return _formula_solution(_pushed(ask.args[0], negative=True), reading)


def _pushed(node: Node, *, negative: bool) -> Node:
    """The formula or its negation with `not` only before letters, by De Morgan's laws."""
    if isinstance(node, Variable):
        return Apply("logic not", (node,)) if negative else node
    assert isinstance(node, Apply)
    name, parts = node.name.removeprefix("logic "), node.args
    if name == "not":
        return _pushed(parts[0], negative=not negative)
    if name == "implies":
        if not negative:
            return node
        return Apply("logic and", (_pushed(parts[0], negative=False), _pushed(parts[1], negative=True)))
    if name in ("and", "or"):
        turned = {"and": "or", "or": "and"}[name] if negative else name
        return Apply(f"logic {turned}", tuple(_pushed(part, negative=negative) for part in parts))
    if name in ("true", "false"):
        return Apply("logic false" if (name == "true") == negative else "logic true", ())
    opposite = {"iff": "xor", "xnor": "xor", "xor": "iff", "nand": "and", "nor": "or"}
    return Apply(f"logic {opposite[name]}", parts) if negative else node


def _turned(ask: Ask, reading: Reading) -> Solution:
    """Contrapositive, converse and inverse of an implication."""
    node = ask.args[0]
    if not isinstance(node, Apply) or node.name != "logic implies":
        raise ToolError("this needs an implication; write for example: contrapositive of p -> q")
    left, right = node.args
    if ask.name == "logic converse":
        left, right = right, left
    elif ask.name == "logic contrapositive":
        left, right = _pushed(right, negative=True), _pushed(left, negative=True)
    else:
        left, right = _pushed(left, negative=True), _pushed(right, negative=True)
    return _formula_solution(Apply("logic implies", (left, right)), reading)


HANDLERS: dict[str, Handler] = {
    "logic truth table": _truth_table,
    "logic classified": _classified,
    "logic equivalent": _equivalent,
    "logic follows": _follows,
    "logic valued": _valued,
    "logic simplified": _simplified,
    "logic negated": _negated,
    "logic contrapositive": _turned,
    "logic converse": _turned,
    "logic inverse": _turned,
    "logic cnf": lambda ask, reading: _minimal(ask.args[0], "cnf", reading),
    "logic dnf": lambda ask, reading: _minimal(ask.args[0], "dnf", reading),
}
