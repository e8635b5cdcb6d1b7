"""What goes wrong is said in plain words, and nothing is lost by it."""

from __future__ import annotations

import json
import socket

import pytest

GOOD = "<think>two and two</think><answer>4</answer>"
SUM = {"id": "sum", "prompt": "What is 2+2?", "answer": "4"}


def _sample(user, name: str, *words: object):
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    return user.types("sample", name, "--teacher", "scripted:script.jsonl", *words)


def test_a_torn_last_line_is_named_before_any_token_is_spent(user) -> None:
    """The whole file is checked first; `--skip-bad` goes on without the torn row."""
    path = user.writes("rows.jsonl", [SUM])
    path.write_text(path.read_text() + '{"id": "torn", "prom')
    done = _sample(user, "rows.jsonl")
    assert done.returncode == 2
    assert "rows.jsonl:2" in done.stderr
    assert "--skip-bad" in done.stderr
    assert not (user.folder / "curator.duckdb").exists()
    assert _sample(user, "rows.jsonl", "--skip-bad").returncode == 0


def test_a_byte_order_mark_is_no_fault(user) -> None:
    """Files that Windows editors saved are read."""
    (user.folder / "bom.jsonl").write_text("\ufeff" + json.dumps(SUM), "utf-8")
    assert _sample(user, "bom.jsonl").returncode == 0


def test_an_empty_answer_is_a_faulty_row(user) -> None:
    """An empty gold would make every answer wrong."""
    user.writes("rows.jsonl", [{**SUM, "answer": ""}])
    done = _sample(user, "rows.jsonl")
    assert done.returncode == 2
    assert "rows.jsonl:1" in done.stderr
    assert "answer" in done.stderr


def test_one_id_with_two_prompts_names_both_lines(user) -> None:
    """Ids are the user's; a clash is theirs to mend, and we say where."""
    user.writes("rows.jsonl", [SUM, {**SUM, "prompt": "What is 3+1?"}])
    done = _sample(user, "rows.jsonl")
    assert done.returncode == 2
    assert "2" in done.stderr
    assert "1" in done.stderr
    assert "--id-prefix" in done.stderr


def test_an_id_stored_with_another_prompt_is_refused(user) -> None:
    """Two files that use the same ids for other problems do not overwrite each other."""
    user.writes("a.jsonl", [SUM])
    user.writes("b.jsonl", [{**SUM, "prompt": "What is 1+3?"}])
    assert _sample(user, "a.jsonl").returncode == 0
    done = _sample(user, "b.jsonl")
    assert done.returncode in (1, 2)
    assert "--id-prefix" in done.stderr
    assert _sample(user, "b.jsonl", "--id-prefix", "b-").returncode == 0


def test_an_empty_file_is_no_success(user) -> None:
    """Nothing to do because nothing was read is an error, not an empty report."""
    user.writes("rows.jsonl", [])
    done = _sample(user, "rows.jsonl")
    assert done.returncode == 2
    assert "rows.jsonl holds no rows" in done.stderr


def test_skipped_rows_are_still_named(user) -> None:
    """`--skip-bad` goes on, and says what it left out."""
    user.writes("rows.jsonl", [SUM, {**SUM, "id": "b", "answer": ""}])
    done = _sample(user, "rows.jsonl", "--skip-bad")
    assert done.returncode == 0
    assert "line 2: answer is empty" in done.stdout


def test_a_misspelt_verifier_in_the_policy_is_named(user) -> None:
    """A policy that names no verifier stops before any token is spent."""
    (user.folder / "curator.toml").write_text('[policy.math]\nlenght = "advisory"\n')
    user.writes("rows.jsonl", [SUM])
    done = _sample(user, "rows.jsonl")
    assert done.returncode == 2
    assert "[policy.math] lenght (did you mean 'length'?)" in done.stderr


def test_problems_without_a_teacher_get_specs_to_paste(user) -> None:
    """No teacher is guessed for the user's own problems."""
    user.writes("rows.jsonl", [SUM])
    done = user.types("sample", "rows.jsonl")
    assert done.returncode == 2
    assert "--teacher local" in done.stderr


def test_an_unreachable_endpoint_is_said_at_once(user) -> None:
    """No retries against a port where nothing listens."""
    user.writes("rows.jsonl", [SUM])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        done = user.types("sample", "rows.jsonl", "--teacher", f"openai:m@{url}")
    assert done.returncode == 1
    assert url in done.stderr


def test_an_unknown_toml_key_stops_before_any_work(user) -> None:
    """A typo in the settings is never silently ignored."""
    (user.folder / "curator.toml").write_text("[samplign]\nn = 4\n")
    done = user.types("sample")
    assert done.returncode == 2
    assert "unknown key samplign (did you mean 'sampling'?)" in done.stderr


def test_a_store_that_is_no_database_is_left_alone(user) -> None:
    """A wrong path never costs the user a file."""
    (user.folder / "notes.txt").write_text("dear diary\n" * 1000)
    user.writes("rows.jsonl", [SUM])
    done = _sample(user, "rows.jsonl", "--store", "notes.txt")
    assert done.returncode == 1
    assert "notes.txt" in done.stderr
    assert (user.folder / "notes.txt").read_text() == "dear diary\n" * 1000


def test_sql_without_a_store_says_how_to_make_one(user) -> None:
    """Nothing is created by asking."""
    done = user.types("sql", "SELECT 1")
    assert done.returncode == 1
    assert "curator.duckdb" in done.stderr
    assert not (user.folder / "curator.duckdb").exists()


@pytest.mark.parametrize("word", ["smaple", "--frobnicate"])
def test_a_typo_on_the_command_line_is_usage(user, word: str) -> None:
    """Exit code 2, no traceback."""
    assert user.types(word).returncode == 2
