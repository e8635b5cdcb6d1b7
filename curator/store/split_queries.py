"""The questions behind `curator curate` and `curator export`, one constant each."""

from __future__ import annotations

from textwrap import dedent

SPLIT_BY_NAME = "SELECT * FROM splits WHERE name = ?"
"""Parameter: split. At most one row: name, recipe and report as JSON text, fingerprint, created_at."""

SPLIT_NAMES = "SELECT name FROM splits ORDER BY created_at, name"
"""Rows: every split's name, the oldest first."""

ACCEPTED = dedent("""\
    SELECT
        candidates.id AS candidate_id, candidates.problem_id, problems.domain, problems.language, problems.source,
        candidates.completion_tokens AS tokens
    FROM candidates
    JOIN decisions ON decisions.candidate_id = candidates.id
    JOIN problems ON problems.id = candidates.problem_id
    ANTI JOIN evaluation_runs ON evaluation_runs.run_id = candidates.run_id
    WHERE decisions.decision = 'accepted'
    ORDER BY candidates.rowid""")
"""Rows: the accepted candidates as a pool, evaluations left out; tokens may be null."""

CHOSEN = dedent("""\
    SELECT candidate_id, problem_id, domain, language, source, completion_tokens AS tokens
    FROM pool
    WHERE {base} AND (
    {where}
    )
    ORDER BY place""")
"""A statement for `Store.sql`, because `where` is a person's own SQL; `base` is one of ours. Rows: as of `ACCEPTED`."""

UNCOUNTED = dedent("""\
    SELECT id AS candidate_id, length(content) + coalesce(length(reasoning), 0) AS characters
    FROM candidates
    WHERE completion_tokens IS NULL""")
"""Rows: candidates whose tokens nobody counted, with their length."""

COPIES = dedent("""\
    SELECT id AS candidate_id
    FROM candidates
    WHERE id IN (SELECT unnest(?::VARCHAR[]))
    QUALIFY row_number() OVER (PARTITION BY problem_id, md5(content), md5(reasoning) ORDER BY candidates.rowid) > 1""")
"""Parameter: candidate ids. Rows: those that say exactly what an earlier one of them says of the same problem."""

CANDIDATE_TOTAL = "SELECT count(*) AS candidates FROM candidates ANTI JOIN evaluation_runs USING (run_id)"
"""One row: how many there are to choose from."""

PROMPTS = "SELECT id, prompt FROM problems WHERE id IN (SELECT unnest(?::VARCHAR[]))"
"""Parameter: problem ids. Rows: id, prompt."""

TEXTS = dedent("""\
    SELECT id, concat_ws(chr(10), reasoning, content) AS text
    FROM candidates
    WHERE rowid IN (SELECT rowid FROM candidates WHERE id IN (SELECT unnest(?::VARCHAR[])))""")
"""Parameter: candidate ids. Rows: id, and all that the teacher wrote."""
