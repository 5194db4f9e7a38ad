"""Innocent: functions and methods that only share the names of the library's."""

import time

from app.routing import depot


class Run:
    """A run of a conveyor belt."""

    attempt = 1

    def do(self, job, *arguments, label=None):
        return job(None, *arguments)

    def pause(self, label, hours):
        time.sleep(hours)


def checkpoint(label):
    return time.time()


def flow(name):
    return lambda body: body


@flow("sort")
def sort(parcel: dict, run: Run):
    try:
        run.do(lambda task: depot(parcel))
        run.pause("cool", hours=1)
    except Exception:
        checkpoint("cool")
        checkpoint("cool")
    return run.attempt
