"""How fast replies are written: bound by the memory's bandwidth or by arithmetic, on one GPU or several.

A step writes one token for each sequence of a batch. It reads all weights once and every sequence's keys and values,
and multiplies each token with every parameter. Whichever takes longer is the step's time (the roofline model, Williams
et al. 2009); over several GPUs each layer waits for two all-reduces besides (Shoeybi et al. 2019, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

from .hardware import GPU
from .shapes import ModelShape

# int4 with its scales: 4.5 bits, as NVFP4 and llama.cpp's Q4_K have.
WEIGHT_BYTES = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 4.5 / 8}
# Of the peak, achieved while weights are read: 55 % on four A100, 60 % on two H100, Llama 2 70B at batch 1 (Agarwal et
# al. 2023, "LLM Inference Performance Engineering", Databricks).
BANDWIDTH_SHARE = 0.6
MACHINE = 8  # GPUs that talk to each other without a network between them
# Assumed: what a small all-reduce takes within a machine, and between machines.
ALL_REDUCE_SECONDS = 15e-6
NETWORK_ALL_REDUCE_SECONDS = 60e-6


def kv_bytes_per_token(shape: ModelShape, bytes_each: float = 2.0) -> float:
    """Bytes of keys and values that one token leaves: 2 · layers · kv_heads · head_dim · bytes (Shazeer 2019).

    Llama 2 70B (80 layers, 8 heads of 128, bf16) has 327,680.

    Args:
        shape: of the model.
        bytes_each: of one number; 2 in bf16.
    """
    return 2 * shape.layers * shape.kv_width * bytes_each


@dataclass(frozen=True)
class Replica:
    """One copy of a model's weights over some GPUs (tensor parallelism).

    Args:
        gpu: of which it consists.
        gpus: how many.
        parameters: of the model.
        shape: of the model.
        precision: of the weights, a key of `WEIGHT_BYTES`. In fp8 the GPU multiplies in fp8 where it can; int8 and int4
            are multiplied in bf16. Keys and values are in bf16.
        utilisation: share of the peak FLOP/s that is achieved.
    """

    gpu: GPU
    gpus: int
    parameters: float
    shape: ModelShape
    precision: str
    utilisation: float

    @property
    def weight_bytes(self) -> float:
        """Bytes of the weights, over all its GPUs."""
        return self.parameters * WEIGHT_BYTES[self.precision]

    def sequences(self, context: int, taken: float = 0.0) -> int:
        """How many sequences fit beside the weights.

        Args:
            context: tokens of each.
            taken: bytes on each GPU that something else holds.
        """
        free = self.gpus * (self.gpu.usable_memory - taken) - self.weight_bytes
        return max(0, int(free // (context * kv_bytes_per_token(self.shape))))

    def step_seconds(self, batch: float, context: float) -> float:
        """Seconds in which each of `batch` sequences of `context` tokens gets one more token."""
        return max(self._reading(batch, context), self._multiplying(batch, context)) + self._talking

    def bound(self, batch: float, context: float) -> str:
        """What a step waits for: `bandwidth` or `compute`."""
        return "bandwidth" if self._reading(batch, context) >= self._multiplying(batch, context) else "compute"

    def prefill_seconds(self, tokens: int) -> float:
        """Seconds until a prompt of so many tokens is read and the first token of the reply is there."""
        return max(self._reading(0, 0), self.prefill_work(tokens) / self._speed) + self._talking

    def prefill_work(self, tokens: float) -> float:
        """FLOPs of reading a prompt: 2N a token, and causal attention."""
        return tokens * (2 * self.parameters + 2 * self.shape.layers * self.shape.attention_width * tokens)

    def work_seconds(self, flops: float) -> float:
        """Seconds that so many FLOPs take."""
        return flops / self._speed

    @property
    def _speed(self) -> float:
        peak = self.gpu.fp8_flops if self.precision == "fp8" and self.gpu.fp8_flops else self.gpu.flops
        return self.gpus * peak * self.utilisation

    def _reading(self, batch: float, context: float) -> float:
        read = self.weight_bytes + batch * context * kv_bytes_per_token(self.shape)
        return read / (self.gpus * self.gpu.bandwidth * BANDWIDTH_SHARE)

    def _multiplying(self, batch: float, context: float) -> float:
        attention = 4 * self.shape.layers * self.shape.attention_width * context
        return batch * (2 * self.parameters + attention) / self._speed

    @property
    def _talking(self) -> float:
        if self.gpus == 1:
            return 0.0
        each = ALL_REDUCE_SECONDS if self.gpus <= MACHINE else NETWORK_ALL_REDUCE_SECONDS
        return 2 * self.shape.layers * each
