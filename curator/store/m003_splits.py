"""Migration 3: a split keeps the report of its steps, a fingerprint of its members, and what it left out."""

from __future__ import annotations

from textwrap import dedent

M003_SPLITS = dedent("""\
    ALTER TABLE splits ADD COLUMN report JSON;
    ALTER TABLE splits ADD COLUMN fingerprint VARCHAR;

    CREATE TABLE split_drops (
        split VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        problem_id VARCHAR NOT NULL,
        match VARCHAR NOT NULL,
        overlap DOUBLE NOT NULL,
        detail VARCHAR NOT NULL
    );

    CREATE VIEW split_rows AS
        SELECT
            split_members.split, split_members.part, split_members.candidate_id, candidates.problem_id,
            candidates.run_id, problems.domain, problems.language, problems.source, candidates.model,
            candidates.completion_tokens, problems.prompt, problems.answer, candidates.reasoning, candidates.content
        FROM split_members
        JOIN candidates ON candidates.id = split_members.candidate_id
        JOIN problems ON problems.id = candidates.problem_id;

    CREATE VIEW pool AS
        SELECT
            decisions.candidate_id, decisions.problem_id, decisions.run_id, decisions.decision, decisions.reason,
            decisions.decided_by,
            candidates.finish_reason = 'stop' AND formats.candidate_id IS NULL AS complete,
            problems.domain, problems.language, problems.source, problems.prompt, problems.answer, problems.meta,
            problem_stats.sampled, problem_stats.accepted, problem_stats.pass_rate,
            candidates.model, candidates.sample_index, candidates.finish_reason, candidates.completion_tokens,
            candidates.reasoning, candidates.content, candidates.created_at, candidates.rowid AS place
        FROM decisions
        JOIN candidates ON candidates.id = decisions.candidate_id
        JOIN problems ON problems.id = decisions.problem_id
        JOIN problem_stats ON problem_stats.problem_id = decisions.problem_id
        LEFT JOIN (
            SELECT candidate_id FROM latest_verdicts WHERE verifier = 'format' AND outcome = 'reject'
        ) AS formats ON formats.candidate_id = decisions.candidate_id;

    COMMENT ON VIEW pool IS 'What `curator curate --where` chooses from. complete: it ended by itself and is a trace.';
    COMMENT ON TABLE splits IS 'Named splits: the recipe, what each step kept and dropped, and a fingerprint.';
    COMMENT ON TABLE split_members IS 'Which candidates are in a split, and in which part.';
    COMMENT ON TABLE split_drops IS 'Problems that a split left out as duplicates or as rows of a benchmark.';
    COMMENT ON VIEW split_rows IS 'The members of splits with their problems and texts.';
    """)
