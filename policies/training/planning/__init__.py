"""What a training or a service will take: GPUs, memory, days and money, from published formulas.

Each formula names its paper, and the tests compare them with published trainings. Nothing was measured here.
"""

from .amounts import read_amount
from .decoding import WEIGHT_BYTES, Replica, kv_bytes_per_token
from .hardware import GPU, GPUS, find_gpu
from .serving_cost import Demand, ServingPlan, plan_serving
from .shapes import ModelShape, assumed_shape, lora_parameters, read_shape, transformer_parameters
from .training_cost import (
    TrainingPlan,
    forward_flops_per_token,
    plan_training,
    training_flops_per_token,
    training_seconds,
    training_work,
)
from .training_memory import (
    RECOMPUTE,
    STAGES,
    Memory,
    Training,
    activation_bytes_per_layer,
    fits,
    model_states,
    smallest_count,
    training_memory,
)

__all__ = [
    "GPU",
    "GPUS",
    "RECOMPUTE",
    "STAGES",
    "WEIGHT_BYTES",
    "Demand",
    "Memory",
    "ModelShape",
    "Replica",
    "ServingPlan",
    "Training",
    "TrainingPlan",
    "activation_bytes_per_layer",
    "assumed_shape",
    "find_gpu",
    "fits",
    "forward_flops_per_token",
    "kv_bytes_per_token",
    "lora_parameters",
    "model_states",
    "plan_serving",
    "plan_training",
    "read_amount",
    "read_shape",
    "smallest_count",
    "training_flops_per_token",
    "training_memory",
    "training_seconds",
    "training_work",
    "transformer_parameters",
]
