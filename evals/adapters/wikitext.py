"""WikiText (Merity et al. 2017, arXiv:1609.07843): how likely does a policy hold the text of encyclopedia articles?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...tools import ConfigError
from ..samples import Form, Sample
from .adapter import Adapter, Loaded
from .reading import Origin, Rows

BLOCK_CHARS = 4000
# ` = Title = `; sections have more signs.
_TITLE = re.compile(r" ?= ([^=\s].*[^=\s]|[^=\s]) = ?\n?")


def load_wikitext(origin: Origin, form: Form) -> Loaded:
    """The articles, each cut between paragraphs into blocks of about 4,000 characters.

    A whole article exceeds what small policies can read at once, and windows of a number of tokens would differ from
    policy to policy. A block is one sample, the blocks of an article are one cluster. The text is taken as it was
    published, with its own marks for rare words and split numbers; only space around a block is dropped.
    """
    short = "valid" if origin.split == "validation" else origin.split
    rows = origin.rows(f"wiki.{short}.tokens", f"wiki.{short}.raw", f"{short}.txt")
    if rows.rows and not {"text", "page"} & set(rows.rows[0].value):
        there = ", ".join(rows.rows[0].value)
        raise ConfigError(f"{rows.told}: there is no column 'text' (or page); there are: {there}.")
    samples: list[Sample] = []
    for number, (title, lines) in enumerate(_articles(rows), 1):
        for block, text in enumerate(_blocks(lines), 1):
            samples.append(
                Sample(
                    f"{origin.split}-{number:04}-{block:03}",
                    (text,),
                    task="text",
                    form=form,
                    cluster=f"{origin.split}-{number:04}",
                    meta={"article": title, "words": len(text.split())},
                )
            )
    if not samples:
        raise ConfigError(f"{rows.told} holds no text.")
    return Loaded(samples, rows.broken, rows.told)


def _articles(rows: Rows) -> Iterator[tuple[str, list[str]]]:
    """Title and paragraphs of each article."""
    title, lines = "", list[str]()
    for row in rows.rows:
        # One copy on the hub holds an article in each row; the other writes an empty line as no text at all.
        for line in str(row.get("page", "text") or " \n").splitlines(keepends=True):
            heading = _TITLE.fullmatch(line)
            # A formula may look like a title, but stands in the midst of a text.
            if heading is not None and not (lines and lines[-1].strip()):
                if any(part.strip() for part in lines):
                    yield title, lines
                title, lines = heading[1], []
            lines.append(line)
    if any(part.strip() for part in lines):
        yield title, lines


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    block = ""
    for line in lines:
        if block.strip() and len(block) + len(line) > BLOCK_CHARS:
            yield block.strip()
            block = ""
        block += line
    if block.strip():
        yield block.strip()


WIKITEXT = Adapter(
    "wikitext",
    "How likely encyclopedia articles are, in blocks of about 4,000 characters, in bits per byte; lower is better. "
    "Papers that read the whole split in windows of tokens come to other numbers.",
    "CC BY-SA 3.0",
    "https://huggingface.co/datasets/Salesforce/wikitext",
    "Salesforce/wikitext:wikitext-2-raw-v1",
    load_wikitext,
    ("completion",),
    tags=("general",),
)
