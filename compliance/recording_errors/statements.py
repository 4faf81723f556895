"""One statement for each kind of recording error, over everybody who is short: the work of the database.

Parameters: `ids`, the officers who are short; `year`, `starts`, `until` (the last day looked at), `ends` and `show_by`
of the period; `refused`, the courses that give no hours now; `days`, beside `ids`, the last day of making up of each.
"""

# Credited to nearly all with whom somebody trains, and not to them: "the whole shift has it but one". Whom one trains
# with are those of the agency who shared two classes of the year; in a small agency, everybody.
LEFT_OFF = """
WITH short AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[]) AS officer),
went AS MATERIALIZED (
    SELECT r.training_class_id AS class, r.course_id AS course, r.completed_on AS day, r.officer_id AS officer,
           c.agency_id AS agency, r.id AS record
    FROM training_trainingrecord r
    JOIN training_commission c ON c.officer_id = r.officer_id AND c.started_on <= r.completed_on
        AND (c.ended_on IS NULL OR c.ended_on >= r.completed_on)
    WHERE r.voided_at IS NULL AND r.completed_on BETWEEN %(starts)s AND %(until)s
),
gathered AS MATERIALIZED (
    SELECT class, course, day, agency, count(*) AS people, min(record) AS record
    FROM went GROUP BY class, course, day, agency HAVING count(*) >= 3
),
companions AS MATERIALIZED (
    SELECT m.officer, m.agency, w.officer AS other
    FROM short s JOIN went m ON m.officer = s.officer
    JOIN went w ON w.class = m.class AND w.agency = m.agency AND w.officer <> m.officer
    GROUP BY 1, 2, 3 HAVING count(*) >= 2
),
shift AS (SELECT officer, agency, count(*) AS whole FROM companions GROUP BY 1, 2 HAVING count(*) >= 4),
of_shift AS (
    SELECT c.officer, w.class, c.agency, count(*) AS part, s.whole
    FROM companions c JOIN shift s ON s.officer = c.officer AND s.agency = c.agency
    JOIN went w ON w.officer = c.other AND w.agency = c.agency
    GROUP BY 1, 2, 3, 5 HAVING count(*) >= %(nearly)s * s.whole
),
small AS (
    SELECT agency_id AS agency FROM training_commission
    WHERE started_on <= %(until)s AND (ended_on IS NULL OR ended_on >= %(starts)s)
    GROUP BY 1 HAVING count(DISTINCT officer_id) BETWEEN 5 AND %(small)s
),
of_agency AS (
    SELECT s.officer, g.class, g.agency, g.people AS part, here.people - 1 AS whole
    FROM gathered g JOIN small USING (agency)
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT c.officer_id) AS people FROM training_commission c
        WHERE c.agency_id = g.agency AND c.started_on <= g.day AND (c.ended_on IS NULL OR c.ended_on >= g.day)
    ) here
    JOIN training_commission c ON c.agency_id = g.agency AND c.started_on <= g.day
        AND (c.ended_on IS NULL OR c.ended_on >= g.day)
    JOIN short s ON s.officer = c.officer_id
    WHERE here.people >= 5 AND g.people BETWEEN %(nearly)s * (here.people - 1) AND here.people - 1
),
best AS (
    SELECT DISTINCT ON (b.officer, g.course)
           b.officer, b.class, b.agency, b.part, b.whole, g.record, g.day, k.reported_by_agency_id = b.agency AS is_own
    FROM (SELECT * FROM of_shift UNION ALL SELECT * FROM of_agency) b
    JOIN gathered g ON g.class = b.class AND g.agency = b.agency
    JOIN training_trainingclass k ON k.id = b.class AND k.voided_at IS NULL
    JOIN training_commission c ON c.officer_id = b.officer AND c.agency_id = b.agency AND c.started_on <= g.day
        AND (c.ended_on IS NULL OR c.ended_on >= g.day)
    WHERE g.course <> ALL(%(refused)s::bigint[])
    AND NOT EXISTS (SELECT FROM training_trainingrecord r WHERE r.officer_id = b.officer AND r.course_id = g.course
                    AND r.completed_on BETWEEN %(starts)s AND %(show_by)s)
    AND NOT EXISTS (SELECT FROM training_notcompleted n WHERE n.officer_id = b.officer
                    AND n.training_class_id = b.class AND n.voided_at IS NULL)
    AND NOT EXISTS (SELECT FROM compliance_reliefrequest q WHERE q.officer_id = b.officer AND q.voided_at IS NULL
                    AND g.day BETWEEN q.leave_from AND COALESCE(q.leave_to, 'infinity'))
    ORDER BY b.officer, g.course, b.part::float / b.whole DESC, b.whole DESC, b.class
)
SELECT officer, class, agency, part, whole, record, day, COALESCE(is_own, false),
       count(*) OVER (PARTITION BY officer) AS missed
FROM best
"""

# Held rows by their license number (exactly, or one place off) or, where the number is nobody's or missing, by the name
# of somebody of the agency that sent them.
HELD_ROWS = """
WITH short AS MATERIALIZED (
    SELECT o.id AS officer, o.license_number AS number,
           lower(public.immutable_unaccent(o.last_name)) AS last,
           lower(public.immutable_unaccent(o.first_name)) AS first
    FROM unnest(%(ids)s::bigint[]) AS i(id) JOIN training_officer o ON o.id = i.id
),
held AS MATERIALIZED (
    SELECT r.id, i.agency_id AS agency, k.ends_on AS class_day, i.uploaded_at,
           lower(public.immutable_unaccent(array_to_string(r.cells, ' '))) AS text,
           upper(btrim(CASE WHEN i.kind = 'file'
                       THEN COALESCE(r.cells[array_position(i.fields::text[], 'license_number')], '')
                       ELSE COALESCE(substring(array_to_string(r.cells, ' ') FROM '[0-9]{4,12}'), '') END)) AS number,
           COALESCE(r.cells[array_position(i.fields::text[], 'completed_on')],
                    i.set_values[array_position(i.set_names::text[], 'completed_on')], '') AS day,
           COALESCE(r.cells[array_position(i.fields::text[], 'hours')],
                    i.set_values[array_position(i.set_names::text[], 'hours')], '') AS hours
    FROM training_importrow r JOIN training_trainingimport i ON i.id = r.training_import_id
    LEFT JOIN training_trainingclass k ON k.id = i.training_class_id
    WHERE r.fate = 'held' AND i.state <> 'undone'
),
nobodys AS (SELECT * FROM held h WHERE h.number = '' OR NOT EXISTS (
    SELECT FROM training_officer o WHERE o.license_number = h.number)),
here AS (
    SELECT DISTINCT c.officer_id AS officer, c.agency_id AS agency FROM short s
    JOIN training_commission c ON c.officer_id = s.officer
    WHERE c.started_on <= %(until)s AND (c.ended_on IS NULL OR c.ended_on >= %(starts)s)
),
meant AS (
    SELECT h.id, s.officer, 'exact' AS how FROM held h JOIN short s ON s.number = h.number
    UNION ALL
    SELECT h.id, s.officer, 'slip'
    FROM (SELECT n.id, p AS place, overlay(n.number PLACING '_' FROM p FOR 1) AS mask
          FROM nobodys n, generate_series(1, length(n.number)) p WHERE length(n.number) >= 4) h
    JOIN (SELECT s.officer, p AS place, overlay(s.number PLACING '_' FROM p FOR 1) AS mask
          FROM short s, generate_series(1, length(s.number)) p) s USING (place, mask)
    UNION ALL
    SELECT h.id, s.officer, 'slip'
    FROM (SELECT n.id, overlay(n.number PLACING reverse(substr(n.number, p, 2)) FROM p FOR 2) AS number
          FROM nobodys n, generate_series(1, length(n.number) - 1) p) h
    JOIN short s USING (number)
    UNION ALL
    SELECT h.id, s.officer, 'name' FROM nobodys h JOIN here ON here.agency = h.agency
    JOIN short s ON s.officer = here.officer
    WHERE position(s.last IN h.text) > 0 AND position(s.first IN h.text) > 0
)
SELECT DISTINCT ON (m.id, m.officer) m.officer, m.id, h.agency, m.how, h.day, h.class_day, h.uploaded_at, h.hours,
       position(s.last IN h.text) > 0 AS is_named,
       EXISTS (SELECT FROM here WHERE here.officer = m.officer AND here.agency = h.agency) AS is_here
FROM meant m JOIN held h ON h.id = m.id JOIN short s ON s.officer = m.officer
ORDER BY m.id, m.officer, array_position(ARRAY['exact', 'slip', 'name'], m.how)
"""

# Hours under the license of somebody of the same name, in a class of an agency where only the one who is short works,
# or beside several of that agency.
NAMESAKE = """
WITH short AS MATERIALIZED (
    SELECT o.id AS officer, lower(public.immutable_unaccent(o.first_name || ' ' || o.last_name)) AS name
    FROM unnest(%(ids)s::bigint[]) AS i(id) JOIN training_officer o ON o.id = i.id
),
same AS MATERIALIZED (
    SELECT s.officer, o.id AS other FROM short s JOIN training_officer o
    ON lower(public.immutable_unaccent(o.first_name || ' ' || o.last_name)) = s.name AND o.id <> s.officer
)
SELECT s.officer, r.id, c.agency_id, r.completed_on, k.reported_by_agency_id = c.agency_id
FROM same s
JOIN training_trainingrecord r ON r.officer_id = s.other AND r.voided_at IS NULL AND r.not_counted = ''
    AND r.completed_on BETWEEN %(starts)s AND %(until)s AND r.course_id <> ALL(%(refused)s::bigint[])
JOIN training_trainingclass k ON k.id = r.training_class_id
JOIN training_commission c ON c.officer_id = s.officer AND c.started_on <= r.completed_on
    AND (c.ended_on IS NULL OR c.ended_on >= r.completed_on)
WHERE NOT EXISTS (SELECT FROM training_commission o WHERE o.officer_id = s.other AND o.agency_id = c.agency_id
                  AND o.started_on <= r.completed_on AND (o.ended_on IS NULL OR o.ended_on >= r.completed_on))
AND NOT EXISTS (SELECT FROM training_trainingrecord own WHERE own.officer_id = s.officer AND own.voided_at IS NULL
                AND (own.training_class_id = r.training_class_id
                     OR (own.course_id = r.course_id AND own.completed_on = r.completed_on)))
AND (k.reported_by_agency_id = c.agency_id OR (k.reported_by_agency_id IS NULL AND 3 <= (
    SELECT count(*) FROM training_trainingrecord w
    JOIN training_commission h ON h.officer_id = w.officer_id AND h.agency_id = c.agency_id
        AND h.started_on <= r.completed_on AND (h.ended_on IS NULL OR h.ended_on >= r.completed_on)
    WHERE w.training_class_id = r.training_class_id AND w.voided_at IS NULL)))
"""

# Moved in the year, and nothing is on record from the months at the agency before, though others there have hours.
TRANSFER = """
SELECT c.officer_id, c.agency_id, c.ended_on,
       GREATEST(1, (c.ended_on - GREATEST(c.started_on, %(starts)s::date)) / 30) AS months,
       peers.with_hours, peers.people
FROM unnest(%(ids)s::bigint[]) AS i(id) JOIN training_commission c ON c.officer_id = i.id
CROSS JOIN LATERAL (
    SELECT count(*) AS people, count(*) FILTER (WHERE EXISTS (
        SELECT FROM training_trainingrecord r WHERE r.officer_id = o.officer_id AND r.voided_at IS NULL
        AND r.completed_on BETWEEN GREATEST(c.started_on, %(starts)s::date) AND c.ended_on)) AS with_hours
    FROM training_commission o WHERE o.agency_id = c.agency_id AND o.officer_id <> c.officer_id
    AND o.started_on <= %(starts)s AND (o.ended_on IS NULL OR o.ended_on >= c.ended_on)
) peers
WHERE c.ended_on BETWEEN %(starts)s::date + 59 AND %(until)s
AND c.ended_on - GREATEST(c.started_on, %(starts)s::date) >= 59
AND EXISTS (SELECT FROM training_commission n WHERE n.officer_id = c.officer_id AND n.agency_id <> c.agency_id
            AND n.started_on BETWEEN c.ended_on - 30 AND c.ended_on + 60)
AND NOT EXISTS (SELECT FROM training_trainingrecord r WHERE r.officer_id = c.officer_id AND r.voided_at IS NULL
                AND r.completed_on BETWEEN GREATEST(c.started_on, %(starts)s::date) AND c.ended_on)
"""

# Agencies that entered no class since a day, though they did in the same months of the year before; how many of theirs
# are short says whether it is silence or rest.
SILENT_AGENCY = """
WITH last AS (
    SELECT reported_by_agency_id AS agency, max(ends_on) FILTER (WHERE ends_on >= %(starts)s) AS last_on
    FROM training_trainingclass WHERE voided_at IS NULL AND reported_by_agency_id IS NOT NULL
    AND ends_on BETWEEN %(starts)s::date - 366 AND %(until)s GROUP BY 1
),
quiet AS MATERIALIZED (
    SELECT l.agency, l.last_on, b.classes FROM last l CROSS JOIN LATERAL (
        SELECT count(*) AS classes FROM training_trainingclass k
        WHERE k.reported_by_agency_id = l.agency AND k.voided_at IS NULL
        AND k.ends_on > (COALESCE(l.last_on, %(starts)s::date - 1) - interval '1 year')::date
        AND k.ends_on <= (%(until)s::date - interval '1 year')::date
    ) b
    WHERE COALESCE(l.last_on, %(starts)s::date - 1) <= %(until)s::date - 60 AND b.classes >= 3
),
here AS (
    SELECT q.agency, c.officer_id AS officer, c.officer_id = ANY(%(ids)s::bigint[]) AS is_short
    FROM quiet q JOIN training_commission c ON c.agency_id = q.agency
    WHERE c.started_on <= COALESCE(q.last_on, %(starts)s::date) + 30 AND (c.ended_on IS NULL OR c.ended_on >= %(until)s)
    GROUP BY 1, 2
)
SELECT h.officer, h.agency, q.last_on, q.classes,
       count(*) FILTER (WHERE h.is_short) OVER (PARTITION BY h.agency) AS are_short,
       count(*) OVER (PARTITION BY h.agency) AS people, h.is_short
FROM here h JOIN quiet q USING (agency)
"""

# Providers that reported few classes of the year against the year before, and who took hours with them then.
SILENT_PROVIDER = """
WITH years AS (
    SELECT c.provider_id AS provider, count(*) FILTER (WHERE k.ends_on >= %(starts)s) AS now,
           count(*) FILTER (WHERE k.ends_on <= (%(until)s::date - interval '1 year')::date) AS before
    FROM training_trainingclass k JOIN training_course c ON c.id = k.course_id
    WHERE k.voided_at IS NULL AND c.provider_id IS NOT NULL
    AND k.ends_on BETWEEN (%(starts)s::date - interval '1 year')::date AND %(until)s GROUP BY 1
),
silent AS (SELECT * FROM years WHERE before >= 3 AND now * 10 <= before)
SELECT r.officer_id, s.provider, s.now, s.before, max(r.id)
FROM silent s JOIN training_course c ON c.provider_id = s.provider
JOIN training_trainingrecord r ON r.course_id = c.id AND r.voided_at IS NULL AND r.not_counted = ''
    AND r.completed_on BETWEEN (%(starts)s::date - interval '1 year')::date AND %(until)s
WHERE r.officer_id = ANY(%(ids)s::bigint[])
GROUP BY 1, 2, 3, 4
"""

# A seat in a class of the calendar that is over, a mark at the door, and no credit of it.
CHECKED_IN = """
SELECT g.officer_id, g.id, g.agency_id, s.id, s.day, s.training_class_id IS NOT NULL AS is_confirmed,
       a.last_out > a.last_in AND a.last_out < s.ends_at - interval '30 minutes' AS left_early,
       a.days < m.days AS missed
FROM training_registration g
JOIN (SELECT *, (begins_at AT TIME ZONE 'America/Chicago')::date AS begins_on,
             ((ends_at - interval '1 microsecond') AT TIME ZONE 'America/Chicago')::date AS day
      FROM training_scheduledclass) s
    ON s.id = g.scheduled_class_id AND s.state = 'published' AND s.day BETWEEN %(starts)s AND %(until)s
CROSS JOIN LATERAL (
    SELECT max(at) FILTER (WHERE kind = 'in') AS last_in, max(at) FILTER (WHERE kind = 'out') AS last_out,
           count(DISTINCT (at AT TIME ZONE 'America/Chicago')::date) FILTER (WHERE kind = 'in') AS days
    FROM training_attendancemark WHERE registration_id = g.id AND voided_at IS NULL
) a
CROSS JOIN LATERAL (
    SELECT count(DISTINCT (begins_at AT TIME ZONE 'America/Chicago')::date) AS days
    FROM training_scheduledmeeting WHERE scheduled_class_id = s.id
) m
WHERE g.officer_id = ANY(%(ids)s::bigint[]) AND g.state = 'registered' AND a.last_in IS NOT NULL
AND s.course_id <> ALL(%(refused)s::bigint[])
AND NOT EXISTS (
    SELECT FROM training_trainingrecord r WHERE r.officer_id = g.officer_id AND r.voided_at IS NULL
    AND (r.training_class_id = s.training_class_id
         OR (r.course_id = s.course_id AND r.completed_on BETWEEN s.begins_on AND s.day + 7))
)
AND NOT EXISTS (SELECT FROM training_notcompleted n WHERE n.officer_id = g.officer_id
                AND n.training_class_id = s.training_class_id AND n.voided_at IS NULL)
"""

REFUSED = """
SELECT r.officer_id, r.id, k.reported_by_agency_id, r.completed_on
FROM training_trainingrecord r JOIN training_trainingclass k ON k.id = r.training_class_id
WHERE r.officer_id = ANY(%(ids)s::bigint[]) AND r.credited_year = %(year)s AND r.voided_at IS NULL
AND r.not_counted = '' AND r.course_id = ANY(%(refused)s::bigint[])
"""

# Completed in the time of making up, counted in the year they were completed, and nobody said for which year they
# count; with all hours of that later year.
MAKE_UP = """
SELECT r.officer_id, r.id, k.reported_by_agency_id, r.completed_on,
       (SELECT sum(l.hours) FROM training_trainingrecord o JOIN training_creditline l ON l.record_id = o.id
        WHERE o.officer_id = r.officer_id AND o.credited_year = r.credited_year AND o.voided_at IS NULL
        AND o.not_counted = '') AS later
FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS i(id, until)
JOIN training_trainingrecord r ON r.officer_id = i.id AND r.completed_on > %(ends)s AND r.completed_on <= i.until
JOIN training_trainingclass k ON k.id = r.training_class_id
WHERE r.credited_year = EXTRACT(year FROM r.completed_on) AND r.voided_at IS NULL AND r.not_counted = ''
AND r.course_id <> ALL(%(refused)s::bigint[])
AND NOT EXISTS (SELECT FROM compliance_makeupdecision d WHERE d.record_id = r.id)
"""

# Kept as a duplicate, beside the entry that is counted: in another room, or entered by the same agency for the same
# hours, it may have been a second sitting.
COUNTED_ONCE = """
SELECT DISTINCT ON (r.id) r.officer_id, r.id, k.reported_by_agency_id, r.completed_on,
       k.reported_by_agency_id IS NOT NULL AND k.reported_by_agency_id = t.reported_by_agency_id AS is_same_reporter,
       btrim(k.place) <> '' AND btrim(t.place) <> '' AND lower(btrim(k.place)) <> lower(btrim(t.place)) AS is_elsewhere
FROM training_trainingrecord r JOIN training_trainingclass k ON k.id = r.training_class_id
JOIN training_trainingrecord c ON c.officer_id = r.officer_id AND c.completed_on = r.completed_on
    AND c.voided_at IS NULL AND c.not_counted = '' AND (c.id = r.twin_id OR r.twin_id IS NULL)
JOIN training_trainingclass t ON t.id = c.training_class_id AND t.id <> k.id
JOIN training_course a ON a.id = k.course_id JOIN training_course b ON b.id = t.course_id
WHERE r.officer_id = ANY(%(ids)s::bigint[]) AND r.credited_year = %(year)s AND r.voided_at IS NULL
AND r.not_counted = 'duplicate' AND (c.id = r.twin_id OR lower(a.title) = lower(b.title))
ORDER BY r.id, c.id
"""

TAKEN_BACK = """
SELECT r.officer_id, r.id, k.reported_by_agency_id, r.completed_on, r.void_reason
FROM training_trainingrecord r JOIN training_trainingclass k ON k.id = r.training_class_id
WHERE r.officer_id = ANY(%(ids)s::bigint[]) AND r.credited_year = %(year)s AND r.voided_at IS NOT NULL
AND r.course_id <> ALL(%(refused)s::bigint[])
AND NOT EXISTS (
    SELECT FROM training_trainingrecord n JOIN training_trainingclass m ON m.id = n.training_class_id
    WHERE n.officer_id = r.officer_id AND n.id <> r.id AND n.voided_at IS NULL
    AND (n.replaces_id = r.id OR m.replaces_id = k.id
         OR (n.course_id = r.course_id AND n.completed_on BETWEEN r.completed_on - 7 AND r.completed_on + 7))
)
AND NOT EXISTS (SELECT FROM training_notcompleted n WHERE n.officer_id = r.officer_id
                AND n.training_class_id = r.training_class_id AND n.voided_at IS NULL)
AND NOT EXISTS (SELECT FROM training_trainingrecord n WHERE n.replaces_id = r.id)
"""

# Nothing in the year, though there were hours in the year before.
NOTHING = """
SELECT i.id FROM unnest(%(ids)s::bigint[]) AS i(id)
WHERE NOT EXISTS (SELECT FROM training_trainingrecord r WHERE r.officer_id = i.id AND r.credited_year = %(year)s
                  AND r.voided_at IS NULL)
AND EXISTS (SELECT FROM training_trainingrecord r WHERE r.officer_id = i.id AND r.credited_year = %(year)s - 1
            AND r.voided_at IS NULL)
"""

# Whose commission is in force on a day: whom the portal may ask about an officer, the first where there are several.
AGENCIES = """
SELECT c.officer_id, c.agency_id FROM training_commission c
WHERE c.officer_id = ANY(%(ids)s::bigint[]) AND c.started_on <= %(today)s
AND (c.ended_on IS NULL OR c.ended_on >= %(today)s) ORDER BY c.officer_id, c.is_reserve, c.started_on
"""
