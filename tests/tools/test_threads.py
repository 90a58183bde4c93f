"""Threads for sync tools: one for each call that runs, used again, gone when they are idle."""

import os
import threading
import time

import pytest
from pericles.tools import threads
from pericles.tools.threads import Threads


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def test_all_run_at_once():
    pool, barrier, done = Threads(), threading.Barrier(30), []
    for _ in range(30):
        pool.run(lambda: done.append(barrier.wait(20)))
    until(lambda: len(done) == 30)


def test_an_idle_thread_is_used_again():
    pool, seen = Threads(), []
    for count in range(1, 6):
        pool.run(lambda: seen.append(threading.get_ident()))
        until(lambda count=count: len(seen) == count)
        time.sleep(0.02)  # until it waits again
    assert len(set(seen)) == 1


def test_a_thread_that_never_ends_holds_up_nobody():
    pool, forever, done = Threads(), threading.Event(), []
    pool.run(forever.wait)
    for _ in range(5):
        pool.run(lambda: done.append(1))
    until(lambda: len(done) == 5)
    forever.set()


def test_idle_threads_go(monkeypatch):
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.05)
    pool, seen = Threads(), []
    for _ in range(5):
        pool.run(lambda: seen.append(threading.current_thread()))
    until(lambda: len(seen) == 5)
    until(lambda: not any(thread.is_alive() for thread in seen))
    pool.run(lambda: seen.append(None))
    until(lambda: len(seen) == 6)


def test_jobs_from_many_threads_at_the_edge_of_idleness_are_all_done(monkeypatch):
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.001)
    pool, done = Threads(), []

    def give():
        for _ in range(200):
            pool.run(lambda: done.append(1))
            time.sleep(0.001)

    givers = [threading.Thread(target=give) for _ in range(4)]
    for giver in givers:
        giver.start()
    for giver in givers:
        giver.join()
    until(lambda: len(done) == 800)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    done = threading.Event()
    threads.run_in_thread(done.set)
    assert done.wait(20)
    child = os.fork()
    if child == 0:
        again = threading.Event()
        threads.run_in_thread(again.set)
        os._exit(0 if again.wait(20) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
