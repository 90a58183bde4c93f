"""The transformers engine: log-probabilities, token ids, GPUs, and every model that `transformers` loads.

One reply is generated at a time. Not covered yet: batches, a prefix kept between turns, constrained decoding.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from ...tools import ConfigError, ContextOverflow, PolicyError
from .chat_format import ReplyReader, partial_mark, render
from .messages import GenerationConfig, Message, PolicyEvent, ReplyFinished, ToolChoice, Usage
from .tool_choice import NAME_START, NAME_TOKENS, call_start, named_tool, tool_to_call

Dtype = Literal["auto", "float32", "bfloat16"]


class TorchPolicy:
    """A causal language model run by `transformers`.

    Args:
        model: folder or hub name.
        adapter: PEFT folder that is merged into the weights.
        name: what to call the policy.
        dtype: `auto` is bfloat16 on a GPU and float32 on a CPU.
        template: chat template; the tokenizer's own by default.

    Raises:
        ConfigError: the model cannot be loaded, or has no chat template.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        adapter: Path | None = None,
        name: str | None = None,
        dtype: Dtype = "auto",
        template: str | None = None,
    ) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "auto":
            dtype = "bfloat16" if self._device == "cuda" else "float32"
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
            loaded: Any = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))
            if adapter is not None:
                from peft import PeftModel

                loaded = PeftModel.from_pretrained(loaded, str(adapter)).merge_and_unload()
        except (OSError, ValueError) as error:
            raise ConfigError(f"transformers cannot load {model}: {' '.join(str(error).split())[:300]}") from error
        self._model: Any = loaded.to(self._device).eval()
        self._template: str = template or self._tokenizer.chat_template or ""
        if not self._template:
            raise ConfigError(f"{model} has no chat template: it is a base model, not a chat model.")
        self.name = name or str(model)
        self.context_window = int(getattr(self._model.config, "max_position_embeddings", 4096))
        self.capabilities = frozenset({"score", "token_ids"})
        # One thread: replies are generated one after the other.
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transformers")
        self._closed = threading.Event()

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """Streams one reply; see `Policy.stream`."""
        from tokenizers.decoders import DecodeStream

        self._check_open()
        config = config or GenerationConfig()
        start = await self._start_of_reply(messages, tools, tool_choice, config)
        ids = self._prompt_ids(messages, tools, start)
        reader = ReplyReader([tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none")
        for event in reader.feed(start):
            yield event
        decoder = DecodeStream(skip_special_tokens=True)
        stop_ids = self._stop_ids()
        written, stopped, pending = 0, False, ""
        tokens = self._tokens(ids, config)
        async with contextlib.aclosing(tokens):
            async for token in tokens:
                written += 1
                stopped = token in stop_ids
                piece = decoder.step(self._tokenizer.backend_tokenizer, token)
                if piece is None:
                    continue
                pending += piece
                ends = [pending.find(stop) for stop in config.stop if stop in pending]
                # What may be the start of a stop text waits until the next tokens tell.
                sure = min(ends) if ends else len(pending) - partial_mark(pending, config.stop)
                for event in reader.feed(pending[:sure]):
                    yield event
                pending = pending[sure:]
                if ends:
                    pending, stopped = "", True
                    break
        for event in (*reader.feed(pending), *reader.finish()):
            yield event
        reason = "tool_calls" if reader.calls else "stop" if stopped else "length"
        yield ReplyFinished(reason, Usage(len(ids), 0, written))

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length of the prompt in tokens."""
        return len(self._prompt_ids(messages, tools))

    async def generate_ids(
        self, prompt_ids: Sequence[int], config: GenerationConfig | None = None
    ) -> tuple[list[int], list[float]]:
        """See `TokenLevel`. Log-probabilities are the model's own, before temperature and top-p."""
        config = config or GenerationConfig()
        ids: list[int] = []
        logprobs: list[float] = []
        tokens = self._tokens(list(prompt_ids), config, logprobs=logprobs)
        async with contextlib.aclosing(tokens):
            async for token in tokens:
                ids.append(token)
        return ids, logprobs[: len(ids)]

    async def score(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        """Summed log-probability (nats) of each completion and its stop token; see `Scoring`.

        The logits of the scored positions are taken to float32 before the softmax.
        """
        prompt = self._prompt_ids(messages, ())
        stop = self._tokenizer.eos_token_id
        rows = [self._tokenizer(text, add_special_tokens=False)["input_ids"] + [stop] for text in completions]
        longest = max((len(row) for row in rows), default=0)
        self._check_room(prompt, longest)
        return await self._in_thread(lambda: [self._log_probability(prompt, row) for row in rows])

    def _log_probability(self, prompt: list[int], completion: list[int]) -> float:
        import torch

        with torch.inference_mode():
            ids = torch.tensor([prompt + completion], device=self._device)
            keep = len(completion) + 1
            logits = self._model(input_ids=ids, logits_to_keep=keep).logits[0, :-1].float()
            return torch.log_softmax(logits, -1).gather(1, ids[0, -len(completion) :, None]).sum().item()

    async def aclose(self) -> None:
        """Stops what is running and frees the model."""
        self._closed.set()
        await asyncio.to_thread(self._threads.shutdown, True)
        self._model = None

    def _prompt_ids(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], start: str = "") -> list[int]:
        bos, eos = self._tokenizer.bos_token or "", self._tokenizer.eos_token or ""
        text = render(self._template, messages, tools=tools, bos_token=bos, eos_token=eos)
        return self._tokenizer(text + start, add_special_tokens=False)["input_ids"]

    async def _start_of_reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]],
        tool_choice: ToolChoice,
        config: GenerationConfig,
    ) -> str:
        """What the reply begins with so that it makes the call it must; which tool, the model may say first."""
        name = tool_to_call(tools, tool_choice)
        if name is None:
            return ""
        if not name:
            written: list[int] = []
            naming = dataclasses.replace(config, max_new_tokens=NAME_TOKENS)
            tokens = self._tokens(self._prompt_ids(messages, tools, NAME_START), naming)
            async with contextlib.aclosing(tokens):
                async for token in tokens:
                    written.append(token)
                    if '"' in self._tokenizer.decode(written):
                        break
            name = named_tool(self._tokenizer.decode(written, skip_special_tokens=True), tools)
        return call_start(name, tools)

    def _stop_ids(self) -> set[int]:
        configured = self._model.generation_config.eos_token_id
        listed = configured if isinstance(configured, list) else [configured]
        return {token for token in (*listed, self._tokenizer.eos_token_id) if token is not None}

    def _check_room(self, prompt: list[int], new_tokens: int) -> None:
        if len(prompt) + new_tokens > self.context_window:
            raise ContextOverflow(
                f"the conversation has {len(prompt)} tokens, but {self.name} reads at most "
                f"{self.context_window - new_tokens}: start a new one or shorten it."
            )

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise PolicyError(f"the policy {self.name} is closed.")

    async def _in_thread(self, function: Callable[[], Any]) -> Any:
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def _tokens(
        self, prompt: list[int], config: GenerationConfig, *, logprobs: list[float] | None = None
    ) -> AsyncGenerator[int]:
        """Yields token ids as they are sampled; the stop token comes last where it came."""
        self._check_open()
        self._check_room(prompt, 1)
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[int | BaseException | None] = asyncio.Queue()
        stop = threading.Event()

        def put(item: int | BaseException | None) -> None:
            # A loop that has been closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                if not (stop.is_set() or self._closed.is_set()):
                    self._generate(prompt, config, put, stop, logprobs)
                put(None)
            except Exception as error:  # noqa: BLE001 - raised again in the caller's task
                put(error)

        running = loop.run_in_executor(self._threads, work)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise PolicyError(f"{self.name}: {item}") from item
                yield item
            # Closing the policy ends the stream as well, but not as a whole reply.
            self._check_open()
        finally:
            stop.set()
            running.cancel()

    def _generate(
        self,
        prompt: list[int],
        config: GenerationConfig,
        put: Callable[[int], None],
        stop: threading.Event,
        logprobs: list[float] | None,
    ) -> None:
        import torch
        from transformers import GenerationConfig as TransformersConfig

        def stopped(input_ids: Any, scores: Any, **_: Any) -> Any:
            done = stop.is_set() or self._closed.is_set()
            return torch.full((input_ids.shape[0],), done, device=input_ids.device, dtype=torch.bool)

        def record(input_ids: Any, scores: Any) -> Any:
            if logprobs is not None:
                seen.append(torch.log_softmax(scores[0].float(), -1))
            return scores

        class Streamer:
            prompt_seen = False

            def put(self, value: Any) -> None:
                if not self.prompt_seen:
                    self.prompt_seen = True
                    return
                token = int(value.reshape(-1)[0])
                if logprobs is not None:
                    logprobs.append(float(seen.pop()[token]))
                put(token)

            def end(self) -> None:
                return None

        seen: list[Any] = []
        sampled = config.temperature > 0
        settings = TransformersConfig(
            max_new_tokens=min(config.max_new_tokens, self.context_window - len(prompt)),
            do_sample=sampled,
            temperature=config.temperature if sampled else None,
            top_p=config.top_p if sampled else None,
            top_k=0 if sampled else None,
            eos_token_id=sorted(self._stop_ids()),
            pad_token_id=self._tokenizer.pad_token_id,
        )
        if config.seed is not None:
            torch.manual_seed(config.seed)
        ids = torch.tensor([prompt], device=self._device)
        self._model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            generation_config=settings,
            streamer=Streamer(),
            stopping_criteria=[stopped],
            logits_processor=[record],
        )
