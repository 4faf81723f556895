"""How long 10,000 rows of training take from a CSV to committed credit, against COPY and django-import-export.

    python3 benchmarks/imports.py              three rounds on 18,000 officers
    python3 benchmarks/imports.py --rounds 5

In each round, one after the other, new rows of the same shape: (ours) an agency's file parsed, matched, checked and
committed by the worker's code, with the fate of every row kept; (copy) COPY of the rows ours wrote, with other keys,
into the same tables with their constraints and history triggers; (import-export) the same file through
django-import-export with an equivalent resource and `use_bulk`. The median of the ratios within a round is the result,
since machines wobble. Also: the preview of 2,500 rows as the page makes it.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
import uuid
import zlib

import stage

ROWS = 10_000
PREVIEW = 2_500
OFFICERS = 500


def file_of(agency, rows: int, mark: str) -> bytes:
    """A CSV of `rows` rows: classes of 500 officers each, with license number and name."""
    from django.db.models import Count

    from training.models import Commission, Officer

    long = Officer.objects.filter(license_events__occurred_on__lt="2025-01-01").annotate(n=Count("license_events"))
    held = Commission.objects.filter(agency=agency, ended_on=None, officer__in=long.filter(n=1).values("pk"))
    officers = [one.officer for one in held.select_related("officer").order_by("officer")[:OFFICERS]]
    first = dt.date(2025, 1, 2) + dt.timedelta(days=zlib.crc32(mark.encode()) % 600)  # days of its own
    lines = ["POST License,Officer,Course Title,Date,Hours,Area"]
    for number in range(rows):
        officer, at = officers[number % len(officers)], number // len(officers)
        name = f'"{officer.last_name}, {officer.first_name}"'
        day = f"{first + dt.timedelta(days=at):%m/%d/%Y}"
        lines.append(f"{officer.license_number},{name},Benchmark {mark} {at},{day},4,Technical Studies")
    return "\n".join(lines).encode()


def ours(agency, data: bytes):
    """Seconds from the bytes of the file to the last committed row, and the import."""
    from training.imports import working
    from training.services import imports

    began = time.perf_counter()
    made, _ = imports.upload(by=None, body=agency, name="benchmark.csv", data=data)
    imports.send(by=None, training_import=made)
    working.work(made.pk)
    took = time.perf_counter() - began
    if other := made.rows.exclude(fate="credited").first():
        sys.exit(f"Row {other.number} was not credited: {other.wrong}")
    return took, made


def payloads(made, *, with_rows: bool) -> list[tuple[str, list[str], list[tuple]]]:
    """What ours wrote, table by table, with keys that nobody has: ready to be copied once more."""
    from django.db import connection

    from training.models import ClassLine, Course, CreditLine, ImportRow, TrainingClass, TrainingRecord
    from training.services import bulk

    records = TrainingRecord.objects.filter(import_rows__training_import=made)
    classes = TrainingClass.objects.filter(records__in=records).distinct()
    chosen = [
        (Course, Course.objects.filter(classes__in=classes).distinct()),
        (TrainingClass, classes),
        (ClassLine, ClassLine.objects.filter(training_class__in=classes)),
        (TrainingRecord, records),
        (CreditLine, CreditLine.objects.filter(record__in=records)),
    ]
    if with_rows:
        chosen.append((ImportRow, ImportRow.objects.filter(training_import=made)))
    keys: dict[type, dict[int, int]] = {}
    found = []
    for model, rows in chosen:
        fields = [one for one in model._meta.concrete_fields if not one.generated]
        values = list(rows.order_by("pk").values_list(*(one.attname for one in fields)))
        anew = keys[model] = dict(zip((row[0] for row in values), bulk.reserve_ids(model, len(values)), strict=True))
        mapped = []
        for row in values:
            given = []
            for field, value in zip(fields, row, strict=True):
                if field.primary_key:
                    value = anew[value]
                elif field.is_relation and field.related_model in keys:
                    value = keys[field.related_model].get(value, value)
                elif field.name == "submission_key":
                    value = uuid.uuid4()
                elif field.name == "number":
                    value += 1_000_000
                elif model is Course and field.name == "title":
                    value = f"{value} {uuid.uuid4().hex[:6]}"  # a course counts once a day for an officer
                given.append(value)
            mapped.append(tuple(given))
        found.append((model._meta.db_table, [one.column for one in fields], mapped))
    connection.close()
    return found


def copied(tables) -> float:
    """Seconds COPY takes for these rows, committed."""
    from django.db import connection, transaction
    from psycopg import sql

    connection.ensure_connection()
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns, rows in tables:
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
    return time.perf_counter() - began


def import_export(agency, data: bytes) -> float:
    """Seconds django-import-export takes for the same file with an equivalent resource and `use_bulk`."""
    from decimal import Decimal

    import tablib
    from import_export import fields, resources, widgets

    from training.models import Area, ClassLine, Course, CreditLine, Officer, SourceKind, TrainingClass, TrainingRecord

    areas = {one.name: one for one in Area.objects.all()}

    class Training(resources.ModelResource):
        officer = fields.Field("officer", "POST License", widgets.ForeignKeyWidget(Officer, "license_number"))
        training_class = fields.Field("training_class", "class", widgets.ForeignKeyWidget(TrainingClass, "pk"))
        completed_on = fields.Field("completed_on", "day", widgets.DateWidget("%Y-%m-%d"))
        credited_year = fields.Field("credited_year", "year", widgets.IntegerWidget())
        source_kind = fields.Field("source_kind", "source")

        class Meta:
            model = TrainingRecord
            fields = ("officer", "training_class", "completed_on", "credited_year", "source_kind")
            import_id_fields = ()
            use_bulk = True
            batch_size = 1000

        def get_instance(self, instance_loader, row):
            found = TrainingRecord.objects.filter(training_class=row["class"], voided_at=None)
            return found.filter(officer__license_number=row["POST License"]).first()

        def after_import(self, dataset, result, **kwargs):
            """Without its reset of the sequence, which the application's role may not do."""

        def before_import(self, dataset, **kwargs):
            self.classes = {}
            self.hours = {}

        def before_import_row(self, row, **kwargs):
            day = dt.datetime.strptime(row["Date"], "%m/%d/%Y").date()  # noqa: DTZ007 - a date has no zone
            area, hours = areas[row["Area"]], Decimal(row["Hours"])
            key = row["Course Title"], day
            if key not in self.classes:
                course, _ = Course.objects.get_or_create(
                    title=row["Course Title"], agency=agency, source_kind=SourceKind.IN_SERVICE
                )
                held = TrainingClass.objects.create(
                    course=course, starts_on=day, ends_on=day, reported_by_agency=agency, submission_key=uuid.uuid4()
                )
                ClassLine.objects.create(training_class=held, area=area, hours=hours)
                self.classes[key] = held
            held = self.classes[key]
            row |= {"class": held.pk, "day": day.isoformat(), "year": day.year, "source": SourceKind.IN_SERVICE}
            self.hours[held.pk] = area, hours

        def bulk_create(self, *args, **kwargs):
            made = list(self.create_instances)
            super().bulk_create(*args, **kwargs)
            CreditLine.objects.bulk_create(
                CreditLine(record=one, area=self.hours[one.training_class_id][0],
                           hours=self.hours[one.training_class_id][1])
                for one in made
            )  # fmt: skip

    began = time.perf_counter()
    result = Training().import_data(
        tablib.Dataset().load(data.decode(), format="csv"), use_transactions=True, raise_errors=True
    )
    took = time.perf_counter() - began
    if result.totals["new"] != ROWS:
        sys.exit(f"django-import-export made {result.totals['new']} records of {ROWS}.")
    return took


def previewed(agency, mark: str) -> float:
    """Seconds the preview of a file of 2,500 rows takes."""
    from training.imports import working
    from training.services import imports

    made, _ = imports.upload(by=None, body=agency, name="p.csv", data=file_of(agency, PREVIEW, f"preview {mark}"))
    began = time.perf_counter()
    seen = working.preview(made, None)
    took = time.perf_counter() - began
    if seen.credited != PREVIEW:
        sys.exit(f"The preview credits {seen.credited} of {PREVIEW} rows.")
    return took


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=3)
    rounds = asked.parse_args().rounds
    from django.db.models import Count, Q

    from training.models import Agency

    now = Count("commissions", filter=Q(commissions__ended_on=None))
    agency = Agency.objects.annotate(n=now).order_by("-n").first()
    stamp = uuid.uuid4().hex[:6]
    against_copy, against_all, against_library, previews = [], [], [], []
    for number in range(rounds):
        took, made = ours(agency, file_of(agency, ROWS, f"{stamp} {number} a"))
        plain = copied(payloads(made, with_rows=False))
        whole = copied(payloads(made, with_rows=True))
        library = import_export(agency, file_of(agency, ROWS, f"{stamp} {number} b"))
        previews.append(previewed(agency, f"{stamp} {number}"))
        against_copy.append(took / plain)
        against_all.append(took / whole)
        against_library.append(library / took)
        print(
            f"round {number + 1}: ours {took:.2f} s, COPY of the credit {plain:.2f} s, with the fates of the rows "
            f"{whole:.2f} s, django-import-export {library:.2f} s, preview {previews[-1]:.2f} s",
            flush=True,
        )
    print(f"{ROWS:,} rows of {agency.n:,} officers' agency, medians of {rounds} rounds:")
    print(f"  {statistics.median(against_copy):.2f} times COPY of the credit (reach: within 5)")
    print(f"  {statistics.median(against_all):.2f} times COPY of the credit and of the fate of every row")
    print(f"  {statistics.median(against_library):.1f} times faster than django-import-export (reach: at least 10)")
    print(f"  preview of {PREVIEW:,} rows: {statistics.median(previews):.2f} s (reach: within 3 s)")


if __name__ == "__main__":
    stage.enter(__file__)
    main()
