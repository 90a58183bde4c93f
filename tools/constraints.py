"""What a grammar can demand of a call's arguments, so that a model can write no others.

`constrained` turns a tool's JSON schema into one that llguidance compiles: never wider than the original where that can
be said in a grammar, with bounds where a small model would otherwise write for ever. What cannot be said is left out
and named; such arguments are checked after they were written, as all are.

Only bounds that no real argument meets are added: in a reply of n tokens no text has more than 4·n characters and no
list more than n/2 items. Numbers are not bounded.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any, cast

# As `json.dumps` writes it, which is what models are shown and trained on.
WRITTEN_AS = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
CHARS_PER_TOKEN = 4
MIN_CHARS = 64
MAX_SCHEMA_CHARS = 200_000
MAX_JOINED = 8
_TOO_DEEP = "arguments: what is nested so deeply"

_ANY = "any-value-"
_ANY_DEPTH = 3
ANY = {"$ref": f"#/$defs/{_ANY}{_ANY_DEPTH}"}
_TABLES = ("$defs", "definitions")
_JOINING = ("anyOf", "oneOf", "allOf", "$ref")
_SPEAK_OF = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "maxItems", "minItems", "uniqueItems"),
    "string": ("pattern", "maxLength", "minLength", "format"),
}

_SAID_NOWHERE = (
    "not", "if", "then", "else", "contains", "minContains", "maxContains", "dependentRequired", "dependentSchemas",
    "dependencies", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
# Told to people and models; they demand nothing.
_NOTES = (
    "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "discriminator",
    "contentEncoding", "contentMediaType", "contentSchema", "$comment", "$schema", "$id", "$anchor", "$dynamicAnchor",
    "$recursiveAnchor", "$vocabulary", "x-guidance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constrained:
    """A schema that can be compiled, and what it does not say.

    Args:
        schema: JSON schema.
        left_out: `PLACE: KEYWORD` of every demand that no grammar can make.
    """

    schema: dict[str, Any]
    left_out: tuple[str, ...]


def unconstrained_keywords(parameters: dict[str, Any]) -> tuple[str, ...]:
    """What a grammar cannot demand of these arguments: `PLACE: KEYWORD` for each, nothing for most tools.

    Args:
        parameters: JSON schema of a tool's arguments.
    """
    try:
        text = json.dumps(parameters, default=str)
    except RecursionError:
        return (_TOO_DEEP,)
    return constrained(text, 512).left_out


@functools.lru_cache(maxsize=64)
def constrained(parameters: str, max_new_tokens: int) -> Constrained:
    """The schema for the grammar of a reply.

    Args:
        parameters: JSON schema of a tool's arguments, as JSON.
        max_new_tokens: length of the reply in tokens, from which the bounds come.
    """
    if len(parameters) > MAX_SCHEMA_CHARS:
        return Constrained({"type": "object"}, (f"arguments: more than {MAX_SCHEMA_CHARS:,} characters of schema",))
    try:
        given: Any = json.loads(parameters)
        reader = _Reader(given, max(MIN_CHARS, CHARS_PER_TOKEN * max_new_tokens), max(8, max_new_tokens // 2))
        schema: dict[str, Any] = {"type": "object", **reader.read_root()}
        problem = compile_problem(schema)
    except RecursionError:
        return Constrained({"type": "object"}, (_TOO_DEEP,))
    except (TypeError, AttributeError, ValueError):
        return Constrained({"type": "object"}, ("arguments: what is no JSON schema",))
    if problem:
        schema, more = _without_what_fails(schema)
        reader.left_out += more or [f"arguments: {problem}"]
    return Constrained(schema, tuple(dict.fromkeys(reader.left_out)))


def compile_problem(schema: Any) -> str:
    """Why a grammar cannot say what this schema says; empty where it can."""
    from llguidance import LLMatcher

    if schema is False:
        return "nothing is allowed"
    if schema is not True and not isinstance(schema, dict):
        return "it is no schema"
    text = cast("dict[str, Any]", {} if schema is True else schema)
    grammar = "%llguidance {}\nstart: %json " + json.dumps({**text, "x-guidance": WRITTEN_AS})
    try:
        failed, messages = LLMatcher.validate_grammar_with_warnings(grammar)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust, and no Exception
            raise
        return "it is too much for llguidance"
    if not failed:
        return ""
    first = messages[0].partition("failed to compile JSON schema:")[2] or messages[0]
    lines = [line.strip() for line in first.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith("error:")), lines[0] if lines else "it does not compile")
    return said.removeprefix("error:").strip()[:200]


class _Reader:
    def __init__(self, schema: Any, max_chars: int, max_items: int) -> None:
        self.left_out: list[str] = []
        self._schema: dict[str, Any] = schema if isinstance(schema, dict) else {}
        self._tables: dict[str, Any] = {key: self._schema[key] for key in _TABLES if key in self._schema}
        # Where schemas are joined, "nothing else" in one of them would forbid what the other one names.
        self._joins = _joins(self._schema)
        self._max_chars = max_chars
        self._max_items = max_items

    def read_root(self) -> dict[str, Any]:
        """The whole schema, bounded."""
        for table, entries in self._tables.items():
            if isinstance(entries, dict):
                read = {name: self.read(value, name, alone=not self._joins) for name, value in entries.items()}
                self._tables[table] = read
        rest = {key: value for key, value in self._schema.items() if key not in _TABLES}
        schema: Any = self.read({"type": "object", **rest}, "")
        tables = self._with_any() if _ANY in json.dumps([schema, self._tables]) else self._tables
        return {**schema, **tables}

    def read(self, schema: Any, place: str, *, alone: bool = True) -> Any:
        """The schema of one place.

        Args:
            schema: as it was given.
            place: how messages call it.
            alone: whether no other schema speaks of the same value.
        """
        if not isinstance(schema, dict):
            return ANY if schema is True and alone else schema
        node = {key: value for key, value in cast("dict[str, Any]", schema).items() if key not in _NOTES}
        for keyword in [key for key in node if key in _SAID_NOWHERE]:
            self._leave_out(node, keyword, place)
        if not node:
            return ANY if alone else {}
        if "enum" in node or "const" in node:
            return {key: node[key] for key in ("enum", "const", "type") if key in node}
        # A discriminator says that one branch fits at most, which is all that oneOf demands beyond anyOf.
        if "discriminator" in schema and "oneOf" in node and "anyOf" not in node:
            node["anyOf"] = node.pop("oneOf")
        self._choices(node, place, alone)
        types = _types(node)
        if "string" in types:
            self._string(node, place, alone)
        if "array" in types:
            self._array(node, place)
        if "object" in types:
            self._object(node, place, alone and not any(key in node for key in _JOINING))
        return node

    def _leave_out(self, node: dict[str, Any], keyword: str, place: str, why: str = "") -> None:
        del node[keyword]
        self.left_out.append(f"{place or 'arguments'}: {keyword}{f' ({why})' if why else ''}")

    def _choices(self, node: dict[str, Any], place: str, alone: bool) -> None:
        for keyword in ("anyOf", "oneOf", "allOf"):
            if not isinstance(node.get(keyword), list):
                continue
            if len(node[keyword]) > MAX_JOINED and keyword == "allOf":
                node[keyword] = node[keyword][:MAX_JOINED]
                self.left_out.append(f"{place or 'arguments'}: allOf (all but {MAX_JOINED})")
            whole = alone and keyword != "allOf" and set(node) == {keyword}
            read: list[tuple[Any, list[str]]] = []
            for branch in node[keyword]:
                before = len(self.left_out)
                value = self.read(branch, place, alone=whole)
                read.append((value, self.left_out[before:]))
                del self.left_out[before:]
            # One way to write a value is enough: ways that the grammar cannot tell from wrong ones are not offered.
            sure = [(value, missing) for value, missing in read if not missing]
            kept = sure if sure and keyword != "allOf" else read
            node[keyword] = [value for value, _ in kept]
            self.left_out += [item for _, missing in kept for item in missing]
        if "oneOf" in node and compile_problem({"oneOf": node["oneOf"], **self._with_any()}):
            node["anyOf"] = [*node.get("anyOf", []), *node["oneOf"]]
            self._leave_out(node, "oneOf", place, "read as anyOf")

    def _with_any(self) -> dict[str, Any]:
        defined = self._tables.get("$defs", {})
        return {**self._tables, "$defs": {**defined, **_any_value(self._max_chars, self._max_items)}}

    def _string(self, node: dict[str, Any], place: str, alone: bool) -> None:
        for keyword in ("pattern", "format"):
            # Joining patterns multiplies their states, which has taken minutes.
            if keyword in node and not alone:
                self._leave_out(node, keyword, place, "beside other schemas")
        if "format" in node and compile_problem({"type": "string", "format": node["format"]}):
            self._leave_out(node, "format", place, str(node["format"])[:40])
        if "pattern" in node and (problem := compile_problem({"type": "string", "pattern": node["pattern"]})):
            self._leave_out(node, "pattern", place, problem)
        node["maxLength"] = max(min(node.get("maxLength", self._max_chars), self._max_chars), node.get("minLength", 0))

    def _array(self, node: dict[str, Any], place: str) -> None:
        if node.get("uniqueItems"):
            self._leave_out(node, "uniqueItems", place)
        node.pop("uniqueItems", None)
        if isinstance(node.get("items"), list):  # how older drafts write `prefixItems`
            node["prefixItems"], node["items"] = node["items"], node.pop("additionalItems", True)
        first: list[Any] = node.get("prefixItems") or []
        if first:
            node["prefixItems"] = [self.read(item, f"{place}[{number}]") for number, item in enumerate(first)]
        most = max(min(node.get("maxItems", self._max_items), self._max_items), node.get("minItems", 0))
        node["maxItems"] = most
        node["items"] = False if first and most <= len(first) else self.read(node.get("items", True), f"{place}[]")

    def _object(self, node: dict[str, Any], place: str, alone: bool) -> None:
        dot = f"{place}." if place else ""
        for table in ("properties", "patternProperties"):
            if isinstance(node.get(table), dict):
                node[table] = {name: self.read(value, f"{dot}{name}") for name, value in node[table].items()}
        if len(node.get("patternProperties") or ()) > MAX_JOINED:
            self._leave_out(node, "patternProperties", place)
        named = bool(node.get("properties"))
        if alone or "additionalProperties" in node:
            more = node.get("additionalProperties", not named and "patternProperties" not in node)
            node["additionalProperties"] = self.read(more, f"{dot}*")
            if more and not named and alone:
                node["maxProperties"] = min(node.get("maxProperties", self._max_items), self._max_items)
        limits = {key: node[key] for key in ("minProperties", "maxProperties") if key in node}
        bare = {"type": "object", "properties": {name: {} for name in node.get("properties") or {}}}
        if limits and compile_problem({**bare, "required": node.get("required") or [], **limits}):
            for keyword in limits:
                self._leave_out(node, keyword, place)


def _joins(schema: Any) -> bool:
    """Whether two schemas speak of one value anywhere."""
    if isinstance(schema, list):
        return any(map(_joins, cast("list[Any]", schema)))
    if not isinstance(schema, dict):
        return False
    node = cast("dict[str, Any]", schema)
    beside = "$ref" in node and any(key not in ("$ref", *_TABLES, *_NOTES) for key in node)
    return "allOf" in node or beside or any(map(_joins, node.values()))


def _any_value(max_chars: int, max_items: int) -> dict[str, Any]:
    """Any JSON value, but of bounded depth: JSON without an end is what a small model writes."""
    plain: list[dict[str, Any]] = [{"type": "string", "maxLength": max_chars}, {"type": ["number", "boolean", "null"]}]
    values: dict[str, Any] = {f"{_ANY}1": {"anyOf": plain}}
    for depth in range(2, _ANY_DEPTH + 1):
        inner = {"$ref": f"#/$defs/{_ANY}{depth - 1}"}
        lists = {"type": "array", "items": inner, "maxItems": max_items}
        objects = {"type": "object", "additionalProperties": inner, "maxProperties": max_items}
        values[f"{_ANY}{depth}"] = {"anyOf": [*plain, lists, objects]}
    return values


def _types(node: dict[str, Any]) -> tuple[str, ...]:
    """The types a value may have; the one that the keywords speak of where none is given."""
    given = node.get("type")
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list):
        return tuple(cast("list[str]", given))
    for name, keywords in _SPEAK_OF.items():
        if any(keyword in node for keyword in keywords):
            node["type"] = name
            return (name,)
    return ()


def _without_what_fails(schema: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The schema with every property freed that does not compile, and what these are; free as a whole at the worst."""
    left_out: list[str] = []
    tables = {key: schema[key] for key in _TABLES if key in schema}
    properties: dict[str, Any] = dict(schema.get("properties") or {})
    for name, value in properties.items():
        problem = compile_problem({**value, **tables} if isinstance(value, dict) else value)
        if problem:
            kind: Any = cast("dict[str, Any]", value).get("type") if isinstance(value, dict) else None
            properties[name] = {"type": kind} if isinstance(kind, str) else {}
            left_out.append(f"{name}: {problem}")
    freed = {**schema, "properties": properties}
    if left_out and not compile_problem(freed):
        return freed, left_out
    names: dict[str, Any] = {name: {} for name in properties}
    return {"type": "object", "properties": names, "required": schema.get("required") or []}, left_out
