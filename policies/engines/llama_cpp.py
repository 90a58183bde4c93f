"""The llama.cpp engine: fast on a CPU, several conversations at once, the prefix of each kept between turns.

It runs llama.cpp's server inside this process (`xllamacpp`) and talks to it by function calls. That server also
listens: here on a Unix socket in a folder that only this user can open, so no TCP port exists. Where there are
no Unix sockets it is a loopback port with a random key, a random path and no CORS.

A prompt is read in bounded pieces, each a request of its own, so that a short request never waits behind a
long prompt for longer than one piece, and a cancelled prompt stops after the piece under way.

Not covered yet: constrained decoding, adapters switched at run time, GPUs.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import os
import secrets
import shutil
import socket
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...tools import ConfigError, ContextOverflow, PolicyError
from .chat_format import ReplyReader, render
from .gguf_header import read_header
from .messages import FinishReason, GenerationConfig, Message, PolicyEvent, ReplyFinished, ToolChoice, Usage
from .tool_choice import NAME_START, NAME_TOKENS, call_start, named_tool, tool_to_call

PIECE_TOKENS = 256
DEFAULT_SLOTS = 4
DEFAULT_CONTEXT = 4096
PROMPT_CACHE_MIB = 512
_ALL_F32 = 0  # gguf.LlamaFileType.ALL_F32


class LlamaCppPolicy:
    """A GGUF model on llama.cpp. Needs nothing but the file: the chat template is in its metadata.

    Args:
        path: GGUF file.
        name: what to call the policy; the file's name by default.
        context_window: tokens per conversation; at most what the model was trained for.
        slots: conversations that are decoded at once; more wait their turn.
        threads: cores to use; those this process may run on by default.

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
    ) -> None:
        header = read_header(path)
        self.name = name or path.stem
        trained = header.get(f"{header.get('general.architecture')}.context_length", DEFAULT_CONTEXT)
        self.context_window = min(context_window, int(trained))
        self.capabilities = frozenset({"token_ids"})
        template = header.get("tokenizer.chat_template")
        if not isinstance(template, str):
            raise ConfigError(f"{path} has no chat template in its metadata: it is a base model, not a chat model.")
        self._template = template
        self._bos, self._eos = (_special_token(header, key) for key in ("bos", "eos"))
        exact = header.get("general.file_type") == _ALL_F32
        self._address = _PrivateAddress()
        self._server: Any = self._start(path, slots, threads or _cores(), exact)
        self._tokenizer = self._address.client(self._server.listening_address)
        # A waiting request holds a thread, so there are more threads than slots.
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="llama.cpp")
        self._read: deque[list[int]] = deque(maxlen=slots)
        self._stopping: set[threading.Event] = set()
        self._closed = False

    def _start(self, path: Path, slots: int, threads: int, exact: bool) -> Any:
        # Its names are bound at run time, where a type checker cannot see them.
        xllamacpp: Any = importlib.import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = self.context_window * slots
        params.n_parallel = slots
        params.n_batch = params.n_ubatch = PIECE_TOKENS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.cache_ram_mib = PROMPT_CACHE_MIB
        params.fit_params = False
        params.warmup = False
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
        prompt = self._render(messages, tools)
        start = await self._start_of_reply(prompt, tools, tool_choice, config)
        ids = await self._tokenize(prompt + start)
        reader = ReplyReader([tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none")
        for event in reader.feed(start):
            yield event
        reason: FinishReason = "stop"
        usage = Usage()
        pieces = self._complete(ids, config)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                choice = piece["choices"][0]
                for event in reader.feed(choice["text"]):
                    yield event
                if choice["finish_reason"] == "length":
                    reason = "length"
                if "usage" in piece:
                    usage = _usage(piece["usage"])
        for event in reader.finish():
            yield event
        yield ReplyFinished("tool_calls" if reader.calls else reason, usage)

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
        return render(self._template, messages, tools=tools, bos_token=self._bos, eos_token=self._eos)

    async def _tokenize(self, text: str) -> list[int]:
        body = {"content": text, "add_special": False, "parse_special": True}
        answer = await self._in_thread(lambda: self._tokenizer.post("/tokenize", json=body).raise_for_status().json())
        return answer["tokens"]

    async def _start_of_reply(
        self, prompt: str, tools: Sequence[dict[str, Any]], tool_choice: ToolChoice, config: GenerationConfig
    ) -> str:
        """What the reply begins with so that it makes the call it must; which tool, the model may say first."""
        name = tool_to_call(tools, tool_choice)
        if name is None:
            return ""
        if not name:
            ids = await self._tokenize(prompt + NAME_START)
            naming = dataclasses.replace(config, max_new_tokens=NAME_TOKENS, stop=('"',))
            async with contextlib.aclosing(self._complete(ids, naming)) as pieces:
                written = [piece["choices"][0]["text"] async for piece in pieces]
            name = named_tool("".join(written), tools)
        return call_start(name, tools)

    def _check_open(self) -> None:
        if self._closed:
            raise PolicyError(f"the policy {self.name} is closed.")

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


class _PrivateAddress:
    """Where the embedded server listens, reachable by this process alone."""

    def __init__(self) -> None:
        self._key = secrets.token_urlsafe(32)
        self._prefix = f"/{secrets.token_urlsafe(16)}"
        # mkdtemp makes the folder 0700; a socket's path may be at most about 100 bytes long.
        self._folder = Path(tempfile.mkdtemp(prefix="pericles-")) if hasattr(socket, "AF_UNIX") else None
        # Runs at the program's end as well, for whoever does not close the policy.
        self.remove = weakref.finalize(self, _remove_folder, self._folder)

    def apply(self, params: Any) -> None:
        params.api_keys = [self._key]
        params.api_prefix = self._prefix
        params.cors_origins = params.cors_methods = params.cors_headers = ""
        params.cors_credentials = False
        params.ui = False
        params.endpoint_slots = False
        params.endpoint_props = False
        params.endpoint_metrics = False
        if self._folder is not None:
            params.hostnames = [str(self._folder / "llama.sock")]

    def client(self, listening_address: str) -> Any:
        """An HTTP client that holds the key; only the tokenizer is used through it."""
        import httpx

        transport = httpx.HTTPTransport(uds=None if self._folder is None else str(self._folder / "llama.sock"))
        base = "http://localhost" if self._folder is not None else listening_address
        return httpx.Client(
            transport=transport,
            base_url=base + self._prefix,
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=60,
            trust_env=False,
        )


def _remove_folder(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _special_token(header: dict[str, Any], key: str) -> str:
    number, tokens = header.get(f"tokenizer.ggml.{key}_token_id"), header.get("tokenizer.ggml.tokens")
    if not isinstance(number, int) or not isinstance(tokens, list) or number >= len(tokens):
        return ""
    return tokens[number].decode("utf-8", "replace")


def _cores() -> int:
    """Cores this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
