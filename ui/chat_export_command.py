"""`pericles feedback export`: stored conversations, and what people said about them, become training data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..tools import ConfigError
from ..tools.locations import data_dir
from .options import NoToolsOption, StoreOption, ToolsOption
from .terminal import printable

if TYPE_CHECKING:
    from ..agent import SessionStore
    from ..policies.feedback.chats import FeedbackLog
    from ..policies.feedback.tamer.records import LiveClick
    from ..tools import ToolRegistry


def export(
    out: Annotated[Path, typer.Option(help="Write rankings to this file.")],
    demonstrations: Annotated[
        Path | None, typer.Option(help="Write replies that were called good, and corrected ones, to this file.")
    ] = None,
    store: StoreOption = None,
    feedback: Annotated[
        Path | None,
        typer.Option(envvar="PERICLES_FEEDBACK", help="What people said; by default beside the conversations."),
    ] = None,
    tools: ToolsOption = None,
    no_tools: NoToolsOption = False,
) -> None:
    """Make rankings of stored conversations, of what their users agreed to and without personal data.

    Files that are there are replaced. The tools are those that the conversations had: schemas are not stored with them.
    """
    from ..policies.feedback import write_rankings
    from ..policies.feedback.chats import FeedbackLog, chat_demonstrations, chat_rankings
    from ..policies.feedback.json_lines import write_json_lines
    from . import toolbox

    log = _existing_log(FeedbackLog(feedback), given=feedback is not None)
    opened = _existing_store(store)
    offered = toolbox.offered(tools or (), builtin=not no_tools)
    exported = chat_rankings(opened, log, clicks=_clicks(), tools=offered.schemas())
    if exported.rankings:
        write_rankings(out, exported.rankings)
    _show(f"rankings, in {out}" if exported.rankings else "rankings", len(exported.rankings), exported.made)
    _show("left out", sum(exported.left_out.values()), exported.left_out)
    redacted = dict(exported.redacted)
    count = len(exported.rankings)
    if demonstrations is not None:
        shown = chat_demonstrations(opened, log, tools=offered.schemas(), instructions=_instructions(offered))
        count += len(shown.demonstrations)
        if shown.demonstrations:
            write_json_lines(demonstrations.expanduser(), (one.to_dict() for one in shown.demonstrations))
        where = f"demonstrations, in {demonstrations}" if shown.demonstrations else "demonstrations"
        _show(where, len(shown.demonstrations), {})
        _show("demonstrations left out", sum(shown.left_out.values()), shown.left_out)
        for label, number in shown.redacted.items():
            redacted[label] = redacted.get(label, 0) + number
    _show("redacted", sum(redacted.values()), redacted)
    if not count:
        raise ConfigError("nothing that was said puts two replies in an order; nothing was written.")


def _show(what: str, total: int, parts: Mapping[str, int]) -> None:
    typer.echo(printable(f"{total:6}  {what}"))
    for name, number in sorted(parts.items(), key=lambda part: (-part[1], part[0])):
        typer.echo(printable(f"{number:14}  {name}"))


def _existing_log(log: FeedbackLog, *, given: bool) -> FeedbackLog:
    if log.path.is_file():
        return log
    hint = "" if given else "; say what you think with /good, /bad or /edit in: pericles chat --session NAME"
    raise ConfigError(f"there is no feedback in {log.path}{hint}.")


def _clicks() -> list[LiveClick]:
    """The clicks of everybody who has clicked on this machine."""
    from ..policies.feedback.tamer.records import ClickLog

    return [click for path in sorted((data_dir() / "live").glob("*/clicks.jsonl")) for click in ClickLog(path).read()]


def _existing_store(store: str | None) -> SessionStore:
    """A store to read from: a mistyped path is an error, and no new file."""
    from ..agent import SessionStore
    from ..agent.session_database import locate

    address = locate(store)
    if isinstance(address, Path) and not address.is_file():
        raise ConfigError(f"there is no session store {address}.")
    return SessionStore(store)


def _instructions(tools: ToolRegistry) -> str | None:
    """What the agent tells its policy first, as it does in a chat with these tools."""
    from ..agent import Agent
    from ..policies.engines import ScriptedPolicy

    given = Agent(ScriptedPolicy(["."]), tools).instructions
    return given if isinstance(given, str) else None
