# ruff: noqa: E501  a pattern is read more easily on one line
"""Boats in a current and planes in the wind: `a boat goes 20 km upstream in 4 hours and downstream in 2 hours; speed of the current`."""

from __future__ import annotations

from ...errors import ToolError
from .story_text import N, Scan, Story, compiled, minus, number, plain_story, plus, times
from .syntax import Node, Request, Variable

_LENGTH = r"(?:kilomet(?:er|re)s?|km|miles?|mi|met(?:er|re)s?|m|feet|ft|nautical miles?)(?![a-z])"
_TIME = r"(?:hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s)(?![a-z])"
_UP = r"(?:upstream|upriver|(?:against|into) (?:the |a )?(?:current|wind|stream|headwind|tide)|with a headwind|up the river)"
_DOWN = r"(?:downstream|downriver|(?:with|along) (?:the |a )?(?:current|wind|stream|tailwind|tide)|down the river|back downstream)"
_SPEED = rf"(?P<v>{N}) ?(?P<u>mph|km/h|kmh|kph|knots|m/s|(?:kilomet(?:er|re)s?|km|miles?|met(?:er|re)s?|m) ?(?:per|an|a|/) ?(?:hour|h|hr|second|s|minute))(?![a-z])"
_STILL = r"(?:in (?:still|calm) (?:water|air)|in no wind|without (?:any )?(?:wind|current)|still[- ](?:water|air))"
_FLOW = r"(?:current|stream|wind|river|water|tide)"
_THING = r"(?:boat|plane|airplane|aeroplane|jet|ship|swimmer|rower|canoe|kayak|motorboat|steamer|man|pilot|aircraft|ferry|barge|bird|he|she|it|they|tom|john)"
_ASKS = r"(?:(?:what|find|calculate|determine|how fast)(?: (?:is|are|was))?|and) ?(?:the )?"
_WANTED = (
    ("flow", rf"(?:{_ASKS})?(?:(?:speed|rate|velocity) of (?:the )?(?:{_FLOW})|{_FLOW}(?:'s)? (?:speed|rate|velocity)|how fast (?:is|does) the {_FLOW}(?: (?:flow(?:ing)?|moving|blowing|run))?)"),
    ("own", rf"(?:{_ASKS})?(?:(?:his |her |its )?(?:speed|rate|velocity) (?:of (?:the |a )?{_THING} )?{_STILL}|(?:speed|rate) of (?:the )?{_THING}(?: {_STILL})?|{_THING}(?:'s)? (?:speed|rate) {_STILL}|{_STILL}(?: speed)?|how fast (?:can|does|is|would) (?:the )?{_THING} (?:travel |row |go |fly |swim )?{_STILL}|(?:its |the )?airspeed)|(?:what|find|calculate|determine)(?: (?:is|was))? (?:the )?{_THING}(?:'s)? (?:speed|rate)"),
)  # fmt: skip
_WAYS = {"up": _UP, "down": _DOWN}
_D = rf"(?P<d>{N}) ?(?P<du>{_LENGTH})"
_T = rf"(?P<t>{N}) ?(?P<tu>{_TIME})"
_FORM = "write for example: a boat goes 20 km upstream in 4 hours and 20 km downstream in 2 hours; what is the speed of the current"


def read_current(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a boat or a plane with and against a flow; `None` for everything else.

    Raises:
        ToolError: if lengths or times are given in different units.
    """
    text = plain_story(text)
    if not compiled(rf"{_UP}|{_DOWN}").search(text):
        return None
    scan = Scan(text)
    story = Story("amounts")
    own, flow = story.amount("the speed in still water or air"), story.amount("the speed of the flow")
    speeds: dict[str, Node] = {"up": minus(own, flow), "down": plus(own, flow)}
    story.bounded.append((speeds["up"], "the speed against the flow"))
    asked = _question(scan)
    found = _trips(scan)
    given, unit = _given_speeds(scan, story, {"own": own, "flow": flow, **speeds})
    both = scan.take(r"(?:find |what are )?both (?:speeds|rates)|(?:find |what are )(?:the )?(?:2 )?(?:speeds|rates)") if not asked else None  # fmt: skip
    scan.take_all(rf"\b(?:each way|the same distance|same distance|(?:a )?(?:distance|trip) of|round trip|return(?:s|ed|ing)?(?: trip)?|{_STILL})\b")  # fmt: skip
    if found is None or not scan.harmless("against") or scan.has(r"\b(?:total|longer|average|sum|altogether)\b"):
        return None
    length, hours = found.pop("units")
    for way, (distance, time) in found.items():
        if distance is not None and time is not None:
            story.same(times(speeds[way], time), distance)
    if not unit and length and hours:
        unit = "mph" if (length, hours) == ("mile", "h") else f"{length}/{hours}"
    if asked is None and not both:
        return None
    if asked and asked[0] in ("time", "distance", "speed"):
        return _one_way(story, asked, speeds, given, unit)
    wanted = ["flow", "own"] if both or not asked else list(asked)
    if len(story.conditions) < 2:
        raise ToolError(f"the times and distances of both ways are needed; {_FORM}")
    names = {"flow": flow, "own": own}
    shown = {
        "flow": f"{_flow_word(text)} ",
        "own": "still air " if compiled("wind|plane").search(text) else "still water ",
    }
    for name in wanted:
        story.ask(names[name], shown[name], f" {unit}" if unit else "")
    for name in names:
        if name not in wanted:
            story.ask(names[name], shown[name], f" {unit}" if unit else "", also=True)
    return story.request()


def _flow_word(text: str) -> str:
    return "wind" if compiled(r"\bwind\b|headwind|tailwind").search(text) else "current"


def _question(scan: Scan) -> tuple[str, ...] | None:
    """What is asked: speeds of the boat and the flow, or a time, distance or speed of one way."""
    way = rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))"
    if found := scan.take(rf"how (?:long|much time|many hours)(?: (?:will|does|would))?(?: (?:it|the [a-z]+))? (?:take|need|to|does it take)(?: (?:it|the [a-z]+|for the [a-z]+|him|her))?(?: to (?:go|travel|row|fly|swim|cover|paddle|make))?(?: a (?:distance|trip) of)? ?{_D} {way}"):  # fmt: skip
        return "time", "up" if found["up"] else "down", found["d"], found["du"]
    if found := scan.take(rf"how far (?:can|will|does|could|would) (?:it|he|she|they|the [a-z]+|a [a-z]+) (?:go|travel|row|fly|swim|get|paddle) {way} in {_T}"):  # fmt: skip
        return "distance", "up" if found["up"] else "down", found["t"], found["tu"]
    if found := scan.take(rf"(?:what is|find|calculate|determine|how fast (?:does|is)) (?:the |its )?(?:ground ?)?(?:speed|rate|velocity)(?: (?:of (?:the )?[a-z]+|going|when (?:it )?(?:goes|travels|travell?ing)|travell?ing))* {way}|how fast (?:does|can|will) (?:it|the [a-z]+) (?:go|travel) (?:(?P<up2>{_UP})|(?P<down2>{_DOWN}))"):  # fmt: skip
        return "speed", "up" if found["up"] or found["up2"] else "down"
    spans = {name: found for name, pattern in _WANTED if (found := scan.take(pattern))}
    return tuple(spans) or None


def _trips(scan: Scan) -> dict[str, tuple[Node | None, Node | None]] | None:
    """The distance and the time of each way; a distance that is not said is that of the other way."""
    trips: dict[str, tuple[Node | None, Node | None]] = {}
    lengths: set[str] = set()
    hours: set[str] = set()
    verbs = r"(?:to |and |it |can |takes? |goes |go |travels? |travell?ed |rows? |flies |fly |flew |swims? |covers? |makes? |paddles? |him |her |the |a |trip |return |same |distance |back |but |only |its |of |plane |boat |for |in |just |[,|] )*"
    for way, name in _WAYS.items():
        other = _WAYS["down" if way == "up" else "up"]
        forms = (
            rf"{_D} (?:back )?{name} in {_T}",
            rf"{_T} (?:to )?{verbs}{_D} {name}",
            rf"{name},?(?: (?!{other})[a-z]+){{0,4}} {_D} in {_T}",
            rf"{_D} in {_T} (?:when )?(?:going |travell?ing |flying |rowing |moving )?{name}",
            rf"{name},?(?: (?:it|the|return|trip|journey|[a-z]*plane|boat|takes?|took|same|lasts|requires|only))* {_T}(?P<d>)(?P<du>)",
            rf"{name}(?: (?:the same distance|(?:for )?the same (?:trip|journey)))? in {_T}(?P<d>)(?P<du>)",
            rf"{_T} (?:to )?(?:{verbs})?(?:the same (?:distance|trip) )?{name}(?P<d>)(?P<du>)",
        )
        for form in forms:
            if found := scan.take(form):
                break
        else:
            continue
        distance = number(found["d"]) if found["d"] else None
        trips[way] = distance, number(found["t"])
        lengths |= {_one(found["du"])} if found["du"] else set()
        hours.add(_one(found["tu"]))
    if len(trips) == 1:
        way = "down" if "up" in trips else "up"
        back = scan.take(rf"(?:the )?(?:return trip|trip back|way back|return journey|return|back|returns?|comes back|same trip|same distance)(?: (?:takes?|took|requires|only|in|lasts|the same distance|trip|back|{_WAYS[way]}))* {_T}") or scan.take(rf"{_T} (?:to |for )?(?:the )?(?:return|come back|way back|trip back|get back|make the return trip|return trip)")  # fmt: skip
        if back:
            trips[way] = None, number(back["t"])
            hours.add(_one(back["tu"]))
    if len(trips) == 2 and all(distance is None for distance, _ in trips.values()):
        found = scan.take(rf"{_D}(?: (?:each way|apart|trip))?")
        if found is None:
            return None
        lengths.add(_one(found["du"]))
        trips = {way: (number(found["d"]), time) for way, (_, time) in trips.items()}
    if len(trips) == 2:
        known = next(distance for distance, _ in trips.values() if distance is not None)
        trips = {way: (distance or known, time) for way, (distance, time) in trips.items()}
    if len(lengths) > 1 or len(hours) > 1:
        raise ToolError(
            f"{' and '.join(sorted(lengths if len(lengths) > 1 else hours))} are mixed here; write all in one unit"
        )
    return {**trips, "units": (lengths.pop() if lengths else "", hours.pop() if hours else "")}  # pyright: ignore


def _one(unit: str) -> str:
    unit = unit.lower().rstrip("s") if len(unit) > 1 else unit.lower()
    return {
        "kilometer": "km",
        "kilometre": "km",
        "hour": "h",
        "hr": "h",
        "meter": "m",
        "metre": "m",
        "minute": "min",
        "sec": "s",
        "second": "s",
    }.get(unit, unit)


def _given_speeds(scan: Scan, story: Story, speeds: dict[str, Node]) -> tuple[set[str], str]:
    """Speeds that are said, and their unit."""
    forms = {
        "own": (rf"(?:at |of |is |speed |rate )*{_SPEED} {_STILL}", rf"(?:speed|rate|airspeed)(?: of (?:the |a )?{_THING})?(?: {_STILL})?(?: (?:is|of|=))+ {_SPEED}(?! (?:current|wind|stream))(?: {_STILL})?", rf"{_STILL},?(?: (?:at|a|the|boat|plane|travels|goes|moves|is|can|travel|speed|of|man|rows|it|he|she))* {_SPEED}"),
        "flow": (rf"(?:the )?(?:(?:speed|rate) of (?:the )?)?(?<!still )(?<!calm )(?:the )?{_FLOW}(?: (?:speed|rate))?(?: (?:is|of|=|flows|flowing|moves|moving|blowing|blows|at|has|a|speed))* {_SPEED}", rf"{_SPEED} (?:current|wind|stream|headwind|tailwind)"),
        "up": (rf"(?:speed |rate )?{_UP}(?: (?:speed|is|at|of|a|rate))* {_SPEED}", rf"{_SPEED} {_UP}"),
        "down": (rf"(?:speed |rate )?{_DOWN}(?: (?:speed|is|at|of|a|rate))* {_SPEED}", rf"{_SPEED} {_DOWN}"),
    }  # fmt: skip
    given: set[str] = set()
    units: set[str] = set()
    for name in ("own", "flow", "up", "down"):
        for form in forms[name]:
            if name not in given and (found := scan.take(form)):
                given.add(name)
                story.same(speeds[name], number(found["v"]))
                units.add(_speed_unit(found["u"]))
    if len(units) > 1:
        raise ToolError(f"{' and '.join(sorted(units))} are mixed here; write all speeds in one unit")
    return given, units.pop() if units else ""


def _speed_unit(said: str) -> str:
    said = " ".join(said.lower().split())
    said = compiled(r" ?(?:per|an|a|/) ?").sub("/", said) if not said.startswith("mph") else said
    length, _, time = said.partition("/")
    known = {"kmh": "km/h", "kph": "km/h", "mile/h": "mph"}
    return known.get(f"{_one(length)}/{_one(time)}" if time else said, f"{_one(length)}/{_one(time)}" if time else said)


def _one_way(
    story: Story, asked: tuple[str, ...], speeds: dict[str, Node], given: set[str], unit: str
) -> Request | None:
    """A time, a distance or a speed on one way, from both speeds."""
    if len(given) != 2:
        raise ToolError("the speed in still water or air and the speed of the flow are needed for this")
    what, way, *amount = asked
    speed = speeds[way]
    if what == "speed":
        story.ask(speed, "", f" {unit}")
        return story.request()
    length, time = ("mile", "h") if unit == "mph" else (unit.partition("/")[0], unit.partition("/")[2])
    if _one(amount[1]) not in (length if what == "time" else time, "mile" if length == "mi" else length if what == "time" else time):  # fmt: skip
        raise ToolError(f"{amount[1]} does not fit speeds in {unit}; write all in the same units")
    if what == "time":
        span: Variable = story.amount("the time")
        story.same(times(span, speed), number(amount[0]))
        story.ask(span, "", f" {time if time != 'h' else 'hours'}")
    else:
        story.ask(times(number(amount[0]), speed), "", f" {length if length != 'mile' else 'miles'}")
    return story.request()
