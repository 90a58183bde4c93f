"""Policies that another program serves: vLLM, llama-server, Ollama, OpenAI and whatever speaks as they do.

`load_policy("http://host:port/v1#model")` is the way in. What differs between the servers is the table in `dialects`.
Import this room where it is needed and not before: httpx is slow to import.
"""

from .dialects import DIALECTS, Dialect
from .policy import RemotePolicy
from .settings import HostSettings, RemoteSettings

__all__ = ["DIALECTS", "Dialect", "HostSettings", "RemotePolicy", "RemoteSettings"]
