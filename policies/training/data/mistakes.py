"""Doubts about an earlier answer: a mistake is admitted and put right, a right answer is checked and kept.

The answer that was wrong is part of the conversation but not learned from (`Turn.learned`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from . import premises
from . import turns as conversations
from .dialogue import Turn, Unusable, asks, built_in_schemas, calls, returns, says, use
from .phrasing import Split, capitalised, fill, humanised, share, table
from .safety import as_yours, offered

KIND = "mistakes"


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """An answer, a doubt, and what is true, and the tools that are offered.

    Raises:
        Unusable: a tool failed, or found something that cannot be retold.
    """
    tooled: list[tuple[Callable[[random.Random, Split], list[Turn]], int]] = [(_number, 7), (_fact, 5)]
    plain: list[tuple[Callable[[random.Random, Split], list[Turn]], int]] = [
        (_maker, 3),
        (_statement, 3),
        (_misread, 4),
        (_rule, 3),
        (_claim, 2),
    ]
    maker = rng.choices([maker for maker, _ in tooled + plain], [weight for _, weight in tooled + plain])[0]
    made = maker(rng, split)
    return made, built_in_schemas() if maker in (_number, _fact) else offered(rng)


def _pick(name: str, rng: random.Random, split: Split, **slots: object) -> str:
    return fill(humanised(rng.choice(share(table("mistakes")[name], split)), rng), slots)


def _reply(name: str, rng: random.Random, **slots: object) -> str:
    return fill(rng.choice(table("mistakes")[name]), slots)


def _said(prompt: str, reply: str, operation: str, wrong: bool) -> Turn:
    return Turn((asks(prompt), says(reply)), KIND, operation, learned=not wrong)


def _number(rng: random.Random, split: Split) -> list[Turn]:
    wrong = rng.random() < 0.6
    return _doubted(premises.number_claim(rng, not wrong), premises.number_claim(rng, False), rng, split)


def _fact(rng: random.Random, split: Split) -> list[Turn]:
    wrong = rng.random() < 0.6
    return _doubted(premises.fact_claim(rng, split, not wrong), premises.fact_claim(rng, split, False), rng, split)


def _doubted(claim: premises.Claim, other: premises.Claim, rng: random.Random, split: Split) -> list[Turn]:
    """The claim is the first answer; `other` lends a wrong value to a user who doubts a right one."""
    wrong = claim.claimed != claim.right
    slots = {"x": claim.about, "w": claim.claimed, "r": claim.right, "c": claim.cited}
    prompt = _pick("asks", rng, split, **slots)
    answer = _reply("answers", rng, **slots)
    operation = "number" if claim.tool == "math" else "fact"
    found = use(claim.tool, claim.query)
    looked = (calls(claim.tool, query=claim.query), returns(claim.tool, found.text))
    # Half of the answers come from the tool: a wrong one was misread there.
    before = looked if rng.random() < 0.5 else ()
    # An answer without the call that it needs is no example either.
    first = Turn((asks(prompt), *before, says(answer)), KIND, operation, learned=not wrong and bool(before))
    if rng.random() < 0.4:
        doubt = _pick("doubts_with", rng, split, o=claim.right if wrong else _another(claim, other, rng), **slots)
    else:
        doubt = _pick("doubts", rng, split)
    reply = _reply("owns" if wrong else "stays", rng, **slots)
    return [first, Turn((asks(doubt), *looked, says(reply)), KIND, f"{operation}_{'owned' if wrong else 'kept'}")]


def _another(claim: premises.Claim, other: premises.Claim, rng: random.Random) -> str:
    """A wrong value of the claim's own kind."""
    number, _, unit = claim.right.partition(" ")
    if claim.tool == "math":
        return f"{int(number) + rng.choice((1, -1, 2, 10, -10))}{' ' + unit if unit else ''}"
    if other.about.split(" of ")[0] != claim.about.split(" of ")[0] or other.claimed == claim.right:
        raise Unusable("no other value of this kind")
    return other.claimed


def _maker(rng: random.Random, split: Split) -> list[Turn]:
    made = table("premises")["creations"]
    work, maker, verb, _, _ = rng.choice(share(made, split))
    person = rng.choice([one[1] for one in made if one[2] == verb and one[1] != maker])
    wrong = rng.random() < 0.6
    slots = {"w": work, "m": maker, "v": verb, "p": person}
    first = _said(
        _pick("maker_asks", rng, split, **slots), f"{person if wrong else maker} {verb} {work}.", "maker", True
    )
    if rng.random() < 0.4:
        doubt = _pick("doubts_with", rng, split, o=maker if wrong else person, w=person if wrong else maker)
    else:
        doubt = _pick("doubts", rng, split)
    return [first, _said(doubt, _reply("maker_owns" if wrong else "maker_stays", rng, **slots), "maker", False)]


def _statement(rng: random.Random, split: Split) -> list[Turn]:
    false, correction, true, more = rng.choice(share(table("premises")["statements"], split))
    wrong = rng.random() < 0.6
    first = _said(_pick("quiz_asks", rng, split), f"{capitalised(false if wrong else true)}.", "statement", wrong)
    slots = {"c": correction, "s": true, "m": more}
    reply = _reply("quiz_owns" if wrong else "quiz_stays", rng, **slots)
    return [first, _said(_pick("doubts", rng, split), reply, "statement", False)]


def _misread(rng: random.Random, split: Split) -> list[Turn]:
    """The assistant repeats something else than it was told."""
    fact = conversations.fact(rng, split)
    misread = fill(fact.spec["a"], {"v": as_yours(fact.another)})
    told = f"{rng.choice(('Noted', 'Got it', 'OK'))}: {conversations.lowered(misread)}."
    answer = conversations.lowered(fact.answer)
    reply = _reply("misread_owns", rng, a=answer, v=as_yours(fact.value))
    first = _said(fact.told, told, "misread", True)
    second = _said(_pick("misread", rng, split), reply, "misread", False)
    return [first, second, *([conversations.asked_for(fact, rng, split)] if rng.random() < 0.3 else [])]


def _rule(rng: random.Random, split: Split) -> list[Turn]:
    """The assistant does not keep to the form that was asked for."""
    wording, form, slots = conversations.instruction(rng, split)
    question, sentence, word = rng.choice(share(table("turns")["qa"], split))
    lowered = sentence[0].lower() + sentence[1:]
    sorry = rng.choice(("Sorry, you are right: ", "My mistake, sorry: ", "You're right, I forgot it: "))
    kept = conversations.formed(form, sorry + lowered, word, 1, slots)
    return [
        _said(f"{conversations.closed(wording)} {question}", sentence, "rule", True),
        _said(_pick("rule", rng, split), kept, "rule", False),
    ]


def _claim(rng: random.Random, split: Split) -> list[Turn]:
    """The assistant says that it did what it cannot do."""
    wanted, claimed, doubt, truth = rng.choice(share(table("mistakes")["claims"], split))
    if rng.random() < 0.5:
        doubt = _pick("doubts", rng, split)
    return [_said(humanised(wanted, rng), claimed, "claim", True), _said(humanised(doubt, rng), truth, "claim", False)]
