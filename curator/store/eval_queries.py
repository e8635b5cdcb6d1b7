"""The questions behind `curator eval`: the problems that a split holds out, and what one run came to on them.

The texts of an example are read by `queries.CANDIDATES_BY_ID`, of the few candidates that `OUTCOMES` names as first.
"""

from __future__ import annotations

from textwrap import dedent

HELD_OUT = dedent("""\
    SELECT *
    FROM problems
    WHERE rowid IN (
        SELECT problems.rowid
        FROM split_members
        JOIN candidates ON candidates.id = candidate_id
        JOIN problems ON problems.id = problem_id
        WHERE split = ? AND part = 'test'
    )
    ORDER BY id""")
"""Parameter: split. Rows: all columns of its test problems (`tables.problem_from_row` reads them), ordered by id."""

TRAINED_ON = dedent("""\
    SELECT count(DISTINCT problem_id) AS problems
    FROM split_members
    JOIN candidates ON candidates.id = candidate_id
    WHERE split = ? AND part = 'train' AND problem_id IN (SELECT unnest(?::VARCHAR[]))""")
"""Parameters: split, problem ids. One row: how many of these problems its train part has."""

OUTCOMES = dedent("""\
    WITH wanted AS (
        SELECT unnest(?::VARCHAR[]) AS problem_id
    ),
    said AS (
        SELECT
            candidates.id AS candidate_id, problem_id, sample_index, finish_reason, completion_tokens, elapsed_s,
            coalesce(
                problems.verifier, CASE domain WHEN 'logic' THEN 'exact' WHEN 'general' THEN 'judge' ELSE domain END
            ) AS answering
        FROM candidates
        JOIN problems ON problems.id = problem_id
        WHERE run_id = ? AND problem_id IN (FROM wanted)
    ),
    latest AS (
        SELECT candidate_id, verifier, outcome
        FROM verdicts
        WHERE candidate_id IN (SELECT candidate_id FROM said)
        QUALIFY row_number() OVER (PARTITION BY candidate_id, verifier ORDER BY created_at DESC, id DESC) = 1
    )
    SELECT
        wanted.problem_id,
        count(said.candidate_id) AS candidates,
        count(*) FILTER (decision = 'accepted') AS accepted,
        count(*) FILTER (decision = 'rejected') AS rejected,
        count(*) FILTER (decision = 'undecided') AS undecided,
        count(*) FILTER (formats.outcome = 'accept') AS format_accepted,
        count(*) FILTER (formats.outcome = 'reject') AS format_rejected,
        count(*) FILTER (answers.outcome = 'accept') AS answer_accepted,
        count(*) FILTER (answers.outcome = 'reject') AS answer_rejected,
        count(*) FILTER (finish_reason = 'length') AS truncated,
        count(completion_tokens) AS counted,
        coalesce(sum(completion_tokens), 0)::BIGINT AS completion_tokens,
        coalesce(sum(completion_tokens) FILTER (elapsed_s > 0), 0)::BIGINT AS timed_tokens,
        coalesce(sum(elapsed_s) FILTER (completion_tokens IS NOT NULL), 0)::DOUBLE AS timed_s,
        median(elapsed_s) AS median_s,
        arg_min(said.candidate_id, sample_index) AS first_id,
        arg_min(decision, sample_index) AS first_decision,
        arg_min(reason, sample_index) AS first_reason
    FROM wanted
    LEFT JOIN said ON said.problem_id = wanted.problem_id
    LEFT JOIN (
        SELECT candidate_id, decision, reason FROM decisions WHERE run_id = ?
    ) AS decided ON decided.candidate_id = said.candidate_id
    LEFT JOIN latest AS formats ON formats.candidate_id = said.candidate_id AND formats.verifier = 'format'
    LEFT JOIN latest AS answers ON answers.candidate_id = said.candidate_id AND answers.verifier = answering
    GROUP BY GROUPING SETS ((wanted.problem_id), ())
    ORDER BY wanted.problem_id""")
"""Parameters: problem ids, run, the run again. Rows: one per problem, ordered by id, also for one without candidates,
and last one over all of them, whose problem_id is null. `format_` and `answer_` count what the verifier `format` and
the problem's answer verifier said, each for itself; what they could not tell is in neither count. `counted` is how
many candidates have a number of tokens; `timed_` are sums over those with both tokens and seconds. `first_` is the
candidate with the lowest sample index; null where there is none."""
