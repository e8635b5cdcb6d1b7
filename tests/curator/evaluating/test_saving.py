"""The saved and the printed evaluation: complete, whole or not there, and deaf to what models say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from curator.errors import CuratorError, UsageError
from curator.evaluating.examples import Example, Said
from curator.evaluating.loss import Unmeasured
from curator.evaluating.report import print_evaluation
from curator.evaluating.result import Evaluation
from curator.evaluating.saving import DATA, PAGE, check_target, save
from tests.curator.evaluating.made import NOWHERE, column, evaluation

HOSTILE = "```\n# owned <script>x</script> | [red]a[/] \x1b[31m \u202e \x07"


def both(folder: Path) -> Evaluation:
    return evaluation(column("new", "aa"), before=column("old", "rr", loss=NOWHERE), folder=folder)


def test_an_evaluation_is_two_files(tmp_path: Path) -> None:
    """The table for people, and for scripts every figure with the runs it came from."""
    save(both(tmp_path / "a" / "out"))
    page, data = (tmp_path / "a" / "out" / name for name in (PAGE, DATA))
    assert "| pass@1 | 0.0% (0.0% – 79.3%) | 100.0% (20.7% – 100.0%) | +100.0 points |" in page.read_text("utf-8")
    said = json.loads(data.read_text("utf-8"))
    assert (said["before"]["run"], said["after"]["run"]) == ("eval-s-old", "eval-s-new")
    assert said["after"]["pass1"] == {"value": 1.0, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0,
                                      "problems": 1, "left_out": 0}  # fmt: skip
    assert said["before"]["loss"] == {"not_measured": "its weights are behind a server"}
    assert said["sign_test"] == {"before_better": 0, "after_better": 1, "p": 1.0}
    assert sorted(path.name for path in data.parent.iterdir()) == [DATA, PAGE]


def test_an_earlier_evaluation_is_replaced(tmp_path: Path) -> None:
    """The same command over more samples writes to the same place."""
    save(both(tmp_path))
    check_target(tmp_path)
    save(evaluation(column("new", "aa"), folder=tmp_path))
    assert json.loads((tmp_path / DATA).read_text("utf-8"))["before"] is None


def test_what_is_no_evaluation_is_never_replaced(tmp_path: Path) -> None:
    """Somebody's own eval.md, and a file where the folder is to be, stop the command before it begins."""
    (tmp_path / PAGE).write_text("mine")
    with pytest.raises(UsageError, match=r"eval\.md or eval\.json there"):
        check_target(tmp_path)
    with pytest.raises(UsageError, match="a file of that name"):
        check_target(tmp_path / PAGE)


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """The runs are stored by then, and the message says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CuratorError, match="cannot write the evaluation into") as caught:
        save(both(tmp_path / "file" / "out"))
    assert "without sampling again" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def hostile(folder: Path) -> Evaluation:
    """Whatever a model, a problem, a server or a trainer may say."""
    example = Example(HOSTILE, HOSTILE, HOSTILE, [Said("b2:1", HOSTILE, "accepted", "ok")])
    after = replace(column("new", "aa", loss=Unmeasured(HOSTILE)), name=HOSTILE)
    return evaluation(after, folder=folder, examples=[example], notes=[HOSTILE])


def test_no_text_leaves_its_place_in_the_page(tmp_path: Path) -> None:
    """Markdown of others stays inside fences and code spans, on its line; nothing steers a terminal that shows it."""
    save(hostile(tmp_path))
    page = (tmp_path / PAGE).read_text("utf-8")
    assert not {"\x1b", "\u202e", "\x07"} & set(page)
    outside = "".join(page.split("\n````\n")[::2])  # the fences are longer than what they hold
    owned = [line for line in outside.splitlines() if "owned" in line]
    assert len(owned) >= 4
    assert all(line.startswith(("- ", "| ", "## Problem ", "Gold answer")) for line in owned)


def test_no_text_is_obeyed_by_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes and markup are printed as what they are."""
    print_evaluation(hostile(tmp_path), "curator")
    out = capsys.readouterr().out
    assert not {"\x1b", "\u202e", "\x07"} & set(out)
    assert out.count("[red]a[/]") >= 5


def test_the_terminal_says_what_failed_and_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    """Candidates that never came are told with the last reason; then the commands that look closer."""
    print_evaluation(evaluation(column("new", "aa", failed=3), before=column("old", "rr")), "curator")
    out = capsys.readouterr().out
    assert (
        "after: 3 candidates failed; the same command asks for them again. The last failure:\n  it \\x1b[31mbroke"
        in out
    )
    assert "saved: out/eval.md and eval.json" in out
    assert "curator report --compare eval-s-old eval-s-new" in out
    assert "curator show b2:eval-s-new" in out
