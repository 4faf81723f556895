"""How long every standing of the state takes, against the bare SQL aggregate and a loop over officers.

    python3 benchmarks/standings.py            18,000 officers, about 500,000 credit lines
    python3 benchmarks/standings.py --nation   800,000 officers, 8 million credit lines

Prints, in one run: (ours) every officer's standing with hours and shortage by requirement; (a) the bare hand-written
SQL aggregate with the same as-of filter, its rows fetched to Python; (b) a per-officer ORM loop on a sample, scaled up.
Runs alternate, and the median of the ratios of neighbouring runs is the result, since machines wobble.
"""

import argparse
import resource
import statistics
import sys
import time
from decimal import Decimal

import stage

BARE = """
SELECT r.officer_id,
       SUM(l.hours),
       SUM(l.hours) FILTER (WHERE r.source_kind IN ('approved_provider', 'individual_course', 'out_of_state')),
       SUM(l.hours) FILTER (WHERE l.area_id = %(legal)s),
       SUM(l.hours) FILTER (WHERE l.area_id = %(technical)s),
       SUM(l.hours) FILTER (WHERE l.area_id = %(interpersonal)s),
       SUM(l.hours) FILTER (WHERE l.area_id = %(skill)s AND l.topic_id = %(firearms)s AND r.delivery = 'classroom'),
       SUM(l.hours) FILTER (WHERE l.topic_id = %(racial_profiling)s),
       SUM(l.hours) FILTER (WHERE l.topic_id = %(implicit_bias)s),
       SUM(l.hours) FILTER (WHERE l.topic_id = %(de_escalation)s)
FROM training_creditline l JOIN training_trainingrecord r ON r.id = l.record_id
WHERE r.credited_year = %(year)s AND r.recorded_at <= %(as_of)s AND (r.voided_at IS NULL OR r.voided_at > %(as_of)s)
  AND r.not_counted = ''
  AND r.training_class_id NOT IN (
      SELECT c.id FROM training_trainingclass c JOIN training_coursereview v ON v.course_id = c.course_id
      WHERE v.decision = 'refused' AND v.recorded_at <= %(as_of)s AND (v.voided_at IS NULL OR v.voided_at > %(as_of)s)
        AND NOT EXISTS (SELECT FROM training_coursereview w WHERE w.course_id = v.course_id AND w.decision = 'approved'
                        AND w.recorded_at > v.recorded_at AND w.recorded_at <= %(as_of)s
                        AND (w.voided_at IS NULL OR w.voided_at > %(as_of)s)))
GROUP BY r.officer_id
"""


def bare(asked) -> int:
    """The aggregate by hand, its rows fetched; returns how many."""
    from django.db import connection  # Django is set up only now

    from training.models import Area, Topic

    ids = {row.code: row.pk for model in (Area, Topic) for row in model.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(BARE, {**ids, "year": asked.period.year, "as_of": asked.as_of})
        return len(cursor.fetchall())


def loop(asked, sample: int) -> tuple[float, dict]:
    """Seconds a per-officer ORM loop takes for `sample` officers, and its findings."""
    from compliance import verdict
    from compliance.models import ReliefRequest
    from training.licensing import events_of
    from training.models import CourseReview, Officer, TrainingRecord

    started = time.perf_counter()
    findings = {}
    for officer in Officer.objects.order_by("pk")[:sample]:
        hours = dict.fromkeys((need.code for need in asked.asked), Decimal(0))
        records = TrainingRecord.objects.known(asked.as_of).filter(officer=officer, credited_year=asked.period.year)
        for record in records.filter(not_counted="").select_related("training_class"):
            reviews = CourseReview.objects.known(asked.as_of).filter(course=record.training_class.course_id)
            latest = reviews.order_by("-recorded_at").first()
            if latest and latest.decision == "refused":
                continue
            for line in record.lines.all():
                for requirement in asked.requirements:
                    if requirement.area_id not in (None, line.area_id) or requirement.topic_id not in (
                        None,
                        line.topic_id,
                    ):
                        continue
                    if requirement.source_kinds and record.source_kind not in requirement.source_kinds:
                        continue
                    if requirement.in_person_only and record.delivery != "classroom":
                        continue
                    hours[requirement.code] += line.hours
        relief = []
        for request in ReliefRequest.objects.known(asked.as_of).filter(officer=officer, period=asked.period):
            decision = request.decisions.known(asked.as_of).order_by("-recorded_at", "-pk").first()
            fact = (decision.decision, decision.due_on) if decision else (None, None)
            relief.append(verdict.ReliefFact(request.kind, *fact))
        situation = verdict.situation_of(asked.facts, asked.day, events_of(officer, asked.as_of), relief)
        findings[officer.pk] = verdict.judge(asked.facts, asked.day, asked.asked, situation, tuple(hours.values()))
    return time.perf_counter() - started, findings


def timed(function, *arguments) -> tuple[float, object]:
    """Seconds, and what came out."""
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result


def memory() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nation", action="store_true", help="800,000 officers and 8 million credit lines")
    parser.add_argument("--runs", type=int, default=0, help="alternating runs (default 9, with --nation 3)")
    parser.add_argument("--sample", type=int, default=500, help="officers of the per-officer loop")
    parser.add_argument("--period", type=int, help="reporting period (default this year; with --nation, last year)")
    options = parser.parse_args()
    stage.enter(__file__, nation=options.nation)
    from clee_portal import clock  # Django is set up only now
    from compliance import periods, standings
    from training.models import CreditLine, Officer

    officers, lines = Officer.objects.count(), CreditLine.objects.count()
    period = periods.by_year(options.period or clock.today().year - options.nation)
    asked = standings.question(period, clock.end_of_day(clock.today()))
    print(f"{officers:,} officers, {lines:,} credit lines in all; period {period.year}")
    ours, by_hand, most = [], [], 0
    for _ in range(options.runs or (3 if options.nation else 9)):
        seconds, findings = timed(standings.of_officers, asked)
        ours.append(seconds)
        most = most or memory()  # of ours alone: read before the aggregate by hand has run
        seconds, rows = timed(bare, asked)
        by_hand.append(seconds)
    distinct = f"{len({id(finding) for finding in findings.values()}):,} distinct"
    ours_s, bare_s = statistics.median(ours), statistics.median(by_hand)
    print(
        f"ours: every standing with its findings   {ours_s * 1000:10,.0f} ms  ({len(findings):,} officers, {distinct})"
    )
    print(f"(a)  bare SQL aggregate, rows fetched    {bare_s * 1000:10,.0f} ms  ({rows:,} rows)")
    loop_s, sampled = loop(asked, min(options.sample, officers))
    scaled = loop_s / len(sampled) * officers
    print(
        f"(b)  per-officer ORM loop                {scaled * 1000:10,.0f} ms  (scaled from {len(sampled):,} officers)"
    )
    if any(findings[pk] != one for pk, one in sampled.items()):
        sys.exit("The loop and the one definition disagree.")
    ratio = statistics.median(mine / hand for mine, hand in zip(ours, by_hand, strict=True))
    print(f"ours / (a) = {ratio:.2f}    (b) / ours = {scaled / ours_s:,.0f}    memory at most {most:,.0f} MB")


if __name__ == "__main__":
    main()
