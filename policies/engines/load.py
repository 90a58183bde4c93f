"""`load_policy`: one string names any policy."""

from __future__ import annotations

import difflib
import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from ...tools import ConfigError
from ...tools.settings import Section, load_section
from .gguf_files import GGUFKind
from .messages import Policy
from .promoted import SHIPPED, promoted_run
from .weights import EMBEDDED, SMOLLM2_135M, merged_gguf, require_adapter, retrained_gguf, transformers_folder

Engine = Literal["auto", "llama.cpp", "transformers"]

DEFAULT_POLICY = "default"
# The fastest kind that keeps what the default policy has learned (its card has the figures): Q4_0 decodes faster and
# loses a fifth of the right answers; Q4_1 is the grid that the base's weights lie on, which rounds the adapter away.
DEFAULT_KIND: GGUFKind = "Q8_0"
FORMS = (
    "default, shipped, smollm2-135m, hf:ORG/NAME, gguf:PATH, http://HOST:PORT/v1#MODEL, dir:PATH, run:RUN_DIR, "
    "script:FILE"
)


def load_policy(ref: str = DEFAULT_POLICY, *, engine: Engine = "auto", **options: Any) -> Policy:
    """Loads the policy that a reference names.

    Args:
        ref: `default` (the trained policy that ships, or the run that was promoted in its place), `shipped` (the
            former in any case), `smollm2-135m` (its untouched base), `hf:ORG/NAME`, `gguf:PATH`,
            `http://HOST:PORT/v1#MODEL` (what an OpenAI-compatible server serves), `dir:PATH` (a folder
            `transformers` loads), `run:RUN_DIR` (a training run) or `script:FILE` (scripted replies).
        engine: `auto` takes llama.cpp when the weights allow it.
        options: passed to the engine (`LlamaCppPolicy`, `TorchPolicy`, `RemotePolicy`). `repeatable` is understood by
            all: where an engine can make replies depend on nothing that was asked before, it does.

    Raises:
        ConfigError: the reference is unknown, its files are missing, or the engine cannot run it.
    """
    if engine not in ("auto", "llama.cpp", "transformers"):
        raise ConfigError(f"there is no engine {engine!r}; there are: auto, llama.cpp, transformers.")
    if ref == DEFAULT_POLICY and (promoted := promoted_run()) is not None:
        return _from_run(str(promoted), engine, {"name": ref, **options})
    if ref in (DEFAULT_POLICY, SHIPPED):
        return _embedded(SMOLLM2_135M.name, require_adapter(), ref, engine, options)
    if ref in EMBEDDED:
        return _embedded(ref, None, ref, engine, options)
    if ref.startswith(("http://", "https://")):
        return _remote(ref, engine, options)
    scheme, colon, rest = ref.partition(":")
    if not colon or scheme not in _SCHEMES:
        near = difflib.get_close_matches(ref, (DEFAULT_POLICY, SHIPPED, *EMBEDDED), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"there is no policy {ref!r}; there are: {FORMS}.{hint}")
    if not rest:
        raise ConfigError(f"{ref!r} names nothing: write something after {scheme}:.")
    return _SCHEMES[scheme](rest, engine, options)


def _embedded(base: str, adapter: Path | None, name: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine == "transformers":
        return _torch(transformers_folder(base), {"name": name, "adapter": adapter, **options})
    kind = options.pop("kind", None) or load_section("engines", EngineSettings).kind
    return _llama_cpp(merged_gguf(base, adapter, kind), {"name": name, **options})


class EngineSettings(Section):
    """The section `[engines]`.

    Args:
        kind: how the weights of `default`, `smollm2-135m` and `run:` are stored for llama.cpp.
    """

    kind: GGUFKind = DEFAULT_KIND


def export_gguf(ref: str, file: Path, kind: GGUFKind = DEFAULT_KIND) -> None:
    """Writes one GGUF file that llama.cpp, Ollama and others run: weights with the adapter merged in, chat template.

    Args:
        ref: `default`, `shipped`, `smollm2-135m` or `run:RUN_DIR`.
        file: a new file.
        kind: type of the matrices.

    Raises:
        ConfigError: there is such a file already, it cannot be written, or the reference names no policy of ours.
    """
    scheme, _, rest = resolved(ref).partition(":")
    if resolved(ref) == SHIPPED:
        made = merged_gguf(SMOLLM2_135M.name, require_adapter(), kind)
    elif ref in EMBEDDED:
        made = merged_gguf(ref, None, kind)
    elif scheme == "run" and rest:
        run = read_run(rest)
        if run.base not in EMBEDDED:
            raise ConfigError(f"{ref!r} was trained on {run.base}, which this version cannot export.")
        made = retrained_gguf(run.base, run.model, kind) if run.model else merged_gguf(run.base, run.adapter, kind)
    else:
        raise ConfigError(
            f"{ref!r} cannot be exported; there are: default, shipped, {', '.join(EMBEDDED)}, run:RUN_DIR."
        )
    if file.exists():
        raise ConfigError(f"{file} is there already: choose a new file.")
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        shutil.copyfile(made, beside)
        beside.rename(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from error


def resolved(ref: str) -> str:
    """What `default` stands for on this machine: `shipped`, or `run:` with the folder of what was promoted."""
    if ref != DEFAULT_POLICY:
        return ref
    promoted = promoted_run()
    return SHIPPED if promoted is None else f"run:{promoted}"


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
    run = read_run(path)
    name = options.pop("name", f"run:{path}")
    if run.base in EMBEDDED and run.model is None:
        return _embedded(run.base, run.adapter, name, engine, options)
    if run.base in EMBEDDED and engine != "transformers":
        kind = options.pop("kind", None) or load_section("engines", EngineSettings).kind
        return _llama_cpp(retrained_gguf(run.base, cast("Path", run.model), kind), {"name": name, **options})
    if engine == "llama.cpp":
        raise ConfigError(f"{path} was trained on {run.base}, whose weights this version cannot make a GGUF file of.")
    options.pop("kind", None)
    model = run.model or _model_of(run.base)
    return _torch(model, {"name": name, "adapter": run.adapter, **options})


@dataclass(frozen=True)
class TrainedRun:
    """What a training run left.

    Args:
        base: reference of the policy that it started from.
        adapter: folder of the adapter on the base, where it trained one.
        model: folder of the whole model, where it trained all weights.
    """

    base: str
    adapter: Path | None
    model: Path | None


def read_run(path: str) -> TrainedRun:
    """What lies in the folder of a training run.

    Raises:
        ConfigError: it is none, or not finished.
    """
    folder = Path(path).expanduser()
    adapter, model = folder / "adapter", folder / "model"
    try:
        base = json.loads((folder / "run.json").read_text(encoding="utf-8")).get("base", SMOLLM2_135M.name)
    except FileNotFoundError:
        base = SMOLLM2_135M.name
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path} is not a training run: its run.json cannot be read.") from error
    if base not in EMBEDDED and str(base).partition(":")[0] not in ("dir", "hf", "run"):
        raise ConfigError(f"{path} was trained on {base!r}, which this version does not know.")
    if (model / "config.json").is_file():
        return TrainedRun(base, None, model)
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        if not (adapter / file).is_file():
            raise ConfigError(f"{path} is not a finished training run: it has neither model/ nor adapter/{file}.")
    return TrainedRun(base, adapter, None)


def _model_of(base: str) -> str:
    """What `transformers` loads for the base of a run."""
    scheme, _, rest = base.partition(":")
    if base in EMBEDDED:
        return str(transformers_folder(base))
    if scheme == "run":
        run = read_run(rest)
        return str(run.model) if run.model is not None else _model_of(run.base)
    return str(Path(rest).expanduser()) if scheme == "dir" else rest


def _from_script(path: str, engine: Engine, options: dict[str, Any]) -> Policy:
    from .scripted import ScriptedPolicy

    return ScriptedPolicy.from_file(Path(path).expanduser())


def _remote(ref: str, engine: Engine, options: dict[str, Any]) -> Policy:
    if engine != "auto":
        raise ConfigError(f"a remote policy runs on its server, not on {engine}; leave --engine at auto.")
    from .remote import RemotePolicy

    options.pop("repeatable", None)  # is the server's to decide
    return RemotePolicy(ref, **options)


def _llama_cpp(path: Path, options: dict[str, Any]) -> Policy:
    from .llama_cpp import LlamaCppPolicy

    return LlamaCppPolicy(path, **options)


def _torch(model: str | Path, options: dict[str, Any]) -> Policy:
    from .torch_policy import TorchPolicy

    options.pop("repeatable", None)  # in float32 a row's reply does not depend on its neighbours
    return TorchPolicy(model, **options)


_SCHEMES: dict[str, Callable[[str, Engine, dict[str, Any]], Policy]] = {
    "gguf": _from_gguf,
    "dir": _from_folder,
    "hf": _from_hub,
    "run": _from_run,
    "script": _from_script,
}


def weights_files(ref: str) -> list[Path]:
    """The local files that a reference's weights come from, for telling two policies apart; none for a server."""
    scheme, _, rest = resolved(ref).partition(":")
    if resolved(ref) == SHIPPED:
        return _adapter_files(require_adapter())
    if scheme == "run":
        run = read_run(rest)
        return _model_files(run.model) if run.model is not None else _adapter_files(cast("Path", run.adapter))
    if scheme in ("gguf", "script"):
        return [Path(rest).expanduser()]
    if scheme == "dir":
        return _model_files(Path(rest).expanduser())
    return []


def _model_files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.iterdir()) if file.suffix in (".json", ".safetensors", ".bin")]


def _adapter_files(folder: Path) -> list[Path]:
    return [folder / "adapter_config.json", folder / "adapter_model.safetensors"]


def base_of(ref: str) -> str | None:
    """The policy that another was trained from, where that is known."""
    scheme, _, rest = resolved(ref).partition(":")
    if resolved(ref) == SHIPPED:
        return SMOLLM2_135M.name
    return read_run(rest).base if scheme == "run" and rest else None
