# ruff: noqa: E501  a pattern is read more easily on one line
"""What evidence says about its cause: medical tests and defective parts, in one or several sentences.

`a disease affects 1% of people. A test is 99% accurate. Probability of having the disease given a positive test?`, `machine A makes
60% of parts with 2% defective, B 40% with 5%; probability that a defective part came from A`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .event_words import LatePattern, Unread, filler, spoken
from .labels import number_node
from .syntax import Ask, Number, Request
from .urns import asked

_V = r"(?P<v>\d+(?:\.\d+)? ?%|\d+(?:\.\d+)? percent|0?\.\d+|\d+ ?/ ?\d+|\d+ (?:in(?: every)?|out of(?: every)?|of every|per) \d+|[01](?![\d.]))"
_ILL = r"(?:(?:(?:a|an|the|this|that|some|certain|rare|particular|given|such|illegal|breast|lung|skin|genetic|viral|serious) )*(?:diseases?|condition|illness|infection|infected|cancer|virus|covid(?:-19)?|hiv|aids|flu|influenza|disorder|drugs?|diabetes|tuberculosis|tb|malaria|syndrome|defect|allergy|pregnant|sick|ill|it)\b)"
_ILLS = r"disease|condition|infect|illness|cancer|virus|drug|hiv|covid|sick|ill\b|healthy|flu|defect|disorder|and\b"
_FOLK = r"(?:(?:(?:a|an|the|all|any|of|general|adult|entire) )*(?:people|persons?|population|patients?|individuals?|adults?|men|women|those|someone|somebody|athletes|employees|children|cases|users|donors|subjects|citizens|residents|carriers|members|you|they|he|she)\b(?: in (?:a|the) (?:population|country|city|town|community))?)"
_HAVING = rf"(?:(?:who |that )?(?:actually |really |truly |do |does )*(?:have|has|having|with|suffer(?:s|ing)? from|carry(?:ing)?|carries|use|uses|using|are|is|infected with|had)(?: (?:infected with|affected by))?) {_ILL}"
_NOT = r"(?:who |that )?(?:(?:do|does|is|are) not (?:actually |really )?(?:have|has|carry|use|infected with|infected|carriers?|with)?|without|not having|free (?:of|from)|with(?= no)|has(?= no)|have(?= no)|is free of|are free of)(?: no)?"
_SICK = rf"(?:{_FOLK} {_HAVING}|(?:the )?(?:infected|sick|ill|diseased|affected|true|actual|drug)(?: {_FOLK})?|{_FOLK} (?:who|that) (?:are|is) (?:infected|sick|ill|affected)|(?:the )?cases|{_HAVING}|{_FOLK} (?:is|are) (?:infected|sick|ill))"
_WELL = rf"(?:(?:(?:a|an|the|all) )?(?:healthy|uninfected|disease-free|well|unaffected|not (?:infected|diseased|users?|drug))(?: {_FOLK})?|{_FOLK} {_NOT}(?: {_ILL})?|{_FOLK} (?:who |that )?(?:are|is) (?:healthy|not (?:infected|sick|ill)|well)|{_NOT} {_ILL}|not {_ILL})"
_OFTEN = rf"(?:(?:with (?:a )?(?:probability|chance)(?: of)? ?|in |for |on |about |only |approximately |at (?:a rate of )?)*{_V}(?: (?:of the time|of (?:all )?(?:cases|the cases|such cases)|probability|chance))?)"
_TEST = r"(?:(?:and |but |the |a |this |also |it |which |that |correctly |incorrectly |falsely |wrongly |mistakenly |still )*(?:test(?:s|ing)?|result|screening)?(?: (?:also|correctly|incorrectly|falsely|wrongly|mistakenly|will|would|still))*)"
_SAYS = r"(?:(?:(?:is|comes? back|gives?|returns?|shows?|reports?|yields?|produces?|reads?|indicates?|be|come back|have|has|tests?|testing)\b ?)?(?:a |an )?(?:(?:false|true|correct|incorrect) )?(?P<sign>positives?|negatives?)(?: (?:result|test|test result|reading|results|outcome))?)"
_IS = r"(?:(?: (?:rate|probability|value|percentage))*(?: \((?:true|false) (?:positive|negative) rate\)| for (?:the )?(?:disease|test))?(?: (?:is|of|was|being|equal to)|:| ?=)* ?(?:about |approximately |only )?)"
_EXAMPLE = "a disease affects 1% of people, a test has sensitivity 95% and specificity 90%; probability of having the disease given a positive test"

_FACTS: list[tuple[str, str]] = [
    ("negative if sick", rf"\bfalse[- ]negative{_IS}{_V}|{_V} false[- ]negatives?(?: rate)?"),
    ("positive if well", rf"\bfalse[- ]positive{_IS}{_V}|{_V} (?:of )?(?:the )?false[- ]positives?(?: rate| results?)?|\bfalse alarm{_IS}{_V}"),
    ("positive if sick", rf"\b(?:sensitivity|true[- ]positive|detection rate|hit rate){_IS}{_V}|{_V} (?:sensitivity|sensitive|true[- ]positives?(?: rate)?)"),
    ("negative if well", rf"\b(?:specificity|true[- ]negative){_IS}{_V}|{_V} (?:specificity|specific|true[- ]negatives?(?: rate)?)"),
    ("accurate", rf"(?:is )?(?:correct|accurate|right|reliable) (?:in )?{_V}(?: of (?:the time|cases|all cases))?|{_V} (?:accurate|accuracy|reliable)|\baccuracy{_IS}{_V}"),
    ("if well", rf"{_TEST} ?{_SAYS} {_OFTEN}(?: of| for| in| if| when| among| on)? {_WELL}"),
    ("if well", rf"{_V} of {_WELL} (?:will |would |also |still |incorrectly |falsely )*{_SAYS}"),
    ("if well", rf"(?:if|when|for|in|among|given that) {_WELL},? (?:then )?{_TEST} ?{_SAYS} {_OFTEN}"),
    ("if sick", rf"{_TEST} ?{_SAYS} {_OFTEN}(?: of| for| in| if| when| among| on)? {_SICK}"),
    ("if sick", rf"{_V} of {_SICK} (?:will |would |also |correctly )*{_SAYS}"),
    ("if sick", rf"(?:if|when|for|in|among|given that) {_SICK},? (?:then )?{_TEST} ?{_SAYS} {_OFTEN}"),
    ("positive if sick", rf"(?:correctly |successfully )?(?:detects?|identifies|identify|catches|diagnoses|finds) (?:{_ILL} )?(?:in |with (?:probability )?)?{_V}(?: of the time| of {_SICK}| of cases)?(?: (?:if|when) (?:it is (?:present|there)|present|{_SICK}))?"),
    ("positive if well", rf"\b(?:and|but)(?: also)? (?:for|in|on) {_V} of {_WELL}"),
    ("share", rf"\b(?:affects|infects|strikes|occurs in|(?:is )?present in|(?:is )?found in|prevalence{_IS}|base rate{_IS}|incidence{_IS}|used by|carried by)(?: about| approximately| only| roughly| an estimated)? ?{_V}(?: of (?:the )?{_FOLK})?(?: {_FOLK})?"),
    ("share", rf"(?:about |only |approximately |if |suppose (?:that )?)?{_V} (?:of )?{_FOLK} (?:{_HAVING}|(?:are|is) (?:affected|infected))(?: (?:by|with) {_ILL})?"),
    ("share", rf"(?:the )?(?:probability|chance) (?:of|that) (?:{_FOLK} )?{_HAVING} (?:is|=) {_V}"),
]  # fmt: skip
_MEDICAL = filler(
    "a an the is are was that of for in and or if it this which who they he she you person someone somebody people patient individual test tests tested testing result"
    " results come comes back disease illness condition infection virus cancer given has have having had what find actually really probability randomly selected"
    " chosen random one 1 at on screened screening positive . , ; : ? | ! does do not with there certain rare medical diagnostic blood suppose to be their being"
    " receives receive gets get positives and/or can calculate compute determine takes took population sick ill infected drug user uses hiv covid flu assume"
    " negative negatives athlete athletes donor employee employees woman man women men adult adults whether how know knowing rate member now then used using patients breast but also will would also covid-19 shows showed developed"
)


def _value(text: str) -> Number:
    found = re.fullmatch(r"(\d+) (?:in|out of|of|per)(?: every)? (\d+)", text)
    return number_node(f"{found[1]}/{found[2]}" if found else text)


def read_evidence(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    lowered = text.lower()
    if not any(word in lowered for word in ("prob", "chance", "likel", "predictive")):
        return None
    medical = any(word in lowered for word in ("test", "predictive", "screening", "sensitivity", "prevalence"))
    if not medical and not re.search(r"defect|fault", lowered):
        return None
    plain = " ".join(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text).split())
    said = spoken(plain if medical else _LABEL.sub(_labelled, plain))
    noted: list[str] = []
    try:
        request = _test(said, noted) if medical and re.search(r"positiv|negativ|predictive", said) else _sources(said)
    except Unread as unread:
        raise ToolError(
            f"{unread.args[0]!r} cannot be read in this question about a test; write for example: {_EXAMPLE}"
        ) from None
    if request:
        assumptions += noted
    return request


def _test(said: str, assumptions: list[str]) -> Request | None:
    facts: dict[str, Number] = {}
    left = said
    for name, pattern in _FACTS:
        while found := re.search(_numbered(pattern), left):
            groups = found.groupdict()
            value = next(_value(part) for key, part in groups.items() if key.startswith("v") and part)
            sign = next((part for key, part in groups.items() if key.startswith("sign") and part), "")
            known = f"{sign.rstrip('s')} {name}" if name.startswith("if") else name
            if known in facts and facts[known] != value:
                raise ToolError(f"the test has two values for the same rate; write for example: {_EXAMPLE}")
            facts[known] = value
            left = f"{left[: found.start()]} {left[found.end() :]}"
    if "share" not in facts or len(facts) < 2:
        return None
    for whom in ("sick", "well"):
        if opposite := facts.get(f"negative if {whom}"):
            known = facts.setdefault(f"positive if {whom}", _complement(opposite))
            if known.value + opposite.value != 1:
                raise ToolError(
                    f"of the {whom} {known.value} test positive and {opposite.value} negative; these must sum to 1"
                )
    if "accurate" in facts:
        for name, value in (
            ("positive if sick", facts["accurate"]),
            ("positive if well", _complement(facts["accurate"])),
        ):
            if name not in facts:
                facts[name] = value
                kind = "sensitivity" if "sick" in name else "specificity"
                assumptions.append(f"the accuracy is taken as the {kind}")
    if not {"positive if sick", "positive if well"} <= facts.keys():
        missing = "sensitivity" if "positive if sick" not in facts else "specificity or false positive rate"
        raise ToolError(f"the {missing} of the test is missing; write for example: {_EXAMPLE}")
    wanted, seen, form = _wanted(left)
    share = facts["share"]
    nodes = (share, facts["positive if sick"], _complement(share), facts["positive if well"])
    return Ask("causes", nodes, (wanted, "seen" if seen else "unseen", form))


def _numbered(pattern: str) -> str:
    """The pattern with its groups told apart, for a name may stand in it only once."""
    parts = re.split(r"\(\?P<(v|sign)>", pattern)
    return parts[0] + "".join(
        f"(?P<{name}{place}>{rest}" for place, (name, rest) in enumerate(zip(parts[1::2], parts[2::2], strict=True))
    )


def _complement(value: Number) -> Number:
    return Number(1 - value.value, value.decimal)


def _wanted(left: str) -> tuple[str, bool, str]:
    """Which cause is asked about, 0 for the illness, and whether a positive result was seen."""
    if predictive := re.search(r"\b(?:(positive|negative) predictive value|(ppv|npv))\b", left):
        positive = predictive[1] == "positive" or predictive[2] == "ppv"
        _check(left.replace(predictive[0], " "))
        if re.search(r"\b(?:not|no|without|free)\b", left):
            raise Unread("not")
        return ("0" if positive else "1"), positive, ""
    question = asked(left)
    if question is None:
        raise Unread("")
    _check(f"{question.setting} {question.event} {question.given}")
    event = question.event
    signs = re.findall(r"\b(positive|negative)", left)
    if len(set(signs)) != 1:
        raise Unread("positive")
    ill = re.search(
        rf"^(?:the )?{_ILL}$|\b(?:not )?(?:(?:have|has|having|had|with|carries|uses?|is|are) (?:not )?(?:no )?{_ILL}|infected|sick|healthy|disease-free)",
        event,
    )
    none = re.search(
        r"\b(?:not (?:have|having|infected|actually have|sick|ill|really have)|(?:has|have|having) no|is not|does not|healthy|free|without)\b",
        event,
    )
    whole = f"{question.setting} {event} {question.given}"
    if len(re.findall(r"\b(?:not|no|without|free|healthy|never|disease-free)\b", whole)) != (none is not None):
        raise Unread("not")
    known = (
        rf"\b(?:who|that|whose|if|when|with|after|having|testing)\b (?:(?!{_ILLS})\w+ ){{0,5}}?(?:positive|negative)"
    )
    if (ill or none) and re.search(r"\b(?:positive|negative)", event) and not re.search(known, event):
        raise Unread(event)
    if ill is None and none is None:
        if not re.search(r"positive|negative", event):
            raise Unread(event)
        return "", signs[0] == "positive", question.form
    return ("1" if none else "0"), signs[0] == "positive", question.form


def _check(left: str) -> None:
    for word in re.findall(r"[a-z]+(?:[-'][a-z]+)*|\S", left):
        if word not in _MEDICAL and not re.fullmatch(r"healthy|disease-free|without|no|free|carries|use", word):
            raise Unread(word)


# Sources of parts

_SOURCE = r"(?:machines?|factor(?:y|ies)|suppliers?|plants?|lines?|compan(?:y|ies)|workers?|vendors?|printers?|manufacturers?|assembly lines?)"
_LABEL = LatePattern(
    rf"(?P<source>\b{_SOURCE} |\b(?i:from|by|at|of|and) |, )?(?<![\w.])(?P<name>[A-Ea-e1-5])\b(?P<after>'s|\u2019s| (?:makes|produces|supplies|manufactures|provides|accounts)\b)?(?! ?%|\.\d|,\d| percent)",
    re.IGNORECASE,
)
_TOKEN = LatePattern(rf"(?P<label>\b(?:{_SOURCE} )?src(?P<name>[a-e1-5])\b(?:'s)?)|{_V}|(?P<rest>\bother\b)")
_PARTS = filler(
    "machine machines factory factories supplier suppliers plant plants line lines company companies worker workers vendor vendors manufacturer manufacturers assembly"
    " makes make made produces produce produced producing supplies supply supplied manufactures manufacture manufactured provides provide accounts account for builds"
    " responsible of its the their total output production parts part items item bolts bolt bulbs bulb products product chips chip units unit components component"
    " phones phone cars car toys toy screws screw articles article and with are is respectively defective defect defects faulty rate rates a an that which from by come"
    " comes came has have whose while has all these them those it in at random randomly selected chosen picked drawn inspected found to be being if one 1 what find the"
    " probability was were , . ; : ? | ! whose where two three 2 3 suppose has given remaining % daily day's were company's also defectives buys gets batteries widgets widget"
    " calculate compute determine on average not day's known when produced"
)


def _labelled(found: re.Match[str]) -> str:
    """`machine A` with its letter marked as a name, where it is no article."""
    name, source, after = found["name"], (found["source"] or "").strip().lower(), found["after"] or ""
    named = re.fullmatch(_SOURCE, source)
    capital = name.isupper() and (name != "A" or bool(source) or bool(after))
    if not (named or capital):
        return found[0]
    return f"{found['source'] or ''}src{name.lower()}{after}"


def _sources(said: str) -> Request | None:
    question = asked(said)
    if question is None or not re.search(_SOURCE, said):
        return None
    labels: list[str] = []
    shares: dict[str, Fraction] = {}
    rates: dict[str, Fraction] = {}
    order: list[tuple[str, str]] = []
    story = question.setting
    for found in _TOKEN.finditer(story):
        order.append(("label", found["name"]) if found["label"] else ("value", found["v"] or "other"))
    for kind, name in order:
        if kind == "label" and name not in labels:
            labels.append(name)
    values = [value for kind, value in order if kind == "value"]
    count = len(labels)
    if not 2 <= count <= 5 or len(values) != 2 * count:
        return None
    pattern = "".join("l" if kind == "label" else "v" for kind, _ in order)
    for word in re.findall(r"[a-z]+(?:'s)?|\S", _TOKEN.sub(" ", f"{story} {question.event} {question.given}")):
        if word not in _PARTS:
            raise Unread(word)
    told = [value if value == "other" else _value(value) for value in values]
    if re.fullmatch(rf"(?:lvv){{{count}}}", pattern):
        pairs = list(zip(told[::2], told[1::2], strict=True))
    elif re.fullmatch(
        rf"(?:l{{{count}}}v{{{2 * count}}})|(?:lv){{{count}}}(?:(?:l?v){{{count}}}|(?:vl){{{count}}})|l{{{count}}}v{{{count}}}(?:(?:lv){{{count}}}|(?:vl){{{count}}})",
        pattern,
    ):
        names = [name for kind, name in order if kind == "label"]
        if names[count:] not in ([], labels):
            raise Unread("the order of the rates")
        pairs = list(zip(told[:count], told[count:], strict=True))
    else:
        raise Unread("the order of the shares and rates")
    known = sum((share.value for share, _ in pairs if isinstance(share, Number)), Fraction(0))
    for name, (share, rate) in zip(labels, pairs, strict=True):
        if not isinstance(rate, Number):
            raise Unread("other")
        shares[name] = share.value if isinstance(share, Number) else 1 - known
        rates[name] = rate.value
    place = re.search(rf"\b(?:(?:from|by|at|on|in) )(?:the )?(?:{_SOURCE} )?src(?P<name>[a-e1-5])\b", question.event)
    good = bool(
        re.search(
            r"\bnot (?:be |found to be )?(?:defective|faulty)|\bgood\b",
            f"{question.event} {question.given} {question.setting}",
        )
    )
    whole = f"{question.event} {question.given} {question.setting}"
    if len(re.findall(r"\b(?:not|no)\b", whole)) != len(
        re.findall(r"\bnot (?:be |found to be )?(?:defective|faulty)", whole)
    ):
        raise Unread("not")
    if place is None and not re.search(r"defect|fault", question.event):
        raise Unread(question.event)
    if place and place["name"] not in labels:
        raise Unread(place["name"])
    nodes = tuple(Number(value, True) for name in labels for value in (shares[name], rates[name]))
    wanted = str(labels.index(place["name"])) if place else ""
    return Ask("causes", nodes, (wanted, "unseen" if good else "seen", question.form))
