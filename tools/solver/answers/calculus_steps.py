"""Steps of derivatives, rule by rule, and of integrals, in the order in which a teacher would write them."""

from __future__ import annotations

from typing import Any

from .printing import plain


def derivative(function: Any, x: Any) -> list[str]:
    """One line for each rule, inner derivatives first."""
    lines: list[str] = []
    result = _rule(function, x, lines, set())
    lines.append(f"d/d{x} ({plain(function)}) = {plain(result)}")
    return list(dict.fromkeys(lines))


def _rule(f: Any, x: Any, lines: list[str], known: set[Any]) -> Any:
    import sympy

    value = f.diff(x)
    if f in known:
        return value
    known.add(f)
    if x not in f.free_symbols:
        return value
    if f == x:
        return value
    name, parts = "", []
    if f.is_Add:
        name, parts = "sum rule, term by term", list(f.args)
    elif f.is_Mul:
        constant, rest = f.as_independent(x)
        factors: Any = sympy.Mul.make_args(rest)
        below = [part for part in factors if part.is_Pow and part.exp.could_extract_minus_sign()]
        if below and len(factors) > len(below):
            top, bottom = rest.as_numer_denom()
            name, parts = "quotient rule (u'v - u*v')/v^2", [top, bottom]
        elif len(factors) > 1:
            name, parts = "product rule u'v + u*v'", list(factors)
        else:
            name, parts = f"constant factor {plain(constant)} stays", [rest]
    elif f.is_Pow and x not in f.exp.free_symbols:
        name, parts = ("power rule", []) if f.base == x else ("power rule and chain rule", [f.base])
    elif f.is_Pow and x not in f.base.free_symbols:
        name, parts = ("exponential", []) if f.exp == x else ("exponential and chain rule", [f.exp])
    elif f.is_Pow:
        exponent = f.exp * sympy.log(f.base)
        name, parts = f"logarithmic differentiation, {plain(f)} = e^({plain(exponent)})", [exponent]
    elif isinstance(f, sympy.exp) or len(f.args) == 1:
        kind = "exponential" if isinstance(f, sympy.exp) else f"derivative of {plain(f.func(sympy.Symbol('u')))}"
        name, parts = (kind, []) if f.args[0] == x else (f"{kind} and chain rule", [f.args[0]])
    else:
        raise NotImplementedError(type(f).__name__)
    for part in parts:
        _rule(part, x, lines, known)
    lines.append(f"{name}: d/d{x} ({plain(f)}) = {plain(value)}")
    return value


def integral(function: Any, x: Any, bounds: list[Any]) -> list[str]:
    """The antiderivative by SymPy's plan of rules in our words, then the limits."""
    import sympy
    from sympy.integrals.manualintegrate import integral_steps

    lines: list[str] = []
    rule: Any = integral_steps(function, x)
    if rule.contains_dont_know():
        return []
    _told(rule, lines, function)
    lines = [line.replace("_u", "u") for line in lines]
    found = _real(rule.eval(), function)
    if len(bounds) == 2:
        lines.append(f"antiderivative: F({x}) = {plain(found)}")
        values = [found.subs(x, bound) for bound in bounds]
        if any(value.has(sympy.nan, sympy.zoo, sympy.oo) for value in values):
            return []
        lines += [f"F({plain(bound)}) = {plain(value)}" for bound, value in zip(bounds, values, strict=True)]
        return [
            *lines,
            f"F({plain(bounds[1])}) - F({plain(bounds[0])}) = {plain(sympy.simplify(values[1] - values[0]))}",
        ]
    return lines


_RULES = {
    "ConstantRule": "constant rule",
    "PowerRule": "power rule",
    "NestedPowRule": "power rule",
    "AddRule": "term by term",
    "ConstantTimesRule": "constant factor in front",
    "ReciprocalRule": "logarithm",
    "ExpRule": "exponential",
    "RewriteRule": "rewritten",
    "PartsRule": "by parts",
    "CyclicPartsRule": "by parts twice",
    "URule": "substitution",
    "ArctanRule": "arctangent",
    "ArcsinRule": "arcsine",
}


def _real(found: Any, function: Any) -> Any:
    """ln|g| for the ln(g) that integrating 1/g brings in."""
    import sympy

    if function.has(sympy.log):
        return found
    return found.replace(
        lambda part: isinstance(part, sympy.log) and part.free_symbols and not part.args[0].is_positive,
        lambda part: sympy.log(sympy.Abs(part.args[0])),
    )


def _told(rule: Any, lines: list[str], function: Any) -> None:
    kind = type(rule).__name__
    if kind == "AlternativeRule":
        _told(rule.alternatives[0], lines, function)
        return
    of = f"integral of {plain(rule.integrand)} d{rule.variable}"
    if kind == "URule":
        lines.append(f"substitute {rule.u_var} = {plain(rule.u_func)} in the {of}")
    elif kind == "PartsRule":
        v = rule.v_step.eval()
        lines.append(
            f"by parts in the {of}: u = {plain(rule.u)}, dv = {plain(rule.dv)} d{rule.variable}, v = {plain(v)}"
        )
    elif kind == "RewriteRule":
        lines.append(f"rewrite {plain(rule.integrand)} = {plain(rule.rewritten)}")
    for inner in getattr(rule, "substeps", None) or [
        getattr(rule, "substep", None),
        getattr(rule, "second_step", None),
    ]:
        if inner is not None and not isinstance(inner, bool):
            _told(inner, lines, function)
    name = _RULES.get(kind, "standard integral")
    lines.append(f"{name}: {of} = {plain(_real(rule.eval(), function))}")
