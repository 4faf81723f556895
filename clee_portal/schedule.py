"""What beat says, and how often: only "look now"; what is due, the database knows, and every task is safe to run twice.

A look that nobody took up lapses when the next is due, so that none pile up while workers are away.
"""

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3_600.0, 86_400.0


def schedule(*, outbox: float, reminders: float, candidates: float) -> dict:
    """Celery's beat schedule; the three are seconds that the settings give."""
    looks = {
        "compliance.tasks.make_periods_ahead": 6 * HOUR,
        "compliance.tasks.put_reminders": reminders,
        "compliance.tasks.put_digests": 10 * MINUTE,
        "compliance.tasks.list_candidates": candidates,
        "compliance.tasks.find_recording_gaps": HOUR,
        "compliance.tasks.put_relief_endings": HOUR,
        "compliance.tasks.count_season": HOUR / 2,
        "compliance.tasks.remove_past_medical_documents": DAY,
        "notifications.tasks.remove_old_texts": DAY,
        "compliance.tasks.look_after_record_reports": 5 * MINUTE,
        "compliance.tasks.take_up_plans": MINUTE,
        "notifications.tasks.send_waiting": outbox,
        "training.tasks.take_up_imports": MINUTE,
        "training.tasks.settle_seats": MINUTE,
        "training.tasks.put_class_reminders": HOUR / 4,
        "clee_portal.history.tasks.seal_history": 20 * SECOND,
        "clee_portal.history.tasks.remove_old_accesses": DAY,
        "clee_portal.accounts.tasks.clear_sessions": DAY,
    }
    return {
        task.rpartition(".")[2].replace("_", "-"): {"task": task, "schedule": every, "options": {"expires": every}}
        for task, every in looks.items()
    }
