"""The Berkeley Function Calling Leaderboard (Patil et al. 2025), its Python categories that take one turn.

Calls are compared argument by argument with the possible answers. What differs from the authors' own checker: an
argument that the possible answers do not name is let pass, whole numbers and decimals are the same by value, and texts
are compared without any punctuation. A policy acts as an agent here: each function is a tool that answers `done`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, cast

from ...policies.engines import Message
from ...tools import ConfigError
from ..samples import Check, DataTool, Form, Sample
from ..suite_files import as_tool
from .adapter import Adapter, Loaded
from .reading import BadRecord, Gathered, Origin, Row, Rows, check, gather

CATEGORIES = ("simple", "multiple", "parallel", "parallel_multiple", "irrelevance")
_LIVE = (*CATEGORIES, "relevance")
_FIRST = {"simple": "simple", "irrelevance": "relevance"}
# Splits that stand for several categories.
_GROUPS = {"test": CATEGORIES, "live": tuple(f"live_{category}" for category in _LIVE)}
_TYPES = {
    "dict": "object",
    "object": "object",
    "hashmap": "object",
    "float": "number",
    "double": "number",
    "number": "number",
    "tuple": "array",
    "array": "array",
    "list": "array",
    "string": "string",
    "str": "string",
    "integer": "integer",
    "int": "integer",
    "boolean": "boolean",
    "bool": "boolean",
    "null": "null",
}
# More possible values of one nested argument than this are no answer that somebody wrote.
MAX_VALUES = 512


def load_bfcl(origin: Origin, form: Form) -> Loaded:
    """BFCL; the split is `test` (all categories that are not live), `live`, or one category such as `live_simple`."""
    if origin.path is None or origin.path.is_file():
        rows = origin.rows()
        found = _gathered(origin, rows, form)
        return Loaded(found.samples, found.skipped, rows.told)
    found, told = Gathered(), list[str]()
    categories = _GROUPS.get(origin.split, (origin.split,))
    for category in categories:
        rows = origin.beside("", *_names(category))
        if rows is None:
            found.skipped.append(f"{category}: there is no file of this category.")
            continue
        part = _gathered(origin, rows, form)
        told.append(rows.told)
        found.samples += part.samples
        found.skipped += part.skipped
    if not told:
        wanted = ", ".join(_names(category)[0] for category in categories)
        raise ConfigError(f"{origin.path} holds no file of bfcl (split {origin.split!r}): looked for {wanted}.")
    return Loaded(found.samples, found.skipped, ", ".join(told))


def _names(category: str) -> tuple[str, ...]:
    """The category's file in the fourth release, the earlier ones, and the first."""
    python = "simple_python" if category == "simple" else category
    first = _FIRST.get(category, f"{category}_function")
    names = [f"BFCL_v4_{python}.json", *(f"BFCL_v{release}_{category}.json" for release in (3, 2, 1))]
    names += [f"BFCL_v3_{category}.jsonl", f"gorilla_openfunctions_v1_test_{first}.json", f"{category}.jsonl"]
    return tuple(f"{folder}{name}" for name in names for folder in ("", "data/", "bfcl_eval/data/"))


def _gathered(origin: Origin, rows: Rows, form: Form) -> Gathered:
    places = [PurePosixPath(file) for file in sorted({row.file for row in rows.rows})]
    found = origin.beside("", *(str(place.parent / "possible_answer" / place.name) for place in places))
    answers = None if found is None else {_identity(row): row.get("ground_truth") for row in found.rows}
    made = gather(rows, lambda row: _sample(row, answers, form))
    made.skipped += found.broken if found else ()
    return made


def _identity(row: Row) -> str:
    return str(row.get("id", "index", "question_id") or row.number)


def _category(row: Row) -> str:
    stem = PurePosixPath(row.file).name.partition(".")[0]
    released = re.fullmatch(r"BFCL_v\d_(\w+)|gorilla_openfunctions_v1_test_(\w+?)(?:_function)?", stem)
    if released is None:
        return re.sub(r"_?\d[\d-]*$", "", _identity(row))
    # The first release calls irrelevant questions `relevance`.
    return released[1] or {first: category for category, first in _FIRST.items()}.get(released[2], released[2])


def _sample(row: Row, answers: Mapping[str, Any] | None, form: Form) -> Sample:
    identity, category = _identity(row), _category(row)
    system, history, question = _asked(row.need("question"))
    functions = row.need("function")
    listed = cast("list[Any]", functions if isinstance(functions, list) else [functions])
    tools = tuple(described(function) for function in listed)
    if len({tool.name for tool in tools}) < len(tools):
        raise BadRecord("two functions have the same name")
    return Sample(
        identity,
        (question,),
        history,
        checks=(_wanted(row, identity, category, answers),),
        tools=tools,
        system=system,
        form=form,
        tags=(category,) if category else (),
    )


def _wanted(row: Row, identity: str, category: str, answers: Mapping[str, Any] | None) -> Check:
    if category.endswith("irrelevance"):
        return check("calls", "calls", "none")
    if category.endswith("relevance"):
        # Some call is wanted, whichever.
        return check("calls", {"kind": "not", "scorer": "calls"}, "none")
    truth = row.get("ground_truth") or (answers or {}).get(identity)
    if not isinstance(truth, list | dict) or not truth:
        where = "in the folder possible_answer" if answers is not None else "since there is no folder possible_answer"
        raise BadRecord(f"there is no possible answer of {identity!r} {where}")
    listed = cast("list[Any]", truth if isinstance(truth, list) else [truth])
    return check("calls", {"kind": "calls", "extra": False}, [_call(one) for one in listed])


def _call(truth: Any) -> dict[str, Any]:
    if not isinstance(truth, dict) or len(cast("dict[str, Any]", truth)) != 1:
        raise BadRecord(f"a possible answer must map one function to its arguments, got {truth!r:.60}")
    name, arguments = next(iter(cast("dict[str, Any]", truth).items()))
    if not isinstance(arguments, dict):
        raise BadRecord(f"the arguments of {name!r} must be listed by name, got {arguments!r:.60}")
    values: dict[str, list[Any]] = {}
    optional: list[str] = []
    for argument, alternatives in cast("dict[str, Any]", arguments).items():
        if not isinstance(alternatives, list) or not alternatives:
            raise BadRecord(f"{name}: the values of {argument!r} must be a list, got {alternatives!r:.60}")
        # An empty text among the values says that the argument may be left out.
        given = [value for value in cast("list[Any]", alternatives) if value != ""]
        optional += [argument] * (len(given) < len(cast("list[Any]", alternatives)))
        values[argument] = [form for value in given or [""] for form in _forms(value)]
        if len(values[argument]) > MAX_VALUES:
            raise BadRecord(f"{name}: {argument!r} has more than {MAX_VALUES} possible values")
    return {"name": tool_name(name), "arguments": values, "optional": optional}


def _forms(value: Any) -> Iterator[Any]:
    """What a possible value stands for: inside an object each key has a list of values of its own."""
    if isinstance(value, list):
        parts = [list(_forms(part)) for part in cast("list[Any]", value)]
        _check_number(parts)
        yield from (list(one) for one in itertools.product(*parts))
    elif isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        parts = [
            [pair for one in (listed if isinstance(listed, list) else [listed]) for pair in _pairs(key, one)]
            for key, listed in held.items()
        ]
        _check_number(parts)
        for pairs in itertools.product(*parts):
            yield {key: one for key, one, there in pairs if there}
    else:
        yield value


def _pairs(key: str, value: Any) -> Iterator[tuple[str, Any, bool]]:
    yield from ((key, one, value != "") for one in _forms(value))


def _check_number(parts: list[list[Any]]) -> None:
    if math.prod(len(part) for part in parts) > MAX_VALUES:
        raise BadRecord(f"a nested argument has more than {MAX_VALUES} possible values")


def _asked(question: Any) -> tuple[str | None, tuple[Message, ...], str]:
    """System message, earlier messages and the question; the first release has the question alone."""
    if isinstance(question, str) and question.strip():
        return None, (), question
    turns: Any = question
    if isinstance(turns, list) and turns and isinstance(turns[0], list):
        if len(cast("list[Any]", turns)) > 1:
            raise BadRecord("questions of several turns are not read")
        turns = turns[0]
    if not isinstance(turns, list):
        raise BadRecord(f"question must be a text or messages, got {question!r:.60}")
    system: list[str] = []
    messages: list[Message] = []
    for message in cast("list[Any]", turns):
        try:
            role, content = message["role"], message["content"]
        except (TypeError, LookupError):
            raise BadRecord(f"a message must have role and content, got {message!r:.60}") from None
        if not isinstance(content, str) or role not in ("system", "user", "assistant"):
            raise BadRecord(f"a message must be a text of system, user or assistant, got {message!r:.60}")
        if role == "system":
            system.append(content)
        elif messages and messages[-1].role == role:
            messages[-1] = Message(role, f"{messages[-1].content}\n\n{content}")
        else:
            messages.append(Message(role, content))
    if not messages or messages[-1].role != "user" or not messages[-1].content.strip():
        raise BadRecord("the last message must be the user's")
    return "\n\n".join(system) or None, tuple(messages[:-1]), messages[-1].content


def described(function: Any) -> DataTool:
    """A function as a tool.

    Raises:
        BadRecord: it is not described in the leaderboard's way.
    """
    try:
        name, description = str(function["name"]), str(function.get("description") or function["name"])
        parameters = json_schema(function.get("parameters") or {"type": "object"})
        made = DataTool(tool_name(name), description, {"type": "object", "properties": {}, **parameters})
        as_tool(made)
    except (LookupError, TypeError, AttributeError):
        raise BadRecord(f"a function must have name, description and parameters, got {function!r:.60}") from None
    except ConfigError as error:
        raise BadRecord(str(error).rstrip(".")) from None
    return made


def tool_name(name: str) -> str:
    """A function's name as tools may be called: `math.factorial` becomes `math_factorial`."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
    return cleaned if re.match(r"[A-Za-z_]", cleaned) else f"_{cleaned}"[:64]


def json_schema(described: Any) -> dict[str, Any]:
    """The leaderboard's own type names, such as `dict` and `float`, as JSON schema.

    Raises:
        BadRecord: a type is unknown, or it is no schema.
    """
    if not isinstance(described, dict):
        raise BadRecord(f"a schema must be an object, got {described!r:.60}")
    schema = dict(cast("dict[str, Any]", described))
    kind = schema.pop("type", None)
    if kind is not None and str(kind).lower() != "any":
        known = _TYPES.get(str(kind).lower())
        if known is None:
            raise BadRecord(f"the type {kind!r} is unknown")
        # `default: null` says that null may be given.
        schema["type"] = [known, "null"] if "default" in schema and schema["default"] is None else known
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {name: json_schema(one) for name, one in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        schema["items"] = json_schema(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = json_schema(schema["additionalProperties"])
    # Some write `required: true` at an argument, which is no schema.
    if not isinstance(schema.get("required", []), list):
        del schema["required"]
    return schema


BFCL = Adapter(
    "bfcl",
    "Requests that need one function call, several or none; share where exactly the right calls are made.",
    "Apache-2.0",
    "https://github.com/ShishirPatil/gorilla/tree/main/berkeley-function-call-leaderboard",
    None,
    load_bfcl,
    tags=("tools",),
)
