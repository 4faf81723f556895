"""Mail has a queue of its own, and one message of the broker reaches one queue."""

from celery import current_app

from clee_portal.still_here import StillHere


def test_sending_goes_to_the_queue_of_mail_and_everything_else_does_not():
    router = current_app.amqp.router
    for task, name in (("notifications.tasks.send_waiting", "mail"), ("compliance.tasks.put_reminders", "celery")):
        queue = router.route({}, task)["queue"]
        assert (queue.name, queue.exchange.name, queue.routing_key) == (name, name, name)


def test_work_of_a_dead_worker_comes_back():
    conf = current_app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    options = conf.broker_transport_options
    assert (options["visibility_timeout"], options["unacked_mutex_expire"]) == (15, 10)
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (2, 1)
    # Longer tasks than that are kept by their worker (clee_portal/tests/test_still_here.py).
    assert StillHere in current_app.steps["consumer"]


def test_beat_says_look_now_and_an_old_look_is_not_worth_keeping():
    every = current_app.conf.beat_schedule
    for name, task in (
        ("send-waiting", "notifications.tasks.send_waiting"),
        ("put-reminders", "compliance.tasks.put_reminders"),
    ):
        assert every[name]["task"] == task
        assert every[name]["options"]["expires"] == every[name]["schedule"]
