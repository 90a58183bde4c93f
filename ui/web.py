"""Serves the chat page.

The page is safe by default: loopback, no share link, no analytics, no request to any other machine, no endpoint
besides the page. See `web_gate` for what is let through and what is not covered.

Gradio serves files from the working folder and from the folder for temporary files unless told otherwise. The gate has
no route for files at all; behind it every path is blocked and Gradio's cache is an empty folder of its own. So the
working folder can stay what it is, which the user's tools may rely on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Iterator

from ..agent import Agent, PericlesError
from .listening import address_of, is_loopback, listener, loopback_names
from .web_conversations import Conversations


def serve(agent: Agent, *, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False) -> None:
    """Serves the chat page until SIGINT or SIGTERM. Prints the page's address once it can be opened.

    Must be called from the main thread. The agent's policy is not closed.

    Args:
        agent: who answers. Every browser tab has a conversation of its own with it, in memory.
        host: address to listen on. On any but a loopback address everybody who reaches it may chat: there is no
            sign-in.
        port: 0 takes any free one.
        open_browser: whether to open the page in the default browser.

    Raises:
        ConfigError: the address cannot be listened on; names the port.
        PericlesError: the server did not start.
    """
    # First of all, because what comes next takes seconds and a taken port should be told at once.
    with listener(host, port) as bound, tempfile.TemporaryDirectory(prefix="pericles-page-") as cache:
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        os.environ["GRADIO_TEMP_DIR"] = cache
        from .web_server import PageServer, build_app

        url = f"{address_of(bound)}/"
        loopback = is_loopback(bound)
        conversations = Conversations()
        app, page = build_app(agent, conversations, hosts=loopback_names(bound) if loopback else None)

        def ready() -> None:
            print(f"pericles is at {url} (Ctrl-C stops it)", flush=True)
            if not loopback:
                print(f"Everybody who reaches {host} may chat: there is no sign-in.", flush=True)
            if open_browser:
                # Some browsers keep their caller waiting until they are closed.
                threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()

        server = PageServer(app, on_ready=ready, on_stop=conversations.stop_all)
        with _signals_end_quietly():
            server.run(sockets=[bound])
        page.close(verbose=False)
        if not server.started:
            raise PericlesError("the page could not be started; the log above says why.")


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """Uvicorn ends on SIGINT and SIGTERM, then raises the signal again for whoever handled it before."""
    terminate = signal.signal(signal.SIGTERM, signal.default_int_handler)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, terminate)
        signal.signal(signal.SIGINT, interrupt)
