"""Gorilla OpenFunctions (Patil et al. 2023, arXiv:2305.15334), as instructions with the call written out.

The instruction describes one function in words; that becomes a tool, and the question alone is asked. The call that is
written behind it is read as data, never evaluated.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

from ..samples import DataTool, Form, Sample
from .adapter import Adapter, Loaded
from .bfcl import described, tool_name
from .reading import BadRecord, Origin, Row, check, gather

_PARTS = re.compile(
    r"^(Question|Function to be used|Description|Parameters|Required|Format your response)\b:?", re.MULTILINE
)
_PARAMETER = re.compile(r"^\d+\.\s*(\w+)\s*(?:\(type:\s*([\w\[\]]+)\))?\s*(?:-|:)?\s*(.*)$", re.MULTILINE)
_FITTING: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "float": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def load_openfunctions(origin: Origin, form: Form) -> Loaded:
    """OpenFunctions in the form `instruction`, `output`."""
    rows = origin.rows("{split}.jsonl")

    def make(row: Row) -> Sample:
        _, *parts = _PARTS.split(row.text("instruction"))
        told = {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}
        question, name = told.get("Question"), told.get("Function to be used")
        if not question or not name or "Parameters" not in told:
            raise BadRecord("the instruction does not name a question, a function and its parameters")
        calls = [_call(node) for node in _calls(row.text("output"))]
        tool = _tool(name, told, calls)
        wanted = [_wanted(name, given) for name, given in calls]
        return Sample(
            f"{origin.split}-{row.number:04}",
            (question,),
            checks=(check("calls", {"kind": "calls", "extra": False}, wanted),),
            tools=(tool,),
            form=form,
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def _wanted(name: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"name": tool_name(name), "arguments": {argument: [value] for argument, value in given.items()}}


def _calls(text: str) -> list[ast.expr]:
    try:
        with warnings.catch_warnings():
            # An odd escape in a text is no fault of ours.
            warnings.simplefilter("ignore", SyntaxWarning)
            parsed = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadRecord(f"the output is no call: {text.strip()!r:.60}") from None
    found = [part.value for part in parsed.body if isinstance(part, ast.Expr)]
    if not found or len(found) < len(parsed.body):
        raise BadRecord(f"the output is no call: {text.strip()!r:.60}")
    return [inner for one in found for inner in (one.elts if isinstance(one, ast.List | ast.Tuple) else [one])]


class _Truths(ast.NodeTransformer):
    """Some calls are written as in JavaScript."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """`true` is `True`."""
        return ast.Constant(node.id == "true") if node.id in ("true", "false") else node


def _call(node: ast.expr) -> tuple[str, dict[str, Any]]:
    if not isinstance(node, ast.Call) or node.args:
        raise BadRecord("the output must be a call with named arguments")
    try:
        given = {str(argument.arg): ast.literal_eval(_Truths().visit(argument.value)) for argument in node.keywords}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise BadRecord("an argument of the output is no plain value") from None
    return ast.unparse(node.func), {name: _json(value) for name, value in given.items()}


def _json(value: Any) -> Any:
    if isinstance(value, list | tuple | set):
        return [_json(part) for part in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {str(key): _json(part) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if value is None or isinstance(value, str | int | float):
        return value
    raise BadRecord(f"an argument of the output has no JSON form: {value!r:.60}")


def _tool(function: str, told: dict[str, str], calls: list[tuple[str, dict[str, Any]]]) -> DataTool:
    properties: dict[str, Any] = {}
    for name, kind, said in _PARAMETER.findall(told["Parameters"]):
        properties[name] = {"description": said.strip()} if said.strip() else {}
        values = [given[name] for _, given in calls if name in given]
        # Here and there the written call does not keep to the described type; then the type is left out, so that the
        # call can be made at all.
        fits = _FITTING.get(kind.lower())
        if fits is not None and all(isinstance(value, fits) and _is_kind(value, kind) for value in values):
            properties[name]["type"] = kind.lower()
    unknown = sorted({name for _, given in calls for name in given} - set(properties))
    if unknown:
        raise BadRecord(f"the output gives {unknown[0]!r}, which is no parameter of the function")
    if any(name != function for name, _ in calls):
        raise BadRecord(f"the output does not call {function!r:.60}")
    listed = [name.strip() for name in told.get("Required", "").strip("[] ").split(",")]
    required = [name for name in listed if name in properties and all(name in given for _, given in calls)]
    schema = {"type": "object", "properties": properties, "required": required}
    return described({"name": function, "description": told.get("Description"), "parameters": schema})


def _is_kind(value: Any, kind: str) -> bool:
    # A truth value is a whole number to Python.
    return isinstance(value, bool) == (kind.lower() == "boolean")


OPENFUNCTIONS = Adapter(
    "openfunctions",
    "Requests with one function at hand; share where the call with exactly the written arguments is made.",
    "Apache-2.0",
    "https://github.com/ShishirPatil/gorilla/tree/main/openfunctions",
    None,
    load_openfunctions,
    tags=("tools",),
)
