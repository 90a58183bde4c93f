"""Methods as tools: the object that a tool is taken from is the one that it works on."""

import asyncio
import functools
import inspect

import pytest
from pericles.tools import ConfigError, Tool, ToolCall, ToolContext, ToolRegistry, tool


class Shop:
    """A shop with state."""

    def __init__(self, name="corner"):
        self.name = name
        self.sold = []

    @tool
    def order(self, item: str, count: int = 1) -> str:
        """Orders an item.

        Args:
            item: what.
            count: how many.
        """
        self.sold += [item] * count
        return f"{self.name}: {len(self.sold)} sold"

    @tool(name="look", timeout=5)
    async def inspect(self, ctx: ToolContext[dict], item: str) -> str:
        """Looks at an item."""
        return f"{self.name} has {item} for {ctx.session_id}"

    @staticmethod
    @tool
    def inner_static(x: int) -> int:
        """Doubles."""
        return 2 * x

    @tool
    @staticmethod
    def outer_static(x: int) -> int:
        """Doubles."""
        return 2 * x

    @classmethod
    @tool
    def inner_class(cls, x: int) -> str:
        """Names."""
        return f"{cls.__name__} {x}"

    @tool
    @classmethod
    def outer_class(cls, x: int) -> str:
        """Names."""
        return f"{cls.__name__} {x}"

    def plain(self, x: int) -> str:
        """Not decorated."""
        return f"{self.name} {x}"

    async def plain_async(self, x: int) -> str:
        """Not decorated."""
        return f"{self.name} {x}"


class BigShop(Shop):
    @tool
    def order(self, item: str, count: int = 1) -> str:
        """Orders a pallet of an item."""
        return "big " + super().order(item, count)


class QuietShop(Shop):
    def order(self, item: str, count: int = 1) -> str:
        return "quiet"


def run(made, **arguments):
    context = ToolContext("s1", {}, "c1")
    return asyncio.run(
        ToolRegistry([made]).execute(ToolCall("c1", next(iter(ToolRegistry([made]))).name, arguments), context)
    )


def test_a_method_of_an_object_works_on_that_object():
    one, other = Shop("one"), Shop("other")
    assert run(one.order, item="tea", count=2).text == "one: 2 sold"
    assert run(other.order, item="tea").text == "other: 1 sold"


def test_a_decorated_method_is_still_a_method():
    shop = Shop()
    assert shop.order("tea") == "corner: 1 sold"
    assert Shop.order(shop, "tea") == "corner: 2 sold"


def test_self_is_not_shown_to_the_model():
    assert list(Shop().order.parameters["properties"]) == ["item", "count"]
    assert list(Shop().inspect.parameters["properties"]) == ["item"]


def test_an_async_method_gets_its_object_and_the_context():
    assert run(Shop("a").inspect, item="tea").text == "a has tea for s1"


def test_options_stay_when_a_method_is_bound():
    made = Shop().inspect
    assert (made.name, made.timeout) == ("look", 5)


def test_a_method_without_its_object_says_what_to_register():
    with pytest.raises(ConfigError, match=r"register instance\.order, with instance = Shop\(\.\.\.\)"):
        ToolRegistry([Shop.order])


def test_an_undecorated_method_without_its_object_is_told_the_same():
    with pytest.raises(ConfigError, match=r"register instance\.plain"):
        ToolRegistry([Shop.plain])


@pytest.mark.parametrize("name", ["inner_static", "outer_static"])
@pytest.mark.parametrize("of", [Shop, Shop()], ids=["class", "object"])
def test_a_static_method_needs_no_object(of, name):
    assert run(getattr(of, name), x=4).text == "8"
    assert getattr(of, name)(4) == 8


@pytest.mark.parametrize("name", ["inner_class", "outer_class"])
@pytest.mark.parametrize("of", [BigShop, BigShop()], ids=["class", "object"])
def test_a_class_method_gets_the_class(of, name):
    assert run(getattr(of, name), x=4).text == "BigShop 4"
    assert getattr(of, name)(4) == "BigShop 4"


def test_an_inherited_method_works_on_the_heir():
    class Heir(Shop):
        pass

    assert run(Heir("heir").order, item="tea").text == "heir: 1 sold"


def test_an_overridden_method_can_call_the_one_above():
    made = BigShop("b").order
    assert made.description == "Orders a pallet of an item."
    assert run(made, item="tea").text == "big b: 1 sold"


def test_an_overriding_method_inherits_the_description():
    assert run(QuietShop().order, item="tea").text == "quiet"
    assert next(iter(ToolRegistry([QuietShop().order]))).description == "Orders an item."


@pytest.mark.parametrize("name", ["plain", "plain_async"])
def test_an_undecorated_bound_method_is_a_tool(name):
    assert run(getattr(Shop("p"), name), x=1).text == "p 1"


def test_a_tool_kept_on_a_class_is_not_taken_for_a_method():
    @tool
    def shout(text: str) -> str:
        """Shouts."""
        return text.upper()

    class Holder:
        helper = shout

    assert Holder().helper("a") == "A"
    assert run(Holder().helper, text="a").text == "A"


def test_a_method_of_a_class_with_slots_works():
    class Slotted:
        __slots__ = ("x",)

        def __init__(self):
            self.x = 3

        @tool
        def get(self) -> int:
            """Gets."""
            return self.x

    assert run(Slotted().get).text == "3"


def test_a_method_of_an_object_that_is_false_is_bound():
    class Empty(list):
        @tool
        def count(self) -> int:
            """Counts."""
            return len(self)

    assert run(Empty().count).text == "0"


def test_an_object_with_call_is_a_tool_once_it_has_a_name():
    class Adder:
        async def __call__(self, x: int) -> int:
            """Adds one."""
            return x + 1

    with pytest.raises(ConfigError, match=r"write @tool\(name='...'\)"):
        tool(Adder())
    assert run(tool(name="add")(Adder()), x=1).text == "2"


def test_a_partial_hides_what_it_binds():
    def ask(key: str, question: str) -> str:
        """Asks."""
        return f"{key} {question}"

    made = tool(name="ask")(functools.partial(ask, key="secret"))
    assert "secret" not in str(made.schema())
    assert run(made, question="why").text == "secret why"
    assert run(made, question="why", key="mine").is_error


def test_a_decorator_between_keeps_the_function_describable():
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @tool
    @logged
    async def slow(x: int) -> int:
        """Waits."""
        return x

    assert run(slow, x=3).text == "3"


def test_the_tool_shows_the_functions_signature_and_help():
    @tool
    def f(x: int) -> str:
        """Does."""

    assert str(inspect.signature(f)) == "(x: int) -> str"
    assert (f.__doc__, f.__name__) == ("Does.", "f")


def test_a_tool_is_not_made_twice():
    @tool
    def f() -> str:
        """Does."""

    with pytest.raises(ConfigError, match="'f' is a tool already"):
        tool(timeout=3)(f)


def test_equal_tools_are_the_same_object():
    shop = Shop()
    made = shop.order
    assert made == made
    assert len({made, shop.inspect}) == 2
    assert isinstance(made, Tool)
