"""The process that runs the asserts."""

from __future__ import annotations

import ast
import os
import signal
import time
import types
from collections.abc import Callable
from typing import Any

from .candidate import OPERATIONS
from .confined import import_modules
from .wire import Gone, Peer, error_of, is_free, packed, unpacked


class Remote:
    """Stands for an object of the candidate. What it claims about equality with data is not asked."""

    def __init__(self, judge: Judge, number: int) -> None:
        self.__dict__.update(_judge=judge, _number=number)

    def __eq__(self, other: object) -> bool:
        judge, number = self.__dict__["_judge"], self.__dict__["_number"]
        if isinstance(other, Remote):
            return number == other.__dict__["_number"] or bool(judge.operate("eq", self, other))
        try:
            return judge.operate("plain", self) == other
        except TypeError:
            return False

    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["_judge"].operate("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__["_judge"].operate("setattr", self, name, value)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.__dict__["_judge"].operate("call", self, *arguments, **named)


def _operator(name: str) -> Callable[..., Any]:
    def method(self: Remote, *arguments: Any) -> Any:
        return self.__dict__["_judge"].operate(name, self, *arguments)

    return method


for _name in OPERATIONS.keys() - {"call", "getattr", "setattr", "eq"}:
    setattr(Remote, f"__{_name}__", _operator(_name))


class Judge:
    """Runs the asserts.

    Args:
        read: descriptor of the candidate's answers.
        write: descriptor of the questions.
        candidate: its process id.
    """

    def __init__(self, read: int, write: int, candidate: int) -> None:
        self._peer = Peer(read, write, self._call_back)
        self._candidate = candidate
        self._functions: list[Callable[..., Any]] = []

    def verdict(self, tests: str, confine: Callable[[], bool]) -> list[str]:
        """Returns:
        A label, `passed` where all asserts held, and one line on why not.
        """
        tree = ast.parse(tests)
        program = compile(tree, "<tests>", "exec")
        import_modules(tree)
        if not confine():
            return ["no sandbox", "this system cannot confine a process"]
        try:
            state, *rest = self._peer.receive()
            if state != "ready":
                return [str(part) for part in rest]
            space = {name: unpacked(value, self._resolved) for name, value in rest[0].items() if is_free(name)}
            label, detail = self._run(program, {**space, "__name__": "tests"}, tests)
        except Gone:
            label, detail = "", ""
        return self._ending() if self._peer.gone else [label, detail]

    def _run(self, program: types.CodeType, space: dict[str, Any], tests: str) -> tuple[str, str]:
        try:
            exec(program, space)  # noqa: S102  confined as well
        except AssertionError as error:
            return "wrong answer", _place(error, tests)
        except MemoryError as error:
            return "memory", str(error)
        except NameError as error:
            missing = not hasattr(error, "from_reply")
            return ("missing" if missing else "error"), str(error)
        except Exception as error:  # noqa: BLE001  told in the report
            return "error", f"{type(error).__name__}: {error}"[:200] + f"; {_place(error, tests)}"
        return "passed", ""

    def _ending(self) -> list[str]:
        """How the candidate ended, or that it goes on without speaking."""
        for _ in range(50):
            pid, status = os.waitpid(self._candidate, os.WNOHANG)
            if pid:
                break
            time.sleep(0.01)
        else:
            return ["error", f"the code broke off: {self._peer.gone}"[:200]]
        status = os.waitstatus_to_exitcode(status)
        if -status in (signal.SIGXCPU, signal.SIGKILL):
            return ["timeout", "it used up its processor time"]
        what = f"signal {-status}" if status < 0 else f"exit code {status}"
        return ["crashed" if status < 0 else "exited", f"the code ended its process: {what}"]

    def operate(self, operation: str, target: Remote, *arguments: Any, **named: Any) -> Any:
        """Has the candidate do something with one of its objects, and reads what comes back."""
        sent = packed(list(arguments), self._reference)
        named = {name: packed(value, self._reference) for name, value in named.items()}
        got = self._peer.ask(operation, target.__dict__["_number"], sent, named)
        try:
            if got[0] == "value":
                for place, now in got[2].items():
                    _refill(arguments[int(place)], unpacked(now, self._resolved))
                return unpacked(got[1], self._resolved)
            raised = error_of(got[1], str(got[2]))
        except Exception as error:  # noqa: BLE001  a candidate that does not keep to the protocol
            self._peer.gone = str(error) or "not the protocol"
            raise Gone(self._peer.gone) from None
        raise raised

    def _call_back(self, question: list[Any]) -> list[Any]:
        try:
            kind, number, arguments = question
            if kind != "callback" or not 0 <= number < len(self._functions):
                raise ValueError("no such function")
            value = self._functions[number](*unpacked(arguments, self._resolved))
            return ["value", packed(value, self._reference), {}]
        except Exception as error:  # noqa: BLE001  raised again in the candidate
            return ["raised", [kind.__name__ for kind in type(error).__mro__], str(error)]

    def _reference(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["object", value.__dict__["_number"]]
        if not callable(value):
            raise TypeError(f"a test cannot hand over {type(value).__name__}")
        self._functions.append(value)
        return ["function", len(self._functions) - 1]

    def _resolved(self, value: list[Any]) -> Any:
        kind, number = value
        if kind != "object" or not isinstance(number, int):
            raise ValueError("no object")
        return Remote(self, number)


def _refill(held: Any, now: Any) -> None:
    if type(held) is not type(now):
        raise ValueError("changed its kind")
    if isinstance(held, list | bytearray):
        held[:] = now
    else:
        held.clear()
        held.update(now)


def _place(error: BaseException, tests: str) -> str:
    """The line of the tests that did not hold."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<tests>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}: {tests.splitlines()[line - 1].strip()}"[:200] if line else ""
