"""How each kind of teacher is asked unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.candidate import SamplingParameters


@dataclass(frozen=True, slots=True)
class TeacherDefaults:
    """Defaults of one kind of teacher."""

    sampling: SamplingParameters
    few_shot: bool
    """Whether worked examples go before the problem."""
    concurrency: int
    """Requests in flight at once, per endpoint."""


_R1 = SamplingParameters(temperature=0.6, top_p=0.95, max_tokens=32_768)
"""The values that the DeepSeek-R1 report gives for R1 itself."""
DEFAULTS: Mapping[str, TeacherDefaults] = {
    "openai": TeacherDefaults(_R1, False, 32),
    "vllm": TeacherDefaults(_R1, False, 32),
    "ollama": TeacherDefaults(_R1, False, 4),  # its servers queue what exceeds OLLAMA_NUM_PARALLEL
    "scripted": TeacherDefaults(_R1, False, 32),
    # A 135M model: without worked examples none of its traces is well formed, and long ones only ramble.
    "local": TeacherDefaults(SamplingParameters(temperature=0.7, top_p=0.95, max_tokens=256), True, 32),
}
