"""The transformers engine: log-probabilities, token ids, GPUs, and every model that `transformers` loads.

Replies that are asked for at the same time are decoded together (`torch_rows`), inside a grammar where there are tools.

Not covered: a prefix kept between turns; `torch.compile`, which on two cores took over a minute for a model of 135
million weights, and then saved at most a third of the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import logging
import warnings
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from ...tools import ConfigError, ContextOverflow, PolicyError
from .chat_format import ReplyReader, partial_mark, render
from .grammar import Vocabulary, reply_grammar
from .messages import (
    GenerationConfig,
    Message,
    PolicyEvent,
    ReplyFinished,
    TextScore,
    TokenLogprob,
    ToolChoice,
    Usage,
)
from .tool_choice import tool_to_call
from .torch_rows import Row, Rows, Token
from .torch_sampling import Sampler
from .torch_scoring import Asked, TreeScorer

T = TypeVar("T")
logger = logging.getLogger(__name__)

Dtype = Literal["auto", "float32", "bfloat16"]
DEFAULT_SLOTS = 16


class TorchPolicy:
    """A causal language model run by `transformers`.

    Args:
        model: folder or hub name.
        adapter: PEFT folder that is merged into the weights.
        name: what to call the policy.
        dtype: `auto` is bfloat16 where the hardware multiplies it natively (a GPU, or a CPU with AMX), float32
            elsewhere. In bfloat16 about half of all greedy texts differ from float32's, by near-ties.
        template: chat template; the tokenizer's own by default.
        slots: replies that are decoded together at most; more wait their turn.

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
        slots: int = DEFAULT_SLOTS,
    ) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "auto":
            dtype = "bfloat16" if multiplies_bfloat16(self._device) else "float32"
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
            loaded: Any = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))
            if adapter is not None:
                from peft import PeftModel

                with warnings.catch_warnings():  # peft asks transformers by a name that is going away
                    warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
                    loaded = PeftModel.from_pretrained(loaded, str(adapter)).merge_and_unload()
        except (OSError, ValueError) as error:
            raise ConfigError(f"transformers cannot load {model}: {' '.join(str(error).split())[:300]}") from error
        model_: Any = loaded.to(self._device).eval()
        self._template: str = template or self._tokenizer.chat_template or ""
        if not self._template:
            raise ConfigError(f"{model} has no chat template: it is a base model, not a chat model.")
        self.name = name or str(model)
        self.context_window = int(getattr(model_.config, "max_position_embeddings", 4096))
        self.capabilities = frozenset({"score", "texts", "token_ids", "logprobs"})
        self.slots = slots
        self._model: Any = model_
        self._stop_ids = _stop_ids(model_, self._tokenizer)
        self._rows = Rows(model_, self._device, self._stop_ids, slots if _has_plain_cache(model_.config) else 1)
        self._vocabulary: tuple[Any, Vocabulary] | None = None
        self._closed = False

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
        tool_to_call(tools, tool_choice)  # refuses what cannot be
        matcher = await self._matcher(tools, tool_choice, config)
        ids = self._prompt_ids(messages, tools)
        names = [tool["function"]["name"] for tool in tools]
        reader = ReplyReader(names, read_calls=tool_choice != "none", constrained=matcher is not None)
        decoder = DecodeStream(skip_special_tokens=True)
        written, stopped, pending = 0, False, ""
        logprobs: list[TokenLogprob] = []
        tokens = self._tokens(ids, config, matcher=matcher, likeliest=config.logprobs)
        async with contextlib.aclosing(tokens):
            async for token in tokens:
                written += 1
                stopped = token.id in self._stop_ids
                if config.logprobs is not None and not stopped:
                    logprobs.append(self._told(token))
                piece = decoder.step(self._tokenizer.backend_tokenizer, token.id)
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
        for event in (*reader.feed(pending), *reader.finish(cut_off=not stopped)):
            yield event
        reason = "length" if not stopped else "tool_calls" if reader.calls else "stop"
        yield ReplyFinished(reason, Usage(len(ids), 0, written), tuple(logprobs))

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length of the prompt in tokens."""
        return len(self._prompt_ids(messages, tools))

    async def generate_ids(
        self, prompt_ids: Sequence[int], config: GenerationConfig | None = None
    ) -> tuple[list[int], list[float]]:
        """See `TokenLevel`. Log-probabilities are the model's own, before temperature and top-p."""
        config = config or GenerationConfig()
        tokens = self._tokens(list(prompt_ids), config, likeliest=0)
        async with contextlib.aclosing(tokens):
            told = [token async for token in tokens]
        return [token.id for token in told], [token.logprob for token in told]

    async def score(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        """Summed log-probability (nats) of each completion and its stop token; see `Scoring`.

        The logits of the scored positions are taken to float32 before the softmax.
        """
        prompt = self._prompt_ids(messages, ())
        stop = self._tokenizer.eos_token_id
        rows = [Asked(prompt, [*self._ids(text), stop]) for text in completions]
        return [score.logprob for score in await self._score(rows)]

    async def prompt_text(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> str:
        """See `TextLevel`."""
        return self._prompt_text(messages, tools)

    async def complete(self, prompt: str, config: GenerationConfig | None = None) -> tuple[str, Usage]:
        """See `TextLevel`."""
        from tokenizers.decoders import DecodeStream

        config = config or GenerationConfig()
        ids = self._ids(prompt) or [self._start_id()]
        decoder = DecodeStream(skip_special_tokens=True)
        text, written = "", 0
        async with contextlib.aclosing(self._tokens(ids, config)) as tokens:
            async for token in tokens:
                written += 1
                text += decoder.step(self._tokenizer.backend_tokenizer, token.id) or ""
                ends = [text.find(stop) for stop in config.stop if stop in text]
                if ends:
                    text = text[: min(ends)]
                    break
        return text, Usage(len(ids), 0, written)

    async def score_texts(self, texts: Sequence[tuple[str, str]]) -> list[TextScore]:
        """See `TextLevel`. The logits of the scored positions are taken to float32 before the softmax.

        Where the first text ends in space, this counts as part of the second: most tokenizers put it before a word.
        """
        return await self._score([self._pair(first, second) for first, second in texts])

    def _pair(self, first: str, second: str) -> Asked:
        spaces = len(first) - len(first.rstrip()) if first.strip() and second else 0
        first, second = first[: len(first) - spaces], first[len(first) - spaces :] + second
        # A text by itself may be cut into other tokens than behind another, so both are cut as they are read.
        prompt = self._ids(first)
        whole = self._ids(first + second)
        if not whole[len(prompt) :]:
            raise PolicyError(f"{self.name}: {second!r:.40} adds no token to the text before it.")
        return Asked(prompt or [self._start_id()], whole[len(prompt) :])

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def _start_id(self) -> int:
        return next(id_ for id_ in (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id) if id_ is not None)

    async def _score(self, asked: Sequence[Asked]) -> list[TextScore]:
        self._check_open()
        for one in asked:
            self._check_room(list(one.prompt), len(one.completion) - 1)
        scorer = TreeScorer(self._model, self._device, asked, shares=_has_plain_cache(self._model.config))
        pieces = scorer.pieces()
        # Piece by piece, so that replies under way go on between them.
        while await self._in_thread(lambda: next(pieces, None)) is not None:
            pass
        return scorer.scores()

    async def aclose(self) -> None:
        """Stops what is running and frees the model."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._rows.close)
            self._model = None

    def _prompt_ids(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> list[int]:
        return self._ids(self._prompt_text(messages, tools))

    def _prompt_text(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> str:
        bos, eos = self._tokenizer.bos_token or "", self._tokenizer.eos_token or ""
        return render(self._template, messages, tools=tools, bos_token=bos, eos_token=eos)

    def _told(self, token: Token) -> TokenLogprob:
        top = tuple((self._tokenizer.decode([other]), logprob) for other, logprob in token.top)
        return TokenLogprob(self._tokenizer.decode([token.id]), token.logprob, top)

    async def _matcher(self, tools: Sequence[dict[str, Any]], tool_choice: ToolChoice, config: GenerationConfig) -> Any:
        """What keeps the reply inside its grammar; `None` without tools."""
        if not tools:
            return None
        if self._vocabulary is None:  # takes a second, once
            self._vocabulary = await asyncio.to_thread(self._read_vocabulary)
        if self._vocabulary is None:
            return None
        tokenizer, form = self._vocabulary
        matcher = await asyncio.to_thread(_make_matcher, tokenizer, form, tools, tool_choice, config.max_new_tokens)
        if matcher.is_error():
            raise PolicyError(f"{self.name}: these tools have no grammar: {matcher.get_error()[:300]}")
        return matcher

    def _read_vocabulary(self) -> tuple[Any, Vocabulary] | None:
        """The tokens as llguidance reads them."""
        from llguidance.hf import from_tokenizer

        try:
            read = from_tokenizer(self._tokenizer, n_vocab=self._model.config.vocab_size)
        except ValueError as error:
            logger.warning("%s: calls cannot be constrained: %s", self.name, error)
            return None
        number = self._tokenizer.get_added_vocab().get("<tool_call>")
        if number is None:
            number = self._tokenizer.get_vocab().get("<tool_call>")
        special = number is not None and read.is_special_token(number)
        return read, Vocabulary(
            tuple(sorted(self._stop_ids)), "control" if special else "text" if number is None else "token"
        )

    def _check_room(self, prompt: list[int], new_tokens: int) -> None:
        if len(prompt) + new_tokens > self.context_window:
            raise ContextOverflow(
                f"the conversation has {len(prompt)} tokens, but {self.name} reads at most "
                f"{self.context_window - new_tokens}: start a new one or shorten it."
            )

    def _check_open(self) -> None:
        if self._closed:
            raise PolicyError(f"the policy {self.name} is closed.")

    async def _in_thread(self, function: Callable[[], T]) -> T:
        """Runs a function on the decoding thread, so that it and the replies do not fight for the cores."""
        self._check_open()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            if not done.done():
                done.set_exception(error) if error is not None else done.set_result(value)

        def work() -> None:
            value, failed = None, None
            try:
                value = function()
            except Exception as error:  # noqa: BLE001 - raised again in the caller's task
                failed = error
            # A loop that has been closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, value, failed)

        self._rows.call(work)
        return await done

    async def _tokens(
        self, prompt: list[int], config: GenerationConfig, *, matcher: Any = None, likeliest: int | None = None
    ) -> AsyncGenerator[Token]:
        """Yields tokens as they are drawn; the stop token comes last where it came."""
        self._check_open()
        self._check_room(prompt, 1)
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[Token | BaseException | None] = asyncio.Queue()

        def tell(item: Token | BaseException | None) -> None:
            # A loop that has been closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(told.put_nowait, item)

        room = self.context_window - len(prompt)
        within = dataclasses.replace(config, max_new_tokens=min(config.max_new_tokens, room))
        row = Row(prompt, within, tell, functools.partial(Sampler, config, matcher, self._device), likeliest)
        self._rows.add(row)
        try:
            while (item := await told.get()) is not None:
                if isinstance(item, BaseException):
                    raise PolicyError(f"{self.name}: {item}") from item
                yield item
            # Closing the policy ends the stream as well, but not as a whole reply.
            self._check_open()
        finally:
            row.stop.set()


def _make_matcher(
    tokenizer: Any, vocabulary: Vocabulary, tools: Sequence[dict[str, Any]], tool_choice: ToolChoice, tokens: int
) -> Any:
    from llguidance import LLMatcher

    grammar = reply_grammar(tools, tool_choice, max_new_tokens=tokens, vocabulary=vocabulary)
    return LLMatcher(tokenizer, grammar or "")


def multiplies_bfloat16(device: str) -> bool:
    """Whether matrices in bfloat16 are multiplied faster than in float32.

    On a CPU that takes AMX: with AVX512-BF16 alone, batches were decoded at half of float32's speed.
    """
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def _stop_ids(model: Any, tokenizer: Any) -> set[int]:
    configured = model.generation_config.eos_token_id
    listed = configured if isinstance(configured, list) else [configured]
    return {token for token in (*listed, tokenizer.eos_token_id) if token is not None}


def _has_plain_cache(config: Any) -> bool:
    """Whether every layer keeps all keys and values, so that rows can be joined."""
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    return set(kinds) == {"full_attention"} and not getattr(config, "sliding_window", None)
