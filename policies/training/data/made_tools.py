"""Conversations with tools that nobody has seen before: one call, several at once, chains, none, and a missing value.

The tools come from `made_schemas`; what they give back is made up, except for what the mathematics tool can work out.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ....tools import ToolCall
from ...engines.messages import Message
from . import plain
from .dialogue import Turn, Unusable, asks, built_in_schemas, returns, says
from .made_amounts import Drawn
from .made_replies import fields_of, outcome, result_of
from .made_requests import QUESTION, apart, polite, said_of, template_of, told_of, turned, values_of, with_options
from .made_schemas import Spec, Tool, alike, close, domains, make, plural, specs
from .phrasing import Split, fill, humanised, listed, share, table

Drawing = tuple[list[Turn], list[dict[str, Any]]]

_KNOWING = ("garden", "recipes", "language", "wine", "sports", "weather")  # could be asked what is known anyway
_EASY = ("text_tools", "formulas", "geometry")  # need no tool, at a pinch
_ROOM = (0, 500, 800, 1100, 1700)  # characters of a conversation and its schemas, a little more where tools are few
_AFTER_MAKING = ("assign", "add_note", "export", "send", "tag", "share", "set_priority")
FAILING = 0.1  # share of calls that fail or find nothing


def draw_tool(rng: random.Random, split: Split) -> Drawing:
    """One request, one call."""
    spec = _any_spec(rng, split)
    tool = make(spec, rng, split)
    values = values_of(tool, rng)
    kind, template = template_of(spec, rng, split)
    request = polite(kind, with_options(template, tool, values, rng), said_of(values), rng, split)
    text, answer = outcome(tool, values, rng, split, failing=FAILING)
    messages = [asks(request), _calling([(tool, values)]), returns(tool.name, text), says(answer)]
    return _conversation(messages, "made_tool", [tool], rng, split)


def draw_parallel(rng: random.Random, split: Split) -> Drawing:
    """One request, two or three calls in one message: of one tool, or of two."""
    if rng.random() < 0.4:
        return _two_tools(rng, split)
    while True:
        spec = _any_spec(rng, split)
        if spec.numbered or "two" in spec.data:
            break
    key = "id" if spec.numbered else spec.data["two"]
    tool = make(spec, rng, split)
    values = values_of(tool, rng)
    several = [values[key]]
    argument = next(item for item in tool.arguments if item.key == key)
    wanted = rng.choice((2, 2, 2, 3))
    while len(several) < wanted:
        if all((drawn := argument.kind.draw()).value != other.value for other in several):
            several.append(drawn)
    said = listed([item.said for item in several], rng)
    # "What do invoices 1 and 2 cost" has another verb, so of things with numbers only commands are doubled.
    kind, template = template_of(spec, rng, split, commands=spec.numbered)
    if spec.numbered and rng.random() < 0.4:
        said = listed([several[0].said, *(f"{spec.noun} {item.said}" for item in several[1:])], rng)
    elif spec.numbered:
        template = template.replace(f"{spec.noun} {{id}}", f"{plural(spec.noun)} {{id}}")
    template = with_options(template, tool, values, rng)
    request = polite(kind, template, {**said_of(values), key: said}, rng, split)
    jobs = [(tool, {**values, key: item}) for item in several]
    return _side_by_side(request, jobs, rng, split)


def draw_chain(rng: random.Random, split: Split) -> Drawing:
    """Two calls, the second of which needs what the first gave."""
    if rng.random() < 0.15 and "contacts" in domains(split):
        return _to_person(rng, split)
    domain = rng.choice([name for name in domains(split) if any(spec.noun for spec in specs(name))])
    noun = rng.choice([spec.noun for spec in specs(domain) if spec.noun])
    own = {spec.act: spec for spec in specs(domain) if spec.noun == noun}
    link = rng.choice(("find", "find", "count", "make"))
    acts = [act for act, spec in own.items() if spec.numbered and (link != "make" or act in _AFTER_MAKING)]
    second = own[rng.choice(acts)]
    first = make(own[link], rng, split)
    tool = make(second, rng, split, [first.name])
    found, values = values_of(first, rng, most=0), values_of(tool, rng)
    owner = {"find": rng.choice(table("made_wordings")["owned"]), "make": "it",
             "count": rng.choice(("the first {noun} on {date}", "the first {noun} of {date}"))}[link]  # fmt: skip
    kind, template = template_of(second, rng, split, commands=link == "make")
    template, said = apart(with_options(template, tool, values, rng), said_of(values), "b")
    owner, start_said = apart(owner.replace("{noun}", noun), said_of(found), "a")
    template = template.replace(f"{noun} {{b_id}}", owner)
    if link == "make":
        _, start = template_of(own["make"], rng, split, commands=True)
        joint = rng.choice((" and ", ", then ", " and then ", ", and "))
        template = apart(start, {}, "a")[0] + joint + template
    request = polite(kind, template, said | start_said, rng, split)
    given = {"first" if link == "count" else "id": values["id"]}
    return _one_after_the_other(request, (first, found), (tool, values), given, rng, split)


def _to_person(rng: random.Random, split: Split) -> Drawing:
    """As in: send invoice 5 to Ana, whose address has to be looked up first."""
    address = next(spec for spec in specs("contacts") if "email" in spec.data["r"])
    sending = [spec for domain in domains(split) for spec in specs(domain) if spec.act == "send"]
    sending += [
        spec for spec in specs("messaging") if "to" in spec.data["a"] or "to/address/receiver" in spec.data["a"]
    ]
    second = rng.choice(sending)
    first = make(address, rng, split)
    tool = make(second, rng, split, [first.name])
    found, values = values_of(first, rng), values_of(tool, rng, most=1)
    key = "email" if "email" in values else "to"
    kind, template = template_of(second, rng, split)
    said = said_of(values) | {key: found["name"].said}
    request = polite(kind, with_options(template, tool, values, rng), said, rng, split)
    return _one_after_the_other(request, (first, found), (tool, values), {"email": values[key]}, rng, split)


def _one_after_the_other(
    request: str,
    first: tuple[Tool, dict[str, Drawn]],
    second: tuple[Tool, dict[str, Drawn]],
    given: Mapping[str, Drawn],
    rng: random.Random,
    split: Split,
) -> Drawing:
    """Two calls; `given` are those fields of the first result that the second call takes."""
    one, two = first[0], second[0]
    messages = [asks(request), _calling([first])]
    if "empty" in one.spec.data and rng.random() < FAILING:
        text, answer = rng.choice(table("made_wordings")["nothing"]), fill(one.spec.data["empty"], told_of(first[1]))
        messages += [returns(one.name, text), says(answer)]
    else:
        fields = fields_of(*first, rng, split) | dict(given)
        messages += [returns(one.name, result_of(*first, fields, rng)), _calling([second])]
        text, answer = outcome(*second, rng, split, failing=FAILING / 2)
        messages += [returns(two.name, text), says(answer)]
    return _conversation(messages, "made_chain", [one, two], rng, split)


def draw_missing(rng: random.Random, split: Split) -> Drawing:
    """A value is missing that only the user can give: the reply asks for it."""
    while True:
        spec = _any_spec(rng, split)
        lacking = list(spec.data.get("m", ())) if not spec.noun or split == "train" else []
        if lacking or spec.numbered:
            break
    tool = make(spec, rng, split)
    values = values_of(tool, rng)
    key = "id" if spec.numbered and (not lacking or rng.random() < 0.5) else rng.choice(lacking)
    if key == "id":
        kind, template = template_of(spec, rng, split)
        vague = rng.choice(table("made_wordings")["vague"]).replace("{noun}", spec.noun)
        template = template.replace(f"{spec.noun} {{id}}", vague)
        question = rng.choice(share(table("made_wordings")["number_wanted"], split)).replace("{noun}", spec.noun)
    else:
        kind, (template, question) = "commands", spec.data["m"][key]
    request = polite(kind, with_options(template, tool, values, rng), said_of(values), rng, split)
    messages = [asks(request), says(fill(question, told_of(values)))]
    if rng.random() < 0.5:
        given = fill(humanised(rng.choice(share(table("made_wordings")["given"], split)), rng), {"x": values[key].said})
        text, answer = outcome(tool, values, rng, split, failing=FAILING / 2)
        messages += [asks(given), _calling([(tool, values)]), returns(tool.name, text), says(answer)]
    # A tool that finds numbers would make the question needless.
    return _conversation(messages, "made_missing", [tool], rng, split, without=("find", "count"), built_in=False)


def draw_none(rng: random.Random, split: Split) -> Drawing:
    """Tools are offered and none of them is needed, or none fits."""
    if rng.random() < 0.6:
        request, reply = _chat(rng, split)
        return _conversation(
            [asks(request), says(reply)], "made_none", [], rng, split, avoid=_KNOWING, operation="chat"
        )
    while True:
        spec = _any_spec(rng, split)
        kind, template = template_of(spec, rng, split)
        if kind != "statements" and spec.domain not in (*_KNOWING, *_EASY):
            break
    tool = make(spec, rng, split)
    values = values_of(tool, rng, most=1)
    template = with_options(template, tool, values, rng)
    request = polite(kind, template, said_of(values), rng, split)
    wording = rng.choice(share(table("made_wordings")["no_tool" if kind == "commands" else "no_answer"], split))
    said = {key: value.said for key, value in values.items()}
    reply = fill(wording, {"c": turned(fill(template, said))})
    near = [item for item in specs(spec.domain) if spec.noun and item.noun == spec.noun and not close(item, spec)]
    offered = [make(item, rng, split) for item in rng.sample(near, k=min(len(near), rng.choice((0, 1, 2))))]
    messages = [asks(request), says(reply)]
    avoid = (spec.domain,)
    return _conversation(
        messages, "made_none", offered, rng, split, built_in=False, avoid=avoid, operation="no_tool_fits"
    )


def _chat(rng: random.Random, split: Split) -> tuple[str, str]:
    if rng.random() < 0.5:
        turn = plain.draw(rng, split)
        reply = turn.messages[-1].content
        if re.search(r"tool|calculat|mathematic|look .*up|search", reply):
            raise Unusable("it tells of tools that are not offered")
        return turn.prompt, reply
    wordings = [(text, reply) for texts, reply in table("made_wordings")["known"] for text in texts]
    text, reply = rng.choice(share(wordings, split))
    return polite("questions" if QUESTION.match(text) else "plain", text, {}, rng, split), reply


def _two_tools(rng: random.Random, split: Split) -> Drawing:
    """As in: cancel order 5 and water the lawn for ten minutes"""
    chosen: list[Spec] = []
    while len(chosen) < 2:
        spec = _any_spec(rng, split)
        if spec.data.get("c") and not any(alike(spec, other) for other in chosen):
            chosen.append(spec)
    one = make(chosen[0], rng, split)
    two = make(chosen[1], rng, split, [one.name])
    jobs = [(tool, values_of(tool, rng, most=1)) for tool in (one, two)]
    parts: list[str] = []
    said: dict[str, str] = {}
    for (tool, values), prefix in zip(jobs, "ab", strict=True):
        template = with_options(template_of(tool.spec, rng, split, commands=True)[1], tool, values, rng)
        template, slots = apart(template, said_of(values), prefix)
        parts.append(template)
        said |= slots
    joined = fill(rng.choice(share(table("made_wordings")["joined"], split)), {"one": parts[0], "two": parts[1]})
    return _side_by_side(polite("commands", joined, said, rng, split), jobs, rng, split)


def _side_by_side(
    request: str, jobs: Sequence[tuple[Tool, dict[str, Drawn]]], rng: random.Random, split: Split
) -> Drawing:
    results: list[Message] = []
    answers: list[str] = []
    for index, (tool, values) in enumerate(jobs):
        # Of several, a failure has to say which one it was.
        named = tool.spec.numbered or "empty" in tool.spec.data
        text, answer = outcome(tool, values, rng, split, failing=FAILING / 2 if named else 0, named=True)
        results.append(Message("tool", text, tool_call_id=f"call_{index}", name=tool.name))
        answers.append(answer)
    messages = [asks(request), _calling(jobs), *results, says(" ".join(answers))]
    tools = list({tool.name: tool for tool, _ in jobs}.values())
    return _conversation(messages, "made_parallel", tools, rng, split)


def _conversation(
    messages: Sequence[Message],
    kind: str,
    needed: Sequence[Tool],
    rng: random.Random,
    split: Split,
    *,
    without: Sequence[str] = (),
    built_in: bool = True,
    avoid: Sequence[str] = (),
    operation: str = "",
) -> Drawing:
    """The turn, and the tools that are offered: those needed and others, as many as a prompt has room for."""
    offered = list(needed)
    used = sum(len(message.content) + 60 * bool(message.tool_calls) for message in messages)
    used += sum(len(json.dumps(tool.schema)) for tool in offered)
    if used > max(_ROOM):
        raise Unusable("too long")
    room = rng.choice(_ROOM) - used
    while room > 0 or not offered:
        near = offered[0].spec.domain if offered and rng.random() < 0.6 else rng.choice(domains(split))
        other = rng.choice(specs(near))
        if other.act in without or near in avoid or any(alike(other, tool.spec) for tool in offered):
            room -= 100
            continue
        tool = make(other, rng, split, [item.name for item in offered])
        room -= len(json.dumps(tool.schema))
        offered.append(tool)
    rng.shuffle(offered)
    schemas = [tool.schema for tool in offered]
    if built_in and rng.random() < 0.25:
        # Search would be a fair try at what is answered from memory.
        names = ("math",) if kind == "made_none" else rng.choice((("math", "search"), ("math", "search"), ("math",)))
        schemas = [*schemas, *built_in_schemas(names)] if rng.random() < 0.7 else [*built_in_schemas(names), *schemas]
    return [Turn(tuple(messages), kind, operation or needed[0].spec.act.split()[0])], schemas


def _any_spec(rng: random.Random, split: Split) -> Spec:
    """A tool of some domain; a domain's own, which differ more, as often as the shared ones."""
    found = specs(rng.choice(domains(split)))
    own = [spec for spec in found if not spec.noun]
    shared = [spec for spec in found if spec.noun]
    return rng.choice(own if own and (not shared or rng.random() < 0.55) else shared)


def _calling(jobs: Sequence[tuple[Tool, Mapping[str, Drawn]]]) -> Message:
    """The calls, with arguments in the schema's order."""
    made = tuple(
        ToolCall(f"call_{index}", tool.name, {a.name: values[a.key].value for a in tool.arguments if a.key in values})
        for index, (tool, values) in enumerate(jobs)
    )
    return Message("assistant", "", made)
