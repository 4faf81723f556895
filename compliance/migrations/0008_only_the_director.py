"""Only the Director, or a designated agent, makes a license inactive or active again: the database insists (11 CSR 75-15.080).

An event of a license that says so names a decision of the same officer, period and day, whose decider held the role that
day; and such an event is voided by a reversal of that decision alone. What a register kept elsewhere carried over names
its source instead; it is loaded once, and never rewritten.
"""

from django.db import migrations

# The table of the facts knows nothing of decisions; the rule is the judgement's, so it is laid down from here.
GUARD = r"""
CREATE FUNCTION only_the_director() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked text := CASE NEW.kind WHEN 'made_inactive' THEN 'make_inactive' WHEN 'reinstated' THEN 'reinstate' END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF asked IS NULL AND OLD.kind NOT IN ('made_inactive', 'reinstated') THEN
            RETURN NULL;
        END IF;
        IF (OLD.kind, OLD.officer_id, OLD.occurred_on, OLD.period_year, OLD.reference, OLD.carried_over_from)
           IS DISTINCT FROM
           (NEW.kind, NEW.officer_id, NEW.occurred_on, NEW.period_year, NEW.reference, NEW.carried_over_from)
           OR OLD.voided_at IS NOT NULL AND NEW.voided_at IS NULL THEN
            RAISE EXCEPTION 'license_only_the_director: what the Director decided is never rewritten'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'license_only_the_director';
        END IF;
        IF OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL
           AND NOT (OLD.kind = 'made_inactive' AND OLD.carried_over_from <> '') AND NOT EXISTS (
            SELECT FROM compliance_casedecision r JOIN compliance_casedecision d ON d.id = r.reverses_id
            WHERE r.kind = 'reverse' AND d.event_id = OLD.id
        ) THEN
            RAISE EXCEPTION 'license_only_the_director: what the Director decided is taken back by a reversal alone'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'license_only_the_director';
        END IF;
        RETURN NULL;
    END IF;
    IF asked IS NULL OR NEW.carried_over_from <> '' THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM compliance_casedecision d
        JOIN compliance_candidacy c ON c.id = d.candidacy_id
        JOIN compliance_reportingperiod p ON p.id = c.period_id
        WHERE d.id = substring(NEW.reference FROM '^D-0*([0-9]{1,15})$')::bigint
        AND d.kind = asked AND d.event_id IS NULL
        AND c.officer_id = NEW.officer_id AND p.year = NEW.period_year AND d.decided_on = NEW.occurred_on
        AND d.decided_by_id = NEW.recorded_by_id
        AND EXISTS (
            SELECT FROM accounts_staterole s WHERE s.user_id = d.decided_by_id
            AND s.role IN ('director', 'director_agent') AND s.starts_on <= d.decided_on
            AND (s.ends_on IS NULL OR s.ends_on >= d.decided_on)
            AND (s.revoked_at IS NULL OR s.revoked_at > d.decided_at)
        )
        AND NOT EXISTS (
            SELECT FROM training_licenseevent e
            WHERE e.reference = NEW.reference AND e.kind = NEW.kind AND e.id <> NEW.id
        )
    ) THEN
        RAISE EXCEPTION 'license_only_the_director: a license is made inactive, and reinstated, by a decision of the Director or a designated agent alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'license_only_the_director';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_the_director AFTER INSERT OR UPDATE ON training_licenseevent
    FOR EACH ROW EXECUTE FUNCTION only_the_director();
"""
BACK = """
DROP TRIGGER only_the_director ON training_licenseevent;
DROP FUNCTION only_the_director();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0007_cases_before_the_director"),
        ("training", "0012_invitations"),
        ("accounts", "0004_medical_readers"),
    ]

    operations = [migrations.RunSQL(GUARD, BACK)]
