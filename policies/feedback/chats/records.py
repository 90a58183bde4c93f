"""What people say about replies of stored conversations: a thumb, a corrected text, that they asked once more.

Each record names the conversation and the entry that it is about (`agent.Entry.id`), says who gave it, and whether they
agreed that it is trained on.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from ....tools import ConfigError
from ..json_lines import check_keys, shown
from ..message_lists import has_text

MAX_REASONS = 16
MAX_REASON_CHARS = 200
MAX_COMMENT_CHARS = 4_000
MAX_EDIT_CHARS = 100_000
MAX_NAME_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class _Given:
    type: ClassVar[str]
    session: str
    message_id: str
    rater: str
    consent: bool = False
    created: str = ""

    def __post_init__(self) -> None:
        if not self.created:
            object.__setattr__(self, "created", datetime.now(UTC).isoformat(timespec="seconds"))
        for name in ("session", "message_id", "rater", "created"):
            value = getattr(self, name)
            if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_CHARS:
                raise ConfigError(f"{name} must be text of 1 to {MAX_NAME_CHARS} characters, got {shown(value)}.")
        if not self.rater.startswith("human:") or not self.rater.removeprefix("human:").strip():
            raise ConfigError(f"rater must be human:NAME, got {shown(self.rater)}.")
        if not isinstance(self.consent, bool):
            raise ConfigError(f"consent must be true or false, got {shown(self.consent)}.")
        try:
            datetime.fromisoformat(self.created)
        except ValueError:
            raise ConfigError(f"created must be a time as in ISO 8601, got {shown(self.created)}.") from None

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, **dataclasses.asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Thumb(_Given):
    """Whether a reply is good.

    Args:
        session: id of the conversation.
        message_id: id of an entry of the reply; usually its answer.
        rater: `human:NAME`.
        consent: whether the rater agreed that this, and the conversation up to the reply, is trained on.
        created: when it was given, ISO 8601; now by default.
        value: 1 for good, −1 for bad.
        reasons: short texts.
        comment: a longer one.

    Raises:
        ConfigError: an argument is wrong.
    """

    type: ClassVar[str] = "thumb"
    value: int
    reasons: tuple[str, ...] = ()
    comment: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.value, bool) or self.value not in (-1, 1):
            raise ConfigError(f"value must be 1 or -1, got {shown(self.value)}.")
        reasons = self.reasons
        if not isinstance(reasons, list | tuple) or len(reasons) > MAX_REASONS:
            raise ConfigError(f"reasons must be a list of at most {MAX_REASONS} texts, got {shown(reasons)}.")
        for reason in reasons:
            if not isinstance(reason, str) or not 1 <= len(reason) <= MAX_REASON_CHARS:
                raise ConfigError(f"a reason must be text of 1 to {MAX_REASON_CHARS} characters, got {shown(reason)}.")
        object.__setattr__(self, "reasons", tuple(reasons))
        comment = self.comment
        if comment is not None and (not isinstance(comment, str) or len(comment) > MAX_COMMENT_CHARS):
            raise ConfigError(f"comment must be text of at most {MAX_COMMENT_CHARS} characters, got {shown(comment)}.")


@dataclass(frozen=True, kw_only=True)
class Edit(_Given):
    """What a reply should have said; the first five arguments are those of `Thumb`.

    Args:
        text: in place of the answer's.

    Raises:
        ConfigError: an argument is wrong.
    """

    type: ClassVar[str] = "edit"
    text: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.text, str) or not has_text(self.text) or len(self.text) > MAX_EDIT_CHARS:
            raise ConfigError(f"text must be text of 1 to {MAX_EDIT_CHARS} characters, got {shown(self.text)}.")


@dataclass(frozen=True, kw_only=True)
class Again(_Given):
    """That another reply was asked for in place of this one; the arguments are the first five of `Thumb`."""

    type: ClassVar[str] = "again"


Given = Thumb | Edit | Again
_KINDS: dict[str, type[Thumb] | type[Edit] | type[Again]] = {kind.type: kind for kind in (Thumb, Edit, Again)}


def read_given(value: dict[str, Any]) -> Given:
    """A record from its JSON form.

    Raises:
        ConfigError: it is none; names the key.
    """
    kind = _KINDS.get(str(value.get("type")))
    if kind is None:
        raise ConfigError(f"type must be one of {', '.join(_KINDS)}, got {shown(value.get('type'))}.")
    names = [field.name for field in dataclasses.fields(kind)]
    required = ("session", "message_id", "rater", *(name for name in ("value", "text") if name in names))
    check_keys(value, ["type", *names], required, what=f"a record of type {kind.type}")
    return kind(**{name: item for name, item in value.items() if name != "type"})
