"""The databases that sessions are kept in: SQLite files and PostgreSQL servers.

One `Database` per file or server and process: its engine, its two tables, and errors that say what to do.

What is safe here. A process that is killed at any moment loses nothing that was acknowledged, and never tears what
it was writing: SQLite runs with a write-ahead log and flushes it at every commit (`synchronous=FULL`), so that a
power cut loses nothing acknowledged either where the disk keeps its promise to flush. Several processes may write at
once; a writer waits for the lock. What is not: a SQLite file on a network share, whose locks often do not work; use
PostgreSQL there.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..tools import ConfigError, SessionError
from ..tools.locations import data_dir
from .session_turns import TurnLocks

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Table

T = TypeVar("T")
Address = Path | str

LOCK_WAIT = 30.0  # seconds
CONNECT_WAIT = 10  # seconds
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_CREATION_LOCK = 0x7065_7269  # any number that no other program would choose


def locate(path_or_url: str | Path | None = None) -> Address:
    """Where a store is: the absolute path of a SQLite file, or the URL of a PostgreSQL database.

    Args:
        path_or_url: a path, `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`. By default what the
            environment variable `PERICLES_SESSIONS` says, else `sessions.sqlite` in the data folder.

    Raises:
        ConfigError: a URL of something else.
    """
    if path_or_url is None:
        path_or_url = os.environ.get("PERICLES_SESSIONS") or data_dir() / "sessions.sqlite"
    scheme, separator, rest = str(path_or_url).partition("://")
    if isinstance(path_or_url, Path) or not separator:
        if not str(path_or_url) or "\0" in str(path_or_url):
            raise ConfigError(f"a session store needs the path of a file or a URL, got {str(path_or_url)!r}.")
        return Path(path_or_url).expanduser().absolute()
    if scheme in _POSTGRES:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        name = rest.removeprefix("/")
        if not name or name == ":memory:" or "?" in name:
            raise ConfigError("a SQLite store is sqlite:///PATH without options; InMemorySession needs no store.")
        return Path(name).absolute()
    raise ConfigError(f"sessions are kept in SQLite or PostgreSQL, got {scheme}://…; write a path or postgresql://….")


@dataclass(frozen=True)
class Tables:
    """`messages` has the trees, `sessions` where each conversation stands."""

    messages: Table
    sessions: Table


@functools.cache
def tables() -> Tables:
    from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text, func

    metadata = MetaData()
    messages = Table(
        "messages",
        metadata,
        Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("id", String(32), nullable=False, unique=True),
        Column("session_id", String(200), nullable=False),
        Column("parent_id", String(32)),
        Column("body", Text, nullable=False),
        Column("created", DateTime, nullable=False, server_default=func.now()),
        Index("messages_by_session", "session_id", "position"),
    )
    sessions = Table(
        "sessions",
        metadata,
        Column("id", String(200), primary_key=True),
        Column("head", String(32)),
        Column("created", DateTime, nullable=False),
        Column("updated", DateTime, nullable=False),
    )
    return Tables(messages, sessions)


class Database:
    """A store that is open in this process. Make one with `open_database`.

    Args:
        address: what `locate` returned.
    """

    def __init__(self, address: Address) -> None:
        self.path = address if isinstance(address, Path) else None
        self._address = address
        self._opening = threading.Lock()
        self._engine: Engine | None = None
        # SQLite has no such locks; there every process looks after its own turns.
        self.turns = None if self.path else TurnLocks(self._connect_for_turns)
        # Threads of its own: a tool that fills asyncio's default ones must not keep a conversation from being stored.
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="pericles-sessions")

    @property
    def name(self) -> str:
        """How errors call the store: never with its password."""
        return str(self.path) if self.path else _without_password(self._url())

    async def run(self, work: Callable[[Database], T]) -> T:
        """Does blocking work in a thread. What has begun is finished before a cancellation goes through."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, self)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            if not future.cancelled():
                future.exception()
            raise

    @contextlib.contextmanager
    def transaction(self, *, write: bool) -> Generator[Connection]:
        """All or nothing. A reader sees one state of the store; a SQLite writer is alone from the start.

        Raises:
            SessionError: the store cannot be used; the text says why, in one line.
        """
        with self.reporting():
            try:
                connection = self._begin(write)
            except OSError as error:
                raise SessionError(f"the session store {self.name} cannot be used: {error}.") from error
            try:
                yield connection
                connection.commit()
            finally:
                connection.close()

    @contextlib.contextmanager
    def reporting(self) -> Generator[None]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except ImportError as error:
            raise SessionError(
                f"the session store {self.name} needs the driver psycopg: pip install 'pericles[postgres]'."
            ) from error
        except SQLAlchemyError as error:
            raise SessionError(f"the session store {self.name} cannot be used: {self._cause(error)}") from error

    def upsert(self, values: dict[str, Any], *, keep: tuple[str, ...] = ()) -> Any:
        """The statement that writes a row of `sessions`, leaving the columns in `keep` where there is one already.

        The row is this session's lock until the transaction ends.
        """
        changed = {key: value for key, value in values.items() if key != "id" and key not in keep}
        return self._insert(values).on_conflict_do_update(index_elements=["id"], set_=changed)

    def claim(self, values: dict[str, Any]) -> Any:
        """The same for a new session alone: returns no row where there is one already."""
        statement = self._insert(values).on_conflict_do_nothing(index_elements=["id"])
        return statement.returning(tables().sessions.c.id)

    def _insert(self, values: dict[str, Any]) -> Any:
        from sqlalchemy.dialects import postgresql, sqlite

        return (sqlite if self.path else postgresql).insert(tables().sessions).values(values)

    def scrub(self) -> None:
        """After a deletion: leaves nothing of the deleted text in a SQLite file or its log.

        PostgreSQL keeps deleted rows on its disk until it vacuums, and in its backups: that is its administrator's.

        Raises:
            SessionError: other processes kept reading; the text may be in the log until they end.
        """
        if self.path is None:
            return
        with self.reporting():
            connection = self._open().raw_connection()
            try:
                cursor = connection.cursor()
                # Deleted cells are overwritten (`secure_delete`), but pages that were split may keep copies of what
                # moved (seen: one store in six); a new copy of what is left has none.
                _patiently(lambda: cursor.execute("VACUUM"))
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, *_ = cast("tuple[int, ...]", cursor.fetchone())
            finally:
                connection.close()
        if busy:
            raise SessionError(
                f"the messages are deleted from {self.path}, but other processes are reading it: their text stays in "
                f"{self.path.name}-wal until they end."
            )

    def close(self) -> None:
        if self.turns is not None:
            self.turns.close()
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()

    def _connect_for_turns(self) -> Connection:
        return self._open().connect().execution_options(isolation_level="AUTOCOMMIT")

    def _begin(self, write: bool) -> Connection:
        engine = self._open()
        if self.path is None:
            connection = engine.connect()
            # A reader that runs two statements sees the same state in both.
            return connection if write else connection.execution_options(isolation_level="REPEATABLE READ")
        return _patiently(functools.partial(_begin_sqlite, engine, write))

    def _open(self) -> Engine:
        with self._opening:
            # A file that was deleted meanwhile is made anew.
            if self._engine is None or (self.path is not None and not self.path.exists()):
                self._engine = self._sqlite(self.path) if self.path else self._postgres()
            return self._engine

    def _sqlite(self, path: Path) -> Engine:
        from sqlalchemy import URL, NullPool, create_engine, event

        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # Conversations are private: SQLite itself would make a file that everybody reads.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        # A connection per operation: nothing is left open between turns, and threads never share one.
        url = URL.create("sqlite", database=str(path))
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_WAIT})
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _write_begin)
        with _patiently(functools.partial(_begin_sqlite, engine, False)) as connection:
            ready = _has_tables(connection)
        if not ready:
            with _patiently(functools.partial(_begin_sqlite, engine, True)) as connection:
                _create_tables(connection)
        return engine

    def _postgres(self) -> Engine:
        from sqlalchemy import create_engine, text

        arguments: dict[str, Any] = {"client_encoding": "utf8"}
        if "connect_timeout" not in self._url().query:
            arguments["connect_timeout"] = CONNECT_WAIT
        engine = create_engine(self._url(), pool_pre_ping=True, connect_args=arguments)
        with engine.connect() as connection:
            ready = _has_tables(connection)
        if not ready:
            with engine.begin() as connection:
                # `IF NOT EXISTS` alone fails when two create at once.
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})"))
                _create_tables(connection)
        return engine

    def _url(self) -> URL:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            return make_url(str(self._address))
        except (ArgumentError, ValueError) as error:
            raise ConfigError(
                "the store's URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/NAME."
            ) from error

    def _cause(self, error: Exception) -> str:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        if self.path is None:
            url = self._url()
            for secret in (url.password, url.query.get("password")):
                if secret:
                    cause = cause.replace(str(secret), "***")
            if _is_unreachable(error):
                cause += " Check that the server runs and that its host, port, user, password and database are right."
        return cause


_databases: dict[tuple[int, Address], Database] = {}
_making = threading.Lock()


def open_database(address: Address) -> Database:
    """The one `Database` of this process for an address; nothing is opened before it is used."""
    # By process: what a forked child inherits (connections, locks, threads) must not be used there.
    key = (os.getpid(), address)
    with _making:
        return _databases.get(key) or _databases.setdefault(key, Database(address))


def close_databases() -> None:
    """Closes the connections of this process that wait for the next use; one that is used again opens its own."""
    with _making:
        for (process, _), database in _databases.items():
            if process == os.getpid():
                database.close()


def _configure(connection: Any, _: Any) -> None:
    # SQLAlchemy's BEGIN is written by `_write_begin`: the driver's own would not take the lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    # The switch to the log does not wait for a lock by itself.
    _patiently(lambda: cursor.execute("PRAGMA journal_mode=WAL"))
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _write_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")


def _begin_sqlite(engine: Engine, write: bool) -> Connection:
    connection = engine.connect().execution_options(write=write)
    try:
        # A reader's view of the store begins with its first statement: here, where it may be tried again.
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")
    except BaseException:
        connection.close()
        raise
    return connection


def _patiently(work: Callable[[], T]) -> T:
    """SQLite waits for most locks by itself, but not for those of a process that opens or closes its log."""
    import sqlite3

    from sqlalchemy.exc import OperationalError

    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            return work()
        except (OperationalError, sqlite3.OperationalError) as error:
            if "locked" not in str(getattr(error, "orig", error)) or time.monotonic() > deadline:
                raise
        time.sleep(0.005)


def _has_tables(connection: Connection) -> bool:
    from sqlalchemy import inspect

    return inspect(connection).has_table("sessions")


def _create_tables(connection: Connection) -> None:
    """Makes what is missing, and takes over a store that had only messages: each ends at its newest one."""
    from sqlalchemy import func, insert, select
    from sqlalchemy.schema import CreateIndex, CreateTable

    messages, sessions = tables().messages, tables().sessions
    for table in (messages, sessions):
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    columns = messages.c
    newest = select(func.max(columns.position)).group_by(columns.session_id)
    first = select(columns.session_id, func.min(columns.created).label("created")).group_by(columns.session_id)
    begun = first.subquery()
    old = (
        select(columns.session_id, columns.id, begun.c.created, columns.created)
        .join(begun, begun.c.session_id == columns.session_id)
        .where(columns.position.in_(newest), columns.session_id.not_in(select(sessions.c.id)))
    )
    connection.execute(insert(sessions).from_select(["id", "head", "created", "updated"], old))
    connection.commit()


def _without_password(url: URL) -> str:
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _is_unreachable(error: Exception) -> bool:
    from sqlalchemy.exc import OperationalError

    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) is None
