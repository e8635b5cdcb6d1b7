"""The questions the pipeline asks the store, one constant each; values are always `?` parameters.

Lists of ids travel as one parameter. Ids are looked up first and texts read after, so that long columns are read
only for the rows that are wanted.
"""

from __future__ import annotations

from textwrap import dedent

STORED_PROBLEMS_BY_HASH = dedent("""\
    SELECT problems.id, problems.content_hash
    FROM problems
    JOIN (SELECT unnest(?::VARCHAR[]) AS content_hash) AS wanted USING (content_hash)""")
"""Parameter: content hashes. Rows: id, content_hash of those stored."""

PROBLEMS_BY_ID = dedent("""\
    SELECT *
    FROM problems
    WHERE rowid IN (SELECT rowid FROM problems WHERE id IN (SELECT unnest(?::VARCHAR[])))""")
"""Parameter: problem ids. Rows: all columns of those stored (`tables.problem_from_row` reads them)."""

CANDIDATE_STATE = dedent("""\
    WITH wanted AS (SELECT unnest(?::VARCHAR[]) AS id),
    latest AS (
        SELECT candidate_id, verifier, version, config_hash, outcome, reason, created_at
        FROM verdicts
        WHERE candidate_id IN (SELECT id FROM wanted)
        QUALIFY row_number() OVER (PARTITION BY candidate_id, verifier ORDER BY created_at DESC, id DESC) = 1
    )
    SELECT
        candidates.id, latest.verifier, latest.version, latest.config_hash, latest.outcome, latest.reason,
        latest.created_at
    FROM candidates
    JOIN wanted ON wanted.id = candidates.id
    LEFT JOIN latest ON latest.candidate_id = candidates.id""")
"""Parameter: candidate ids. Rows: one per stored candidate and verifier that has judged it, with the latest
verdict; one row with a null verifier for a candidate without verdicts; none for what is not stored."""

CANDIDATES_BEGINNING = dedent("""\
    WITH asked AS (SELECT ?::VARCHAR AS prefix)
    SELECT id
    FROM candidates, asked
    WHERE starts_with(id, prefix) OR starts_with(id, 'b2:' || prefix)
    ORDER BY id
    LIMIT 2""")
"""Parameter: the beginning of an id, with or without `b2:`. Rows: id of at most two."""

CANDIDATE_VIEW = dedent("""\
    SELECT
        candidates.*,
        problems.domain, problems.prompt, problems.answer, problems.language, problems.source,
        decisions.decision, decisions.reason AS decision_reason, decisions.decided_by,
        latest_verdicts.verifier, latest_verdicts.version, latest_verdicts.outcome, latest_verdicts.reason,
        latest_verdicts.detail, latest_verdicts.extracted, latest_verdicts.expected, latest_verdicts.score,
        latest_verdicts.elapsed_ms, applied_policies.requirement
    FROM (SELECT * FROM candidates WHERE id = $1) AS candidates
    JOIN (SELECT * FROM decisions WHERE candidate_id = $1) AS decisions ON decisions.candidate_id = candidates.id
    LEFT JOIN problems ON problems.id = candidates.problem_id
    LEFT JOIN (SELECT * FROM latest_verdicts WHERE candidate_id = $1) AS latest_verdicts
        ON latest_verdicts.candidate_id = candidates.id
    LEFT JOIN applied_policies
        ON applied_policies.run_id = candidates.run_id
        AND applied_policies.problem_id = candidates.problem_id
        AND applied_policies.verifier = latest_verdicts.verifier
    ORDER BY applied_policies.position NULLS LAST, latest_verdicts.verifier""")
"""Parameter: a whole candidate id. Rows: one per verdict, in the policy's order and with its requirement, null where
it has none; verifier is null for a candidate without verdicts. The id stands in each view by itself: joined to a list
of ids, they would decide about every candidate first."""

REVIEWS_OF = "SELECT reviewer, outcome, note, created_at FROM reviews WHERE candidate_id = ? ORDER BY created_at"
"""Parameter: a whole candidate id. Rows: what people decided about it, the oldest first."""

PROBLEMS_OF_CANDIDATES = dedent("""\
    SELECT candidates.id, candidates.problem_id
    FROM candidates
    JOIN (SELECT unnest(?::VARCHAR[]) AS id) AS wanted USING (id)""")
"""Parameter: candidate ids. Rows: id, problem_id of those stored."""

ALL_RUNS = "SELECT id, teacher, model, purpose FROM runs ORDER BY created_at, id"
"""Rows: every run, the oldest first."""

POLICIES_OF_RUNS = "SELECT * FROM policies WHERE run_id IN (SELECT unnest(?::VARCHAR[]))"
"""Parameter: runs. Rows: run_id, domain, verifier, requirement, position."""

CANDIDATE_COUNT = "SELECT count(*) AS candidates FROM candidates WHERE run_id IN (SELECT unnest(?::VARCHAR[]))"
"""Parameter: runs. One row."""

CANDIDATE_PAGE = dedent("""\
    SELECT rowid AS place, id, problem_id
    FROM candidates
    WHERE run_id = ? AND rowid > ?
    ORDER BY rowid
    LIMIT ?""")
"""Parameters: run, the place after which to go on (-1 first), how many. Rows: place, id, problem_id, in the order
in which they were stored: candidates are never deleted, so places stay, and neighbours' texts lie side by side."""

REVIEWED = "SELECT candidate_id, outcome FROM latest_reviews WHERE candidate_id IN (SELECT unnest(?::VARCHAR[]))"
"""Parameter: candidate ids. Rows: those that a person decided, and how."""

STOPS_OF = dedent("""\
    SELECT problem_id, reason, until
    FROM stops
    WHERE run_id = ? AND problem_id IN (SELECT unnest(?::VARCHAR[]))""")
"""Parameters: run, problem ids. Rows: problem_id, why it was stopped, and how many accepted ones were enough then."""

TOKENS_OF_RUN = dedent("""\
    SELECT count(*) AS candidates, coalesce(sum(completion_tokens), 0)::BIGINT AS tokens
    FROM candidates
    WHERE run_id = ?""")
"""Parameter: run. One row: its candidates and their completion tokens."""

TOKENS_OF_PROBLEMS = dedent("""\
    SELECT problem_id, count(*) AS candidates, coalesce(sum(completion_tokens), 0)::BIGINT AS tokens
    FROM candidates
    WHERE run_id = ? AND problem_id IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY problem_id""")
"""Parameters: run, problem ids. Rows: problem_id, candidates and their completion tokens, where there are some."""

JUDGE_REPLY = "SELECT * FROM judge_replies WHERE id = ?"
"""Parameter: the id of a question. At most one row: the columns of `judge_replies`."""

LATEST_FLIPS = dedent("""\
    SELECT candidate_id, old_decision, old_reason, decision, reason, created_at
    FROM flips
    WHERE candidate_id IN (SELECT unnest(?::VARCHAR[]))
    QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC) = 1""")
"""Parameter: candidate ids. Rows: the newest flip of each that has one."""

FLIP_PAGE = dedent("""\
    SELECT rowid AS place, *
    FROM flips
    WHERE run_id IN (SELECT unnest(?::VARCHAR[])) AND created_at >= ?::TIMESTAMP AND rowid > ?
    ORDER BY rowid
    LIMIT ?""")
"""Parameters: runs, the oldest time (UTC), the place after which to go on (-1 first), how many. Rows: place and the
columns of `flips`."""

KNOWN_PROBLEMS = dedent("""\
    SELECT id, content_hash, domain, verifier
    FROM problems
    WHERE id IN (SELECT unnest(?::VARCHAR[])) OR content_hash IN (SELECT unnest(?::VARCHAR[]))""")
"""Parameters: problem ids, content hashes. Rows: the problems that have one of them."""

UNNAMED_PROBLEMS = dedent("""\
    SELECT id, content_hash, domain, verifier, prompt
    FROM problems
    WHERE starts_with(id, 'b2:') AND prompt IN (SELECT unnest(?::VARCHAR[]))""")
"""Parameter: prompts. Rows: the problems with one of them that were given no id of their own."""

RUN_BY_ID = "SELECT * FROM runs WHERE id = ?"
"""Parameter: run. At most one row: teacher, model, sampling as JSON, template, purpose."""

CANDIDATES_BY_ID = dedent("""\
    SELECT *
    FROM candidates
    WHERE rowid IN (SELECT rowid FROM candidates WHERE id IN (SELECT unnest(?::VARCHAR[])))""")
"""Parameter: candidate ids. Rows: all columns of those stored (`tables.candidate_from_row` reads them)."""

RUN_EXAMPLES = dedent("""\
    SELECT decision, min(candidate_id) AS candidate_id
    FROM decisions
    WHERE run_id = ?
    GROUP BY decision""")
"""Parameter: run. Rows: decision, candidate_id of one candidate that came to it."""

RUN_SUMMARY = dedent("""\
    SELECT decision, reason, decided_by, count(*) AS candidates
    FROM decisions
    WHERE run_id = ?
    GROUP BY ALL
    ORDER BY decision, candidates DESC, reason""")
"""Parameter: run. Rows: decision, reason, decided_by, candidates."""

RUN_TOTALS = "SELECT * FROM run_stats WHERE run_id = ?"
"""Parameter: run. One row: the columns of the view `run_stats`."""

STORE_SIZES = dedent("""\
    SELECT
        (SELECT count(*) FROM runs) AS runs,
        (SELECT count(*) FROM problems) AS problems,
        (SELECT count(*) FROM candidates) AS candidates,
        (SELECT count(*) FROM verdicts) AS verdicts,
        (SELECT max(number) FROM migrations) AS schema_number""")
"""One row: how much the store holds, and the number of its schema."""
