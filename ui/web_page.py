"""The chat page: what is on it and what its buttons do.

Imports Gradio, which takes seconds: import this module inside the function that needs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import gradio as gr

from ..agent import Agent, Decisions
from .web_conversations import Conversation, Conversations
from .web_markdown import LATEX_DELIMITERS, literal_markdown

MAX_MESSAGE_CHARS = 8_000
# Gradio has 40 workers in all: enough are left for Stop while every chat is busy.
MAX_CHATS_AT_ONCE = 32
MAX_WAITING = 64
QUEUE_POLL_SECONDS = 0.02

STYLE = Path(__file__).with_name("web.css")


def build_page(agent: Agent, conversations: Conversations) -> gr.Blocks:
    """Lays out the page and binds it to the agent.

    Every listener is private: Gradio offers none of them as an API.
    """

    async def answer(text: Any, request: gr.Request) -> AsyncGenerator[tuple[Any, ...]]:
        conversation = conversations.open(str(request.session_hash))
        problem = _problem(text)
        if problem is not None:
            yield tuple(problem if item is status else gr.skip() for item in shown)
            return
        if not await conversation.free():
            # Not in the status line, which the running answer is about to paint.
            gr.Info("Wait for the answer, or stop it first.", duration=4)
            yield tuple(gr.skip() for _ in shown)
            return
        async for painting in run(conversation, text, typed=""):
            yield painting

    async def run(conversation: Conversation, asked: str | Decisions, typed: Any) -> AsyncGenerator[tuple[Any, ...]]:
        async with contextlib.aclosing(conversation.answer(agent, asked)) as changes:
            async for _ in changes:
                yield _painted(conversation, typed)
                typed = gr.skip()  # the next question may already be in the box
        yield _painted(conversation, typed)

    def decide(allowed: bool) -> Callable[[gr.Request], AsyncGenerator[tuple[Any, ...]]]:
        async def decided(request: gr.Request) -> AsyncGenerator[tuple[Any, ...]]:
            conversation = conversations.open(str(request.session_hash))
            # A second click, or one from a page that shows less than what is so now, decides nothing.
            if not conversation.waiting:
                yield _painted(conversation, gr.skip())
                return
            async for painting in run(conversation, Decisions(rest=allowed), typed=gr.skip()):
                yield painting

        return decided

    async def stop_answer(request: gr.Request) -> None:
        conversations.open(str(request.session_hash)).stop()

    async def start_over(request: gr.Request) -> tuple[Any, ...]:
        conversation = conversations.open(str(request.session_hash))
        conversation.start_over()
        return _painted(conversation, "")

    async def leave(request: gr.Request) -> None:
        conversations.leave(str(request.session_hash))

    with gr.Blocks(title="pericles", analytics_enabled=False, fill_height=True) as page:
        with gr.Row(elem_id="heading"):
            gr.Markdown("# pericles")
            new = gr.Button("New chat", size="sm", scale=0, min_width=100, elem_id="new")
        chat = gr.Chatbot(
            elem_id="chat",
            label="Conversation",
            show_label=False,
            container=False,
            scale=1,
            layout="bubble",
            buttons=[],
            latex_delimiters=LATEX_DELIMITERS,
            placeholder=_greeting(agent),
            allow_tags=False,
            allow_file_downloads=False,
            sanitize_html=True,
            feedback_options=None,
        )
        status = gr.Markdown("", elem_id="status")
        with gr.Row(elem_id="approval"):
            allow = gr.Button("Allow", variant="primary", size="sm", elem_id="allow", visible=False)
            refuse = gr.Button("Refuse", variant="stop", size="sm", elem_id="refuse", visible=False)
        with gr.Row(elem_id="ask"):
            box = gr.Textbox(
                elem_id="box",
                label="Message",
                show_label=False,
                container=False,
                placeholder="Ask something",
                lines=1,
                max_lines=8,
                autofocus=True,
                scale=1,
            )
            send = gr.Button("Send", variant="primary", scale=0, min_width=90, elem_id="send")
            stop = gr.Button("Stop", variant="stop", scale=0, min_width=90, elem_id="stop", visible=False)

        shown = [chat, status, box, send, stop, allow, refuse]
        private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        gr.on(
            [box.submit, send.click],
            answer,
            inputs=[box],
            outputs=shown,
            trigger_mode="multiple",  # once sent is never dropped in silence
            concurrency_limit=MAX_CHATS_AT_ONCE,
            **private,
        )
        for button, allowed in ((allow, True), (refuse, False)):
            button.click(decide(allowed), inputs=[], outputs=shown, concurrency_limit=MAX_CHATS_AT_ONCE, **private)
        stop.click(stop_answer, inputs=[], outputs=[], **private)
        new.click(start_over, inputs=[], outputs=shown, **private)
        page.unload(leave)
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=MAX_CHATS_AT_ONCE, api_open=False)
    # Gradio looks for work a thousand times a second, which costs an idle server 6 % of a core.
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = QUEUE_POLL_SECONDS
    return page


def _painted(conversation: Conversation, typed: Any) -> tuple[Any, ...]:
    """Values for everything that is `shown`: always what is so now."""
    transcript = conversation.transcript
    send, stop = gr.update(visible=not conversation.busy), gr.update(visible=conversation.busy)
    decide = gr.update(visible=conversation.waiting)
    return transcript.messages(), literal_markdown(transcript.status), typed, send, stop, decide, decide


def _problem(text: Any) -> str | None:
    """Why a message cannot be answered. A browser may send anything at all."""
    if not isinstance(text, str) or not text.strip():
        return "Write a message first."
    if len(text) > MAX_MESSAGE_CHARS:
        return f"This message has {len(text):,} characters; at most {MAX_MESSAGE_CHARS:,} are accepted. Shorten it."
    return None


def _greeting(agent: Agent) -> str:
    names = [f"`{item.name}`" for item in agent.tools]
    tools = f"It can use {', '.join(names)}." if names else "It has no tools."
    return f"### What would you like to know?\nYou are talking to `{agent.policy.name}`. {tools}"
