"""What an officer reported stands on the standing page while it is open, so its rows are part of the page’s version."""

from django.db import migrations

# As standing_version, with the reports and whom they were put to; that one stays for the release before this.
CREATE = """
CREATE FUNCTION version_of_a_standing(
    whose bigint, OUT facts text, OUT rules text, OUT has_relief boolean, OUT has_gaps boolean, OUT has_cases boolean,
    OUT has_seats boolean, OUT has_held boolean, OUT has_reports boolean
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    WITH records AS (
        SELECT id, training_class_id, ctid AS place, xmin AS writer FROM training_trainingrecord WHERE officer_id = whose
    ), classes AS (
        SELECT id, course_id, reported_by_agency_id, ctid AS place, xmin AS writer FROM training_trainingclass
        WHERE id IN (SELECT training_class_id FROM records)
    ), courses AS (
        SELECT id, provider_id, agency_id, ctid AS place, xmin AS writer FROM training_course WHERE id IN (SELECT course_id FROM classes)
    ), commissions AS (
        SELECT id, agency_id, ctid AS place, xmin AS writer FROM training_commission WHERE officer_id = whose
    ), requests AS (
        SELECT id, ctid AS place, xmin AS writer FROM compliance_reliefrequest WHERE officer_id = whose
    ), candidacies AS (
        SELECT id, ctid AS place, xmin AS writer FROM compliance_candidacy WHERE officer_id = whose
    ), seats AS (
        SELECT id, scheduled_class_id, ctid AS place, xmin AS writer FROM training_registration WHERE officer_id = whose
    ), planned AS (
        SELECT id, course_id, provider_id, ctid AS place, xmin AS writer FROM training_scheduledclass
        WHERE id IN (SELECT scheduled_class_id FROM seats)
    ), people AS (
        SELECT id, held_class_id, ctid AS place, xmin AS writer FROM training_heldperson WHERE officer_id = whose
    ), held AS (
        SELECT id, course_id, provider_id, ctid AS place, xmin AS writer FROM training_heldclass
        WHERE id IN (SELECT held_class_id FROM people)
    ), reports AS (
        SELECT id, agency_id, provider_id, ctid AS place, xmin AS writer FROM compliance_recordreport WHERE officer_id = whose
    ), rows (kind, place, writer) AS (
        SELECT 1, ctid, xmin FROM training_officer WHERE id = whose
        UNION ALL SELECT 2, c.ctid, c.xmin FROM training_licenseclass c
            JOIN training_officer o ON o.license_class_id = c.id WHERE o.id = whose
        UNION ALL SELECT 3, ctid, xmin FROM training_licenseevent WHERE officer_id = whose
        UNION ALL SELECT 4, place, writer FROM records
        UNION ALL SELECT 5, ctid, xmin FROM training_creditline WHERE record_id IN (SELECT id FROM records)
        UNION ALL SELECT 6, place, writer FROM classes
        UNION ALL SELECT 7, place, writer FROM courses
        UNION ALL SELECT 8, ctid, xmin FROM training_coursereview WHERE course_id IN (SELECT id FROM courses)
        UNION ALL SELECT 9, ctid, xmin FROM training_provider WHERE id IN (
            SELECT provider_id FROM courses UNION ALL SELECT provider_id FROM planned
            UNION ALL SELECT provider_id FROM held UNION ALL SELECT provider_id FROM reports)
        UNION ALL SELECT 10, ctid, xmin FROM training_agency WHERE id IN (
            SELECT agency_id FROM courses UNION ALL SELECT reported_by_agency_id FROM classes
            UNION ALL SELECT agency_id FROM commissions UNION ALL SELECT agency_id FROM reports)
        UNION ALL SELECT 11, place, writer FROM commissions
        UNION ALL SELECT 12, place, writer FROM requests
        UNION ALL SELECT 13, ctid, xmin FROM compliance_reliefdecision WHERE request_id IN (SELECT id FROM requests)
        UNION ALL SELECT 14, ctid, xmin FROM compliance_reliefquestion WHERE request_id IN (SELECT id FROM requests)
        UNION ALL SELECT 15, ctid, xmin FROM compliance_recordinggap WHERE officer_id = whose
        UNION ALL SELECT 16, place, writer FROM candidacies
        UNION ALL SELECT 17, ctid, xmin FROM compliance_casenotice WHERE candidacy_id IN (SELECT id FROM candidacies)
        UNION ALL SELECT 18, ctid, xmin FROM compliance_makeupdecision WHERE record_id IN (SELECT id FROM records)
        UNION ALL SELECT 19, place, writer FROM seats
        UNION ALL SELECT 20, place, writer FROM planned
        UNION ALL SELECT 21, ctid, xmin FROM training_course WHERE id IN (
            SELECT course_id FROM planned UNION ALL SELECT course_id FROM held)
        UNION ALL SELECT 22, place, writer FROM people
        UNION ALL SELECT 23, place, writer FROM held
        UNION ALL SELECT 24, ctid, xmin FROM training_heldclassline WHERE held_class_id IN (SELECT id FROM held)
        UNION ALL SELECT 25, ctid, xmin FROM training_heldpersonline WHERE person_id IN (SELECT id FROM people)
        UNION ALL SELECT 26, place, writer FROM reports
    )
    SELECT md5(string_agg(version, ' ' ORDER BY version COLLATE "C")),
        EXISTS (SELECT FROM requests), EXISTS (SELECT FROM candidacies), EXISTS (SELECT FROM people),
        EXISTS (SELECT FROM reports)
    INTO facts, has_relief, has_cases, has_held, has_reports
    FROM (SELECT kind || ':' || place::text || ':' || writer::text AS version FROM rows) told;
    SELECT EXISTS (SELECT FROM compliance_recordinggap WHERE officer_id = whose),
        EXISTS (SELECT FROM training_registration WHERE officer_id = whose)
    INTO has_gaps, has_seats;
    SELECT md5(string_agg(version, ' ' ORDER BY version COLLATE "C")) INTO rules FROM (
        SELECT 'p' || ctid::text || ':' || xmin::text AS version FROM compliance_reportingperiod
        UNION ALL SELECT 's' || ctid::text || ':' || xmin::text FROM compliance_requirementset
        UNION ALL SELECT 'r' || ctid::text || ':' || xmin::text FROM compliance_requirement
        UNION ALL SELECT 'a' || ctid::text || ':' || xmin::text FROM training_area
        UNION ALL SELECT 't' || ctid::text || ':' || xmin::text FROM training_topic
    ) told;
END $$
"""


class Migration(migrations.Migration):
    """A function, and nothing of the tables."""

    dependencies = [("compliance", "0016_transcript_looks")]

    runs_beside_old_code = "It adds a function beside the one the release before asks."
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION version_of_a_standing(bigint)")]
