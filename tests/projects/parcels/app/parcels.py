"""Flows written with the company's library: what the rules know of an SDK, they know of this one by its profile."""

import time
import uuid

import haulage
import requests
from haulage import Pause, Run, checkpoint, flow, working_day

from app.routing import depot, notify


def weigh(task, parcel: dict, scales: list) -> float:
    scales.append(parcel["id"])  # expect: DUR401
    return requests.get("https://scales.example.com", timeout=3).json()["weight"]


def insure(task, run: Run, parcel: dict) -> str:
    run.do(weigh, parcel, [], label="weigh-again")  # expect: DUR301
    return "insured"


@flow(name="ship")
def ship(parcel: dict, run):
    scales: list[str] = []
    weight = run.do(weigh, parcel, scales, label="weigh")
    run.do(insure, run, parcel, label="insure")
    run.do(lambda task: task, label=f"track-{uuid.uuid4()}")  # expect: DUR502
    run.do(lambda task: uuid.uuid4().hex)  # expect: DUR501
    day = working_day()  # expect: DUR101 "working_day"
    where = depot(parcel)  # expect: DUR102 "depot"
    run.do(weigh, {"day": day, "depot": where}, [], label="book")
    if run.attempt > 1:  # expect: DUR105
        run.pause("settle", hours=1)
    notify(run, parcel, f"{weight} kg")
    notify(run, parcel, "on its way")  # expect: DUR503
    print("shipped")  # expect: DUR206
    return scales


@haulage.flow("returns")
def take_back(parcel: dict, run: Run):
    def inspect(inner):
        inner.pause("inspect", hours=2)
        return run.do(lambda task: parcel["id"], label="look")  # expect: DUR302

    try:
        run.inside("inspection", inspect)
    except Exception:  # expect: DUR307
        return None
    try:
        run.pause("collect", hours=24)
    except Pause:
        raise
    except Exception:
        return None
    checkpoint("collected")
    haulage.checkpoint("collected")  # expect: DUR503
    stamp(parcel)
    return run.do(lambda task: time.time(), label="done")


def stamp(parcel: dict) -> None:
    checkpoint("stamped")
    parcel["stamped"] = time.time()  # expect: DUR101
