"""An OpenAI-compatible server: the agent, for any program that speaks to such a model.

A request without `tools` is a turn of the agent, whose own tools run here. One with `tools` is passed through to the
policy, and the client runs the calls. The guide is `docs/serve-the-api.md`.
"""

from .app import Api
from .serving import DEFAULT_PORT, build_api, serve_api
from .settings import ApiSettings, KeySettings

__all__ = ["DEFAULT_PORT", "Api", "ApiSettings", "KeySettings", "build_api", "serve_api"]
