"""What the page shows of one conversation, built from a turn's events.

The server's copy is the only one: nothing that a browser sends back is ever read as history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from ..agent import (
    AnswerCorrected,
    ApprovalRequested,
    Event,
    MessageCompleted,
    ReasoningDelta,
    Source,
    SourcesResolved,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallFinished,
    ToolCallStarted,
    ToolProgress,
    ToolResult,
    TurnFinished,
    TurnStarted,
)
from .answer_notes import answer_notes, correction_note
from .web_markdown import answer_markdown, code_block, literal_markdown

TITLE_CHARS = 80

_ENDINGS = {
    "cancelled": "*Stopped.*",
    "max_steps": "*The agent used all its steps; this is as far as it came.*",
    "blocked": "*A guardrail blocked this answer.*",
    "awaiting_approval": "*Allow or refuse below.*",
}


@dataclass(slots=True)
class Bubble:
    """One message on the page; a step, which folds away, when it has a title.

    Args:
        role: who speaks.
        text: Markdown that is safe to show; of an answer, what the model wrote.
        title: one line of plain text.
        done: whether nothing more will come.
        seconds: how long a step took.
        is_answer: whether `text` is a model's own and still has to be made safe.
    """

    role: Literal["user", "assistant"]
    text: str = ""
    title: str | None = None
    done: bool = True
    seconds: float | None = None
    is_answer: bool = False

    def to_gradio(self) -> dict[str, Any]:
        """The form that `gr.Chatbot` takes."""
        text = answer_markdown(self.text) if self.is_answer else self.text
        # A list of parts and not a bare string, which Gradio would dedent and strip.
        value: dict[str, Any] = {"role": self.role, "content": [{"type": "text", "text": text}]}
        if self.title is not None:
            metadata: dict[str, Any] = {
                "title": literal_markdown(self.title),
                "status": "done" if self.done else "pending",
            }
            if self.seconds is not None:
                metadata["duration"] = round(self.seconds, 3)
            value["metadata"] = metadata
        return value


class Transcript:
    """The bubbles of a conversation, one line that says what is going on, and whether calls wait for approval."""

    def __init__(self) -> None:
        self.status = ""
        self.waiting = False
        self._finished: list[dict[str, Any]] = []
        self._bubbles: list[Bubble] = []
        self._open: Bubble | None = None
        self._said: list[Bubble] = []
        self._steps: dict[str, Bubble] = {}

    def messages(self) -> list[dict[str, Any]]:
        """Everything shown, oldest first. Turns that ended are not rendered again."""
        return [*self._finished, *(bubble.to_gradio() for bubble in self._bubbles)]

    def ask(self, text: str) -> None:
        """Shows what the user said, at the start of a turn."""
        self._bubbles.append(Bubble("user", literal_markdown(text)))
        self.status = "Reading…"

    def apply(self, event: Event) -> None:
        """Shows one event."""
        match event:
            case TurnStarted():
                self.status = "Reading…"
                self.waiting = False
            case TextDelta(text):
                self._grow(text, title=None)
                self.status = "Answering…"
            case ReasoningDelta(text):
                self._grow(text, title="Reasoning")
                self.status = "Thinking…"
            case ToolCallDelta():
                self.status = "Choosing a tool…"
            case ApprovalRequested(call):
                self._close()
                title = f"{_step_title(call)} (needs your approval)"
                self._bubbles.append(Bubble("assistant", _step_input(call), title=title))
                self.waiting = True
            case ToolCallStarted(call):
                self._start_step(call)
            case ToolProgress(_, message, fraction):
                done = "" if fraction is None else f"{fraction:.0%} "
                self.status = f"{done}{' '.join(message.split())}"
            case ToolCallFinished(result):
                self._finish_step(result)
            case MessageCompleted(message):
                self._close()
                if message.role == "assistant":
                    self._settle_answer(message.content)
            case SourcesResolved(sources):
                self._bubbles.extend(_source_bubble(number, source) for number, source in sources.items())
                self._bubbles.extend(Bubble("assistant", f"*{literal_markdown(note)}*") for note in answer_notes(event))
            case AnswerCorrected():
                self._bubbles.append(Bubble("assistant", f"*{literal_markdown(correction_note(event))}*"))
            case TurnFinished():
                self._finish(event)

    def fail(self, sentence: str) -> None:
        """Ends a turn that could not be shown to its end."""
        self._close()
        self._cancel_steps()
        self._bubbles.append(Bubble("assistant", _failure(sentence)))
        self._settle()

    def _grow(self, text: str, *, title: str | None) -> None:
        if self._open is None or self._open.title != title:
            if not text.strip():
                return
            self._close()
            self._open = Bubble("assistant", title=title, done=False, is_answer=True)
            self._bubbles.append(self._open)
            if title is None:
                self._said.append(self._open)
        self._open.text += text

    def _settle_answer(self, text: str) -> None:
        """Replaces what was streamed by the message as it is stored, which may lack marks and quotations."""
        said, self._said = self._said, []
        if not said or "".join(bubble.text for bubble in said).strip() == text.strip():
            return
        # Where reasoning parted the text, nobody can tell which part lost what.
        said[0].text = text
        emptied = {id(bubble) for bubble in said[1:]} | (set() if text.strip() else {id(said[0])})
        self._bubbles = [bubble for bubble in self._bubbles if id(bubble) not in emptied]

    def _close(self) -> None:
        if self._open is not None:
            self._open.done = True
            self._open = None

    def _start_step(self, call: ToolCall) -> None:
        self._close()
        step = Bubble("assistant", _step_input(call), title=_step_title(call), done=False)
        self._steps[call.id] = step
        self._bubbles.append(step)
        self._name_running()

    def _finish_step(self, result: ToolResult) -> None:
        step = self._steps.pop(result.call_id, None)
        if step is None:
            return
        heading = "Error" if result.is_error else "Result"
        step.text = f"{step.text}\n\n{heading}\n\n{code_block(result.text)}"
        step.title = f"{step.title} (failed)" if result.is_error else step.title
        step.seconds = result.seconds
        step.done = True
        self._name_running()

    def _name_running(self) -> None:
        titles = [step.title or "" for step in self._steps.values()]
        self.status = f"Running {', '.join(titles)}…" if titles else "Reading the result…"

    def _cancel_steps(self) -> None:
        for step in self._steps.values():
            step.title = f"{step.title} (stopped)"
            step.done = True
        self._steps.clear()

    def _finish(self, event: TurnFinished) -> None:
        self._close()
        self._cancel_steps()
        if event.status == "error":
            self._bubbles.append(Bubble("assistant", _failure(event.error or "the reason is not known.")))
        elif event.status in _ENDINGS:
            self._bubbles.append(Bubble("assistant", _ENDINGS[event.status]))
        elif not event.output:
            self._bubbles.append(Bubble("assistant", "*The model gave no answer.*"))
        self._settle()

    def _settle(self) -> None:
        self._finished = self.messages()
        self._bubbles = []
        self._said = []
        self.status = ""


def _failure(sentence: str) -> str:
    return f"**This answer failed:** {literal_markdown(sentence)}"


def _step_title(call: ToolCall) -> str:
    values = list(call.arguments.values())
    if call.problem is not None:
        said = "a call that could not be read"
    elif len(values) == 1 and isinstance(values[0], str):
        said = values[0]
    else:
        said = ", ".join(f"{name}={_json(value)}" for name, value in call.arguments.items())
    line = " ".join(f"{call.name or 'tool'}: {said}".split())
    return line if len(line) <= TITLE_CHARS else f"{line[: TITLE_CHARS - 1]}…"


def _step_input(call: ToolCall) -> str:
    return f"Input\n\n{code_block(_json(call.arguments, indent=2), 'json')}"


def _source_bubble(number: int, source: Source) -> Bubble:
    place = " · ".join(part for part in (source.locator, source.date) if part)
    quote = "\n".join(f"> {line}" for line in literal_markdown(source.quote).split("\n"))
    text = f"{literal_markdown(place)}\n\n{quote}"
    return Bubble("assistant", text, title=" ".join(f"[{number}] {source.title}".split()))


def _json(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
