"""What a user may set about verdicts, and the limits of the processes that make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from verifiers.mixing.profiles import can_judge
from verifiers.mixing.scripts import SCRIPTS


@dataclass(frozen=True, slots=True)
class LengthBounds:
    """Fewest and most completion tokens, reasoning included; both are still allowed."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    min_tokens: Annotated[int, Field(ge=0)] = 1
    max_tokens: Annotated[int, Field(ge=1)] = 32_768

    def __post_init__(self) -> None:
        """Refuse bounds that nothing can keep."""
        if self.min_tokens > self.max_tokens:
            raise ValueError(f"min_tokens {self.min_tokens} is more than max_tokens {self.max_tokens}")


@dataclass(frozen=True, slots=True)
class LengthSettings:
    """The bounds of every domain."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    math: LengthBounds = LengthBounds()
    code: LengthBounds = LengthBounds()
    choice: LengthBounds = LengthBounds()
    logic: LengthBounds = LengthBounds()
    general: LengthBounds = LengthBounds()


def _judged(codes: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [code for code in codes if not can_judge(code)]
    if unknown:
        judged = " ".join(sorted(filter(can_judge, SCRIPTS)))
        raise PydanticCustomError(
            "language",
            "{code} is no language code that can be judged; these are: {judged}; write a list of them",
            {"code": repr(unknown[0]), "judged": judged},
        )
    return codes


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """How much of another language a trace may hold, and what langdetect is asked about."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    foreign_words: Annotated[int, Field(ge=1)] = 1
    """Fewest foreign words (in Chinese, Japanese and Korean: characters) that reject."""
    foreign_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Least share of foreign letters that rejects, beside the words."""
    allowed: Annotated[tuple[str, ...], AfterValidator(_judged)] = ()
    """Codes of languages that a whole reasoning, or a whole answer, may be in besides its prompt's."""
    sentence_letters: Annotated[int, Field(ge=1)] = 24
    """Fewest letters by which a sentence's language can be told from another of the same script."""
    sentence_probability: Annotated[float, Field(ge=0, le=1)] = 0.9
    """Least probability at which langdetect is believed."""


@dataclass(frozen=True, slots=True)
class RepetitionSettings:
    """From where on repeated text is a loop."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    times: Annotated[int, Field(ge=2)] = 3
    """Fewest passes of a loop of the least characters; a longer one needs fewer in proportion, but two."""
    characters: Annotated[int, Field(ge=1)] = 160
    """Fewest characters of a loop, its first pass and white space left out; one of Chinese or Japanese is three."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Largest share of the reasoning that may repeat, word for word, what was said before."""


@dataclass(frozen=True, slots=True)
class ParagraphSettings:
    """How long a paragraph of reasoning may be."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    max_tokens: Annotated[int, Field(ge=1)] = 500
    """Most estimated tokens of one paragraph."""


@dataclass(frozen=True, slots=True)
class CodeblockSettings:
    """How many fenced blocks the reasoning about something that is no code may hold."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    max_blocks: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Which model judges, and by what; no user writes these, they follow from `[judge]`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    model: str = ""
    """Empty where there is none."""
    rubric: str = ""
    """Hash of all that the model is told besides problem, gold and candidate, and of how it is sampled."""


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """What a program may use, where its problem's tests do not say."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    time_limit_s: float = 10.0
    """CPU seconds per test case; per whole test code where the tests are asserts."""
    memory_mb: int = 512
    """MiB of address space per process, and of memory for all of a program's processes together."""
    output_mb: int = 8
    """MiB that a program may print, or return, per test case."""
    wall_s: float = 600.0
    """Wall seconds for all tests of one program, generous because a busy machine is no fault of it; what has neither
    passed nor failed by then cannot be told."""
    unsafe_local_execution: bool = False
    """Whether programs may run where nothing keeps them apart from this machine (`verifiers.program.ladder`)."""


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """One field per verifier that has settings; each enters only that verifier's `config_hash`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    length: LengthSettings = LengthSettings()
    code: CodeSettings = CodeSettings()
    language: LanguageSettings = LanguageSettings()
    repetition: RepetitionSettings = RepetitionSettings()
    paragraphs: ParagraphSettings = ParagraphSettings()
    codeblocks: CodeblockSettings = CodeblockSettings()
    judge: JudgeSettings = JudgeSettings()


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one worker process may use. A worker past a limit is killed and its verdict is an error."""

    memory_mb: int = 512
    """Address space in MiB, code and libraries included."""
    cpu_s: float = 3.0
    """CPU seconds per verdict."""
    math_cpu_s: float = 1.5
    """The same per verdict on mathematics, so that the worst answer takes less than two seconds."""
    program_cpu_s: float = 30.0
    """The same per verdict on a program, whose own CPU time is not counted: comparing what it printed takes time."""
    wall_s: float = 30.0
    """Wall seconds per verdict: generous, because a loaded machine is no fault of the answer. A late one of several is
    noticed within twice as long."""
    start_s: float = 120.0
    """Wall seconds until a new worker has loaded its libraries."""
    recycle_after: int = 10_000
    """Candidates after which a worker is replaced."""

    def cpu_for(self, verifier: str) -> float:
        """Return the CPU seconds of one verdict."""
        return {"math": self.math_cpu_s, "code": self.program_cpu_s}.get(verifier, self.cpu_s)
