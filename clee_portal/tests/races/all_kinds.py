"""Every kind of thing that two people can be at."""

from clee_portal.tests.races import (
    kinds_of_answers,
    kinds_of_bodies,
    kinds_of_cases,
    kinds_of_classes,
    kinds_of_papers,
    kinds_of_people,
    kinds_of_records,
    kinds_of_register,
    kinds_of_relief,
    kinds_of_rules,
)

MODULES = (
    kinds_of_relief,
    kinds_of_cases,
    kinds_of_classes,
    kinds_of_records,
    kinds_of_register,
    kinds_of_bodies,
    kinds_of_people,
    kinds_of_answers,
    kinds_of_papers,
    kinds_of_rules,
)
KINDS = [kind for module in MODULES for kind in module.KINDS]
