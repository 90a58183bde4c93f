"""The registry: distinct names, and a result for every call."""

import asyncio

import pytest
from pericles.tools import ConfigError, ToolCall, ToolRegistry, tool


@tool
def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


@tool
def shout(text: str) -> str:
    """Shouts."""
    return text.upper()


def execute(registry, call):
    return asyncio.run(registry.execute(call))


def test_a_call_is_run():
    result = execute(ToolRegistry([add, shout]), ToolCall("c1", "add", {"a": 1, "b": 2}))
    assert (result.call_id, result.name, result.text, result.is_error) == ("c1", "add", "3", False)


def test_schemas_keep_the_order_of_registration():
    assert [schema["function"]["name"] for schema in ToolRegistry([shout, add]).schemas()] == ["shout", "add"]
    assert all(schema["type"] == "function" for schema in ToolRegistry([shout, add]).schemas())


def test_an_unknown_name_is_told_with_the_nearest_one():
    result = execute(ToolRegistry([add, shout]), ToolCall("c1", "shoot", {}))
    assert result.is_error
    assert result.text == "There is no tool 'shoot'. Did you mean 'shout'? Tools: add, shout."


@pytest.mark.parametrize("name", ["", "x" * 10_000, "\ud800", "__class__"])
def test_any_unknown_name_has_a_short_answer(name):
    result = execute(ToolRegistry([add]), ToolCall("c1", name, {}))
    assert result.is_error
    assert len(result.text) < 300


def test_an_empty_registry_answers_too():
    assert execute(ToolRegistry(), ToolCall("c1", "add", {})).text == "There is no tool 'add'. Tools: none."


def test_an_unreadable_call_is_answered_with_its_problem():
    result = execute(ToolRegistry([add]), ToolCall("c1", "add", {}, "The tool call is not valid JSON."))
    assert (result.text, result.is_error) == ("The tool call is not valid JSON.", True)


def test_two_tools_of_one_name_are_refused():
    with pytest.raises(ConfigError, match=r"two tools are named 'add': rename one with @tool\(name='...'\)"):
        ToolRegistry([add, tool(name="add", description="Other.")(lambda: 1)])


def test_an_unknown_built_in_is_refused_with_the_nearest_one():
    with pytest.raises(
        ConfigError, match=r"no built-in tool 'maths'; there are: math, search, fetch\. Did you mean 'math'"
    ):
        ToolRegistry(["maths"])


def test_it_tells_what_it_holds():
    registry = ToolRegistry([add])
    assert "add" in registry
    assert "shout" not in registry
    assert len(registry) == 1


def test_a_subset_keeps_the_order_of_the_names():
    registry = ToolRegistry([add, shout])
    assert [item.name for item in registry.subset(["shout", "add", "shout"])] == ["shout", "add"]
    assert len(registry.subset([])) == 0


def test_a_subset_of_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(ConfigError, match="Did you mean 'shout'"):
        ToolRegistry([add, shout]).subset(["shoot"])


def test_two_registries_can_be_joined():
    assert [item.name for item in ToolRegistry([add]) | ToolRegistry([add, shout])] == ["add", "shout"]


def test_two_registries_that_mean_different_tools_by_one_name_cannot_be_joined():
    other = tool(name="add", description="Other.")(lambda: 1)
    with pytest.raises(ConfigError, match="two tools are named 'add'"):
        ToolRegistry([add]) | ToolRegistry([other])


def test_a_text_is_no_list_of_tools():
    with pytest.raises(ConfigError, match=r"write \['math'\]"):
        ToolRegistry("math")


def test_several_near_names_are_offered():
    def item(name):
        return tool(name=name, description="Does.")(lambda: 1)

    registry = ToolRegistry([item("get_user"), item("get_users"), item("delete")])
    assert "Did you mean 'get_user' or 'get_users'?" in execute(registry, ToolCall("c", "get_usr")).text
