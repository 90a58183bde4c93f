"""The process that runs the reply, and answers what the judge asks of its objects."""

from __future__ import annotations

import ast
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

from .confined import import_modules
from .wire import Gone, Peer, error_of, is_free, packed, unpacked

OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda function, *arguments, **named: function(*arguments, **named),
    "getattr": getattr,
    "setattr": setattr,
    **{function.__name__: function for function in (len, iter, next, bool, str, repr, int, float, abs)},
    **{function.__name__: function for function in (operator.getitem, operator.setitem, operator.delitem)},
    **{function.__name__: function for function in (operator.eq, operator.add, operator.sub, operator.mul)},
    **{function.__name__: function for function in (operator.truediv, operator.floordiv, operator.mod, operator.pow)},
    "neg": operator.neg,
}


class Candidate:
    """Runs the reply and answers what the judge asks of its objects.

    Args:
        read: descriptor of the judge's questions.
        write: descriptor of the answers.
    """

    def __init__(self, read: int, write: int) -> None:
        self._peer = Peer(read, write, self._answer)
        self._objects: list[Any] = []

    def run(self, source: str, confine: Callable[[], bool]) -> None:
        """Defines what the reply defines, says so, and serves until the judge hangs up."""
        try:
            tree = ast.parse(source, "<reply>")
            program = compile(tree, "<reply>", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._peer.send(["broken", "syntax error", f"{type(error).__name__}: {error}"[:300]])
            return
        import_modules(tree)
        if not confine():
            self._peer.send(["broken", "no sandbox", "this system cannot confine a process"])
            return
        module = types.ModuleType("reply")
        sys.modules["reply"] = module  # where dataclasses look up annotations
        try:
            exec(program, module.__dict__)  # noqa: S102  this is what the sandbox is for
        except BaseException as error:  # noqa: BLE001  told to the judge
            label = "memory" if isinstance(error, MemoryError) else "error"
            self._peer.send(["broken", label, f"{type(error).__name__}: {_text(error)}"])
            return
        names = {
            name: packed(value, self._reference)
            for name, value in vars(module).items()
            if is_free(name) and not isinstance(value, types.ModuleType)
        }
        self._peer.send(["ready", names])
        while True:
            self._peer.answer(self._peer.receive())

    def _answer(self, question: list[Any]) -> list[Any]:
        try:
            operation, number, arguments, named = question
            held = unpacked(arguments, self._resolved)
            target = self._objects[number]
            if operation == "plain":
                return ["value", _plain(target), {}]
            named = {name: unpacked(value, self._resolved) for name, value in named.items()}
            value = packed(OPERATIONS[operation](target, *held, **named), self._reference)
            # Lists and the like are copies here: what the code did to them is told.
            after = packed(held, self._reference)
            changed = {
                place: now
                for place, (then, now) in enumerate(zip(arguments[1:], after[1:], strict=True))
                if then != now and isinstance(held[place], list | dict | set | bytearray)
            }
            return ["value", value, changed]
        except Gone:
            raise
        except BaseException as error:  # noqa: BLE001  raised again in the judge
            kinds = [kind.__name__ for kind in type(error).__mro__]
            return ["raised", kinds, _text(error)]

    def _reference(self, value: Any) -> list[Any]:
        self._objects.append(value)
        return ["object", len(self._objects) - 1]

    def _resolved(self, value: list[Any]) -> Any:
        kind, number = value
        return self._objects[number] if kind == "object" else self._callback(number)

    def _callback(self, number: int) -> Callable[..., Any]:
        def callback(*arguments: Any) -> Any:
            got = self._peer.ask("callback", number, packed(list(arguments), self._reference))
            if got[0] == "raised":
                raise error_of(got[1], got[2])
            return unpacked(got[1], self._resolved)

        return callback


def _text(error: BaseException) -> str:
    # It may be the reply's own code that is asked for it.
    try:
        return str(error)[:300]
    except BaseException:  # noqa: BLE001  nothing more to say
        return ""


def _plain(value: Any) -> Any:
    """What an object of a class that derives from a built-in one holds."""
    kinds: tuple[Any, ...] = (int, float, str, bytes, list, tuple, dict, set, frozenset)
    for kind in kinds:
        if isinstance(value, kind):
            return packed(kind(value), _plain)
    raise TypeError("not plain data")
