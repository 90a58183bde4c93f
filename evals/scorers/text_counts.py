"""What a word, a sentence and a paragraph of a reply are.

IFEval counts with NLTK. Where our rules differ from it:

- Words: NLTK's `\\w+` cuts at apostrophes and hyphens and, in Indic scripts, at vowel signs. Here "don't", "well-known"
  and "हिन्दी" are one word each. A run of Chinese, Japanese or Thai without spaces is one word in both.
- Sentences: NLTK's Punkt is a trained model of abbreviations. Here a sentence ends where the rule of `sentences` says,
  with a short list of abbreviations; 。！？।॥؟۔ end one too. In neither does the end of a line end a sentence, so that
  a heading belongs to the sentence behind it and list items without full stops are one sentence.
"""

from __future__ import annotations

import re
import unicodedata

# Those that often end a sentence too, such as "etc.", are left to the rule that a small letter goes on.
_ABBREVIATIONS = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "cf", "vol", "fig", "approx", "dept", "est", "jan",
    "feb", "mar", "apr", "aug", "sept", "oct", "nov", "dec", "u.s", "u.k", "p.s", "p.p.s",
})  # fmt: skip
_JOINERS = "'’-‐‑"
# The mark that ends a sentence with the quotes and brackets that close behind it.
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？।॥؟۔]+[”’」』）]*)")


def words(text: str) -> list[str]:
    """The words of a text: runs of letters, marks and digits, joined by apostrophes and hyphens inside."""
    found: list[str] = []
    current = ""
    for place, character in enumerate(text):
        behind = text[place + 1 : place + 2]
        joins = character in _JOINERS and current and current[-1].isalnum() and behind.isalnum()
        if joins or character.isalnum() or unicodedata.category(character).startswith("M"):
            current += character
        elif current:
            found.append(current)
            current = ""
    return [*found, current] if current else found


def sentences(text: str) -> list[str]:
    """The sentences of a text.

    A sentence ends at one or more of . ! ? … with what closes behind them, before space or the text's end. A full stop
    does not end it behind an abbreviation, a single capital letter, or the number that starts a list item, nor before
    a small letter. What holds no word is no sentence.
    """
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if match[0].startswith(".") and not match[0].startswith("..") and not _stops(text, start, match):
            continue
        found.append(text[start : match.end()])
        start = match.end()
    found.append(text[start:])
    return [sentence.strip() for sentence in found if words(sentence)]


def _stops(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop ends a sentence."""
    before = text[start : match.start()]
    last = re.split(r"[\s(\[\"“]", before)[-1]
    if last.casefold() in _ABBREVIATIONS or (len(last) == 1 and last.isupper() and last != "I"):
        return False
    if re.search(r"(?:^|\n)[ \t*_#>-]*\d{1,3}$", before):
        return False
    return not text[match.end() :].lstrip()[:1].islower()


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, which blank lines separate."""
    return [part.strip() for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")) if part.strip()]
