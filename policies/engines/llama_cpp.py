"""The llama.cpp engine: fast on a CPU, several conversations at once, the prefix of each kept between turns.

It runs llama.cpp's server inside this process (`xllamacpp`) and talks to it by function calls. That server also
listens, at a `PrivateAddress`; only texts are turned into tokens that way.

A prompt is read in bounded pieces, each a request of its own, so that a short request never waits behind a
long prompt for longer than one piece, and a cancelled prompt stops after the piece under way.

Replies follow a grammar where there are tools (`grammar`), so a call is always valid. Its token masks are computed by
llguidance inside llama.cpp, and only where the token that was drawn does not fit.

Not covered: adapters switched at run time, GPUs.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from ...tools import ConfigError, ContextOverflow, PolicyError
from .chat_format import ReplyReader, render
from .gguf_header import read_header
from .grammar import Vocabulary, reply_grammar
from .machine import worker_threads
from .messages import GenerationConfig, Message, PolicyEvent, ReplyFinished, TokenLogprob, ToolChoice, Usage
from .private_address import PrivateAddress

PIECE_TOKENS = 256
DEFAULT_SLOTS = 4
DEFAULT_CONTEXT = 4096
PROMPT_CACHE_MIB = 128
_ALL_F32 = 0  # gguf.LlamaFileType.ALL_F32
_CONTROL = 3  # gguf.TokenType.CONTROL
# What families call the tokens that end a reply; llama.cpp stops at any of them.
_ENDS = (
    b"<|im_end|>", b"<|endoftext|>", b"<|eot_id|>", b"<|eom_id|>", b"<|end|>", b"<|end_of_text|>", b"<end_of_turn>",
    b"<|end_of_turn|>", b"</s>", b"<eos>", "<｜end▁of▁sentence｜>".encode(),
)  # fmt: skip


class LlamaCppPolicy:
    """A GGUF model on llama.cpp. Needs nothing but the file: the chat template is in its metadata.

    Args:
        path: GGUF file.
        name: what to call the policy; the file's name by default.
        context_window: tokens per conversation; at most what the model was trained for.
        slots: conversations that are decoded at once; more wait their turn.
        threads: how many compute; one for each core that this process may use by default.
        repeatable: one conversation at a time, and none is kept that `forget` was to drop: how texts are batched, and
            where a kept prefix ends, decides how they are rounded, so that a greedy reply can differ at a near-tie.

    Raises:
        ConfigError: the file is missing, unreadable or has no chat template.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        context_window: int = DEFAULT_CONTEXT,
        slots: int = DEFAULT_SLOTS,
        threads: int | None = None,
        repeatable: bool = False,
    ) -> None:
        slots = 1 if repeatable else slots
        header = read_header(path)
        self.name = name or path.stem
        trained = header.get(f"{header.get('general.architecture')}.context_length", DEFAULT_CONTEXT)
        self.context_window = min(context_window, int(trained))
        self.capabilities = frozenset({"token_ids", "logprobs"})
        self.slots = slots
        template = header.get("tokenizer.chat_template")
        if not isinstance(template, str):
            raise ConfigError(f"{path} has no chat template in its metadata: it is a base model, not a chat model.")
        self._template = template
        # Some families have another one for conversations with tools.
        with_tools = header.get("tokenizer.chat_template.tool_use")
        self._template_with_tools = with_tools if isinstance(with_tools, str) else template
        self._bos, self._eos = (_special_token(header, key) for key in ("bos", "eos"))
        self._vocabulary = _vocabulary(header)
        exact = header.get("general.file_type") == _ALL_F32
        self._address = PrivateAddress()
        kept = 0 if repeatable else PROMPT_CACHE_MIB
        self._server: Any = self._start(path, slots, threads or worker_threads(), exact, kept)
        self._tokenizer = self._address.client(self._server.listening_address)
        # A waiting request holds a thread, so there are more threads than slots.
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="llama.cpp")
        self._read: deque[list[int]] = deque(maxlen=slots)
        self._stopping: set[threading.Event] = set()
        self._closed = False

    def _start(self, path: Path, slots: int, threads: int, exact: bool, kept_mib: int) -> Any:
        # Its names are bound at run time, where a type checker cannot see them.
        xllamacpp: Any = importlib.import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = self.context_window * slots
        params.n_parallel = slots
        params.n_batch = params.n_ubatch = PIECE_TOKENS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.cache_ram_mib = kept_mib
        params.fit_params = False
        params.warmup = False
        # Text that is a control token to this model would not be told otherwise.
        params.special = self._vocabulary.call_tag == "control"
        params.verbosity = 0
        if exact:
            # Whoever runs float32 weights compares them with another engine's: no half precision elsewhere either.
            params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
            params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._address.apply(params)
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            self._address.remove()
            raise ConfigError(f"llama.cpp cannot load {path}: {error}") from error

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """Streams one reply; see `Policy.stream`."""
        config = config or GenerationConfig()
        # In a thread: a large set of tools takes a moment, in which others' replies go on.
        grammar = await asyncio.to_thread(
            reply_grammar, tools, tool_choice, max_new_tokens=config.max_new_tokens, vocabulary=self._vocabulary
        )
        ids = await self._tokenize(self._render(messages, tools))
        reader = ReplyReader(
            [tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none", constrained=bool(grammar)
        )
        extra: dict[str, Any] = {} if grammar is None else {"grammar": grammar}
        if config.logprobs is not None:
            extra["n_probs"] = max(1, config.logprobs)
        cut_off, usage = False, Usage()
        logprobs: list[TokenLogprob] = []
        pieces = self._complete(ids, config, extra=extra)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                choice = piece["choices"][0]
                for event in reader.feed(choice["text"]):
                    yield event
                cut_off = cut_off or choice["finish_reason"] == "length"
                logprobs += _logprobs(choice, config.logprobs or 0)
                if "usage" in piece:
                    usage = _usage(piece["usage"])
        for event in reader.finish(cut_off=cut_off):
            yield event
        reason = "length" if cut_off else "tool_calls" if reader.calls else "stop"
        told = () if config.logprobs is None else tuple(logprobs)
        yield ReplyFinished(reason, usage, told)

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length of the prompt in tokens."""
        return len(await self._tokenize(self._render(messages, tools)))

    async def generate_ids(
        self, prompt_ids: Sequence[int], config: GenerationConfig | None = None
    ) -> tuple[list[int], list[float]]:
        """See `TokenLevel`. Log-probabilities are the model's own, before temperature and top-p."""
        config = config or GenerationConfig()
        ids: list[int] = []
        logprobs: list[float] = []
        pieces = self._complete(list(prompt_ids), config, extra={"n_probs": 1})
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                for token in (piece["choices"][0].get("logprobs") or {}).get("content", ()):
                    ids.append(int(token["id"]))
                    logprobs.append(float(token["logprob"]))
        return ids, logprobs

    async def aclose(self) -> None:
        """Stops what is running and frees the model."""
        if self._closed:
            return
        self._closed = True
        for stop in list(self._stopping):
            stop.set()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        self._tokenizer.close()
        self._server = None
        self._address.remove()

    def _render(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> str:
        template = self._template_with_tools if tools else self._template
        return render(template, messages, tools=tools, bos_token=self._bos, eos_token=self._eos)

    async def _tokenize(self, text: str) -> list[int]:
        body = {"content": text, "add_special": False, "parse_special": True}
        answer = await self._in_thread(lambda: self._tokenizer.post("/tokenize", json=body).raise_for_status().json())
        return answer["tokens"]

    def _check_open(self) -> None:
        if self._closed:
            raise PolicyError(f"the policy {self.name} is closed.")

    async def forget(self) -> None:
        """Drops what was read, so that the next reply depends on nothing that was asked before it.

        Only a `repeatable` policy has nothing kept elsewhere.
        """
        self._read.clear()
        async for _ in self._request({"prompt": [0], "n_predict": 1, "temperature": 0.0}):
            pass

    async def _in_thread(self, function: Any) -> Any:
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def _complete(
        self, ids: list[int], config: GenerationConfig, *, extra: dict[str, Any] | None = None
    ) -> AsyncGenerator[dict[str, Any]]:
        """Yields the server's chunks for one completion."""
        room = self.context_window - len(ids)
        if room < 1:
            raise ContextOverflow(
                f"the conversation has {len(ids)} tokens, but {self.name} reads at most {self.context_window - 1}: "
                "start a new one or shorten it."
            )
        cached = await self._read_ahead(ids)
        body = {"prompt": ids, "n_predict": min(config.max_new_tokens, room), **_sampling(config), **(extra or {})}
        written: list[str] = []
        async for chunk in self._request(body):
            if "error" in chunk:
                raise PolicyError(f"{self.name}: {chunk['error'].get('message', chunk['error'])}")
            if cached is not None and "usage" in chunk:
                chunk["usage"]["prompt_tokens_details"] = {"cached_tokens": cached}
            written += [choice["text"] for choice in chunk["choices"]]
            yield chunk
        self._remember(ids + await self._tokenize("".join(written)))

    async def _read_ahead(self, ids: list[int]) -> int | None:
        """Reads a long prompt piece by piece, all but the last one.

        Returns:
            Tokens that were kept from before, or `None` when nothing had to be read ahead.
        """
        # Shortening a slot's prompt drops what it kept, so reading starts where the longest known prefix ends.
        start = max((_common_prefix(ids, known) for known in self._read), default=0)
        cached: int | None = None
        while len(ids) - start > PIECE_TOKENS:
            start += PIECE_TOKENS
            async for chunk in self._request({"prompt": ids[:start], "n_predict": 0, "temperature": 0.0}):
                if cached is None and "usage" in chunk:
                    cached = _usage(chunk["usage"]).cached_tokens
            self._remember(ids[:start])
        return cached

    def _remember(self, ids: list[int]) -> None:
        """Notes what a slot has read; its own earlier states make no claim to another slot's place."""
        shorter = [known for known in self._read if known == ids[: len(known)]]
        for known in shorter:
            self._read.remove(known)
        self._read.append(ids)

    async def _request(self, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        self._check_open()
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[dict[str, Any] | BaseException | None] = asyncio.Queue()
        stop = threading.Event()
        self._stopping.add(stop)

        def put(item: dict[str, Any] | BaseException | None) -> None:
            # A loop that has been closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def on_chunk(chunk: dict[str, Any]) -> bool:
            put(chunk)
            return stop.is_set()

        def work() -> None:
            # xllamacpp swallows what a callback raises, so nothing in `on_chunk` may fail; errors of the call
            # itself are carried to the caller here.
            try:
                if not stop.is_set():
                    self._server.handle_completions({"stream": True, "cache_prompt": True, **body}, on_chunk)
                put(None)
            except Exception as error:  # noqa: BLE001 - raised again in the caller's task
                put(error)
            finally:
                self._stopping.discard(stop)

        self._threads.submit(work)
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise PolicyError(f"{self.name}: {item}") from item
                yield item
            # Closing the policy ends the stream as well, but not as a whole reply.
            self._check_open()
        finally:
            stop.set()


def _special_token(header: dict[str, Any], key: str) -> str:
    number, tokens = header.get(f"tokenizer.ggml.{key}_token_id"), header.get("tokenizer.ggml.tokens")
    if not isinstance(number, int) or not isinstance(tokens, list) or number >= len(tokens):
        return ""
    return tokens[number].decode("utf-8", "replace")


def _vocabulary(header: dict[str, Any]) -> Vocabulary:
    """What a grammar must know: llama.cpp lets llguidance know one end token, and not always the one that is used."""
    tokens, types = header.get("tokenizer.ggml.tokens") or [], header.get("tokenizer.ggml.token_type") or []
    ends = {header.get(f"tokenizer.ggml.{key}_token_id") for key in ("eos", "eot", "eom")}
    call_tag: Literal["text", "token", "control"] = "text"
    for number, (token, kind) in enumerate(zip(tokens, types, strict=False)):
        if kind == _CONTROL and token in _ENDS:
            ends.add(number)
        if token == b"<tool_call>":
            call_tag = "control" if kind == _CONTROL else "token"
    return Vocabulary(tuple(sorted(number for number in ends if isinstance(number, int))), call_tag)


def _logprobs(choice: dict[str, Any], likeliest: int) -> list[TokenLogprob]:
    return [
        TokenLogprob(
            token["token"],
            float(token["logprob"]),
            tuple((other["token"], float(other["logprob"])) for other in token["top_logprobs"][:likeliest]),
        )
        for token in (choice.get("logprobs") or {}).get("content", ())
    ]


def _common_prefix(a: Sequence[int], b: Sequence[int]) -> int:
    for position, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return position
    return min(len(a), len(b))


def _sampling(config: GenerationConfig) -> dict[str, Any]:
    body: dict[str, Any] = {"temperature": config.temperature, "top_p": config.top_p, "top_k": 0, "min_p": 0.0}
    if config.temperature == 0:
        body["samplers"] = ["top_k"]
        body["top_k"] = 1
    if config.seed is not None:
        body["seed"] = config.seed
    if config.stop:
        body["stop"] = list(config.stop)
    return body


def _usage(value: dict[str, Any]) -> Usage:
    cached = (value.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return Usage(value["prompt_tokens"], cached, value["completion_tokens"])
