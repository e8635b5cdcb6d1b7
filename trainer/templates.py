"""The student's chat template: what it must write for a training to be worth anything, and how it is mended.

Many templates of reasoning models delete `<think>…</think>` from answers, which is right for earlier turns of a
conversation and fatal for the turn that is learnt. A template is judged by what it writes, not by its source: marked
turns are rendered and looked for. Sources of the clauses: the templates that DeepSeek-R1-Distill, QwQ, Qwen3 and
Qwen3.5 are published with.

Not covered: templates that write reasoning in marks of their own (gpt-oss), and what a template makes of tools.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from schemas.trace import THINK_CLOSE, THINK_OPEN, Trace, format_trace
from trainer.errors import BadInput

_QUESTION, _TRACE = "MARKED QUESTION", Trace("MARKED REASONING", "MARKED ANSWER")
_HINT = "--chat-template FILE takes another one"
_AFTER_THINKING = re.compile(
    r"""(?P<text>\w+(?:\.\w+|\[['"]\w+['"]\])*)\.split\((?P<mark>['"])</think>(?P=mark)\)(?:\[-1\]|\s*\|\s*last)"""
)
"""`content.split('</think>')[-1]` and its like: what follows the reasoning."""
_THINKING_ON = "{%- if enable_thinking is not defined %}{%- set enable_thinking = true %}{%- endif %}"
_REASONING_APART = """\
{%- set apart = namespace(turns=[]) %}
{%- for turn in messages %}
{%- if turn.role == 'assistant' and turn.content is string and '</think>' in turn.content %}
{%- set parts = turn.content.split('</think>') %}
{%- set reasoning = parts[0].split('<think>')[-1].strip('\\n') %}
{%- set turn = dict(turn, reasoning_content=reasoning, content=parts[-1].lstrip('\\n')) %}
{%- endif %}
{%- set apart.turns = apart.turns + [turn] %}
{%- endfor %}
{%- set messages = apart.turns %}
"""
"""For templates that look for reasoning in a field of its own alone, as Qwen3.8's does."""
_END = "{%- if not add_generation_prompt %}{{- eos_token }}{%- endif %}"


@dataclass(frozen=True, slots=True)
class _Written:
    """What a template makes of the marked turns."""

    given: str
    """The prompt that a server would give to the student."""
    whole: str
    """The same with the answer after it."""
    end: str
    """The special token that the whole ends with; empty when it ends with none."""

    @property
    def keeps_reasoning(self) -> bool:
        _, reasoning, after = self.whole.partition(_TRACE.reasoning)
        return bool(reasoning) and _TRACE.answer in after

    @property
    def thinks_once(self) -> bool:
        _, _, after = self.whole.partition(_QUESTION)
        return after.count(THINK_OPEN) <= 1 and after.count(THINK_CLOSE) <= 1

    @property
    def continues_prompt(self) -> bool:
        return self.whole.startswith(self.given)

    @property
    def ends(self) -> bool:
        return bool(self.end)


@dataclass(frozen=True, slots=True)
class _Demand:
    """One thing that a template must do."""

    holds: Callable[[_Written], bool]
    fault: str
    mends: Callable[[str], Iterator[str]]
    """Returns templates that may do it."""
    mended: str


def mend_template(tokenizer: Any, own: str | None) -> str | None:
    """Make the tokenizer's chat template one that can be trained with; it is saved with the tokenizer.

    Args:
        tokenizer: A transformers tokenizer; its template, and its end token where answers end with another one,
            are set.
        own: A template to take in place of the tokenizer's own.

    Returns:
        What was changed, for the user; None when nothing was.

    Raises:
        BadInput: There is no template, or it cannot be mended.
    """
    name = "--chat-template" if own else f"the chat template of {tokenizer.name_or_path}"
    tokenizer.chat_template = own or tokenizer.chat_template
    if not tokenizer.chat_template:
        raise BadInput(f"{tokenizer.name_or_path} has no chat template, so no rows can be put to it", hint=_HINT)
    template, changes = str(tokenizer.get_chat_template()), []
    while demand := _unmet(written := _written(template, tokenizer, name)):
        template, mended = _mended(template, demand, tokenizer, name)
        tokenizer.chat_template = template
        changes.append(mended)
    if written.end != tokenizer.eos_token:
        changes.append(f"ends answers with {written.end}, not {tokenizer.eos_token}: that is now the end token")
        tokenizer.eos_token = written.end
    return f"{name} {'; it '.join(changes)}" if changes else None


def _written(template: str, tokenizer: Any, name: str) -> _Written:
    question = {"role": "user", "content": _QUESTION}
    answer = {"role": "assistant", "content": format_trace(_TRACE)}
    try:
        given = _rendered(tokenizer, template, [question], add_generation_prompt=True)
        whole = _rendered(tokenizer, template, [question, answer], add_generation_prompt=False)
    except (TemplateError, TypeError, ValueError) as err:
        why, _, _ = str(err).partition("\n")
        raise BadInput(f"{name} cannot write a question and its answer: {why}", hint=_HINT) from err
    specials = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    ends = [token for token in specials | {tokenizer.eos_token or ""} if whole.rstrip().endswith(token)]
    return _Written(given, whole, max(ends, key=len, default=""))


def _rendered(tokenizer: Any, template: str, turns: list[dict[str, str]], *, add_generation_prompt: bool) -> str:
    return str(
        tokenizer.apply_chat_template(
            turns, chat_template=template, tokenize=False, add_generation_prompt=add_generation_prompt
        )
    )


def _unmet(written: _Written) -> _Demand | None:
    return next((demand for demand in _DEMANDS if not demand.holds(written)), None)


def _mended(template: str, demand: _Demand, tokenizer: Any, name: str) -> tuple[str, str]:
    """Return the first mended template that meets the demand and those before it, and what it changed."""
    within = _DEMANDS[: _DEMANDS.index(demand) + 1]
    for mended in demand.mends(template):
        try:
            written = _written(mended, tokenizer, name)
        except BadInput:
            continue
        if all(each.holds(written) for each in within):
            return mended, demand.mended
    raise BadInput(f"{name} {demand.fault}, and no way is known to mend it", hint=_HINT)


def _keep_thinking(template: str) -> Iterator[str]:
    """Keep the reasoning of the last turn; else, where the clause stands in no loop over turns, of all."""
    yield _AFTER_THINKING.sub(r"(\g<text> if loop.last else \g<0>)", template)
    yield _AFTER_THINKING.sub(r"\g<text>", template)


def _write_once(template: str) -> Iterator[str]:
    """Hand the reasoning over by itself; else leave out one `<think>` of those in the template, with its line end."""
    yield _REASONING_APART + template
    for mark in re.finditer(re.escape(THINK_OPEN) + r"(?:\\n|\n)?", template):
        yield template[: mark.start()] + template[mark.end() :]


def _think_by_default(template: str) -> Iterator[str]:
    yield _THINKING_ON + template


def _end_with_token(template: str) -> Iterator[str]:
    yield template + _END


_DEMANDS = (
    _Demand(
        holds=lambda written: written.keeps_reasoning,
        fault="leaves the reasoning or the answer out of answers",
        mends=_keep_thinking,
        mended="deleted <think>…</think> from the answer that is to be learnt, and now keeps it",
    ),
    _Demand(
        holds=lambda written: written.thinks_once,
        fault="writes <think> twice before the reasoning",
        mends=_write_once,
        mended="wrote <think> twice before the reasoning, and now does so once",
    ),
    _Demand(
        holds=lambda written: written.continues_prompt,
        fault="writes the prompt otherwise once an answer follows",
        mends=_think_by_default,
        mended="turned thinking off unless asked for, and now turns it on",
    ),
    _Demand(
        holds=lambda written: written.ends,
        fault="writes no end token after answers",
        mends=_end_with_token,
        mended="wrote no end token after answers, and now does",
    ),
)
"""In the order of weight: a mend must not undo what is demanded before it."""
