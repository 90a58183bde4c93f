# ruff: noqa: E501  a pattern is read more easily on one line
"""Things of two or three kinds with their number and their worth: coins, tickets, heads and legs.

`20 coins of dimes and quarters worth $3.50, how many quarters?`, `adult tickets cost $8 and child tickets $5; 100 tickets
were sold for $650; how many adult tickets`, `30 heads and 74 legs of chickens and cows`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from ...errors import ToolError
from .story_text import MONEY, TAKEN, N, Scan, Story, compiled, exactly, number, plain_story, plus, times, value_of
from .syntax import Node, Request

_COINS = {"pennies": 1, "nickels": 5, "dimes": 10, "quarters": 25, "half-dollars": 50}
_COIN_WORD = {"penny": "pennies", "pennies": "pennies", "nickel": "nickels", "dime": "dimes", "quarter": "quarters", "half-dollar": "half-dollars", "half dollar": "half-dollars"}  # fmt: skip
_COIN = r"(?:penny|pennies|nickels?|dimes?|quarters?|half[- ]dollars?)"
_LEGS = {
    "legs": dict.fromkeys(("chicken", "hen", "duck", "bird", "turkey", "goose", "rooster", "ostrich", "emu", "person"), 2)
    | dict.fromkeys(("cow", "pig", "goat", "horse", "sheep", "dog", "cat", "rabbit", "buffalo", "donkey", "lamb", "table"), 4)
    | {"stool": 3, "spider": 8, "insect": 6, "beetle": 6, "ant": 6, "octopus": 8},
    "wheels": {"bicycle": 2, "bike": 2, "motorcycle": 2, "scooter": 2, "motorbike": 2, "tricycle": 3, "car": 4, "wagon": 4, "unicycle": 1},
}  # fmt: skip
_ODD_PLURALS = {"children": "child", "women": "woman", "men": "man", "people": "person", "geese": "goose", "sheep": "sheep", "octopuses": "octopus", "buses": "bus"}  # fmt: skip
_NO_KIND = (
    "and|or|the|a|an|each|every|for|of|at|cost|costs|ticket|tickets|is|are|was|were|sell|sells|sold|in|to|that|which|total|while|but|only|how|many|what"
    "|charges|charge|charged|there|with|if|price|priced|item|items|per|it|all|one|more|by|from|on|day|night|some|bought|buys|worth|dollars|dollar"
)
_KIND = rf"(?:(?:an?|the|each|every) )?(?P<{{0}}>(?!(?:{_NO_KIND})\b)[a-z]+(?: (?!(?:{_NO_KIND})\b)[a-z]+)?)(?:'s?)?(?: tickets?| passes| admissions?)?"
_COSTS = r"(?:costs?|are|is|were|was|sells? for|sold for|sold at|at|for|priced at|were priced at|cost each|=|:|pay|worth|are worth|is worth|go for)"
_EACH = r"(?: ?(?:each|apiece|a piece|per (?:ticket|item|person|pound|kg|piece)|a ticket))?"
_JOIN = r"(?:,? (?:and|while|but|whereas)|[,;|.])"
_PRICES = (
    rf"{_KIND.format('a')} {_COSTS} (?P<x>{N})(?: ?dollars?)?{_EACH}{_JOIN} ?{_KIND.format('b')} (?:{_COSTS} )?(?P<y>{N})(?: ?dollars?)?{_EACH}",
    rf"(?P<x>{N})(?: ?dollars?)? ?(?:for|per|an?|each|to) {_KIND.format('a')}{_JOIN} ?(?:and )?(?P<y>{N})(?: ?dollars?)? ?(?:for|per|an?|each|to) {_KIND.format('b')}",
    rf"(?P<x>{N})[- ]dollar (?P<a>bills?|coins?|notes?|tickets?|stamps?)? ?(?:and|,) (?P<y>{N})[- ]dollar (?P<b>bills?|coins?|notes?|tickets?|stamps?)",
    rf"(?P<x>{N})[- ](?:cents?) (?P<a>stamps?|coins?)? ?(?:and|,) (?P<y>{N})[- ](?:cents?) (?P<b>stamps?|coins?)",
    rf"(?P<x>{N})[- ](?:points?) (?P<a>questions?|problems?|shots?|baskets?)? ?(?:and|,) (?P<y>{N})[- ](?:points?) (?P<b>questions?|problems?|shots?|baskets?)",
)
_COUNTED = r"(?:tickets?|people|persons?|items?|seats?|guests?|visitors?|customers?|things?|pieces?|coins?|bills|notes|stamps|animals?|heads?|creatures|vehicles?|seats|cycles|questions|problems|shots|baskets)"
_COUNT = (
    rf"(?:(?:an? |the )?total (?:number )?of |altogether |in all )?(?P<n>{N}) (?:[a-z]+ ){{0,2}}?{_COUNTED}(?! each)(?: (?:were |was |are )?(?:sold|attended|bought|purchased|came|in all|in total|altogether|total))*",
    rf"(?:sold|bought|sells|buys|purchased|has|have|had|total of|there (?:are|were)) (?:a total of )?(?P<n>{N})(?= (?:of them|in all|altogether|in total|tickets|items|and|for|with|worth))",
)
_WORTH = (
    rf"(?:(?:with )?(?:an? |the )?(?:total |combined )?(?:worth|value|sales|receipts|revenue|cost|bill|money|income|amount|score|points)(?: (?:collected|received|made|taken in|from (?:the )?sales|received))?"
    rf"|totall?(?:ing|ed|s)?|collect(?:ed|s|ing)|valued|raised|earn(?:ed|s|ing)|spent|spends|paid|pays|took in|takes in|brought in|made|makes|make|for|costs?|costing|add(?:s|ed)? up|amount(?:s|ed|ing)?|comes? to|came)"
    rf"(?: (?:is|was|were|are|of|to|at|in|a total of|an? total|in total|totaled|all together|altogether|worth|up|exactly))* {MONEY}(?P<cents> ?cents?)?(?: points)?(?! (?:{_COUNTED}|more|times|fewer|less)\b)"
)
_STRANGE = r"\bhow many\b|\bnumber of\b|\bhow much\b"  # asks for something else than the kinds that were told
_FORM = "write for example: 20 coins, dimes and quarters, are worth 3.50 dollars; how many quarters are there"


def _stem(word: str) -> str:
    if "-" in word:
        return word.lower().rstrip("s")
    word = word.lower().split()[-1] if word.lower().split()[-1] not in ("citizen", "citizens") else "senior"
    return _ODD_PLURALS.get(word, word.rstrip("s") if not word.endswith("ss") else word)


def read_two_kinds(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about things of several kinds; `None` for everything else."""
    text = plain_story(text)
    if not compiled(r"how many|number of|find|how much|what").search(text):
        return None
    scan = Scan(text)
    return _coins(scan, assumptions) or _legs(Scan(text)) or _priced(Scan(text))


def _coins(scan: Scan, assumptions: list[str]) -> Request | None:
    if not scan.has(r"\b(?:pennies|penny|nickels?|dimes?|half[- ]dollars?)\b|\bquarters\b"):
        return None
    kinds = list(dict.fromkeys(_coin(found) for found in compiled(rf"\b{_COIN}\b").findall(scan.text)))
    if not 2 <= len(kinds) <= 4:
        return None
    story = Story("counts")
    relations = _relations(scan, story, kinds, _COIN, _coin)
    wanted = _wanted(scan, kinds, _COIN, _coin)
    count = scan.take(rf"(?:a total of )?(?P<n>{N}) coins?") or scan.take(rf"(?P<n>{N}) (?={_COIN}(?:,| and| or))")
    total = scan.take(rf"(?:(?:{_WORTH}))") or scan.take(rf"(?P<value>{MONEY})(?= (?:in|worth|made up) )|(?:in|has) {MONEY}")  # fmt: skip
    if total is None or len(kinds) > 1 + relations + (count is not None):
        return None
    cents_said = compiled(r"cents?\b").search(total[0])
    value = value_of(next(part for part in compiled(N).findall(total[0])))
    cents = value if cents_said else value * 100
    scan.take_all(rf"(?:some |only |the )?\b{_COIN}\b")
    if not scan.harmless("only") or scan.has(_STRANGE):
        return None
    amounts = [story.amount(f"the number of {kind}") for kind in kinds]
    if count:
        story.same(plus(*amounts), number(count["n"]))
    story.same(plus(*(times(exactly(_COINS[kind]), amount) for kind, amount in zip(kinds, amounts, strict=True))), exactly(cents))  # fmt: skip
    if not cents_said:
        assumptions.append("the coins are worth 1, 5, 10, 25 and 50 cents, and their worth is given in dollars")
    return _asked(story, kinds, wanted)


def _coin(word: str) -> str:
    word = word.lower().replace("half dollar", "half-dollar")
    return _COIN_WORD.get(word) or _COIN_WORD[word.rstrip("s")]


def _relations(scan: Scan, story: Story, kinds: list[str], pattern: str, named: Callable[[str], str]) -> int:
    """`3 more dimes than nickels`, `twice as many dimes as quarters`; how many there are."""
    found = 0
    of = rf"(?P<a>{pattern})"
    as_many = rf"(?:(?P<t>{N}) times|(?P<twice>twice)|(?P<half>half)) as many {of}(?: [a-z]+)? as (?:there (?:are|were) )?(?P<b>{pattern})"
    multiple = rf"(?:the )?number of {of} (?:is|was) (?:(?P<t>{N}) times|(?P<twice>twice)|(?P<half>half)) (?:the number of |that of )(?P<b>{pattern})"
    for form in (as_many, multiple):
        while taken := scan.take(form):
            factor = Fraction(2) if taken["twice"] else Fraction(1, 2) if taken["half"] else value_of(taken["t"])
            first, second = (story.amount(f"the number of {named(taken[name])}") for name in "ab")
            story.same(first, times(exactly(factor), second))
            found += 1
    more = rf"(?P<n>{N}) (?P<sign>more|fewer|less) {of}(?: [a-z]+)? than (?:there (?:are|were) )?(?P<b>{pattern})"
    more_of = rf"(?:the )?number of {of} (?:is|was) (?P<n>{N}) (?P<sign>more|fewer|less) than (?:the number of |that of )?(?P<b>{pattern})"
    for form in (more, more_of):
        while taken := scan.take(form):
            first, second = (story.amount(f"the number of {named(taken[name])}") for name in "ab")
            sign = 1 if taken["sign"].lower() == "more" else -1
            story.same(first, plus(second, exactly(sign * value_of(taken["n"]))))
            found += 1
    while taken := scan.take(rf"(?:an? equal number of|the same number of|as many) {of} (?:and|as) (?P<b>{pattern})"):
        first, second = (story.amount(f"the number of {named(taken[name])}") for name in "ab")
        story.same(first, second)
        found += 1
    return found


def _wanted(scan: Scan, kinds: list[str], pattern: str, named: Callable[[str], str]) -> list[str] | None:
    """The kinds whose number is asked for; none for all of them."""
    found: list[str] = []
    for taken in scan.take_all(rf"(?:how many(?: of)?(?: the| these| them)?(?: are| were)?|(?:find |what is |determine )(?:the )?number of) (?P<k>(?:{pattern})(?: tickets?)?(?:,? and (?:how many )?(?:{pattern}))*)"):  # fmt: skip
        found += [named(word) for word in compiled(pattern).findall(taken["k"])]
    each = scan.take(r"how many (?:(?:coins |tickets |animals )?of each(?: (?:kind|type|sort|coin|animal))?(?: of (?:coin|ticket|animal))?|(?:coins |tickets )?of both(?: kinds)?|each)|(?:find |what is )(?:the )?number of each(?: [a-z]+)?|how many are there(?: of each)?")  # fmt: skip
    return [kind for kind in dict.fromkeys(found) if kind in kinds] if found and not each else None


def _asked(story: Story, kinds: list[str], wanted: list[str] | None, *, priced: bool = False) -> Request:
    order = [*(wanted or kinds), *([kind for kind in kinds if kind not in wanted] if wanted else [])]
    for kind in order:
        before, after = (f"{kind}: ", "") if priced else ("", f" {kind}")
        story.ask(story.amount(f"the number of {kind}"), before, after, also=wanted is not None and kind not in wanted)
    return story.request()


def _legs(scan: Scan) -> Request | None:
    total = scan.take(rf"(?P<n>{N}) (?P<what>legs|feet|wheels)(?: (?:in all|in total|altogether|total))?")
    if total is None:
        return None
    table = _LEGS["wheels" if total["what"].lower() == "wheels" else "legs"]
    known = "|".join(sorted([*table, *_ODD_PLURALS], key=len, reverse=True))
    pattern = rf"\b(?:{known})s?\b"
    kinds = list(dict.fromkeys(_stem(word) for word in compiled(pattern).findall(scan.text)))
    if len(kinds) != 2 or not all(kind in table for kind in kinds):
        return None
    shown = {kind: next(word.lower() for word in compiled(pattern).findall(scan.text) if _stem(word) == kind) for kind in kinds}  # fmt: skip
    shown = {kind: next((word.lower() for word in compiled(pattern).findall(scan.text) if _stem(word) == kind and word.lower() != kind), spelled) for kind, spelled in shown.items()}  # fmt: skip
    names = list(shown.values())
    story = Story("counts")
    named = lambda word: shown[_stem(word)]  # noqa: E731
    relations = _relations(scan, story, names, pattern, named)
    wanted = _wanted(scan, names, pattern, named)
    count = scan.take(rf"(?:a total of )?(?P<n>{N}) {_COUNTED}(?: (?:in all|in total|altogether|total))?") or scan.take(rf"(?P<n>{N}) (?={pattern}(?:,| and| or))")  # fmt: skip
    if (count is None) == (relations == 0):
        return None
    scan.take_all(pattern)
    if not scan.harmless() or scan.has(_STRANGE):
        return None
    amounts = [story.amount(f"the number of {name}") for name in names]
    if count:
        story.same(plus(*amounts), number(count["n"]))
    story.same(plus(*(times(exactly(table[kind]), amount) for kind, amount in zip(kinds, amounts, strict=True))), number(total["n"]))  # fmt: skip
    return _asked(story, names, wanted)


def _priced(scan: Scan) -> Request | None:
    prices = next((found for form in _PRICES if (found := _prices(scan, form))), None)
    if prices is None:
        return None
    (first, price), (second, other) = prices
    if first == second or price == other:
        return None
    names, worth = [first, second], [number(price), number(other)]
    stems = {_stem(name): name for name in names}
    pattern = rf"\b(?:{'|'.join(re.escape(name) for name in names)}|{'|'.join(re.escape(stem) for stem in stems)}|children|women|men)(?:s|'s)?(?: tickets?)?\b"

    def named(word: str) -> str:
        word = re.sub(r"(?:'s?)?(?: tickets?)?$", "", word.lower())
        return stems.get(_stem(word), word)

    story = Story("counts")
    relations = _relations(scan, story, names, pattern, named)
    wanted = _wanted(scan, names, pattern, named)
    count = next((found for form in _COUNT if (found := scan.take(form))), None)
    count = count or scan.take(rf"(?P<n>{N}) (?={pattern}(?:,| and| or))")
    total = scan.take(
        rf"{MONEY} (?:was|were|is|had been) (?:collected|made|taken in|raised|earned|spent|received|paid)"
    ) or scan.take(_WORTH)
    if total is None or (count is None) == (relations == 0):
        return None
    scan.take_all(pattern)
    if not scan.harmless("per", "each") or scan.has(_STRANGE):
        return None
    amounts: list[Node] = [story.amount(f"the number of {name}") for name in names]
    if count:
        story.same(plus(*amounts), number(count["n"]))
    value = number(next(part for part in compiled(N).findall(total[0])))
    story.same(plus(*(times(each, amount) for each, amount in zip(worth, amounts, strict=True))), value)
    if _cents_mixed(scan.whole):
        raise ToolError(f"dollars and cents are mixed here; write all amounts in one of them; {_FORM}")
    return _asked(story, names, wanted, priced=True)


def _cents_mixed(text: str) -> bool:
    return bool(compiled(r"\bcents?\b").search(text) and compiled(r"\bdollars?\b|\d\.\d\d\b").search(text))


def _prices(scan: Scan, form: str) -> list[tuple[str, str]] | None:
    found = compiled(form).search(scan.text)
    if not found:
        return None
    first, second = ((found[name] or "").lower().strip() for name in "ab")
    if "-dollar" in found[0] or (" dollar " in found[0] and second.startswith("bill")):
        first, second = (f"{found[name]}-dollar {second}" for name in "xy")
    elif compiled(r"\d[- ](?:cents?|points?) ").search(found[0]) and (not first or first.rstrip("s") == second.rstrip("s")):  # fmt: skip
        unit = "point" if "point" in found[0] else "cent"
        first, second = (f"{found[name]}-{unit} {second}" for name in "xy")
    if not first or not second:
        return None
    scan.text = f"{scan.text[: found.start()]}{TAKEN}{scan.text[found.end() :]}"
    return [(first, found["x"]), (second, found["y"])]
