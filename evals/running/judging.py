"""The judge of an evaluation: another policy, whose answers are logged, so that nothing is asked twice."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from ...policies.engines import GenerationConfig, Message, Policy, TextPiece
from ...tools import ConfigError
from ..samples import content_hash
from .log import read_lines


class JudgeLog:
    """Asks a policy, and keeps what it said.

    Args:
        policy: the judge.
        file: where its answers are kept.
        config: how they are sampled; the seed differs with the key.
        concurrency: questions at a time.
    """

    def __init__(self, policy: Policy, file: Path, *, max_new_tokens: int = 512, concurrency: int = 8) -> None:
        self._policy = policy
        self._file = file
        self._max_new_tokens = max_new_tokens
        self._room = asyncio.Semaphore(concurrency)
        self._answers = {record["key"]: record["answer"] for _, record in read_lines(file)}

    async def ask(self, key: str, system: str, question: str) -> str:
        """One answer.

        Args:
            key: tells several askings of one question apart: the first is greedy, the others are sampled, each with a
                seed of its own.
            system: the judge's instructions.
            question: what is asked.
        """
        identity = content_hash([self._policy.name, key, system, question])
        if identity in self._answers:
            return self._answers[identity]
        number = int(key.rpartition("#")[2]) if "#" in key else 0
        config = GenerationConfig(
            max_new_tokens=self._max_new_tokens, temperature=0.7 if number else 0.0, seed=number or None
        )
        async with self._room:
            answer = await self._said([Message("system", system), Message("user", question)], config)
        self._answers[identity] = answer
        self._write({"key": identity, "judge": self._policy.name, "question": question, "answer": answer})
        return answer

    async def _said(self, messages: list[Message], config: GenerationConfig) -> str:
        text = ""
        async for piece in self._policy.stream(messages, tool_choice="none", config=config):
            if isinstance(piece, TextPiece):
                text += piece.text
        return text

    def _write(self, record: dict[str, str]) -> None:
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise ConfigError(f"{self._file} cannot be written: {error.strerror}.") from None
