"""The page as an ASGI application, and the server that runs it.

Imports Gradio, which takes seconds: import this module inside the function that needs it.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from gradio.themes import Default

from ..agent import Agent
from .asgi import App
from .web_conversations import Conversations
from .web_gate import Gate
from .web_page import STYLE, build_page

SECONDS_TO_FINISH = 1


def build_app(agent: Agent, conversations: Conversations, *, hosts: Iterable[str] | None) -> tuple[App, gr.Blocks]:
    """The page behind its gate.

    Args:
        agent: who answers.
        conversations: where the chats are kept.
        hosts: names that the server may be called by; `None` allows any.
    """
    page = build_page(agent, conversations)
    parent = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(
        parent,
        page,
        path="/",
        theme=Default(primary_hue="blue", neutral_hue="slate"),
        css_paths=[STYLE],
        blocked_paths=[Path.cwd().anchor],  # every file there is
        allowed_paths=[],
        max_file_size=1,
        show_error=False,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    page.has_launched = True  # or Gradio, being mounted, checks no path against the blocked ones
    return Gate(parent, hosts=hosts), page


class PageServer(uvicorn.Server):
    """Runs an application on a socket that already listens.

    Args:
        app: what answers.
        on_ready: called once requests are answered.
        on_stop: called before open connections are waited for.
    """

    def __init__(self, app: App, *, on_ready: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=SECONDS_TO_FINISH,
            )
        )
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        # Streams to open pages are cut; that is no error of this server.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
