"""The `@tool` decorator: a Python function or method becomes something a model can call.

A function that cannot be described fails here, when it is registered, and not when a model first calls it.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import functools
import inspect
import logging
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from . import problems
from .calls import ToolCall, ToolOutput, ToolResult
from .constraints import unconstrained_keywords
from .context import ToolContext
from .errors import ConfigError, InvalidArguments, ToolError, ToolTimeout
from .isolation import Address, address_of, refuse_while_loading, run_isolated
from .outputs import as_output, is_heavy
from .running import Reporter, in_thread, one_line, run_limited, text_of
from .schema import ArgumentReader, JsonSchemaReader, describe

logger = logging.getLogger(__name__)

NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_OUTPUT_CHARS = 4000
Approval = bool | Callable[[dict[str, Any]], bool]
_Binding = Literal["", "instance", "class"]


@dataclass(frozen=True, eq=False)
class Tool:
    """A function that a model may call. Stays callable as the function it was made of.

    Args:
        name: what the model writes; letters, digits, `_` and `-`.
        description: what the model reads; one or two sentences.
        parameters: JSON schema of the arguments (an object schema).
        function: the Python function, sync or async.
        timeout: seconds after which a call is given up. A thread cannot be killed: a sync function goes on
            in the background, its result is discarded, unless it is isolated.
        requires_approval: whether a person has to allow a call, or a function of the checked arguments that says so.
        sequential: whether calls of this tool run alone, never beside other calls of the same step.
        isolate: whether each call runs in a process of its own, which is really killed at the timeout.
        exact: whether an answer must state the result's numbers and no others; where a policy misstates them, the
            agent says the result itself (`Agent.restates`).
        max_output_chars: a longer text is cut, and the model is told so.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    function: Callable[..., Any] = field(repr=False)
    timeout: float = DEFAULT_TIMEOUT
    requires_approval: Approval = False
    sequential: bool = False
    isolate: bool = False
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS
    exact: bool = False
    _reader: ArgumentReader = field(repr=False, kw_only=True)
    _takes_context: bool = field(default=False, repr=False, kw_only=True)
    # A function made of a schema takes its arguments as one dict.
    _takes_dict: bool = field(default=False, repr=False, kw_only=True)
    # What a method waits for before it can be called without its object.
    _binding: _Binding = field(default="", repr=False, kw_only=True)
    _address: Address | None = field(default=None, repr=False, kw_only=True)
    _is_async: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        _check_options(self)
        # So that help(), inspect.signature() and an overriding method find what they look for.
        for attribute in ("__doc__", "__name__", "__qualname__", "__module__"):
            object.__setattr__(self, attribute, getattr(self.function, attribute, None))
        object.__setattr__(self, "__wrapped__", self.function)
        called = self.function if inspect.isroutine(self.function) else getattr(self.function, "__call__", None)  # noqa: B004
        is_async = inspect.iscoroutinefunction(self.function) or inspect.iscoroutinefunction(called)
        object.__setattr__(self, "_is_async", is_async)

    @classmethod
    def from_schema(
        cls,
        name: str,
        description: str,
        parameters: dict[str, Any],
        function: Callable[[dict[str, Any], ToolContext[Any]], Awaitable[Any]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        requires_approval: Approval = False,
        sequential: bool = False,
        max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
    ) -> Tool:
        """A tool whose JSON schema is given, such as one of another program.

        Args:
            name: what the model writes.
            description: what the model reads.
            parameters: JSON schema of the arguments; what does not fit it never reaches the function.
            function: async; takes the arguments as one dict, and the context.
            timeout: seconds after which a call is given up.
            requires_approval: see `Tool`.
            sequential: see `Tool`.
            max_output_chars: longer text results are cut.

        Raises:
            ConfigError: the schema is no object schema, or the name or an option is wrong.
        """
        schema = {"type": "object", **copy.deepcopy(parameters)}
        return cls(
            _checked_name(name),
            description,
            schema,
            function,
            timeout,
            requires_approval,
            sequential,
            False,
            max_output_chars,
            _reader=JsonSchemaReader(name, schema),
            _takes_context=True,
            _takes_dict=True,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Tool:
        """In a class body: a method's tool belongs to the object that it is taken from."""
        if not self._binding or (instance is None and self._binding == "instance"):
            return self
        of = owner if self._binding == "class" and not isinstance(instance, type) else instance
        return dataclasses.replace(self, function=self.function.__get__(of, owner), _binding="")

    @property
    def needs_object(self) -> bool:
        """Whether this is a method without its object, which `instance.method` would add."""
        return bool(self._binding)

    @property
    def unconstrained(self) -> tuple[str, ...]:
        """What constrained decoding cannot demand of this tool's arguments: `PLACE: KEYWORD` for each.

        A call that misses one of these is answered with what is wrong, like any call that does not fit.
        """
        return unconstrained_keywords(self.parameters)

    def schema(self) -> dict[str, Any]:
        """The OpenAI form: `{"type": "function", "function": {name, description, parameters}}`."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }

    def validate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Checks and converts the arguments of a call.

        Raises:
            InvalidArguments: names every violation at once.
        """
        return self._reader.read(arguments)

    def needs_approval(self, arguments: dict[str, Any]) -> bool:
        """Whether a person has to allow a call with these arguments.

        Arguments that do not fit need no approval: they never reach the function. A predicate that fails asks.
        """
        if isinstance(self.requires_approval, bool):
            wanted: Any = self.requires_approval
            if not wanted:
                return False
        try:
            checked = self.validate(copy.deepcopy(arguments))
            wanted = (
                self.requires_approval if isinstance(self.requires_approval, bool) else self.requires_approval(checked)
            )
        except InvalidArguments:
            return False
        except Exception:
            logger.exception("requires_approval of tool %r failed; a person is asked", self.name)
            return True
        if not isinstance(wanted, bool):
            logger.error("requires_approval of tool %r returned %r, not a bool; a person is asked", self.name, wanted)
            return True
        return wanted

    async def run(self, call: ToolCall, context: ToolContext[Any] | None = None) -> ToolResult:
        """Runs one call. Whatever the model wrote and whatever the function does, this returns a result.

        Only cancellation of the awaiting task passes through.

        Args:
            call: what the model asked for.
            context: what the tool is told of the turn, and where its progress goes.
        """
        refuse_while_loading()
        clock = asyncio.get_running_loop().time
        start = clock()
        output, problem = ToolOutput(""), None
        reporter = Reporter(context or ToolContext(call_id=call.id))
        try:
            outcome = await run_limited(self._work(call, context, reporter), self.timeout, self.name)
        finally:
            reporter.close()
        error = outcome.error
        if outcome.late:
            problem = str(ToolTimeout(f"{self.name} did not finish within {self.timeout:g} s."))
        elif isinstance(error, ToolError):
            problem = text_of(error) or type(error).__name__
        elif error is not None:
            logger.error("tool %r failed", self.name, exc_info=error)
            problem = f"{self.name} failed: {one_line(error)}"
        else:
            output = outcome.value
        text = self._bounded(output.text if problem is None else problem)
        seconds = round(clock() - start, 6)
        return ToolResult(
            call.id, call.name, text, output.data, output.sources, output.images, problem is not None, seconds
        )

    async def _work(self, call: ToolCall, context: ToolContext[Any] | None, reporter: Reporter) -> ToolOutput:
        # A copy, because the call stays in the conversation whatever the function does to its arguments.
        arguments = self.validate(copy.deepcopy(call.arguments))
        told = context or ToolContext(call_id=call.id)
        if self._address is not None:
            return await run_isolated(self._address, self.name, call.arguments, told, reporter, self.timeout)
        if self._takes_context:
            told = dataclasses.replace(told, call_id=told.call_id or call.id, _report=reporter)
        if self._is_async:
            value = await self.invoke(arguments, told)
        else:
            value = await in_thread(_called, functools.partial(self.invoke, arguments, told))
            if not inspect.isawaitable(value):
                return value
            value = await value
        return await in_thread(as_output, value) if is_heavy(value) else as_output(value)

    def invoke(self, arguments: dict[str, Any], context: ToolContext[Any]) -> Any:
        """Calls the function with checked arguments, as `run` does, but here and now and without a limit.

        Args:
            arguments: what `validate` returned.
            context: what the tool is told, where it asks.

        Returns:
            What the function returns; an awaitable for an async one.
        """
        given = (context,) if self._takes_context else ()
        if self._takes_dict:
            return self.function(arguments, *given)
        return self.function(*given, **arguments)

    def _bounded(self, text: str) -> str:
        if len(text) <= self.max_output_chars:
            return text
        return f"{text[: self.max_output_chars]} … [cut: {len(text)} characters, {self.max_output_chars} shown]"


class BrokenTool(Tool):
    """Stands for a function that cannot be a tool while problems are collected, so that its file is read on."""


def _broken(function: Any) -> BrokenTool:
    parameters: dict[str, Any] = {"type": "object", "properties": {}}
    reader = JsonSchemaReader("broken", parameters)
    return BrokenTool(f"broken_{id(function):x}", "Cannot be a tool.", parameters, function, _reader=reader)


def _called(call: Callable[[], Any]) -> Any:
    """A sync function with its result made an output in the same thread, where rendering disturbs nobody."""
    value = call()
    return value if inspect.isawaitable(value) else as_output(value)


@overload
def tool(function: Callable[..., Any] | classmethod[Any, ..., Any], /) -> Tool: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    requires_approval: Approval = False,
    sequential: bool = False,
    isolate: bool = False,
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
    exact: bool = False,
) -> Callable[[Callable[..., Any] | classmethod[Any, ..., Any]], Tool]: ...


def tool(
    function: Any = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    requires_approval: Approval = False,
    sequential: bool = False,
    isolate: bool = False,
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
    exact: bool = False,
) -> Tool | Callable[[Any], Tool]:
    """Makes a `Tool` of a function or method, sync or async.

    Args:
        function: typed, with a docstring; each parameter becomes a property of the JSON schema. A first parameter
            annotated `ToolContext` is not shown to the model.
        name: what the model writes; the function's name by default.
        description: what the model reads; the docstring's first part by default.
        timeout: seconds after which a call is given up.
        requires_approval: whether a person has to allow a call, or a function of the checked arguments (a dict) that
            says so. One that fails counts as yes.
        sequential: calls of this tool run alone, never beside other calls of the same step.
        isolate: each call runs in a process of its own, which is really killed at the timeout. For functions at the
            top of a module; the process shares no state with the program.
        max_output_chars: longer text results are cut.
        exact: an answer must state the result's numbers and no others; where a policy misstates them, the agent says
            the result itself.

    Raises:
        ConfigError: the function cannot be described to a model; says which parameter and what to write.
    """
    options: dict[str, Any] = {
        "timeout": timeout,
        "requires_approval": requires_approval,
        "sequential": sequential,
        "isolate": isolate,
        "max_output_chars": max_output_chars,
        "exact": exact,
    }
    make = functools.partial(_tool_or_problem, name=name, description=description, options=options)
    return make if function is None else make(function)


def _tool_or_problem(function: Any, *, name: str | None, description: str | None, options: dict[str, Any]) -> Tool:
    try:
        return _make_tool(function, name, description, options)
    except ConfigError as error:
        if problems.collect(function, error):
            return _broken(function)
        raise


def _make_tool(function: Any, name: str | None, description: str | None, options: dict[str, Any]) -> Tool:
    function, binding = _unwrapped(function)
    name = _checked_name(str(getattr(function, "__name__", "")) if name is None else name)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ConfigError(f"tool {name!r} is a generator: collect what it yields and return it at once.")
    described = describe(function, name, skip_first=bool(binding))
    shown: Any = described.description if description is None else description
    if not isinstance(shown, str) or not shown.strip():
        raise ConfigError(f"tool {name!r} has no docstring: write one sentence that tells the model what it does.")
    made = Tool(
        name,
        shown,
        described.parameters,
        function,
        **options,
        _reader=described.reader,
        _takes_context=described.takes_context,
        _binding=binding,
    )
    if options["isolate"] is True:
        made = dataclasses.replace(made, _address=address_of(function, name, is_method=bool(binding)))
    return made


def _unwrapped(function: Any) -> tuple[Any, _Binding]:
    """The function itself, and what it has to be bound to."""
    if isinstance(function, Tool) or isinstance(getattr(function, "__func__", None), Tool):
        raise ConfigError(f"{getattr(function, '__name__', function)!r} is a tool already; write @tool(...) once.")
    if isinstance(function, staticmethod):
        return function.__func__, ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(function, classmethod):
        return function.__func__, "class"  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(function, str):
        raise ConfigError(f"@tool needs a function, got the text {function!r}: write @tool(name={function!r}).")
    if isinstance(function, property):
        raise ConfigError("@tool needs a function, got a property: write a method without @property.")
    if not callable(function):
        raise ConfigError(f"@tool needs a function, got {function!r}.")
    if isinstance(function, type):
        raise ConfigError(f"@tool needs a function, got the class {function.__name__}: write a function that uses it.")
    return function, _method_kind(function)


def _method_kind(function: Any) -> _Binding:
    """A function in a class body whose first parameter is called `self` or `cls` waits for its object."""
    if not inspect.isfunction(function):
        return ""
    scope = function.__qualname__.rpartition(".")[0]
    names = list(inspect.signature(function).parameters)
    if not scope or scope.endswith("<locals>") or not names:
        return ""
    # `cls` stands below @classmethod, which hands over the class by itself.
    return "instance" if names[0] in ("self", "cls") else ""


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not NAME_PATTERN.fullmatch(name):
        raise ConfigError(
            f"a tool's name must be letters, digits, '_' or '-' (64 at most) and not start with a digit, got {name!r}: "
            "write @tool(name='...')."
        )
    return name


def _check_options(made: Tool) -> None:
    where = f"tool {made.name!r}"
    timeout: Any = made.timeout
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ConfigError(f"{where}: timeout must be a positive number of seconds, got {timeout!r}.")
    chars: Any = made.max_output_chars
    if isinstance(chars, bool) or not isinstance(chars, int) or chars < 1:
        raise ConfigError(f"{where}: max_output_chars must be a positive whole number, got {chars!r}.")
    for option in ("sequential", "isolate", "exact"):
        if not isinstance(getattr(made, option), bool):
            raise ConfigError(f"{where}: {option} must be True or False, got {getattr(made, option)!r}.")
    approval: Any = made.requires_approval
    if not isinstance(approval, bool) and (not callable(approval) or inspect.iscoroutinefunction(approval)):
        raise ConfigError(
            f"{where}: requires_approval must be True, False or a plain function of the arguments, got {approval!r}."
        )
