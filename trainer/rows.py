"""Rows of an exported dataset, and what a model reads of them: one way of encoding for training, guards and loss.

A row is encoded as it will be met when the student serves: the prompt by itself, as a server would put it, then the
tokens of the completion. What the template adds after the last turn (the end token, mostly) belongs to the completion.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from trainer.errors import BadInput

IGNORED = -100
"""Label of a token that the loss does not count."""


class Turn(BaseModel):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Row(BaseModel):
    """One row of the format `prompt-completion`."""

    prompt: list[Turn] = Field(min_length=1)
    completion: list[Turn] = Field(min_length=1, max_length=1)

    @property
    def text(self) -> str:
        """What the student is to say."""
        return self.completion[0].content


class Encoded(NamedTuple):
    """Tokens of a row, and which of them count: `labels` is `input_ids`, or `IGNORED` where nothing is learnt."""

    input_ids: list[int]
    labels: list[int]


def read_rows(file: Path) -> Iterator[Row]:
    """Read the rows of a JSONL file.

    Raises:
        BadInput: There is no such file, or a line is no row.
    """
    if not file.is_file():
        raise BadInput(f"{file} does not exist", hint="curator export NAME --format prompt-completion writes it")
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Row.model_validate_json(line)
            except ValidationError as err:
                first = err.errors()[0]
                where = ".".join(map(str, first["loc"])) or "the row"
                raise BadInput(f"{file}, line {number}: {where}: {first['msg']}") from err


def encode(row: Row, tokenizer: Any, *, whole_text: bool = False) -> Encoded:
    """Encode one row with the tokenizer's chat template.

    Args:
        row: The row.
        tokenizer: A transformers tokenizer whose template writes the prompt alike alone and before a completion.
        whole_text: Whether the prompt's tokens count too.
    """
    prompt, rest = rendered(row, tokenizer)
    before = _tokens(prompt, tokenizer)
    after = _tokens(rest, tokenizer)
    ids = before + after
    return Encoded(ids, ids if whole_text else [IGNORED] * len(before) + after)


def rendered(row: Row, tokenizer: Any) -> tuple[str, str]:
    """Write a row as the template does: what the student is given, and what it is to add.

    Where the template writes the prompt otherwise once a completion follows, the two part where they differ.
    """
    turns = [turn.model_dump() for turn in (*row.prompt, *row.completion)]
    prompt = _written(turns[:-1], tokenizer, add_generation_prompt=True)
    whole = _written(turns, tokenizer, add_generation_prompt=False)
    same = len(prompt) if whole.startswith(prompt) else _common(prompt, whole)
    return whole[:same], whole[same:]


def _written(turns: list[dict[str, str]], tokenizer: Any, *, add_generation_prompt: bool) -> str:
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=add_generation_prompt))


def _tokens(text: str, tokenizer: Any) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
