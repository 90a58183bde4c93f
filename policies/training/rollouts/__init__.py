"""Replies sampled while training: by the agent's own loop, on token ids that are never tokenized again."""

from .decoder import Asked, Decoder, Generated
from .rollout import Rollout, roll_out
from .server import ServerDecoder

__all__ = ["Asked", "Decoder", "Generated", "Rollout", "ServerDecoder", "roll_out"]
