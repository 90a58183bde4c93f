"""Conversations as lines of JSON, to keep, to move to another store, or to read in another program.

A session's lines follow each other. One for every message of every branch, a message after the one it answers:

    {"session": "me", "id": "5f…", "parent_id": null, "created": "2026-11-24T10:00:00+00:00",
     "message": {"role": "user", "content": "Hello"}}

(`Message.to_dict` has the whole form of a message), and a last one that closes the session:

    {"session": "me", "head": "5f…", "entries": 1, "created": "…", "updated": "…"}

where `head` is the end of the active branch (`null`: before the first message) and `entries` counts the lines above,
so that a file that was cut off is noticed. Times without a zone are UTC. Text is ASCII, everything else is escaped.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from ..policies.engines import Message
from ..tools import ConfigError, SessionError
from .session_database import Database, tables
from .sessions import Entry
from .sql_sessions import (
    MAX_ENTRY_ID_LENGTH,
    as_entry,
    check_id,
    delete_session,
    entry_row,
    entry_rows,
    exists,
    has_messages,
    head_of,
    is_entry_id,
    readable,
    utc_now,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 50


@dataclass(frozen=True)
class EntryLine:
    """A message of a session."""

    number: int
    session: str
    entry: Entry


@dataclass(frozen=True)
class ClosingLine:
    """The end of a session: which branch is the active one, and how many messages there are."""

    number: int
    session: str
    head: str | None
    entries: int
    created: datetime
    updated: datetime


class BadLine(Exception):
    """Why a session cannot be imported."""


Line = EntryLine | ClosingLine | BadLine


def session_lines(database: Database, connection: Connection, session_id: str) -> Iterator[str]:
    """The lines of one session, without ends of line.

    Raises:
        SessionError: a message in the store is unreadable.
    """
    from sqlalchemy import select

    count = 0
    rows = entry_rows(connection, session_id)
    now = datetime.now(UTC)
    created = updated = now
    while True:
        with readable(session_id, database):
            row = next(rows, None)
            entry = None if row is None else as_entry(row)
        if entry is None:
            break
        created = entry.created if not count else created
        updated = entry.created
        count += 1
        yield json.dumps({"session": session_id, **entry.to_dict()})
    columns = tables().sessions.c
    known = connection.execute(select(columns.created, columns.updated).where(columns.id == session_id)).first()
    if known is not None:
        created, updated = (value.replace(tzinfo=UTC) for value in known)
    closing: dict[str, Any] = {"session": session_id, "head": head_of(connection, session_id), "entries": count}
    yield json.dumps({**closing, "created": created.isoformat(), "updated": updated.isoformat()})


def load_lines(database: Database, lines: Iterable[bytes], *, replace: bool) -> tuple[list[str], list[str]]:
    """Writes the sessions of a file, each whole or not at all.

    Returns:
        The ids of the sessions that were written, and what was wrong with each of the others.

    Raises:
        SessionError: the store cannot be used.
    """
    loaded: list[str] = []
    problems: list[str] = []
    for session_id, group in itertools.groupby(_by_session(lines), key=lambda pair: pair[0]):
        lines_of_one = (line for _, line in group)
        try:
            if session_id is None:
                raise next(line for line in lines_of_one if isinstance(line, BadLine))
            with database.transaction(write=True) as connection:
                _insert(database, connection, session_id, lines_of_one, replace)
            loaded.append(session_id)
        except BadLine as problem:
            problems.append(str(problem))
    return loaded, problems


def _by_session(lines: Iterable[bytes]) -> Iterator[tuple[str | None, Line]]:
    """Each line with the session it belongs to.

    A line that cannot be read spoils the session that is open there, or else the one that begins after it.
    """
    current: str | None = None
    spoilt: BadLine | None = None
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            line = _read(number, text)
        except BadLine as problem:
            if current is None:
                spoilt = spoilt or problem
            else:
                yield current, problem
            continue
        if spoilt is not None:
            yield line.session, spoilt
            spoilt = None
        yield line.session, line
        current = None if isinstance(line, ClosingLine) else line.session
    if spoilt is not None:
        yield None, spoilt


def _read(number: int, text: bytes) -> EntryLine | ClosingLine:
    try:
        # Editors may put a byte order mark before the first line.
        value: Any = json.loads(text.decode("utf-8-sig" if number == 1 else "utf-8"))
        if not isinstance(value, dict):
            raise ConfigError("expected a JSON object")
        fields = cast("dict[str, Any]", value)
        session = _text(fields, "session")
        check_id(session)
        if "message" not in fields:
            return _closing(number, session, fields)
        return EntryLine(number, session, _entry(fields))
    except KeyError as error:
        raise BadLine(f"line {number}: there is no {error}.") from error
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError, ConfigError) as error:
        raise BadLine(f"line {number}: {str(error).rstrip('.')}.") from error


def _entry(fields: dict[str, Any]) -> Entry:
    message = Message.from_dict(fields["message"])
    for name, value in (("tool_call_id", message.tool_call_id), ("name", message.name)):
        if value is not None and not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"a message's {name} must be text, got {value!r}")
    return Entry(_entry_id(fields, "id"), _optional_id(fields, "parent_id"), message, _time(fields, "created"))


def _closing(number: int, session: str, fields: dict[str, Any]) -> ClosingLine:
    entries = fields["entries"]
    if not isinstance(entries, int):
        raise ConfigError(f"entries must be a number, got {entries!r}")
    head = _optional_id(fields, "head")
    return ClosingLine(number, session, head, entries, _time(fields, "created"), _time(fields, "updated"))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise ConfigError(f"{name} must be text, got {value!r}")
    return value


def _entry_id(fields: dict[str, Any], name: str) -> str:
    value = _text(fields, name)
    if not is_entry_id(value):
        raise ConfigError(f"{name} must have 1 to {MAX_ENTRY_ID_LENGTH} printable ASCII characters, got {value[:50]!r}")
    return value


def _optional_id(fields: dict[str, Any], name: str) -> str | None:
    return None if fields[name] is None else _entry_id(fields, name)


def _time(fields: dict[str, Any], name: str) -> datetime:
    time = datetime.fromisoformat(_text(fields, name))
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _insert(database: Database, connection: Connection, session_id: str, lines: Iterator[Line], replace: bool) -> None:
    """Writes one session within a transaction."""
    now = utc_now()
    if replace and exists(connection, session_id):
        delete_session(database, connection, session_id)
    claim = database.claim({"id": session_id, "head": None, "created": now, "updated": now})
    if connection.execute(claim).first() is None or has_messages(connection, session_id):
        line = next(lines)
        number = "" if isinstance(line, BadLine) else f"line {line.number}: "
        raise BadLine(f"{number}session {session_id!r} exists already; replace it, or delete it first.")
    closing = _insert_entries(connection, session_id, lines)
    values = {
        "id": session_id,
        "head": closing.head,
        "created": closing.created.replace(tzinfo=None),
        "updated": closing.updated.replace(tzinfo=None),
    }
    connection.execute(database.upsert(values))


def _insert_entries(connection: Connection, session_id: str, lines: Iterator[Line]) -> ClosingLine:
    known: set[str] = set()
    batch: list[EntryLine] = []
    closing: ClosingLine | None = None
    number = 0
    for line in lines:
        if isinstance(line, BadLine):
            raise line
        number = line.number
        if closing is not None:
            raise BadLine(f"line {number}: session {session_id!r} was closed in line {closing.number}.")
        if isinstance(line, ClosingLine):
            closing = line
            continue
        entry = line.entry
        if entry.id in known:
            raise BadLine(f"line {number}: the id {entry.id!r} comes twice.")
        if entry.parent_id is not None and entry.parent_id not in known:
            raise BadLine(f"line {number}: its parent {entry.parent_id!r} is not above it.")
        known.add(entry.id)
        batch.append(line)
        if len(batch) == _BATCH:
            _flush(connection, session_id, batch)
            batch = []
    if closing is None:
        raise BadLine(f"line {number}: session {session_id!r} ends here without its closing line; is the file whole?")
    if closing.entries != len(known):
        raise BadLine(f"line {closing.number}: {closing.entries} entries were written, here are {len(known)}.")
    if closing.head is not None and closing.head not in known:
        raise BadLine(f"line {closing.number}: the head {closing.head!r} is not above it.")
    _flush(connection, session_id, batch)
    return closing


def _flush(connection: Connection, session_id: str, batch: Sequence[EntryLine]) -> None:
    from sqlalchemy import insert, select

    if not batch:
        return
    numbers = {line.entry.id: line.number for line in batch}
    columns = tables().messages.c
    taken = connection.execute(select(columns.id).where(columns.id.in_(numbers)).limit(1)).scalar()
    if taken is not None:
        raise BadLine(f"line {numbers[taken]}: an entry {taken!r} is in another session already.")
    try:
        rows = [entry_row(session_id, line.entry) for line in batch]
    except SessionError as error:
        raise BadLine(f"line {batch[0].number} or below: {error}") from error
    connection.execute(insert(tables().messages), rows)
