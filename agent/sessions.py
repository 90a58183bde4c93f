"""Conversations: in memory, or in a SQLite file that several processes may share.

Messages are stored as a tree (`parent_id`), of which this module uses one branch so far: the newest.
"""

from __future__ import annotations

import asyncio
import functools
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..policies.engines import Message
from ..tools import ConfigError, SessionError
from ..tools.locations import data_dir

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table


class Session(Protocol):
    """A conversation that an agent reads and continues."""

    id: str

    async def messages(self) -> list[Message]:
        """The conversation so far, oldest first."""
        ...

    async def append(self, messages: Sequence[Message]) -> None:
        """Adds messages, all of them or none."""
        ...

    async def clear(self) -> None:
        """Deletes every message."""
        ...


class InMemorySession:
    """A conversation that ends with the process."""

    def __init__(self, id: str | None = None) -> None:
        self.id = id or secrets.token_hex(8)
        self._messages: list[Message] = []

    async def messages(self) -> list[Message]:
        return list(self._messages)

    async def append(self, messages: Sequence[Message]) -> None:
        self._messages.extend(messages)

    async def clear(self) -> None:
        self._messages.clear()


class SQLiteSession:
    """A conversation in a SQLite file (WAL).

    Args:
        id: names the conversation; the same id continues it.
        path: the file; `sessions.sqlite` in the data folder by default.

    Raises:
        SessionError: the file cannot be opened or is not a session store.
    """

    def __init__(self, id: str, path: str | Path | None = None) -> None:
        if not id or len(id) > 200:
            raise ConfigError(f"a session's id must have 1 to 200 characters, got {len(id)}.")
        self.id = id
        self.path = Path(path) if path is not None else data_dir() / "sessions.sqlite"

    async def messages(self) -> list[Message]:
        return await asyncio.to_thread(self._stored, self._load)

    async def append(self, messages: Sequence[Message]) -> None:
        await asyncio.to_thread(self._stored, functools.partial(self._insert, list(messages)))

    async def clear(self) -> None:
        await asyncio.to_thread(self._stored, self._delete)

    def _stored(self, operation: Any) -> Any:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return operation(*_store(self.path))
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise SessionError(f"the session store {self.path} cannot be used: {cause}.") from error
        except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
            raise SessionError(f"session {self.id!r} in {self.path} holds an unreadable message: {error}") from error

    def _load(self, engine: Engine, table: Table) -> list[Message]:
        from sqlalchemy import select

        columns = table.c
        with engine.begin() as connection:
            rows = connection.execute(
                select(columns.id, columns.parent_id, columns.body)
                .where(columns.session_id == self.id)
                .order_by(columns.position)
            ).all()
        by_id = {row.id: row for row in rows}
        branch: list[Message] = []
        row = rows[-1] if rows else None
        while row is not None:
            branch.append(Message.from_dict(json.loads(row.body)))
            row = by_id.get(row.parent_id)
        return branch[::-1]

    def _insert(self, messages: list[Message], engine: Engine, table: Table) -> None:
        from sqlalchemy import insert, literal, select

        columns = table.c
        # One transaction that begins with a write takes SQLite's lock at once: two processes cannot both
        # append after the same message.
        newest = select(columns.id).where(columns.session_id == self.id).order_by(columns.position.desc()).limit(1)
        parent: Any = newest.scalar_subquery()
        with engine.begin() as connection:
            for message in messages:
                new_id = secrets.token_hex(12)
                # ASCII JSON: text with lone surrogates is stored and read back as it came.
                row = select(literal(new_id), literal(self.id), parent, literal(json.dumps(message.to_dict())))
                connection.execute(insert(table).from_select(["id", "session_id", "parent_id", "body"], row))
                parent = literal(new_id)

    def _delete(self, engine: Engine, table: Table) -> None:
        from sqlalchemy import delete

        with engine.begin() as connection:
            connection.execute(delete(table).where(table.c.session_id == self.id))


@functools.cache
def _schema() -> Table:
    from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, Text, func

    return Table(
        "messages",
        MetaData(),
        Column("position", Integer, primary_key=True, autoincrement=True),
        Column("id", String(32), nullable=False, unique=True),
        Column("session_id", String(200), nullable=False),
        Column("parent_id", String(32)),
        Column("body", Text, nullable=False),
        Column("created", DateTime, nullable=False, server_default=func.now()),
        Index("messages_by_session", "session_id", "position"),
    )


@functools.lru_cache(maxsize=32)
def _store(path: Path) -> tuple[Engine, Table]:
    """Opens a store, making the file and its table where they are missing."""
    from sqlalchemy import NullPool, create_engine, event
    from sqlalchemy.schema import CreateIndex, CreateTable

    path.parent.mkdir(parents=True, exist_ok=True)
    # A connection per operation: nothing is left open between turns, and threads never share one.
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": 30})

    def configure(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    event.listen(engine, "connect", configure)
    table = _schema()
    # Not `create_all`: it looks first and creates afterwards, and two processes may both find nothing.
    with engine.begin() as connection:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    return engine, table
