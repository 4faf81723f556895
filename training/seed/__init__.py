"""Rows every installation has: areas, topics, license classes. Loaded after each migration; existing rows stay."""

from pathlib import Path

import yaml
from django.apps import apps
from django.db import connections

HERE = Path(__file__).parent


def load(using: str = "default", **kwargs) -> None:
    """Add the areas, topics and license classes of curriculum.yaml that are not there yet."""
    Area, Topic, LicenseClass = (apps.get_model("training", name) for name in ("Area", "Topic", "LicenseClass"))
    if LicenseClass._meta.db_table not in connections[using].introspection.table_names():
        return  # migrating to a state before the first
    wanted = yaml.safe_load((HERE / "curriculum.yaml").read_text(encoding="utf-8"))
    for row in wanted["areas"]:
        Area.objects.using(using).get_or_create(code=row["code"], defaults=row)
    areas = {area.code: area for area in Area.objects.using(using)}
    for row in wanted["topics"]:
        defaults = {
            **row,
            "only_area": areas.get(row.get("only_area")),
            "usual_area": areas[row["usual_area"]],
        }
        Topic.objects.using(using).get_or_create(code=row["code"], defaults=defaults)
    for row in wanted["license_classes"]:
        LicenseClass.objects.using(using).get_or_create(code=row["code"], defaults=row)
