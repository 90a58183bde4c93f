"""The name under which a person's feedback is kept."""

from __future__ import annotations

import getpass
import re
import unicodedata

from ....tools import ConfigError

MAX_CHARS = 100


def human_rater(name: str | None = None) -> str:
    """A person's name as records hold it.

    Args:
        name: as they write it, with or without `human:`; the login name by default.

    Returns:
        `human:NAME`.

    Raises:
        ConfigError: it is no name of a person, or there is no login name to take.
    """
    if name is None:
        return f"human:{_login_name()}"
    bare = name.strip().removeprefix("human:").strip()
    unseen = any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in bare)
    if not bare or len(bare) > MAX_CHARS or unseen or bare.startswith(("ai:", "rule:")):
        raise ConfigError(f"a rater is a person's name of 1 to {MAX_CHARS} characters, got {name[:120]!r}.")
    return f"human:{bare}"


def _login_name() -> str:
    try:
        login = getpass.getuser()
    except (KeyError, OSError, ImportError):
        login = ""
    safe = re.sub(r"[^\w.@-]+", "-", login).strip("-")[:MAX_CHARS]
    if not safe:
        raise ConfigError("this machine does not say who you are: add --rater NAME.")
    return safe
