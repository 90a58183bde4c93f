"""Whether a query asks for nothing but what a word means: `what is photosynthesis`, `define entropy`."""

from __future__ import annotations

import re

_ARTICLE = r"(?: an?| the)?"
_WORD = r"(?: the)?(?: words?| terms?| name)?"
_TERM = r" (?P<term>.+)"
_IS = r"(?:'s|’s| is| are)"
_FRAMES = tuple(
    re.compile(f"^{frame}$", re.IGNORECASE)
    for frame in (
        rf"(?:what|who)(?:'s|’s| is| was| are| were| exactly is| do you call)(?: meant by)?{_ARTICLE}{_TERM}",
        rf"what (?:does|do|did){_WORD} (?P<term>.+?) (?:mean|means|stand for|signify)",
        rf"(?:define|explain|describe|(?:information|facts) (?:about|on)|about){_WORD}{_ARTICLE}{_TERM}",
        rf"(?:tell me|i want to know|what do you know)(?: more| something| all)? about{_ARTICLE}{_TERM}",
        rf"(?:what{_IS} )?(?:the |an? )?(?:meaning|definition|description|sense)(?: of)?{_WORD}{_ARTICLE}{_TERM}",
        rf"(?:what{_IS} )?(?:the |an? |some )?(?:synonyms?|antonyms?|opposites?)(?: of| for| to){_WORD}{_TERM}",
        rf"(?:what{_IS} )?(?:another|other) (?:words?|names?)(?: of| for| to){_WORD}{_TERM}",
        r"(?P<term>.+?) (?:definition|meaning|synonyms?|antonyms?|opposite|in other words)",
        rf"what (?:kind|sort|type) of (?:\w+ )?(?:is|are|was|were){_ARTICLE}{_TERM}",
        r"(?P<term>.+?)\s*(?:是什么意思|是什麼意思|是什么|是什麼|的意思|とは何ですか|とは何|とは|の意味)",
        rf"(?:an?|the){_TERM}",
        r"(?P<term>.+)",
    )
)
_POLITE = re.compile(
    r"^(?:please |kindly |hello,? |hi,? |ok,? |so,? |well,? )*"
    r"(?:(?:can|could|would) you (?:please |kindly )?(?:tell me |explain |say |look up )?|do you know |search for "
    r"|look up |find |i'd like to know |i want to know )?",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’«»`"
_MAX_CHARS = 200


def asked_terms(query: str) -> list[str]:
    """What a query may ask the meaning of, the most likely reading first.

    Args:
        query: as a person or a policy writes it.

    Returns:
        Terms without quotation marks; the whole query is among them.
    """
    text = " ".join(query.split()).strip(" ?.!。？！")
    if len(text) > _MAX_CHARS:
        return []
    text = _POLITE.sub("", text, count=1)
    found = (match["term"].strip(_QUOTES + " ?.!,") for frame in _FRAMES if (match := frame.match(text)))
    return [term for term in dict.fromkeys(found) if term]
