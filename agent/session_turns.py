"""One turn at a time in one conversation, among all processes that keep it in the same PostgreSQL database.

Each process holds PostgreSQL's advisory locks for all of its turns on one connection, so that they end with the process
however it dies. Not covered: SQLite, where every process looks after its own turns; turns that were running while the
database was restarted, which it forgets; a pooler that shares connections between transactions (pgbouncer in its mode
`transaction`), where such locks mean nothing: `session` works.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

logger = logging.getLogger(__name__)

# A machine that vanished without a word still holds its locks: the server notices after about a minute, not two hours.
_NOTICE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


class TurnLocks:
    """The turns of this process in a PostgreSQL database; for threads that block.

    Args:
        connect: opens a connection that is kept, in autocommit mode.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._using = threading.Lock()
        self._connection: Connection | None = None
        self._taken: set[str] = set()

    def take(self, session_id: str) -> bool:
        """Whether nobody else has a turn in this conversation; then it is this one's until `give_back`.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        from sqlalchemy.exc import OperationalError

        with self._using:
            if session_id in self._taken:
                return False
            try:
                taken = self._ask("pg_try_advisory_lock", session_id)
            except OperationalError:
                # The connection may have been lost since the last turn.
                self._drop()
                taken = self._ask("pg_try_advisory_lock", session_id)
            if taken:
                self._taken.add(session_id)
            return taken

    def give_back(self, session_id: str) -> None:
        """Ends a turn that `take` began."""
        from sqlalchemy.exc import SQLAlchemyError

        with self._using:
            self._taken.discard(session_id)
            if self._connection is None:
                return
            try:
                self._ask("pg_advisory_unlock", session_id)
            except SQLAlchemyError as error:
                # The turn itself is stored. Without its connection, the lock is gone too.
                logger.warning("the connection that held a turn was lost: %s", type(error).__name__)
                self._drop()

    def close(self) -> None:
        with self._using:
            self._drop()

    def _ask(self, function: str, session_id: str) -> bool:
        from sqlalchemy import text

        if self._connection is None:
            self._connection = self._connect()
            self._connection.exec_driver_sql(_NOTICE)
        return bool(self._connection.execute(text(f"SELECT {function}(:key)"), {"key": _key(session_id)}).scalar())

    def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Not back into the pool: the locks end with the connection.
            connection.invalidate()
            connection.close()


def _key(session_id: str) -> Any:
    """PostgreSQL names its locks by a signed number of 64 bits."""
    digest = hashlib.sha256(f"pericles turn {session_id}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
