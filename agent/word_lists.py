"""The words that the comparison of an answer with its sources knows: English, some Chinese and Japanese."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


STOP_WORDS = words(
    "a about above after again all also although am an and any approximately are around as at be because been "
    "being both but by can could did do does doing during each either etc for from further had has have having he "
    "her here hers him his how however i if in into is it its itself just many may me might more most much must "
    "my nearly of on only or other our out over own per quite rather roughly same shall she should since so some "
    "such than that the their them then there therefore these they this those though through thus to too under "
    "until up upon us very was we were what when where whether which while who whom whose why will with within "
    "would yes you your ok okay sure hello hi thanks thank please welcome well almost exactly currently known "
    "called namely indeed"
)
NEGATIONS = words("not no never neither nor without cannot none nobody nothing nowhere hardly")
UNITS = {
    "kilometres": "km", "kilometers": "km", "kilometre": "km", "kilometer": "km", "metres": "m", "meters": "m",
    "metre": "m", "meter": "m", "percent": "percent", "percentage": "percent", "dollars": "dollar", "usd": "dollar",
}  # fmt: skip
IRREGULAR = {
    "wrote": "write", "written": "write", "won": "win", "led": "lead", "built": "build", "began": "begin",
    "became": "become", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise", "held": "hold",
    "made": "make", "grew": "grow", "grown": "grow", "gave": "give", "took": "take", "lay": "lie", "lies": "lie",
    "people": "person", "men": "man", "women": "woman", "children": "child", "died": "die", "dead": "die",
    "sold": "sell", "found": "find", "left": "leave", "met": "meet", "spoke": "speak", "spoken": "speak",
    "discovered": "discover", "chose": "choose", "chosen": "choose", "born": "born", "flew": "fly",
}  # fmt: skip
_NUMERALS = (
    "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
# "One" and "two" are as often grammar as they are numbers.
WORDS_FOR_NUMBERS = {word: value for value, word in enumerate(_NUMERALS.split(), start=3)} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=3)
}
SCALES = {
    "thousand": 1e3, "million": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12, "hundred": 1e2,
    "千": 1e3, "万": 1e4, "萬": 1e4, "百万": 1e6, "亿": 1e8, "億": 1e8, "兆": 1e12,
}  # fmt: skip
# How far the true number may lie below and above, in units of its rounding.
HEDGES = {
    "about": (-1, 1), "around": (-1, 1), "roughly": (-1, 1), "approximately": (-1, 1), "some": (-1, 1),
    "circa": (-1, 1), "over": (0, 2), "than": (0, 2), "least": (0, 2), "nearly": (-2, 0), "almost": (-2, 0),
    "under": (-2, 0),
    "约": (-1, 1), "約": (-1, 1), "超过": (0, 2), "近": (-2, 0), "余": (0, 2),
}  # fmt: skip
CJK_GRAMMAR = frozenset("的了是在和与及或也就都而之于有为着被把从到个所以其们等这那它他她该此")
# These open a sentence and name nothing.
CJK_OPENINGS = words("根据 此外 目前 因此 另外 同时 现在 由于 虽然 但是 不过 然而 首先 最后 一般 現在 また しかし")
DEMONYM = frozenset(("n", "an", "ese", "ish", "i", "s", "stan", "land", "y", "ic", "er", "ers", "ns", "ans"))
_OPPOSITES = (
    "increase/decrease rise/fall north/south east/west northern/southern eastern/western large/small big/small "
    "largest/smallest biggest/smallest high/low highest/lowest long/short longest/shortest old/young old/new "
    "oldest/youngest oldest/newest first/last before/after win/lose born/die early/late more/less most/least "
    "male/female import/export arrive/leave start/end begin/end accept/reject hot/cold warm/cold rich/poor "
    "richest/poorest 最大/最小 最高/最低 最长/最短 增加/减少 上升/下降"
)
OPPOSITES = tuple(frozenset(pair.split("/")) for pair in _OPPOSITES.split())
