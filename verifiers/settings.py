"""What a user may set about verdicts, and the limits of the processes that make them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class LengthSettings:
    """Bounds on completion tokens, reasoning included, per domain."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    min_tokens: int = 1
    math: int = 32_768
    code: int = 32_768
    choice: int = 32_768
    logic: int = 32_768
    general: int = 32_768


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """One field per verifier that has settings; each enters only that verifier's `config_hash`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    length: LengthSettings = LengthSettings()


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one worker process may use. A worker past a limit is killed and its verdict is an error."""

    memory_mb: int = 512
    """Address space in MiB, code and libraries included."""
    cpu_s: float = 3.0
    """CPU seconds per verdict; rounded up, so a verdict may take up to a second more."""
    wall_s: float = 30.0
    """Wall seconds per verdict: generous, because a loaded machine is no fault of the answer."""
    start_s: float = 120.0
    """Wall seconds until a new worker has loaded its libraries."""
    recycle_after: int = 2_000
    """Candidates after which a worker is replaced."""
