"""What is said of the rows before a training begins, and what stops it: lengths, tokens, padding, and lost reasoning.

trl cuts rows that are too long without a word, and trains on the answer alone where a chat template deletes the
reasoning. Here rows that are too long are left out and counted, and the labels of the first batch are decoded: what a
row says must be in them.

Not covered: whether the traces are right, and rows after the first batch whose labels are at fault.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from schemas.trace import Trace, parse
from schemas.training import TrainingConfig
from trainer.errors import BadInput
from trainer.rows import IGNORED, Encoded, Row

PACKED_LENGTH = 1024
"""Least length of a packed row: short rows fill long ones with less waste."""
_NOTABLE_PADDING, _ENOUGH_STEPS = 0.2, 100
"""Share of padding from which packing is worth its mention."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What was found in the rows; lengths are in tokens, and of the rows that are trained on."""

    rows: int
    """Rows that are trained on."""
    left_out: int
    """Rows of more than `max_length` tokens."""
    max_length: int
    limit: str
    """What sets `max_length`, in the user's words."""
    shortest: int
    median: int
    p95: int
    longest: int
    tokens: int
    """Per epoch, without padding."""
    counted_tokens: int
    """Of these, the ones that count in the loss."""
    padding: float
    """Expected share of padding in a full batch of rows drawn at random; 0 with packing."""
    batch_size: int
    checked: int
    """Rows whose labels were decoded and hold what the row says."""

    def as_json(self) -> dict[str, Any]:
        """Return the figures for `training.json`."""
        return asdict(self) | {"padding": round(self.padding, 4)}

    def lines(self) -> list[str]:
        """Say it in short lines."""
        spread = f"{self.shortest:,} to {self.longest:,} tokens, median {self.median:,}, 95% up to {self.p95:,}"
        found = [
            f"{self.rows:,} rows of {spread}",
            f"{self.tokens:,} tokens per epoch, {self.counted_tokens:,} of them count in the loss",
            f"checked: the labels of the first {self.checked:,} rows hold their own reasoning and answer",
        ]
        if self.left_out:
            all_rows = self.rows + self.left_out
            cut = "cut, they would lose their answer, so they are left out"
            found.insert(1, f"{self.left_out:,} of {all_rows:,} rows are longer than {self.limit}; {cut}")
        packed_steps = self.tokens / (self.batch_size * max(PACKED_LENGTH, self.longest))
        if self.padding >= _NOTABLE_PADDING and packed_steps >= _ENOUGH_STEPS:
            found.append(f"{self.padding:.0%} of a batch of {self.batch_size:,} rows is padding; --packing saves that")
        return found


def choose_length(lengths: Iterable[int], wanted: int | None, context: int, *, packing: bool) -> int:
    """Choose the most tokens that a row, or a packed one, may have.

    Args:
        lengths: Tokens of each row.
        wanted: `TrainingConfig.max_length`; None takes the longest row, and at least `PACKED_LENGTH` with packing.
        context: Most tokens that the model can read; never exceeded.
        packing: Whether several rows share one.
    """
    if wanted:
        return min(wanted, context)
    least = PACKED_LENGTH if packing else 1
    return min(max(least, max(lengths, default=0)), context)


def inspect(rows: Iterable[tuple[Row, Encoded]], tokenizer: Any, config: TrainingConfig, max_length: int) -> Guards:
    """Look at the rows of a training, each once and none kept.

    Args:
        rows: All of its rows, the ones that are too long among them, in the order of their file.
        tokenizer: The tokenizer that encoded them.
        config: The training.
        max_length: What `choose_length` chose.

    Raises:
        BadInput: There are no rows, all are too long, or one of the first batch lost what it says.
    """
    lengths: Counter[int] = Counter()
    counted = checked = 0
    for number, (row, encoded) in enumerate(rows, 1):
        lengths[len(encoded.input_ids)] += 1
        if len(encoded.input_ids) > max_length:
            continue
        counted += sum(label != IGNORED for label in encoded.labels)
        if checked < config.batch_size:
            _check_labels(number, row, encoded, tokenizer)
            checked += 1
    given = max_length == config.max_length
    limit = f"--max-length {max_length}" if given else f"the model's context of {max_length:,} tokens"
    kept = _kept(lengths, max_length, limit)
    return Guards(
        rows=kept.total(),
        left_out=lengths.total() - kept.total(),
        max_length=max_length,
        limit=limit,
        shortest=min(kept),
        median=_quantile(kept, 0.5),
        p95=_quantile(kept, 0.95),
        longest=max(kept),
        tokens=_tokens(kept),
        counted_tokens=counted,
        padding=0.0 if config.packing else _padding(kept, config.batch_size),
        batch_size=config.batch_size,
        checked=checked,
    )


def _kept(lengths: Counter[int], max_length: int, limit: str) -> Counter[int]:
    """Keep the lengths of the rows that are trained on."""
    if not lengths:
        raise BadInput("there are no rows to train on", hint="curator curate NAME says which step left them out")
    kept = Counter({length: rows for length, rows in lengths.items() if length <= max_length})
    if not kept:
        raise BadInput(
            f"{limit} cuts every row: the shortest has {min(lengths):,} tokens",
            hint=f"all rows fit into {max(lengths):,} tokens; else curate a split of shorter traces",
        )
    return kept


def _check_labels(number: int, row: Row, encoded: Encoded, tokenizer: Any) -> None:
    """Decode what counts in the loss, and look in it for what the row says, in its order.

    Raises:
        BadInput: Some of it is not there.
    """
    learnt = _decoded([label for label in encoded.labels if label != IGNORED], tokenizer)
    at = 0
    for name, text in _said(row):
        wanted = _decoded(tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer).strip()
        found = learnt.find(wanted, at)
        if found < 0:
            raise BadInput(
                f"row {number:,} would be trained on without its {name}: the tokens that count do not hold it",
                hint="most often the chat template leaves it out: --chat-template FILE takes another one",
            )
        at = found + len(wanted)


def _said(row: Row) -> Iterator[tuple[str, str]]:
    """Name the parts of what the student is to say."""
    trace = parse(row.text)
    if isinstance(trace, Trace):
        yield "reasoning", trace.reasoning
        yield "answer", trace.answer
    else:
        yield "completion", row.text


def _decoded(ids: list[int], tokenizer: Any) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))


def _tokens(lengths: Counter[int]) -> int:
    return sum(length * rows for length, rows in lengths.items())


def _quantile(lengths: Counter[int], share: float) -> int:
    """Return the least length that `share` of the rows do not exceed."""
    within = 0
    for length in sorted(lengths):
        within += lengths[length]
        if within >= share * lengths.total():
            return length
    raise AssertionError("share is at most 1")


def _padding(lengths: Counter[int], batch_size: int) -> float:
    """Return the share of padding to expect in a full batch: each row is filled up to the batch's longest.

    The chance that no row of a batch exceeds a length is that of drawing all of them from the rows up to it.
    """
    total = lengths.total()
    drawn = min(batch_size, total)
    within, before, longest = 0, 0.0, 0.0
    for length in sorted(lengths):
        within += lengths[length]
        chance = math.comb(within, drawn) / math.comb(total, drawn)
        longest += length * (chance - before)
        before = chance
    return 1 - _tokens(lengths) / total / longest
