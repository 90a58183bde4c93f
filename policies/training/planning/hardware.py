"""What a GPU can do and costs: peak figures from the vendors' data sheets, achieved shares from published trainings.

Nothing here was measured by this project. Peaks are dense (vendors often print twice as much, for 2:4 sparsity) and of
the SXM or OAM form. A CPU has no entry: no published training gives a share of its peak to plan with.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ....tools import ConfigError

# Of the memory on the data sheet. What the driver, the communication buffers and fragmentation take is not in the
# formulas; cards report up to 7 % more than the data sheet's figure in 10⁹ bytes, which is margin as well.
USABLE_MEMORY = 0.95


@dataclass(frozen=True)
class GPU:
    """A GPU, or another accelerator.

    Args:
        name: as the command takes it.
        title: as the vendor calls it.
        memory: bytes, the data sheet's GB as 10⁹.
        flops: dense peak in FLOP/s for matrices in bf16, or fp16 where there is no bf16.
        fp8_flops: dense peak in fp8; `None` where there is none.
        bandwidth: of the memory, bytes/s.
        power: watts at most.
        utilisation: share of `flops` that a training achieves. What is recomputed counts as work, so this is the
            hardware FLOPs utilisation; without recomputation it is the model FLOPs utilisation too.
        utilisation_source: where that share was published.
        price: US dollars for an hour of one GPU, on demand, without tax.
        price_source: whose price, and of when.
    """

    name: str
    title: str
    memory: float
    flops: float
    fp8_flops: float | None
    bandwidth: float
    power: float
    utilisation: float
    utilisation_source: str
    price: float
    price_source: str

    @property
    def usable_memory(self) -> float:
        """Bytes that a plan may fill."""
        return USABLE_MEMORY * self.memory


_LAMBDA = "Lambda, 8 GPUs on demand, September 2026"
_MEGATRON_V100 = (
    "Narayanan et al. 2021, section 1: GPT-3 takes 288 years on one V100, so 8·175e9·300e9 FLOPs at 46.2 TFLOP/s"
)
_MEGATRON_A100 = "Narayanan et al. 2021, section 5.1: GPT-3 on 1,024 A100, 140 TFLOP/s each"
_LLAMA3 = "Dubey et al. 2024, table 4: Llama 3 405B on 16,384 H100, 400 TFLOP/s each"

GPUS = {
    gpu.name: gpu
    for gpu in (
        GPU(
            "v100-16g", "NVIDIA V100 SXM2 16 GB", 16e9, 125e12, None, 900e9, 300,
            0.37, _MEGATRON_V100, 0.79, _LAMBDA,
        ),
        GPU(
            "v100-32g", "NVIDIA V100 SXM2 32 GB", 32e9, 125e12, None, 900e9, 300,
            0.37, _MEGATRON_V100, 0.79, f"that of v100-16g: {_LAMBDA}",
        ),
        GPU(
            "a100-40g", "NVIDIA A100 SXM 40 GB", 40e9, 312e12, None, 1555e9, 400,
            0.45, _MEGATRON_A100, 1.99, _LAMBDA,
        ),
        GPU(
            "a100-80g", "NVIDIA A100 SXM 80 GB", 80e9, 312e12, None, 2039e9, 400,
            0.45, _MEGATRON_A100, 2.79, _LAMBDA,
        ),
        GPU(
            "h100-80g", "NVIDIA H100 SXM 80 GB", 80e9, 989e12, 1979e12, 3350e9, 700,
            0.41, _LLAMA3, 3.99, _LAMBDA,
        ),
        GPU(
            "h200-141g", "NVIDIA H200 SXM 141 GB", 141e9, 989e12, 1979e12, 4800e9, 700,
            0.41, f"that of h100-80g, the same chip: {_LLAMA3}", 3.99, "Hyperstack, on demand, August 2026",
        ),
        GPU(
            "b200", "NVIDIA B200 SXM 180 GB", 180e9, 2250e12, 4500e12, 8000e9, 1000,
            0.37, "NVIDIA Megatron Bridge 25.11: Llama 3.1 405B on 128 B200 in fp8 at 1,667 of 4,500 TFLOP/s; "
            "bf16 is not published there", 6.69, _LAMBDA,
        ),
        GPU(
            "mi300x", "AMD Instinct MI300X 192 GB", 192e9, 1307e12, 2615e12, 5300e9, 750,
            0.23, "assumed: an H200 trained an 8B model 1.32 to 1.40 times as fast as one MI300X "
            "(github.com/alpharomercoma/MI300X-vs-H200)", 1.85, "Vultr, on demand, 2026",
        ),
    )
}  # fmt: skip


def find_gpu(name: str) -> GPU:
    """The GPU of a name; case, and spaces or underscores for dashes, do not matter.

    Raises:
        ConfigError: there is none of that name.
    """
    wanted = "-".join(name.lower().replace("_", " ").split())
    if wanted in GPUS:
        return GPUS[wanted]
    begin_so = [known for known in GPUS if wanted and known.startswith(wanted)]
    nearest = " or ".join(map(repr, begin_so)) or repr(difflib.get_close_matches(wanted, GPUS, n=1, cutoff=0.0)[0])
    raise ConfigError(f"there is no GPU {name!r}; did you mean {nearest}? There are: {', '.join(GPUS)}.")
