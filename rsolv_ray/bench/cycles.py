"""How long does a fix take to be accepted, to become a judged rule, and to go through its whole cycle?"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from rsolv_ray.bench.figures import Spread
from rsolv_ray.bench.subject import CYCLE_TIMEOUT_S, Subject
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.noun import JsonObject

OTHERS_RUNNING = 4


def accepted_idle(subject: Subject, count: int) -> Spread:
    """Milliseconds until a fix is accepted; each is sent when the cycle of the one before has ended."""
    org, taken = subject.new_org(), []
    for _ in range(count):
        sent = subject.send(org, subject.another_fix(scan=False))
        taken.append(1000 * sent.accepted_s)
        subject.finished(sent)
    return Spread.of(taken)


def accepted_busy(subject: Subject, count: int) -> Spread:
    """Milliseconds until a fix is accepted while four other cycles are running."""
    org, lock, taken = subject.new_org(), Lock(), list[float]()
    running = 0
    fixes = [subject.another_fix(scan=False) for _ in range(count + OTHERS_RUNNING)]

    def go_through(fix: JsonObject) -> None:
        nonlocal running
        with lock:
            others = running
        sent = subject.send(org, fix)
        with lock:
            running += 1
            if others >= OTHERS_RUNNING:
                taken.append(1000 * sent.accepted_s)
        subject.finished(sent)
        with lock:
            running -= 1

    with ThreadPoolExecutor(OTHERS_RUNNING + 1) as workers:
        # Listing them raises what a worker raised.
        list(workers.map(go_through, fixes))
    return Spread.of(taken)


def judged(subject: Subject, count: int) -> Spread:
    """Seconds from sending a fix to having its judged rule, each in an org of its own so that none is known before.

    Raises:
        Rejected: a fix gave no rule.
    """
    taken = []
    for _ in range(count):
        org, fix = subject.new_org(), subject.another_fix(scan=False)
        began = time.perf_counter()
        cycle = subject.client.post(f"orgs/{org}/fixes", fix, wait_s=CYCLE_TIMEOUT_S, wait=CYCLE_TIMEOUT_S)
        taken.append(time.perf_counter() - began)
        if cycle["rule"] is None:
            raise Rejected(f"the example's fix gave no rule: {cycle['reason'] or cycle['steps']}")
    return Spread.of(taken)


def whole_cycles(subject: Subject, count: int) -> tuple[Spread, JsonObject]:
    """Seconds from sending a fix to the end of its cycle, scan and proposals included; and the last cycle.

    The end is seen by asking every 0.2 s, so a figure may be that much too large.
    """
    taken, cycle = [], JsonObject()
    for _ in range(count):
        sent = subject.send(subject.new_org(with_repository=True), subject.another_fix(scan=True))
        cycle = subject.finished(sent)
        taken.append(time.perf_counter() - sent.sent_at)
    return Spread.of(taken), cycle
