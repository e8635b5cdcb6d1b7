"""Migration 2: a problem may name its own answer verifier, and decisions that flip are kept."""

from __future__ import annotations

from textwrap import dedent

M002_VERIFY = dedent("""\
    ALTER TABLE problems ADD COLUMN verifier VARCHAR;

    CREATE VIEW applied_policies AS
        WITH answering AS (
            SELECT id, domain, verifier AS own, usual, coalesce(verifier, usual) AS answers
            FROM (
                SELECT *, CASE domain WHEN 'logic' THEN 'exact' WHEN 'general' THEN 'judge' ELSE domain END AS usual
                FROM problems
            )
        )
        SELECT
            policies.run_id,
            answering.id AS problem_id,
            if(policies.verifier = usual, answers, policies.verifier) AS verifier,
            policies.requirement,
            policies.position
        FROM policies
        JOIN answering ON answering.domain = policies.domain
        WHERE policies.verifier = usual OR policies.verifier IS DISTINCT FROM own;

    CREATE OR REPLACE VIEW decisions AS
        WITH applied AS (
            SELECT * FROM applied_policies WHERE requirement = 'required'
        ),
        open_questions AS (
            SELECT
                candidates.id AS candidate_id,
                CASE latest_verdicts.outcome WHEN 'reject' THEN 'rejected' ELSE 'undecided' END AS decision,
                coalesce(latest_verdicts.reason, 'not_judged') AS reason,
                applied.verifier
            FROM candidates
            JOIN applied ON applied.run_id = candidates.run_id AND applied.problem_id = candidates.problem_id
            LEFT JOIN latest_verdicts
                ON latest_verdicts.candidate_id = candidates.id AND latest_verdicts.verifier = applied.verifier
            WHERE latest_verdicts.outcome IS DISTINCT FROM 'accept'
            QUALIFY row_number() OVER (
                PARTITION BY candidates.id ORDER BY decision, applied.position, applied.verifier
            ) = 1
        ),
        latest_reviews AS (
            SELECT candidate_id, outcome
            FROM reviews
            QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY created_at DESC, reviewer DESC) = 1
        )
        SELECT
            candidates.id AS candidate_id,
            candidates.problem_id,
            candidates.run_id,
            CASE latest_reviews.outcome
                WHEN 'accept' THEN 'accepted'
                WHEN 'reject' THEN 'rejected'
                ELSE coalesce(open_questions.decision, 'accepted')
            END AS decision,
            CASE
                WHEN latest_reviews.outcome = 'accept' THEN 'ok'
                WHEN latest_reviews.outcome = 'reject' THEN 'review'
                ELSE coalesce(open_questions.reason, 'ok')
            END AS reason,
            CASE
                WHEN latest_reviews.outcome IS NOT NULL THEN 'review'
                ELSE coalesce(open_questions.verifier, 'policy')
            END AS decided_by
        FROM candidates
        LEFT JOIN open_questions ON open_questions.candidate_id = candidates.id
        LEFT JOIN latest_reviews ON latest_reviews.candidate_id = candidates.id;

    CREATE OR REPLACE VIEW disagreements AS
        SELECT
            judged.candidate_id, candidates.problem_id, candidates.run_id, answered.verifier,
            answered.outcome, answered.reason, judged.outcome AS judge_outcome, judged.detail AS judge_detail,
            answered.extracted, answered.expected
        FROM latest_verdicts AS judged
        JOIN candidates ON candidates.id = judged.candidate_id
        JOIN problems ON problems.id = candidates.problem_id
        JOIN latest_verdicts AS answered
            ON answered.candidate_id = judged.candidate_id
            AND answered.verifier = coalesce(
                problems.verifier, CASE problems.domain WHEN 'logic' THEN 'exact' ELSE problems.domain END
            )
        WHERE judged.verifier = 'judge'
            AND judged.outcome IN ('accept', 'reject')
            AND answered.outcome IN ('accept', 'reject')
            AND judged.outcome <> answered.outcome;

    DROP VIEW flips;

    CREATE TABLE flips (
        candidate_id VARCHAR NOT NULL,
        problem_id VARCHAR NOT NULL,
        run_id VARCHAR NOT NULL,
        old_decision VARCHAR NOT NULL,
        old_reason VARCHAR NOT NULL,
        decision VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        decided_by VARCHAR NOT NULL,
        created_at TIMESTAMP NOT NULL
    );

    CREATE VIEW verdict_changes AS
        SELECT candidates.run_id, successive.*
        FROM (
            SELECT
                candidate_id,
                verifier,
                lag(outcome) OVER history AS previous_outcome,
                lag(reason) OVER history AS previous_reason,
                lag(version) OVER history AS previous_version,
                outcome,
                reason,
                version,
                created_at
            FROM verdicts
            WINDOW history AS (PARTITION BY candidate_id, verifier ORDER BY created_at, id)
        ) AS successive
        JOIN candidates ON candidates.id = successive.candidate_id
        WHERE previous_outcome <> outcome OR previous_reason <> reason;

    COMMENT ON TABLE flips IS 'Append-only: decisions that changed when candidates were judged again.';
    COMMENT ON VIEW verdict_changes IS 'Successive verdicts of one verifier on one candidate that differ.';
    COMMENT ON VIEW applied_policies IS 'Which verifiers have a say on each problem, per run.';
    COMMENT ON VIEW decisions IS 'What became of each candidate, why, and which verifier (or review) decided it.';
    COMMENT ON VIEW disagreements IS 'The judge accepts what the answer verifier rejects, or the reverse.';
    """)
