"""Conversations in a database: SQLite by default, safe for several processes, or PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..policies.engines import Message
from ..tools import ConfigError, SessionError
from .session_database import Address, Database, locate, open_database, tables
from .sessions import Entry, complete

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
MAX_ID_LENGTH = 200
MAX_ENTRY_ID_LENGTH = 32
_BATCH = 50


class SQLSession:
    """A conversation in a database.

    Two that append at once after the same entry, be they tasks, threads or processes, make two branches; the one
    that wrote last is the active one. What `append` has returned survives the death of the process.

    Args:
        id: names the conversation; the same id continues it. 1 to 200 characters.
        url: a path, `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME` (needs `pericles[postgres]`). By
            default what the environment variable `PERICLES_SESSIONS` says, else `sessions.sqlite` in the data folder.

    Raises:
        ConfigError: the id or the URL is not one.
    """

    def __init__(self, id: str, url: str | Path | None = None) -> None:
        check_id(id)
        self.id = id
        self._address: Address = locate(url)

    async def entries(self) -> list[Entry]:
        return await self._run(self._entries)

    async def branch(self) -> list[Entry]:
        return await self._run(self._branch)

    async def messages(self) -> list[Message]:
        return complete([entry.message for entry in await self.branch()])

    async def append(self, messages: Sequence[Message], *, after: str | None) -> list[Entry]:
        written: list[Entry] = []
        parent = after
        for message in messages:
            written.append(Entry(secrets.token_hex(12), parent, message))
            parent = written[-1].id
        # Outside of the transaction: nobody waits while this session turns its messages into text.
        rows = [entry_row(self.id, entry) for entry in written]
        await self._run(lambda database: self._append(database, rows, after, parent))
        return written

    async def switch(self, entry_id: str | None) -> None:
        await self._run(lambda database: self._append(database, [], entry_id, entry_id))

    async def clear(self) -> None:
        """Deletes every message of every branch for good; see `SessionStore.delete`."""
        await self._run(self._clear)

    async def _run(self, work: Callable[[Database], T]) -> T:
        return await open_database(self._address).run(work)

    def _entries(self, database: Database) -> list[Entry]:
        with database.transaction(write=False) as connection, readable(self.id, database):
            return [as_entry(row) for row in entry_rows(connection, self.id)]

    def _branch(self, database: Database) -> list[Entry]:
        with database.transaction(write=False) as connection, readable(self.id, database):
            head = head_of(connection, self.id)
            return [] if head is None else [as_entry(row) for row in _branch_rows(connection, self.id, head)]

    def _append(self, database: Database, rows: list[dict[str, Any]], after: str | None, head: str | None) -> None:
        from sqlalchemy import insert

        if after is not None and not is_entry_id(after):
            raise SessionError(f"session {self.id!r} has no entry {after!r}.")
        now = utc_now()
        values = {"id": self.id, "head": head, "created": now, "updated": now}
        with database.transaction(write=True) as connection:
            if head is None and not exists(connection, self.id):
                return
            # First, because it locks the session: whoever comes second sees what the first has written.
            connection.execute(database.upsert(values, keep=("created",)))
            if after is not None and not _has_entry(connection, self.id, after):
                raise SessionError(f"session {self.id!r} has no entry {after!r}.")
            if rows:
                connection.execute(insert(tables().messages), rows)

    def _clear(self, database: Database) -> None:
        with database.transaction(write=True) as connection:
            if not exists(connection, self.id):
                return
            delete_session(database, connection, self.id)
        database.scrub()


class SQLiteSession(SQLSession):
    """A conversation in a SQLite file, which several processes may use at once.

    Args:
        id: names the conversation; the same id continues it. 1 to 200 characters.
        path: the file. By default the one that the environment variable `PERICLES_SESSIONS` names, else
            `sessions.sqlite` in the data folder.

    Raises:
        ConfigError: the id is not one, or `PERICLES_SESSIONS` names a server: `SQLSession` is for both.
    """

    def __init__(self, id: str, path: str | Path | None = None) -> None:
        super().__init__(id, path)
        if not isinstance(self._address, Path):
            raise ConfigError("SQLiteSession takes a file; for a PostgreSQL server use SQLSession.")
        self.path = self._address


def check_id(id: str) -> None:
    """What every store can hold as the name of a session."""
    if not 1 <= len(id) <= MAX_ID_LENGTH:
        raise ConfigError(f"a session's id must have 1 to {MAX_ID_LENGTH} characters, got {len(id)}.")
    if "\0" in id or any("\ud800" <= character <= "\udfff" for character in id):
        raise ConfigError(f"a session's id must be text without NUL characters and lone surrogates, got {id!r}.")


def is_entry_id(id: str) -> bool:
    """Whether a text can be the id of an entry in every store."""
    return 1 <= len(id) <= MAX_ENTRY_ID_LENGTH and id.isascii() and id.isprintable()


def utc_now() -> datetime:
    """Now, as the database keeps it: UTC without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


def entry_row(session_id: str, entry: Entry) -> dict[str, Any]:
    """An entry as a row of `messages`."""
    try:
        # ASCII: lone surrogates and NUL characters are stored and read back as they came.
        body = json.dumps(entry.message.to_dict())
    except (TypeError, ValueError, RecursionError) as error:
        raise SessionError(f"a message of session {session_id!r} cannot be stored, it is not JSON: {error}.") from error
    created = entry.created.astimezone(UTC).replace(tzinfo=None)
    return {
        "id": entry.id,
        "session_id": session_id,
        "parent_id": entry.parent_id,
        "body": body,
        "created": created,
    }


def as_entry(row: Any) -> Entry:
    """A row of `messages` as an entry; use it within `readable`."""
    id, parent_id, body, created = row
    return Entry(id, parent_id, Message.from_dict(json.loads(body)), created.replace(tzinfo=UTC))


@contextlib.contextmanager
def readable(session_id: str, database: Database) -> Generator[None]:
    """Around the reading of rows: whatever another program or a bad disk left there is an error that names them."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ConfigError) as error:
        raise SessionError(f"session {session_id!r} in {database.name} holds an unreadable message: {error}") from error


def exists(connection: Connection, session_id: str) -> bool:
    """Whether anything is stored under this id."""
    from sqlalchemy import select

    sessions = tables().sessions
    known = connection.execute(select(sessions.c.id).where(sessions.c.id == session_id)).first()
    return known is not None or has_messages(connection, session_id)


def has_messages(connection: Connection, session_id: str) -> bool:
    from sqlalchemy import select

    messages = tables().messages
    return (
        connection.execute(select(messages.c.id).where(messages.c.session_id == session_id).limit(1)).first()
        is not None
    )


def head_of(connection: Connection, session_id: str) -> str | None:
    """The end of the active branch: the newest message where none was chosen."""
    from sqlalchemy import select

    messages, sessions = tables().messages, tables().sessions
    row = connection.execute(select(sessions.c.head).where(sessions.c.id == session_id)).first()
    if row is not None:
        return row.head
    newest = select(messages.c.id).where(messages.c.session_id == session_id).order_by(messages.c.position.desc())
    return connection.execute(newest.limit(1)).scalar()


def entry_rows(connection: Connection, session_id: str) -> Iterator[Any]:
    """Every row of a session in the order of writing, not all in memory at once."""
    from sqlalchemy import select

    columns = tables().messages.c
    statement = select(columns.id, columns.parent_id, columns.body, columns.created)
    statement = statement.where(columns.session_id == session_id).order_by(columns.position)
    yield from connection.execute(statement, execution_options={"yield_per": _BATCH})


def delete_session(database: Database, connection: Connection, session_id: str) -> None:
    """Deletes the rows of a session; `Database.scrub` belongs after it, outside of the transaction."""
    from sqlalchemy import delete

    messages, sessions = tables().messages, tables().sessions
    now = utc_now()
    # Locks the session, so that nothing is appended while its messages go.
    connection.execute(database.upsert({"id": session_id, "head": None, "created": now, "updated": now}))
    connection.execute(delete(messages).where(messages.c.session_id == session_id))
    connection.execute(delete(sessions).where(sessions.c.id == session_id))


def _has_entry(connection: Connection, session_id: str, entry_id: str) -> bool:
    from sqlalchemy import select

    columns = tables().messages.c
    found = select(columns.position).where(columns.id == entry_id, columns.session_id == session_id)
    return connection.execute(found).first() is not None


def _branch_rows(connection: Connection, session_id: str, head: str) -> Sequence[Any]:
    """The rows from the root to `head`; those of other branches are not read."""
    from sqlalchemy import select

    table = tables().messages
    columns = table.c
    end = (columns.session_id == session_id, columns.id == head)
    walk = select(columns.position, columns.parent_id).where(*end).cte("walk", recursive=True)
    # By the id alone, which is unique: PostgreSQL would look through the whole session at every step otherwise.
    # UNION, not UNION ALL: rows that point at each other in a circle come to an end.
    walk = walk.union(select(columns.position, columns.parent_id).where(columns.id == walk.c.parent_id))
    statement = select(columns.id, columns.parent_id, columns.body, columns.created)
    # A parent is always written before what follows it.
    return connection.execute(
        statement.join(walk, walk.c.position == columns.position).order_by(columns.position)
    ).all()
