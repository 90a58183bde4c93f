# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about numbers of ways: arrangements, choices, codes, hands, seats, distributions, paths.

Each pattern gives the formula that counts, such as `11!/(4!*4!*2!)`; only numbers from the text stand in it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache

from .clauses import TextReader, read_expression, without_lead_ins
from .syntax import Ask, Evaluate, Number, Request
from .wording import CARDINALS

_SMALL = {word: value for word, value in CARDINALS.items() if value <= 20}
_N = r"(?:\d{1,3}(?:,\d{3})+|\d{1,6}|" + "|".join(_SMALL) + ")"
_A, _B, _C, _D = (rf"(?P<{name}>{_N})" for name in "abcd")
_WORD = r"[a-z'-]+"
_WORDS = rf"(?:{_WORD} ){{0,4}}{_WORD}"
_SOME = rf"(?:{_WORD} ){{0,3}}"
_WAYS = (
    r"(?:in )?(?:how many|(?:the )?(?:total )?number of)(?: (?:different|distinct|possible|unique|total|such))*(?: ways)?"
    r"(?: (?:are there|is there|there are|exist))?(?: (?:in which|can|could|do|does|may|to|of|for|that))?(?: (?:we|you|i|one|they))?(?: can)?"
)
_BE = r"(?:(?:can |could |to )?(?:be |being )?)"
_POSSIBLE = r"(?: (?:are there|are possible|is possible|possible|exist|can be made|can be formed|can be created|can you make|can you form|could be made))?"
_UNLIKE = r"(?:with(?:out)? (?:no )?(?:any )?(?:repetition|repeated digits|repeated letters|repeats?|repeating(?: digits| letters)?|replacement)(?: of digits)?|with (?:all )?(?:different|distinct|unique) (?:digits|letters)|(?:if|when|where) (?:no )?(?:digits?|letters?|repetition|characters?)(?: (?:can(?:not|'t| not)|may not|is not|are not|isn't))?(?: be)?(?: allowed| repeated| repeat(?:s)?)?|no repeated digits|no repeats?|(?:whose|where) (?:all )?digits are (?:all )?(?:different|distinct))"
_REPEATED = r"(?:with (?:repetition|replacement|repeats?)(?: allowed)?|(?:if|when|where) (?:repetition|digits|letters|repeats)(?: of digits)?(?: (?:is|are|can be))? (?:allowed|repeated|repeat)|repetition allowed)"
_SETS = {"digit": 10, "number": 10, "letter": 26, "character": 26}


def _number(text: str) -> int:
    return _SMALL[text] if text in _SMALL else int(text.replace(",", ""))


class _Found:
    """Numbers and words of a match by name."""

    def __init__(self, found: re.Match[str]) -> None:
        self.text = found[0]
        self._groups = found.groupdict()

    def __getitem__(self, name: str) -> int:
        return _number(self._groups[name])

    def word(self, name: str) -> str:
        return self._groups.get(name) or ""


def _letters(found: _Found) -> str:
    word = found.word("word")
    counts = Counter(word.lower())
    return _over(len(word), [count for count in counts.values() if count > 1])


def _over(total: int, repeated: list[int]) -> str:
    below = "*".join(f"{count}!" for count in sorted(repeated, reverse=True) if count > 1)
    return f"{total}!/({below})" if below else f"{total}!"


def _mixed(found: _Found) -> str:
    counts = [_number(text) for text in re.findall(rf"\b({_N}) (?:identical )?{_WORD}", found.word("list"))]
    return _over(sum(counts), counts) if len(counts) > 1 else ""


def _product(found: _Found) -> str:
    counts = [_number(text) for text in re.findall(rf"\b({_N}) {_WORD}", found.word("list"))]
    return "*".join(map(str, counts)) if len(counts) > 1 else ""


def _taken(found: _Found) -> str:
    return _falling(found["a"], found["b"]) if found.word("b") else f"{found['a']}!"


def _falling(total: int, taken: int) -> str:
    return f"{total}!/{total - taken}!" if taken <= total else "0"


def _roles(found: _Found) -> str:
    roles = re.split(r",? and (?:an? |the )?|, (?:an? |the )?", found.word("list"))
    return _falling(found["a"], len(roles)) if len(roles) > 1 else ""


def _code(found: _Found) -> str:
    size, base = found["a"], _SETS[found.word("kind").rstrip("s")]
    return _falling(base, size) if found.word("unlike") else f"{base}^{size}"


def _long_numbers(found: _Found) -> str:
    size = found["a"]
    if found.word("unlike"):
        return f"9*{_falling(9, size - 1)}" if size > 1 else "10"
    return f"9*10^{size - 1}" if size > 1 else "10"


def _plates(found: _Found) -> str:
    parts = re.findall(rf"({_N}) (?:[a-z]+ )?(letters?|digits?|numbers?)", found.text)
    if not parts:
        return ""
    if found.word("unlike"):
        return "*".join(f"({_falling(_SETS[kind.rstrip('s')], _number(count))})" for count, kind in parts)
    return "*".join(f"{_SETS[kind.rstrip('s')]}^{_number(count)}" for count, kind in parts)


def _two_groups(found: _Found) -> str:
    return f"binomial({found['c']},{found['a']})*binomial({found['d']},{found['b']})"


def _two_groups_by_name(found: _Found) -> str:
    """`2 men and 3 women from 6 women and 5 men`: the groups are told apart by their names."""
    names = [found.word(name) for name in "wxyz"]
    if names[0] == names[3] and names[1] == names[2]:
        return f"binomial({found['d']},{found['a']})*binomial({found['c']},{found['b']})"
    return _two_groups(found)


def _words_from(found: _Found) -> str:
    word = found.word("word")
    if len(set(word.lower())) < len(word):
        return ""
    return f"{len(word)}^{found['a']}" if found.word("again") else _falling(len(word), found["a"])


def _multiples(found: _Found) -> str:
    """Multiples of one or two numbers in a range, as a difference of whole parts."""
    low, high = (found["c"], found["d"]) if found.word("d") else (1, found["c"])
    if "digit" in found.text:
        low, high = 10 ** (found["c"] - 1), 10 ** found["c"] - 1
    elif re.search(r"\b(?:less than|below|under|smaller than)\b", found.text):
        high -= 1
    divisors = [found["a"], *([found["b"]] if found.word("b") else [])]
    if 0 in divisors or high < low:
        return ""

    def count(divisor: int) -> int:
        return high // divisor - (low - 1) // divisor

    if len(divisors) == 1:
        total = count(divisors[0])
    else:
        both = count(math.lcm(*divisors))
        total = both if found.word("join") == "and" else sum(map(count, divisors)) - both
    return str(high - low + 1 - total if re.search(r"\bnot\b|\bneither\b", found.text) else total)


def _shared(found: _Found) -> str:
    total, groups, size = found["a"], found["b"], found["c"]
    return f"{total}!/({size}!^{groups}*{groups}!)" if groups * size == total else ""


_PEOPLE = rf"(?:different |distinct )?(?!letters|digits){_WORDS}"
_ROW = r"(?:in a (?:row|line|single line|queue)|in line|on a (?:shelf|bookshelf|bench)|side by side|in order|in a sequence|for a (?:photo|photograph|picture))"
_CIRCLE = r"(?:(?:around|at|round) a (?:round |circular )?table|in a circle|around a circle|in a ring)"
_PLACED = r"(?:sit|stand|seated|sat|placed|arranged|lined up|line up|ordered|arrange|seat|place|order|put|stacked|queue(?: up)?|be ordered)(?: themselves)?(?: down)?"
_CHOOSE = r"(?:choose|choosing|select|selecting|pick|picking|form|forming|make|making|draw|drawing|chosen|selected|formed|picked|drawn|made|elect|elected|appoint)"
_FROM = r"(?:from|out of|among|amongst|from among|of|given|with)"
_GROUP = r"(?:a |an |the )?(?:(?:group|set|class|pool|total|collection|club|team|deck|committee|list) (?:of|with|has) )?(?:the )?"
_FORMS: list[tuple[str, Callable[[_Found], str]]] = [
    (rf"(?:{_WAYS} )?(?:(?:arrange|permute|rearrange|reorder|order|arrangements of|permutations of|anagrams of|rearrangements of|arranging|rearranging) )?(?:all )?(?:the )?letters (?:of|in|from)(?: the)?(?: word)? ['\"]?(?P<word>[A-Za-z]{{2,20}})['\"]?(?: {_BE}(?:arranged|rearranged|permuted|ordered|reordered))?", _letters),
    (rf"{_WAYS} (?:arrange|rearrange|permute|order|anagrams|arrangements|permutations|words)(?: (?:of|can be (?:made|formed) (?:from|with|using)|are there (?:of|for)))? (?:the )?(?:word )?['\"]?(?P<word>(?!(?:a|an|the)\b)[A-Za-z]{{2,20}})['\"]?", _letters),
    (r"(?:number of )?(?:distinct )?(?:anagrams|arrangements|rearrangements|permutations) (?:of|for) (?:the )?(?:letters (?:of|in) )?(?:the )?word ['\"]?(?P<word>[A-Za-z]{2,20})['\"]?", _letters),
    (rf"{_WAYS} (?:anagrams|arrangements|permutations) (?:of|does)? ?(?:the )?(?:word )?['\"]?(?P<word>[A-Z]{{2,20}})['\"]?(?: have)?", _letters),
    (rf"{_WAYS} (?:arrange )?(?P<list>{_N} (?:identical )?[a-z]+(?:(?:,| and|, and) {_N} (?:identical )?[a-z]+){{1,4}})(?: {_WORDS})?(?: {_BE}(?:arranged|ordered|lined up|placed))? {_ROW}", _mixed),
    (rf"{_WAYS} (?:{_PLACED} )?{_A} {_PEOPLE} (?:{_BE}{_PLACED} )?{_CIRCLE}", lambda n: f"({n['a']} - 1)!"),
    (rf"{_WAYS} (?:{_PLACED} )?{_A} {_PEOPLE} (?:{_BE}{_PLACED} )?{_ROW}", lambda n: f"{n['a']}!"),
    (rf"{_WAYS} {_A} {_PEOPLE} {_BE}{_PLACED}", lambda n: f"{n['a']}!"),
    (rf"{_WAYS} (?:to )?(?:arrange|order|rank|permute|line up|seat) {_A} {_PEOPLE}", lambda n: f"{n['a']}!"),
    (rf"{_WAYS} {_A} [a-z]+ (?:finish|come in|take|win) (?:in )?(?P<list>first,? (?:and )?second(?:,? and third)?|gold,? silver,? and bronze)(?: places?)?", _roles),
    (rf"{_WAYS} (?:award|give|assign) (?P<list>first,? (?:and )?second(?:,? and third)?|gold,? silver,? and bronze)(?: (?:places?|prizes|medals))?(?: to| among| for| in a race (?:of|with)){{1,2}} {_A} {_WORDS}", _roles),
    (rf"{_WAYS} (?:to )?{_CHOOSE} (?:a |an )(?P<list>[a-z-]+(?: [a-z-]+)?(?:,? (?:and )?(?:a |an )?[a-z-]+(?: [a-z-]+)?){{1,4}}) {_FROM} {_GROUP}{_A}(?: {_WORDS})?", _roles),
    (rf"{_WAYS} (?:a |an )(?P<list>[a-z-]+(?:,? (?:and )?(?:a |an )?[a-z-]+){{1,4}}) {_BE}{_CHOOSE} {_FROM} {_GROUP}{_A}(?: {_WORDS})?", _roles),
    (rf"{_WAYS} (?:circular permutations|circular arrangements) (?:of )?{_A}(?: {_WORDS})?", lambda n: f"({n['a']} - 1)!"),
    (rf"(?:{_WAYS} )?(?:permutations|arrangements|ordered arrangements) (?:of |for )?{_A}(?: {_WORDS})??,?(?: (?:taken|taking|choosing|choose) {_B}(?: at a time| at once)?)?", _taken),
    (rf"(?:{_WAYS} )?permutations (?:of )?{_B}(?: {_WORDS})? {_FROM} {_GROUP}{_A}(?: {_WORDS})?", _taken),
    (rf"{_WAYS} (?:to )?arrange {_B}(?: {_WORDS})? {_FROM} {_GROUP}{_A}(?: {_WORDS})?", _taken),
    (rf"(?:{_WAYS} )?combinations (?:of )?{_A}(?: {_WORDS})??,?(?: (?:taken|taking|choosing|choose)) {_B}(?: at a time| at once)?", lambda n: f"binomial({n['a']},{n['b']})"),
    (rf"(?:{_WAYS} )?(?:combinations|selections|subsets|groups|teams|committees|samples) (?:of )?(?:size )?{_B}(?: {_WORD}){{0,2}}(?: can be (?:chosen|formed|made|selected))? {_FROM} {_GROUP}{_A}(?: {_WORDS})?", lambda n: f"binomial({n['a']},{n['b']})"),
    (rf"{_WAYS} (?:a )?(?:{_CHOOSE} )?(?:{_BE})?(?:a )?(?:[a-z]+ (?:of|with) )?{_A} (?P<w>[a-z]+),? (?:and|with) {_B} (?P<x>[a-z]+)(?: {_BE}{_CHOOSE})? {_FROM} {_GROUP}{_C} (?P<y>[a-z]+),? and {_D} (?P<z>[a-z]+)", _two_groups_by_name),
    (rf"{_FROM} {_GROUP}{_C} (?P<y>[a-z]+) and {_D} (?P<z>[a-z]+),? {_WAYS} (?:{_CHOOSE} )?(?:a )?(?:[a-z]+ (?:of|with) )?{_A} (?P<w>[a-z]+) and {_B} (?P<x>[a-z]+)(?: {_BE}{_CHOOSE})?", _two_groups_by_name),
    (rf"{_WAYS} (?:to )?(?:{_CHOOSE} )?(?:a |an )?(?:{_SOME}(?:of|with) )?{_B}(?:[- ](?:person|member|man))?(?: {_WORD}){{0,3}}(?: {_BE}{_CHOOSE})? {_FROM} {_GROUP}{_A}(?: {_WORDS})?", lambda n: f"binomial({n['a']},{n['b']})"),
    (rf"{_FROM} {_GROUP}{_A}(?: {_WORDS})?,? {_WAYS} (?:to )?(?:{_CHOOSE} )?(?:a |an )?(?:{_SOME}(?:of|with) )?{_B}(?: {_WORD}){{0,2}}(?: {_BE}{_CHOOSE})?", lambda n: f"binomial({n['a']},{n['b']})"),
    (rf"{_WAYS} {_A}[- ](?P<kind>digit|letter|character)s? (?:pin |pass|lock |security |access )?(?:pins?|codes?|passwords?|passcodes?|combinations?|strings?|words?|pin numbers?|sequences?)(?: (?:number|code)s?)?{_POSSIBLE}(?:,? (?P<unlike>{_UNLIKE})|,? {_REPEATED})?", _code),
    (rf"{_WAYS} {_A}[- ]digit (?:positive )?(?:numbers?|integers?){_POSSIBLE},? (?P<unlike>{_UNLIKE})?(?:{_REPEATED})?", _long_numbers),
    (rf"{_WAYS} {_A}[- ]digit (?:positive )?(?:numbers?|integers?){_POSSIBLE}", _long_numbers),
    (rf"{_WAYS} (?:license |licence |number |car )?(?:plates?|passwords?|codes?|ids?|strings?|serial numbers?)(?: numbers?)?{_POSSIBLE}(?: (?:with|of|consisting of|containing|have|has|using|made of|made up of|from|consist of|if each has))? {_N} (?:[a-z]+ )?(?:letters?|digits?|numbers?)(?:,? (?:and|followed by|then|and then) {_N} (?:[a-z]+ )?(?:letters?|digits?|numbers?))?(?:,? (?P<unlike>{_UNLIKE})|,? {_REPEATED})?{_POSSIBLE}", _plates),
    (rf"(?:if )?{_WAYS} {_A}[- ]letter words?{_POSSIBLE} (?:from|using|with|out of|of)(?: the)?(?: letters)?(?: (?:of|in))?(?: the)?(?: word)? ['\"]?(?P<word>[A-Z]{{2,20}})['\"]?(?:,? {_UNLIKE}|,? (?P<again>{_REPEATED}))?", _words_from),
    (rf"(?:{_WAYS} )?handshakes?(?: (?:are (?:there|made|exchanged)|take place|occur|happen|will there be|among|between|if|when|in))*(?: (?:a )?(?:group|party|room|meeting) (?:of|with))? {_A}(?: {_WORDS})?", lambda n: f"binomial({n['a']},2)"),
    (rf"(?:if )?{_A} {_WORD} (?:all )?shake hands(?: with)?(?: each other| one another| everyone(?: else)?)?(?: once)?,? (?:{_WAYS} )?handshakes?(?: {_WORDS})?", lambda n: f"binomial({n['a']},2)"),
    (rf"{_WAYS} (?:games|matches) (?:are )?(?:played )?(?:in )?(?:a )?(?:round[- ]robin )(?:tournament |league )?(?:with|of|between|among|for) {_A}(?: {_WORDS})?", lambda n: f"binomial({n['a']},2)"),
    (rf"{_WAYS} (?:straight )?(?:lines|line segments|chords)(?: can be drawn)? (?:through|between|joining|from|with|determined by|connecting) {_A} points(?: {_WORDS})?(?:,? no (?:three|3) (?:of which )?(?:are )?(?:collinear|on a line))?", lambda n: f"binomial({n['a']},2)"),
    (rf"{_WAYS} triangles(?: can be (?:formed|drawn|made))? (?:from|with|by|using|through|determined by) {_A} points(?: {_WORDS})?(?:,? no (?:three|3) (?:of which )?(?:are )?(?:collinear|on a line))?", lambda n: f"binomial({n['a']},3)"),
    (rf"{_WAYS} (?P<proper>proper )?subsets (?:does |of |are there of |has |in )?(?:a |the )?set (?:of|with|containing|having|that has) {_A} (?:distinct )?(?:elements|members|items|objects)(?: have| has)?", lambda n: f"2^{n['a']}" + (" - 1" if n.word("proper") else "")),
    (rf"{_WAYS} subsets (?:of|with) (?:size |exactly )?{_B}(?: elements| members)? (?:does|of|has|from|in) (?:a |the )?set (?:of|with|containing) {_A} (?:elements|members|items)(?: have| has)?", lambda n: f"binomial({n['a']},{n['b']})"),
    (rf"(?:{_WAYS} )?derangements (?:of |for |are there of )?{_A}(?: {_WORDS})?", lambda n: str(_derangements(n["a"]))),
    (rf"{_WAYS} (?:distribute|put|place|divide|give out|give|share|split) {_A} identical {_WORD} (?:in(?:to)?|among|between|to|amongst) {_B} (?:distinct |different )?{_WORD}(?P<each>,? (?:if|so that|such that|with|where) (?:each|every) {_WORD} (?:gets|has|contains|receives|having|getting) at least (?:one|1)(?: {_WORD})?)?", lambda n: f"binomial({n['a']} - 1,{n['b']} - 1)" if n.word("each") else f"binomial({n['a']} + {n['b']} - 1,{n['b']} - 1)"),
    (rf"{_WAYS} (?:distribute|put|place|give out|give) {_A} (?:distinct|different|distinguishable) {_WORD} (?:in(?:to)?|among|between|to) {_B} (?:distinct |different )?{_WORD}", lambda n: f"{n['b']}^{n['a']}"),
    (rf"{_WAYS} (?:divide|split|separate|partition) {_A} {_WORD} into {_B} (?:equal )?(?:teams|groups|pairs) of {_C}", _shared),
    (rf"{_WAYS} (?:bit|binary) strings(?: are there)? (?:of|with) length {_A}(?: (?:with|contain|containing|have|having) (?:exactly )?{_B} (?:ones|1s|1's|zeros|zeroes|0s))?", lambda n: f"binomial({n['a']},{n['b']})" if n.word("b") else f"2^{n['a']}"),
    (rf"{_WAYS} {_A}[- ]bit (?:strings|numbers|words|sequences){_POSSIBLE}", lambda n: f"2^{n['a']}"),
    (rf"{_WAYS} {_B}[- ]card (?:poker )?hands{_POSSIBLE}(?: (?:from|in|of|out of|can be dealt from|be dealt from|dealt from) (?:a |the )?(?:standard )?(?:deck|pack)(?: (?:of|with) (?:{_A}|cards)(?: cards| playing cards)?)?)?", lambda n: f"binomial({n['a'] if n.word('a') else 52},{n['b']})"),
    (rf"{_WAYS} (?:outfits|meals|combinations|sandwiches|choices|menus|sundaes|pizzas){_POSSIBLE} (?:from|with|using|of|if (?:you|i|there) (?:have|are)|given|by choosing (?:one )?from) (?P<list>{_N} [a-z ]+(?:(?:,| and|, and) {_N} [a-z ]+){{1,4}})", _product),
    (rf"(?:{_WAYS} )?(?:possible )?outcomes (?:are there |are possible )?(?:of|when|for|if|from|in) (?:you )?(?:flip|flipping|toss|tossing|flips of) (?:a )?{_A}? ?(?:fair )?coins?(?: {_B} times)?", lambda n: f"2^{n['a'] if n.word('a') else n['b']}"),
    (rf"(?:{_WAYS} )?(?:possible )?outcomes (?:are there |are possible )?(?:of|when|for|if|from|in) (?:you )?(?:roll|rolling|throw|throwing) {_A} (?:fair |six-sided )?dice", lambda n: f"6^{n['a']}"),
    (rf"{_WAYS} (?:shortest |lattice |grid )?(?:paths|routes|ways)(?: are there)? from \(0, ?0\) to \({_A}, ?{_B}\)(?: {_WORDS})?", lambda n: f"binomial({n['a']} + {n['b']},{n['a']})"),
    (rf"{_WAYS} (?:positive )?(?:integers|numbers|whole numbers|multiples)(?: (?:between|from|up to|less than|below|under|not exceeding|smaller than|in the first) {_C}(?: (?:and|to) {_D})?)(?: inclusive)?(?: that)? (?:are |is )?(?:not |neither )?(?:divisible by |multiples of |of ){_A}(?: (?P<join>or|and|nor)(?: by)? {_B})?", _multiples),
    (rf"{_WAYS} {_C}[- ]digit (?:positive )?(?:numbers|integers)(?: that)?(?: are(?: there)?)?(?: that are)? (?:not )?(?:divisible by|multiples of) {_A}(?: (?P<join>or|and) {_B})?", _multiples),
    (rf"{_WAYS} multiples of {_A}(?: are there| are| exist)? (?:between|from) {_C} (?:and|to) {_D}", _multiples),
    (r"binomial (?:coefficient )?(?:of )?\(?(?P<a>\d+)(?:,| and| choose|)\s+(?P<b>\d+)\)?", lambda n: f"binomial({n['a']},{n['b']})"),
    (r"multinomial(?: coefficient)?(?: of)? \(?(?P<a>\d+)\s*[;:,]\s*(?P<list>\d+(?:\s*,\s*\d+)+)\)?", lambda n: _over(n["a"], [int(part) for part in re.findall(r"\d+", n.word("list"))])),
    (r"stirling numbers? (?:of )?(?:the )?second kind (?:of |for |S)?\(?(?P<a>\d{1,4})(?:,| and| over)? ?(?P<b>\d{1,4})\)?", lambda n: str(_stirling(n["a"], n["b"]))),
    (rf"{_WAYS} (?:to )?partition (?:a )?set (?:of|with) {_A} (?:elements|objects|items) into {_B} (?:non-?empty )?(?:subsets|parts|blocks|groups)", lambda n: str(_stirling(n["a"], n["b"]))),
]  # fmt: skip
_HINT = re.compile(
    r"ways?\b|how many|number of|permutation|combination|arrange|anagram|handshake|subset|derange|outcome|binomial|multinomial|stirling",
    re.IGNORECASE,
)
_LEAD = re.compile(r"(?:what is|what's|find|calculate|compute|determine|tell me|give|the)\s+", re.IGNORECASE)
_THERE = re.compile(
    r",? (?:are there|are possible|is possible|can be made|can be formed|exist|in total|altogether)$", re.IGNORECASE
)
_LONGEST = 200
_MOST_STIRLING = 400


@cache
def _compiled() -> list[tuple[re.Pattern[str], Callable[[_Found], str]]]:
    return [(re.compile(pattern, re.IGNORECASE), formula) for pattern, formula in _FORMS]


def _derangements(total: int) -> int:
    """Permutations that leave nothing in its place, by D(n) = n*D(n - 1) + (-1)^n."""
    value = 1
    for size in range(1, min(total, _MOST_STIRLING) + 1):
        value = size * value + (-1) ** size
    return value


def _stirling(total: int, parts: int) -> int:
    """Partitions of a set of `total` elements into `parts` nonempty parts, by the recurrence S(n,k) = kS(n-1,k) + S(n-1,k-1)."""
    if total > _MOST_STIRLING or parts > total:
        return 0
    row = [1]
    for _ in range(total):
        row = [0, *(k * value + before for k, (value, before) in enumerate(zip([*row[1:], 0], row, strict=True), 1))]
    return row[parts]


def read_ways(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a number of ways; `None` for everything else."""
    spaced = " ".join(text.split())
    if len(spaced) > _LONGEST or not _HINT.search(spaced):
        return None
    candidates = without_lead_ins(spaced, _LEAD)
    shorter = _THERE.sub("", candidates[-1])
    for candidate in dict.fromkeys((*candidates, shorter)):
        for pattern, formula in _compiled():
            found = pattern.fullmatch(candidate)
            counted = formula(_Found(_lowered(found, pattern))) if found else ""
            if counted.isdigit():
                return Evaluate(Number(Fraction(int(counted))))
            if counted:
                return Ask("count", (read_expression(counted, assumptions),), (counted,))
    return None


def _lowered(found: re.Match[str], pattern: re.Pattern[str]) -> re.Match[str]:
    """The same match in small letters, so that number words are found."""
    return pattern.fullmatch(found[0].lower()) or found


READERS: list[TextReader] = [read_ways]
