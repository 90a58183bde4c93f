"""All the conversations of a database: to list, export, import and delete them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from ..tools import ConfigError
from .session_database import Database, locate, open_database, tables
from .session_lines import load_lines, session_lines
from .sql_sessions import SQLSession, check_id, delete_session, exists

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

T = TypeVar("T")
_SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A stored conversation.

    Args:
        id: its name.
        messages: how many there are in all branches together.
        created: when it was begun (UTC).
        updated: when it was last written to, or another branch was chosen (UTC).
    """

    id: str
    messages: int
    created: datetime
    updated: datetime

    def to_dict(self) -> dict[str, Any]:
        created, updated = self.created.isoformat(), self.updated.isoformat()
        return {"id": self.id, "messages": self.messages, "created": created, "updated": updated}


class SessionStore:
    """The conversations of a SQLite file or a PostgreSQL database.

    Args:
        path_or_url: a path, `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`. By default what the
            environment variable `PERICLES_SESSIONS` says, else `sessions.sqlite` in the data folder.

    Raises:
        ConfigError: the URL is not one.
    """

    def __init__(self, path_or_url: str | Path | None = None) -> None:
        self._address = locate(path_or_url)

    def __repr__(self) -> str:
        return f"SessionStore({open_database(self._address).name!r})"

    def session(self, id: str) -> SQLSession:
        """One conversation; it need not exist yet."""
        return SQLSession(id, self._address)

    @contextlib.asynccontextmanager
    async def turn(self, id: str) -> AsyncGenerator[bool]:
        """Holds a conversation for one turn, among all processes that use the same PostgreSQL database.

        Gives whether it is held: not where another turn has it. In SQLite it always is: there, two processes that
        append at once make two branches.

        Raises:
            SessionError: the store cannot be used.
        """
        held = False

        def take(database: Database) -> None:
            nonlocal held
            if database.turns is not None:
                with database.reporting():
                    held = database.turns.take(id)

        def give_back(database: Database) -> None:
            if held and database.turns is not None:
                database.turns.give_back(id)

        if isinstance(self._address, Path):
            yield True
            return
        try:
            # A cancellation waits until it is known whether the lock was taken.
            await self._run(take)
            yield held
        finally:
            await self._run(give_back)

    async def export(self, target: str | Path | IO[bytes], ids: Sequence[str] | None = None) -> int:
        """Writes conversations as lines of JSON (`session_lines` describes them), one message at a time.

        Args:
            target: a path where no file may be yet, or an open binary file.
            ids: which ones; all of them by default, oldest first.

        Returns:
            How many conversations were written.

        Raises:
            ConfigError: there is a file already, or no such session.
            SessionError: the store cannot be used, or a message in it is unreadable; no file is left behind.
        """
        return await self._run(lambda database: _export(database, target, ids))

    async def load(self, source: str | Path | IO[bytes], *, replace: bool = False) -> Sequence[str]:
        """Reads conversations that `export` has written, here or elsewhere; entries keep their ids.

        A conversation is written whole or not at all, and one that is wrong does not keep out the others.

        Args:
            source: a path or an open binary file.
            replace: delete what is stored under the same ids; by default such a conversation is refused.

        Returns:
            The ids of the conversations that were written.

        Raises:
            ConfigError: at least one was refused. The text names the lines, and how many were written.
            SessionError: the store cannot be used.
        """
        return await self._run(lambda database: _load(database, source, replace))

    async def delete(self, *ids: str) -> None:
        """Deletes conversations for good, all of them or none.

        Nothing of them is left in a SQLite file or its log. Every deletion rewrites that file, so that it takes longer
        the more the file holds. PostgreSQL keeps deleted rows on its disk until it vacuums them, and in backups.

        Raises:
            ConfigError: there is no such session; none is deleted.
            SessionError: the store cannot be used, or other processes kept reading and may have left text in the log.
        """
        await self._run(lambda database: _delete(database, ids))

    async def list(self, *, limit: int | None = None, offset: int = 0) -> Sequence[SessionInfo]:
        """The conversations, those that changed last first.

        Args:
            limit: at most so many; all by default.
            offset: leave out so many at the start.
        """
        if offset < 0 or (limit is not None and limit < 0):
            raise ConfigError(f"limit and offset must not be negative, got {limit} and {offset}.")
        return await self._run(lambda database: _list(database, limit, offset))

    async def _run(self, work: Callable[[Database], T]) -> T:
        return await open_database(self._address).run(work)


def _list(database: Database, limit: int | None, offset: int) -> Sequence[SessionInfo]:
    with database.transaction(write=False) as connection:
        rows = connection.execute(_listing(limit, offset)).all()
    return [SessionInfo(row.id, row.messages, _utc(row.created), _utc(row.updated)) for row in rows]


def _listing(limit: int | None, offset: int) -> Select[Any, Any, Any, int]:
    from sqlalchemy import func, select

    messages, sessions = tables().messages, tables().sessions
    page = select(sessions.c.id, sessions.c.created, sessions.c.updated)
    chosen = page.order_by(sessions.c.updated.desc(), sessions.c.id).limit(limit).offset(offset).subquery()
    count = select(func.count()).select_from(messages).where(messages.c.session_id == chosen.c.id).scalar_subquery()
    columns = chosen.c
    return select(columns.id, columns.created, columns.updated, count.label("messages")).order_by(
        columns.updated.desc(), columns.id
    )


def _export(database: Database, target: str | Path | IO[bytes], ids: Sequence[str] | None) -> int:
    chosen = _chosen(database, ids)
    if not isinstance(target, str | Path):
        _write(database, target, chosen)
        return len(chosen)
    path = Path(target)
    try:
        # Conversations are private, and a file of the user's is never overwritten.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already; choose another name.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write(database, file, chosen)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return len(chosen)


def _chosen(database: Database, ids: Sequence[str] | None) -> Sequence[str]:
    from sqlalchemy import select

    columns = tables().sessions.c
    with database.transaction(write=False) as connection:
        if ids is None:
            return list(connection.execute(select(columns.id).order_by(columns.created, columns.id)).scalars())
        for id in ids:
            _require(database, connection, id)
    return list(dict.fromkeys(ids))


def _write(database: Database, file: IO[bytes], ids: Sequence[str]) -> None:
    for id in ids:
        with database.transaction(write=False) as connection:
            for line in session_lines(database, connection, id):
                file.write(line.encode("ascii") + b"\n")
    file.flush()


def _load(database: Database, source: str | Path | IO[bytes], replace: bool) -> Sequence[str]:
    if isinstance(source, str | Path):
        try:
            file = Path(source).open("rb")  # noqa: SIM115
        except OSError as error:
            raise ConfigError(f"{source} cannot be read: {error.strerror}.") from error
        with file:
            return _load(database, file, replace)
    loaded, problems = load_lines(database, source, replace=replace)
    if replace and loaded:
        database.scrub()
    if problems:
        more = f" And {len(problems) - _SHOWN_PROBLEMS} more." if len(problems) > _SHOWN_PROBLEMS else ""
        told = " ".join(problems[:_SHOWN_PROBLEMS])
        raise ConfigError(f"{len(loaded)} sessions were imported, {len(problems)} were not. {told}{more}")
    return loaded


def _delete(database: Database, ids: Sequence[str]) -> None:
    # Sorted: two that delete the same sessions must not wait for each other.
    with database.transaction(write=True) as connection:
        for id in sorted(set(ids)):
            _require(database, connection, id)
            delete_session(database, connection, id)
    if ids:
        database.scrub()


def _require(database: Database, connection: Connection, id: str) -> None:
    check_id(id)
    if not exists(connection, id):
        raise ConfigError(f"there is no session {id!r} in {database.name}.")


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)
