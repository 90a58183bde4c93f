"""Starts the two processes: `python -I -S -c "...; from sandbox.main import main; main()"`."""

from __future__ import annotations

import json
import os
import sys

from .candidate import Candidate
from .confined import ALLOWED, limit, load_confinement
from .judge import Judge
from .wire import HEADER, Gone


def _frame() -> bytes:
    data = b""
    (left,) = HEADER.unpack(os.read(0, HEADER.size))
    while left:
        piece = os.read(0, left)
        if not piece:
            sys.exit(2)
        data += piece
        left -= len(piece)
    return data


def main() -> None:
    """Reads the request and the tests from standard input; writes the verdict, one line of JSON, to standard output."""
    request = json.loads(_frame())
    confinement = load_confinement(request["confinement"])
    confinement.die_with(request["parent"])
    judge = os.getpid()
    (to_candidate, from_judge), (to_judge, from_candidate) = os.pipe(), os.pipe()
    nowhere = os.open(os.devnull, os.O_RDWR)

    def confine() -> bool:
        return confinement.confine(ALLOWED)

    pid = os.fork()
    if not pid:
        # Before anything else: the tests wait in standard input, and the verdict goes to standard output.
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        for descriptor in (nowhere, from_judge, to_judge):
            os.close(descriptor)
        try:
            confinement.die_with(judge)
            limit(confinement, request["seconds"], request["memory"])
            Candidate(to_candidate, from_candidate).run(request["code"], confine)
        except Gone:
            pass
        finally:
            os._exit(0)
    os.close(to_candidate)
    os.close(from_candidate)
    tests = _frame().decode()
    result = os.dup(1)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    limit(confinement, request["seconds"], request["memory"])
    found = Judge(to_judge, from_judge, pid).verdict(tests, confine)
    os.write(result, json.dumps(found).encode() + b"\n")
    os._exit(0)
