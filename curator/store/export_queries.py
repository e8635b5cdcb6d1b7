"""The questions behind `curator export`: which candidates a dataset holds, and page by page their texts.

Members come first, without texts, in one answer, so that whatever changes meanwhile changes nothing. `unit` says
which candidates make up rows together: its first place; units come in the order in which candidates were stored.
`member` says whether the split has the candidate, `math` what the verifier `math` said of it, if anything.
"""

from __future__ import annotations

from textwrap import dedent

MEMBERS = dedent("""\
    SELECT
        candidates.rowid AS place,
        problems.rowid AS problem_place,
        if(?::BOOLEAN, min(candidates.rowid) OVER (PARTITION BY part, problems.rowid), candidates.rowid) AS unit,
        part, true AS member, decision, decided_by, pass_rate, math.outcome AS math
    FROM split_members
    JOIN candidates ON candidates.id = split_members.candidate_id
    JOIN problems ON problems.id = candidates.problem_id
    JOIN decisions ON decisions.candidate_id = split_members.candidate_id
    JOIN problem_stats ON problem_stats.problem_id = candidates.problem_id
    LEFT JOIN latest_verdicts AS math ON math.candidate_id = candidates.id AND math.verifier = 'math'
    WHERE split = ?
    ORDER BY unit, place""")
"""Parameters: whether one problem's traces are one unit (else each is one), split. Rows: one per member."""

RIVALS = dedent("""\
    WITH asked AS (
        SELECT problem_id, min(part) AS part
        FROM split_members
        JOIN candidates ON candidates.id = candidate_id
        WHERE split = ?
        GROUP BY problem_id
    ),
    members AS (
        SELECT candidate_id FROM split_members WHERE split = ?
    )
    SELECT
        candidates.rowid AS place,
        problems.rowid AS problem_place,
        min(candidates.rowid) OVER (PARTITION BY problems.rowid) AS unit,
        part, members.candidate_id IS NOT NULL AS member, decision, decided_by, pass_rate, math.outcome AS math
    FROM asked
    JOIN decisions ON decisions.problem_id = asked.problem_id
    JOIN candidates ON candidates.id = decisions.candidate_id
    JOIN problems ON problems.id = asked.problem_id
    JOIN problem_stats ON problem_stats.problem_id = asked.problem_id
    LEFT JOIN members ON members.candidate_id = candidates.id
    ANTI JOIN evaluation_runs ON evaluation_runs.run_id = candidates.run_id
    LEFT JOIN latest_verdicts AS math ON math.candidate_id = candidates.id AND math.verifier = 'math'
    WHERE member OR (decision = 'rejected' AND decided_by IN (SELECT unnest(?::VARCHAR[])))
    ORDER BY unit, place""")
"""Parameters: split, split, verifiers of answers. Rows: the members, and whatever other candidates of their problems
one of these verifiers rejected, but for what a student said in an evaluation; a problem's candidates are one unit."""

TEXTS = dedent("""\
    SELECT
        candidates.rowid AS place, candidates.id, candidates.run_id, candidates.model, candidates.reasoning,
        candidates.content, candidates.finish_reason, candidates.completion_tokens, problems.id AS problem_id,
        problems.prompt, problems.answer, problems.domain, problems.language, problems.source, problems.meta
    FROM candidates
    JOIN problems ON problems.id = candidates.problem_id
    WHERE candidates.rowid IN (SELECT unnest(?::BIGINT[])) AND problems.rowid IN (SELECT unnest(?::BIGINT[]))""")
"""Parameters: places of candidates, places of their problems. Rows: one per candidate, in no order."""
