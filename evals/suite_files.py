"""Suites as files: YAML, JSON lines, or Python with `@suite`.

A mistake is told with the file, the line and the field: `my.yaml, line 12: items[3].expected: …`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..policies.engines import Message
from ..tools import ConfigError, Source, Tool
from .marked_yaml import Marked, Place, read_json_lines, read_yaml
from .samples import Check, Choices, DataTool, Sample, Suite, unique_ids
from .scorers import Misfit, make_scorer

MAX_BYTES = 256 * 1024 * 1024


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, arbitrary_types_allowed=True)


class MessageEntry(_Strict):
    """A message before the question."""

    role: Literal["system", "user", "assistant"]
    content: str


class SourceEntry(_Strict):
    """A passage that a described tool's result can be cited by."""

    title: str
    locator: str
    quote: str
    date: str | None = None


class ToolEntry(_Strict):
    """A tool that a suite describes; see `DataTool`."""

    name: str
    description: str
    parameters: dict[str, Any]
    result: str = "done"
    is_error: bool = False
    sources: list[SourceEntry] = []


class CheckEntry(_Strict):
    """One thing that is asked of a reply."""

    name: str | None = None
    scorer: Any = None
    expected: Any = None
    turn: int | None = None


class TurnEntry(_Strict):
    """A turn that is checked itself."""

    user: str
    expected: Any = None
    scorer: Any = None


class ShotEntry(_Strict):
    """A solved example."""

    prompt: str
    answer: str


class GoldEntry(_Strict):
    """A reply that people have scored, by which a judge is checked."""

    reply: str
    score: float = Field(ge=0, le=1)


class SuiteEntry(_Strict):
    """The keys of a suite file."""

    name: str | None = None
    description: str = ""
    licence: str = "unstated"
    source: str = ""
    tags: list[str] = []
    part: str | None = None
    scorer: Any = None
    tools: list[str | ToolEntry] = []
    system: str | None = None
    max_new_tokens: int = Field(256, ge=1)
    stop: list[str] = []
    form: Literal["chat", "completion"] = "chat"
    shuffle: bool = True
    listed: bool = True
    shots: list[ShotEntry] = []
    shown: int | list[int] = 0
    preamble: str = ""
    items: list[Any]


class ItemEntry(_Strict):
    """The keys of an item."""

    id: str | int
    prompt: str | None = None
    turns: list[str | TurnEntry] | None = None
    messages: list[MessageEntry] | None = None
    wordings: list[str] | None = None
    text: str | None = None
    expected: Any = None
    scorer: Any = None
    checks: list[CheckEntry] | None = None
    choices: list[str | int | float] | None = None
    answer: str | int | list[str | int] | None = None
    tools: list[str | ToolEntry] | None = None
    system: str | None = None
    tags: list[str] = []
    cluster: str | int | None = None
    max_new_tokens: int | None = Field(None, ge=1)
    shots: list[ShotEntry] | None = None
    gold: list[GoldEntry] = []
    meta: dict[str, Any] = {}


def read_suite(path: Path) -> Suite:
    """Reads a suite file, `.yaml`, `.yml`, `.json` or `.jsonl`.

    In a `.jsonl` file each line is an item; a first line with the key `suite` may hold the suite's own keys.

    Raises:
        ConfigError: the file is missing or wrong; says the line and the field.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{path} is larger than {MAX_BYTES // 1024**2} MiB: split it.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the suite {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8.") from None
    return suite_from_text(text, path.name, jsonl=path.suffix == ".jsonl", default_name=path.stem)


def suite_from_text(text: str, name: str, *, jsonl: bool = False, default_name: str = "suite") -> Suite:
    """Reads a suite from the text of a file that messages call `name`."""
    if jsonl:
        return _Reader(name, _joined(text, name), default_name).suite()
    return _Reader(name, read_yaml(text, name), default_name).suite()


def suite_from_dicts(value: Mapping[str, Any], name: str) -> Suite:
    """A suite from the same keys as a file's, for suites that are written in Python."""
    return _Reader(name, Marked(dict(value)), name).suite()


def _joined(text: str, name: str) -> Marked:
    """JSON lines as one suite."""
    lines, broken = read_json_lines(text, name)
    if broken:
        raise ConfigError(broken[0])
    value: dict[str, Any] = {}
    marks: dict[Place, int] = {(): 1}
    if lines and isinstance(lines[0].value, dict) and "suite" in lines[0].value and "id" not in lines[0].value:
        head = lines.pop(0)
        if not isinstance(head.value["suite"], dict) or len(head.value) > 1:
            raise ConfigError(f"{name}, line {head.line(())}: suite must hold the suite's keys and stand alone.")
        value.update(head.value["suite"])
        marks.update({(key,): head.line(()) for key in value})
    value["items"] = [line.value for line in lines]
    marks.update({("items", index): line.line(()) for index, line in enumerate(lines)})
    return Marked(value, marks)


class _Reader:
    def __init__(self, name: str, marked: Marked, default_name: str) -> None:
        self._name = name
        self._marked = marked
        self._default_name = default_name

    def _fault(self, place: Place, problem: str) -> ConfigError:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        line = f", line {self._marked.line(place)}" if self._marked.lines else ""
        return ConfigError(f"{self._name}{line}: {where}: {problem}" if where else f"{self._name}{line}: {problem}")

    def _parsed(self, model: type[Any], value: Any, place: Place) -> Any:
        if not isinstance(value, dict):
            what = "a suite" if not place else "an item"
            raise self._fault(place, f"{what} must be a mapping of keys, got {_kind(value)}.")
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise self._told(error, model, place) from None

    def _told(self, error: ValidationError, model: type[BaseModel], place: Place) -> ConfigError:
        first = max(error.errors(), key=lambda one: (one["type"] == "extra_forbidden", len(one["loc"])))
        at = tuple(part for part in first["loc"] if not isinstance(part, str) or not _is_form(part))
        if first["type"] == "extra_forbidden":
            known = list(_model_at(model, at[:-1]).model_fields)
            near = difflib.get_close_matches(str(at[-1]), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}."
            return self._fault((*place, *at), f"is not a key; {hint}")
        if first["type"] == "missing":
            return self._fault((*place, *at[:-1]), f"the key {at[-1]!r} is missing.")
        reason = first["msg"].removeprefix("Value error, ")
        got = f", got {first['input']!r:.80}"
        return self._fault((*place, *at), f"{reason[:1].lower()}{reason[1:].rstrip('.')}{got}.")

    def suite(self) -> Suite:
        entry: SuiteEntry = self._parsed(SuiteEntry, self._marked.value, ())
        if not entry.items:
            raise self._fault(("items",), "there are no items.")
        samples: list[Sample] = []
        for index, raw in enumerate(entry.items):
            place: Place = ("items", index)
            samples += self._samples(entry, self._parsed(ItemEntry, raw, place), raw, place)
        for sample_id in unique_ids(samples):
            twice = [
                place for place, raw in enumerate(entry.items) if str(raw["id"]) in (sample_id, sample_id.split("#")[0])
            ]
            raise self._fault(("items", twice[-1], "id"), f"the id {sample_id!r} is there twice.")
        parts = {check.name for sample in samples for check in sample.checks}
        if entry.part is not None and entry.part not in parts:
            raise self._fault(("part",), f"no check is named {entry.part!r}; there are: {', '.join(sorted(parts))}.")
        shown = tuple(entry.shown) if isinstance(entry.shown, list) else (entry.shown,)
        if not shown or min(shown) < 0 or len(set(shown)) < len(shown):
            raise self._fault(("shown",), f"must be different numbers of shots, got {entry.shown}.")
        return Suite(
            entry.name or self._default_name, entry.description, tuple(samples), entry.part, shown, tuple(entry.tags),
            entry.licence, entry.source,
        )  # fmt: skip

    def _samples(self, suite: SuiteEntry, item: ItemEntry, raw: dict[str, Any], place: Place) -> list[Sample]:
        """One sample, or one for each wording."""
        ways = [key for key in ("prompt", "turns", "messages", "wordings", "text") if raw.get(key) is not None]
        if len(ways) != 1:
            said = f"got {' and '.join(ways)}" if ways else "it has none of them"
            raise self._fault(place, f"an item needs one of prompt, turns, messages, wordings and text; {said}.")
        shots = item.shots if item.shots is not None else suite.shots
        tools, where = (suite.tools, ()) if item.tools is None else (item.tools, place)
        common: dict[str, Any] = {
            "tools": tuple(self._tool(tool, (*where, "tools", index)) for index, tool in enumerate(tools)),
            "system": item.system if item.system is not None else suite.system,
            "max_new_tokens": item.max_new_tokens or suite.max_new_tokens,
            "stop": tuple(suite.stop),
            "form": suite.form,
            "shots": tuple((shot.prompt, shot.answer) for shot in shots),
            "preamble": suite.preamble,
            "tags": tuple(item.tags),
            "cluster": str(item.cluster) if item.cluster is not None else str(item.id),
            "meta": item.meta,
            "gold": tuple((one.reply, one.score) for one in item.gold),
        }
        identity = str(item.id)
        if item.text is not None:
            if suite.scorer is None and "scorer" in raw:
                raise self._fault((*place, "scorer"), "a text is scored by its likelihood; it takes no scorer.")
            return [Sample(identity, (item.text,), task="text", **common)]
        history, turns = self._turns(item, place)
        common["history"] = history
        if item.choices is not None:
            common |= {"task": "choice", "choices": self._choices(suite, item, place)}
        elif item.answer is not None:
            raise self._fault((*place, "answer"), "answer belongs to choices; write expected.")
        else:
            common["checks"] = self._checks(suite, item, raw, place, len(turns or ("",)))
        if item.wordings is None:
            return [Sample(identity, turns, **common)]
        if not item.wordings:
            raise self._fault((*place, "wordings"), "there are no wordings.")
        return [Sample(f"{identity}#{number}", (text,), **common) for number, text in enumerate(item.wordings)]

    def _turns(self, item: ItemEntry, place: Place) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        history: tuple[Message, ...] = ()
        if item.messages is not None:
            if not item.messages or item.messages[-1].role != "user":
                raise self._fault((*place, "messages"), "the last message must be the user's.")
            if any(message.role == "system" for message in item.messages):
                raise self._fault((*place, "messages"), "write the system message under system.")
            history = tuple(Message(message.role, message.content) for message in item.messages[:-1])
            turns = (item.messages[-1].content,)
        elif item.turns is not None:
            turns = tuple(turn if isinstance(turn, str) else turn.user for turn in item.turns)
        else:
            turns = () if item.prompt is None else (item.prompt,)
        if any(not text.strip() for text in (*turns, *(item.wordings or ()))) or item.turns == []:
            key = next(key for key in ("prompt", "turns", "messages", "wordings") if getattr(item, key) is not None)
            raise self._fault((*place, key), "what the user says must not be empty.")
        return history, turns

    def _checks(
        self, suite: SuiteEntry, item: ItemEntry, raw: dict[str, Any], place: Place, turns: int
    ) -> tuple[Check, ...]:
        asked: list[tuple[str | None, Any, Any, bool, int, Place]] = []
        if item.checks is not None:
            if "expected" in raw or "scorer" in raw:
                raise self._fault((*place, "checks"), "write either checks, or expected with a scorer.")
            for index, check in enumerate(item.checks):
                at = (*place, "checks", index)
                turn = -1 if check.turn is None else check.turn
                given = "expected" in raw["checks"][index]
                asked.append((check.name, check.scorer or suite.scorer, check.expected, given, turn, at))
        for number, turn_entry in enumerate(item.turns or ()):
            if isinstance(turn_entry, TurnEntry):
                at = (*place, "turns", number)
                given = "expected" in raw["turns"][number]
                if given or turn_entry.scorer is not None:
                    scorer = turn_entry.scorer or item.scorer or suite.scorer
                    asked.append((None, scorer, turn_entry.expected, given, number, at))
        if item.checks is None and ("expected" in raw or not asked):
            asked.append((None, item.scorer or suite.scorer, item.expected, "expected" in raw, -1, place))
        return tuple(self._check(*one, turns) for one in asked)

    def _check(
        self, name: str | None, scorer: Any, expected: Any, given: bool, turn: int, place: Place, turns: int
    ) -> Check:
        if scorer is None:
            raise self._fault(place, "there is no scorer: write one here or for the whole suite.")
        if isinstance(scorer, list):
            raise self._fault((*place, "scorer"), "several scorers are written as checks.")
        if not -turns <= turn < turns:
            raise self._fault((*place, "turn"), f"there is no turn {turn}: this item has {turns}, counted from 0.")
        if not isinstance(scorer, str | dict) and not callable(scorer):
            raise self._fault((*place, "scorer"), f"a scorer is a name or a mapping, got {_kind(scorer)}.")
        try:
            made = make_scorer(scorer, expected, given=given)
        except Misfit as misfit:
            at = (*place, misfit.key) if misfit.key == "expected" and given else (*place, "scorer")
            at = (*at, misfit.key) if misfit.key not in ("", "expected") and isinstance(scorer, dict) else at
            at = at if at in self._marked.lines or at[:-1] in self._marked.lines else place
            raise self._fault(at, misfit.problem) from None
        return Check(name or made.kind, made, turn)

    def _choices(self, suite: SuiteEntry, item: ItemEntry, place: Place) -> Choices:
        texts = tuple(str(choice) for choice in item.choices or ())
        if not 2 <= len(texts) <= 26:
            raise self._fault((*place, "choices"), f"there must be 2 to 26 choices, got {len(texts)}.")
        if len(set(texts)) < len(texts):
            raise self._fault((*place, "choices"), "two choices are the same.")
        if item.answer is None:
            raise self._fault(place, "the key 'answer' is missing: the right choice, as its text or its letter.")
        listed = item.answer if isinstance(item.answer, list) else [item.answer]
        right = tuple(sorted({self._index(answer, texts, place) for answer in listed}))
        return Choices(texts, right, listed=suite.listed, shuffle=suite.shuffle)

    def _index(self, answer: str | int, texts: tuple[str, ...], place: Place) -> int:
        text = str(answer)
        if text in texts:
            return texts.index(text)
        letter = ord(text) - ord("A") if len(text) == 1 else -1
        if 0 <= letter < len(texts):
            return letter
        raise self._fault((*place, "answer"), f"{answer!r} is none of the choices and no letter of one.")

    def _tool(self, entry: str | ToolEntry, place: Place) -> str | DataTool:
        if isinstance(entry, str):
            from ..tools.plugins import BUILT_IN

            if entry not in BUILT_IN:
                near = difflib.get_close_matches(entry, BUILT_IN, n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise self._fault(place, f"there is no built-in tool {entry!r}; describe it here.{hint}")
            return entry
        sources = tuple(Source(one.title, one.locator, one.quote, one.date) for one in entry.sources)
        made = DataTool(entry.name, entry.description, entry.parameters, entry.result, entry.is_error, sources)
        try:
            as_tool(made)
        except ConfigError as error:
            raise self._fault(place, str(error)) from None
        return made


def as_tool(described: DataTool) -> Tool:
    """A tool that answers every call with its text.

    Raises:
        ConfigError: the name or the schema is wrong.
    """
    from ..tools import ToolError, ToolOutput

    async def answer(arguments: dict[str, Any], context: Any) -> ToolOutput:
        if described.is_error:
            raise ToolError(described.result)
        return ToolOutput(described.result, sources=described.sources)

    return Tool.from_schema(described.name, described.description, described.parameters, answer)


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "a truth value", type(None): "nothing"}
    return names.get(type(value), f"{value!r:.40}")


def _is_form(part: str) -> bool:
    """Pydantic names the form of a union that it tried; that is no key of the file."""
    return part in ("str", "int", "float") or part.endswith("Entry") or part.startswith(("list[", "dict["))


def _model_at(model: type[BaseModel], place: tuple[Any, ...]) -> type[BaseModel]:
    """The model that a place leads to."""
    from typing import get_args

    inner = model
    for part in place:
        if not isinstance(part, str) or part not in inner.model_fields:
            continue
        waiting: list[Any] = [inner.model_fields[part].annotation]
        while waiting:
            kind = waiting.pop()
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                inner = kind
                break
            waiting += get_args(kind)
    return inner
