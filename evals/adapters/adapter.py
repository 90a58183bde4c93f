"""What an adapter is: the facts of a public set, and the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..samples import Form, Sample
from .reading import Origin


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a set's files gave.

    Args:
        samples: in the order of the files.
        skipped: records that could not be read, and whatever else of the published protocol is missing.
        told: where they come from.
        part: see `Suite`.
        shown: see `Suite`.
    """

    samples: Sequence[Sample]
    skipped: Sequence[str]
    told: str
    part: str | None = None
    shown: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A public evaluation set that can be read in its own published formats.

    Args:
        name: what the command and the reports call it.
        description: what it measures, and what the score is.
        licence: of its items, as its authors state it.
        homepage: where it is published.
        hub: `ORG/NAME` or `ORG/NAME:config` on the Hugging Face hub; `None` where it can only be read from files.
        load: reads it.
        forms: those that it can be posed in, the default first.
        split: the part that is read by default.
        tags: see `Suite`.
    """

    name: str
    description: str
    licence: str
    homepage: str
    hub: str | None
    load: Callable[[Origin, Form], Loaded]
    forms: tuple[Form, ...] = ("chat",)
    split: str = "test"
    tags: tuple[str, ...] = ()
