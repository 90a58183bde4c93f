"""`load_policy`: one string names any policy."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from ...tools import ConfigError
from .gguf_files import GGUFKind
from .messages import Policy
from .weights import EMBEDDED, SMOLLM2_135M, merged_gguf, require_adapter, transformers_folder

Engine = Literal["auto", "llama.cpp", "transformers"]

DEFAULT_POLICY = "default"
DEFAULT_KIND: GGUFKind = "Q8_0"
FORMS = "default, smollm2-135m, hf:ORG/NAME, gguf:PATH, http://HOST:PORT/v1#MODEL, dir:PATH, run:RUN_DIR, script:FILE"


def load_policy(ref: str = DEFAULT_POLICY, *, engine: Engine = "auto", **options: Any) -> Policy:
    """Loads the policy that a reference names.

    Args:
        ref: `default` (the trained policy that ships), `smollm2-135m` (its untouched base), `hf:ORG/NAME`,
            `gguf:PATH`, `http://HOST:PORT/v1#MODEL` (what an OpenAI-compatible server serves), `dir:PATH` (a folder
            `transformers` loads), `run:RUN_DIR` (a training run) or `script:FILE` (scripted replies).
        engine: `auto` takes llama.cpp when the weights allow it.
        options: passed to the engine (`LlamaCppPolicy`, `TorchPolicy`, `RemotePolicy`).

    Raises:
        ConfigError: the reference is unknown, its files are missing, or the engine cannot run it.
    """
    if engine not in ("auto", "llama.cpp", "transformers"):
        raise ConfigError(f"there is no engine {engine!r}; there are: auto, llama.cpp, transformers.")
    if ref == DEFAULT_POLICY:
        return _embedded(SMOLLM2_135M.name, require_adapter(), ref, engine, options)
    if ref in EMBEDDED:
        return _embedded(ref, None, ref, engine, options)
    if ref.startswith(("http://", "https://")):
        return _remote(ref, engine, options)
    scheme, colon, rest = ref.partition(":")
    if not colon or scheme not in _SCHEMES:
        near = difflib.get_close_matches(ref, (DEFAULT_POLICY, *EMBEDDED), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"there is no policy {ref!r}; there are: {FORMS}.{hint}")
    if not rest:
        raise ConfigError(f"{ref!r} names nothing: write something after {scheme}:.")
    return _SCHEMES[scheme](rest, engine, options)


def _embedded(base: str, adapter: Path | None, name: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine == "transformers":
        return _torch(transformers_folder(base), {"name": name, "adapter": adapter, **options})
    kind = options.pop("kind", DEFAULT_KIND)
    return _llama_cpp(merged_gguf(base, adapter, kind), {"name": name, **options})


def _from_gguf(path: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine == "transformers":
        raise ConfigError("a GGUF file runs on llama.cpp; leave --engine at auto.")
    return _llama_cpp(Path(path).expanduser(), options)


def _from_folder(path: str, engine: Engine, options: dict[str, Any]) -> Policy:
    folder = Path(path).expanduser()
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{folder} is not a model folder: it has no config.json.")
    return _from_hub(str(folder), engine, options)


def _from_hub(name: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine == "llama.cpp":
        raise ConfigError("llama.cpp needs a GGUF file; leave --engine at auto or convert the model.")
    return _torch(name, options)


def _from_run(path: str, engine: Engine, options: dict[str, Any]) -> Policy:
    adapter = Path(path).expanduser() / "adapter"
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        if not (adapter / file).is_file():
            raise ConfigError(f"{path} is not a finished training run: it has no adapter/{file}.")
    return _embedded(SMOLLM2_135M.name, adapter, f"run:{path}", engine, options)


def _from_script(path: str, engine: Engine, options: dict[str, Any]) -> Policy:
    from .scripted import ScriptedPolicy

    return ScriptedPolicy.from_file(Path(path).expanduser())


def _remote(ref: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine != "auto":
        raise ConfigError(f"a remote policy runs on its server, not on {engine}; leave --engine at auto.")
    from .remote import RemotePolicy

    return RemotePolicy(ref, **options)


def _llama_cpp(path: Path, options: dict[str, Any]) -> Policy:
    from .llama_cpp import LlamaCppPolicy

    return LlamaCppPolicy(path, **options)


def _torch(model: str | Path, options: dict[str, Any]) -> Policy:
    from .torch_policy import TorchPolicy

    return TorchPolicy(model, **options)


_SCHEMES: dict[str, Callable[[str, Engine, dict[str, Any]], Policy]] = {
    "gguf": _from_gguf,
    "dir": _from_folder,
    "hf": _from_hub,
    "run": _from_run,
    "script": _from_script,
}
