# ruff: noqa: E501  a pattern is read more easily on one line
"""Numbers chosen at random, birthdays, lotteries and guessed tests.

`a number is chosen at random from 1 to 20; probability that it is prime`, `probability that two of 23 people share a birthday`,
`lottery 6 of 49, probability of 4 right`, `probability of guessing all 10 true/false questions`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .event_questions import THROWN, ask_draws, asked, require_known
from .event_words import LatePattern, Space, Unread, filler
from .labels import number_node
from .syntax import Ask, Number, Request

_RANGE = LatePattern(
    r"(?:a |an |the |1 |(?P<count>\d+) )?(?:(?:randomly|random|whole|positive|single|natural|integer|chosen|selected|equal|picked) )*\b(?P<noun>numbers?|integers?|tickets?|balls?|cards?|sections?|slips(?: of paper)?|tokens?|sectors?|spinner|marbles?|tiles?|coupons?|wheel)\b,? ?(?:(?:is|are|be|were|was|that|divided into|equal) )*(?:(?:randomly|chosen|selected|picked|drawn|generated|numbered|labell?ed|marked|with|bearing|taken|at random|spun|random|\d+ (?:equal )?(?:sections|parts|sectors)|numbers?|integers?|the|uniformly) ?)*(?:from |between |in )?(?:the (?:set|numbers|integers|range|first) )?(?:from )?(?P<low>\d+)(?: to | through | and | ?- ?|\.\.\.?)(?P<high>\d+)(?:,? inclusive)?"
)


def number_at_random(said: str, assumptions: list[str]) -> Request | None:
    """The request for a number, a ticket or a section of a spinner chosen at random."""
    found = _RANGE.search(said)
    if found is None or re.search(r"\bdice\b|\bdie\b|birthday|hearts?\b|spades?\b", said):
        return None
    low, high = int(found["low"]), int(found["high"])
    if high <= low or high - low >= 10_000:
        raise ToolError(f"numbers are chosen from a range such as 1 to 20; {low} to {high} is none")
    if found["count"] and int(found["count"]) != high - low + 1:
        raise Unread(found["count"])
    left = f"{said[: found.start()]} number {said[found.end() :]}"
    left = re.sub(
        r"\b(?:1|a|the) (?:number|ticket|ball|card|marble|slip|token|tile|spinner)s? (?:is|was) (?:then )?(?:randomly )?(?:drawn|picked|chosen|selected|taken|spun)(?: at random| randomly)?\b",
        " ",
        left,
    )
    question = asked(left)
    if question is None or re.search(r"\breplace", said):
        return None
    things = THROWN | filler(
        "ticket tickets ball balls card cards spinner spun stops stopping lands section slip token tile marble marbles integer whole wheel sector it randomly pointer"
    )
    require_known(question.setting, things | filler("1 spinning spin mixed shuffled bag box urn thoroughly"))
    space = Space(
        (Fraction(1),) * (high - low + 1), {}, {"number": ()}, things - {"number"}, tuple(range(low, high + 1))
    )
    question.event = re.sub(r"\bnumbers?\b", " ", question.event)
    question.given = re.sub(r"\bnumbers?\b", " ", question.given)
    if "between" in found[0]:
        assumptions.append(f"both {low} and {high} may be chosen")
    return ask_draws(space, 1, True, question, assumptions)


def birthdays(said: str, assumptions: list[str]) -> Request | None:
    """The request for shared birthdays, or for how many people make them likely."""
    if "birthday" not in said:
        return None
    share = r"(?:a )?(?:shared|common|same) birthdays?|(?:shar(?:e|es|ing)|ha(?:s|ve|ving)) (?:a |the )?(?:same |common )?birthdays?(?: in common)?|birthdays? (?:is|are) the same"
    who = r"(?:people|persons|students|friends|children|guests|pupils|players|individuals|members)"
    if how_many := re.search(
        r"how (?:many|large).*?(?P<p>\d+(?:\.\d+)? ?(?:%|percent)|\b0?\.\d+|\b1 ?/ ?2|even)", said
    ):
        left = said.replace(how_many["p"], " ", 1).replace(" 2 ", " ", 1)
        left = re.sub(
            rf"{share}|{who}|how (?:many|large)|of (?:them|the)|needed|required|so|room|group|must|needs?|>=|>|better|even|be|before|percent|probability|chance|odds|likely",
            " ",
            left,
        )
        require_known(left, filler("you must the for there"))
        value = Fraction(1, 2) if how_many["p"] == "even" else number_node(how_many["p"]).value
        return Ask("birthday number", (Number(value),))
    unlike = re.search(
        rf"\b(?:no|none|nobody|no 1)\b.*(?:{share})|(?:all )?(?:ha(?:s|ve) )?(?:all )?(?:different|distinct|unique) birthdays|birthdays (?:are )?all (?:different|distinct)",
        said,
    )
    alike = re.search(share, said)
    sizes = (
        {int(size) for size in re.findall(r"\b(\d+)\b", said)}
        - ({2} if re.search(r"\b2\b(?! (?:people|persons|students|friends) (?:have|share)\b(?!.*\d))", said) else set())
        - {1}
    )
    if not (alike or unlike) or not asked(said):
        return None
    if re.fullmatch(r"[^\d]*2[^\d]*", said):
        sizes = {2}
    if len(re.findall(r"\b(?:no|none|nobody|not)\b", said)) > 1:
        raise Unread("no")
    left = re.sub(
        rf"{share}|{who}|\b(?:\d+|no|none|nobody|a pair|pair|all|different|distinct|unique|birthdays?|room|group|class|party|out)\b|>=",
        " ",
        said,
    )
    question = asked(left)
    if len(sizes) != 1 or question is None:
        raise Unread("birthday")
    require_known(f"{question.setting} {question.event} {question.given}", filler("some any them have has problem"))
    return Ask("birthday", (Number(Fraction(sizes.pop())),), ("apart" if unlike else "shared", question.form))


def lottery(said: str, assumptions: list[str]) -> Request | None:
    """The request for how many numbers of a lottery are right."""
    if not re.search(r"lotter|lotto|jackpot", said):
        return None
    size = re.search(
        r"(?:(?:choose|pick|draw|select|match)(?:ing|s)? )?(?:all )?\b(\d+)(?: different| distinct)?(?: numbers?)?(?: are)?(?: drawn| chosen| picked)?(?:/| (?:out )?of | from )(?:1 to )?(\d+)(?: numbers| balls)?",
        said,
    )
    if size is None:
        return None
    drawn, total = int(size[1]), int(size[2])
    if not 1 <= drawn <= total <= 1000:
        raise ToolError(f"a lottery draws some of its numbers, such as 6 of 49; {drawn} of {total} is none")
    question = asked(f"{said[: size.start()]} | {said[size.end() :]}")
    if question is None:
        return None
    words = filler(
        "lottery lotto numbers number ticket tickets jackpot draw game 6 player play buy winning matching match"
    )
    require_known(question.setting, words)
    event = re.sub(
        r"\b(?:winning|win|hitting|hit)(?: the)? (?:jackpot|lottery|lotto|top prize|grand prize)\b|\bwin(?:ning)?\s*$",
        "all right",
        question.event,
    )
    if not re.search(r"right|correct|match", event) and re.fullmatch(
        r"(?:of|in|the|a|lottery|lotto|all right|[\s|])*", event
    ):
        event = "all right"
    if re.fullmatch(r"\s*(?:all )?\d+(?: numbers)?\s*", event):
        event += " right"
    event = re.sub(
        r"\bmatch(?:ing|es)?(?: of)? (?:the )?((?:[<>=]+ )?(?:all )?\d+|all)(?: numbers?)?\b", r"\1 right", event
    )
    event = re.sub(
        r"\bwin(?:ning|s)?\b(?: (?:the|a|in|at|this|lottery|lotto|jackpot|prize|\||top|grand))*\s*$", "all right", event
    )
    question.event = re.sub(r"\b(?:getting|guessing|having)\b", " ", event)
    space = Space(
        (Fraction(drawn), Fraction(total - drawn)),
        {word: frozenset({0}) for word in filler("right correct correctly matches matching match")}
        | {"wrong": frozenset({1})},
        {"kind": ()},
        words - {"matching", "match"},
    )
    return ask_draws(space, drawn, False, question, assumptions)


def guesses(said: str, assumptions: list[str]) -> Request | None:
    """The request for how many questions of a test are guessed."""
    if not re.search(r"\bguess|\brandomly\b|at random", said) or not re.search(
        r"questions?\b|\btest\b|\bquiz\b|true[/ -]", said
    ):
        return None
    left = re.sub(r"\btrue(?:/| or | ?- ?)false\b", "truefalse", said)
    options = re.search(
        r"(?:with |that has |has |have |having |and )*(?:each (?:with |has |having |question has )?)?(?P<k>\d+)[- ]?(?:possible )?(?:answer )?(?:choices|options|alternatives|answers|choice|option)(?: each| per question| for each(?: question)?)?",
        left,
    )
    if "truefalse" not in left and options is None:
        return None
    size = 2 if "truefalse" in left else int(options["k"]) if options else 0
    if options:
        left = f"{left[: options.start()]} {left[options.end() :]}"
    if size < 1:
        raise ToolError("a question needs at least one answer to choose from")
    left = re.sub(r"truefalse|multiple[- ]choice", " ", left)
    left = " ".join(left.split())
    amount = re.search(
        r"(?P<all>\ball )?(?P<op>[<>=]=? )?\b(?P<n>\d+)(?:[- ]| of the )?(?:of )?(?:questions?|question (?:test|quiz|exam))\b",
        left,
    )
    of = re.search(r"\b(?:out )?of (?:the |a )?(?P<n>\d+)(?: questions?)?", left)
    found = of or (amount if amount and not amount["op"] else None)
    if found is None:
        return None
    drawn = int(found["n"])
    left = (
        f"{left[: found.start()]} {'all' if 'all' in found.groupdict() and found['all'] else '|'} {left[found.end() :]}"
    )
    question = asked(left)
    if question is None:
        return None
    words = filler(
        "guess guesses guessing guessed question questions test quiz exam answer answers answering student each every randomly just blindly by purely someone on takes taking you correct right"
    )
    words -= {"correct", "right"}
    require_known(question.setting, words)
    if re.search(r"\b(?:not|no)\b", question.event):
        raise Unread("not")
    if not re.search(r"right|correct|wrong", question.event):
        if not re.search(r"\ball\b", question.event):
            raise Unread("right")
        question.event += " right"
    question.event = re.sub(r"\b(?:correct|right) (?=answers)", "correct ", question.event)
    question.event = (
        re.sub(r"^(.*)\b(right|correctly|correct)\b(.*)$", r"\1 \3 right", question.event)
        if "wrong" not in question.event
        else question.event
    )
    space = Space(
        (Fraction(1), Fraction(size - 1)),
        {"right": frozenset({0}), "wrong": frozenset({1}), "incorrect": frozenset({1})},
        {"kind": ()},
        words,
    )
    return ask_draws(space, drawn, True, question, assumptions)
