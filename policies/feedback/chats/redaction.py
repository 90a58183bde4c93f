"""Takes personal data and secrets out of texts before they become training data.

What is found: e-mail addresses, telephone numbers, keys and passwords, IBANs, numbers of payment cards. Each becomes a
word in brackets that says what stood there. Precision comes before recall: ordinary numbers, dates, sums, ISBNs and
names in programs stay, for a policy that is to reckon must not learn from texts whose numbers are missing.

Not found: names, postal addresses, dates of birth, numbers of passports, short passwords without a word before them.

It takes linear time: no expression begins inside of what it has just read, and repetitions are bounded or possessive.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ....agent import Message
from .addresses import E_MAIL, redact_emails
from .bank_numbers import CARD, IBAN, redact_cards, redact_ibans
from .phone_numbers import PHONE, redact_phones
from .secret_words import KEY, redact_secrets

LABELS = (KEY, E_MAIL, IBAN, CARD, PHONE)
# Secrets first: inside of them, anything may look like something else.
_STEPS: tuple[tuple[str, Callable[[str], tuple[str, int]]], ...] = (
    (KEY, redact_secrets),
    (E_MAIL, redact_emails),
    (IBAN, redact_ibans),
    (CARD, redact_cards),
    (PHONE, redact_phones),
)


def redact(text: str) -> tuple[str, Counter[str]]:
    """A text without personal data and secrets.

    Returns:
        The text, and how often each of `LABELS` stands for something. What is redacted already stays as it is.
    """
    counts: Counter[str] = Counter()
    for label, step in _STEPS:
        text, count = step(text)
        if count:
            counts[label] += count
    return text, counts


def redact_value(value: Any) -> tuple[Any, Counter[str]]:
    """A JSON value of which every text, keys of objects included, is redacted."""
    if isinstance(value, str):
        return redact(value)
    counts: Counter[str] = Counter()

    def inner(item: Any) -> Any:
        found, more = redact_value(item)
        counts.update(more)
        return found

    if isinstance(value, dict):
        return {inner(key): inner(item) for key, item in value.items()}, counts
    if isinstance(value, list | tuple):
        return [inner(item) for item in value], counts
    return value, counts


def redact_messages(messages: Sequence[Message]) -> tuple[tuple[Message, ...], Counter[str]]:
    """Messages whose contents, arguments of calls and results are redacted; their notes are left out."""
    counts: Counter[str] = Counter()
    clean: list[Message] = []
    for message in messages:
        content, found = redact(message.content)
        counts.update(found)
        calls = []
        for call in message.tool_calls:
            arguments, more = redact_value(call.arguments)
            problem, told = redact(call.problem) if call.problem is not None else (None, Counter[str]())
            counts.update(more)
            counts.update(told)
            calls.append(dataclasses.replace(call, arguments=arguments, problem=problem))
        clean.append(dataclasses.replace(message, content=content, tool_calls=tuple(calls), meta={}))
    return tuple(clean), counts
