"""The public names. A change here is a change of the API: say so in the changelog."""

import importlib

import pytest

ERRORS = {
    "ConfigError",
    "ContextOverflow",
    "GuardrailTripped",
    "InvalidArguments",
    "MaxStepsExceeded",
    "PericlesError",
    "PolicyError",
    "PolicyTimeout",
    "RateLimited",
    "SessionError",
    "ToolDenied",
    "ToolError",
    "ToolNotFound",
    "ToolTimeout",
    "TrainingError",
    "TurnCancelled",
}

PUBLIC = {
    "pericles.policies.feedback": {
        "Comparison",
        "Pair",
        "Ranking",
        "ReadDemonstrations",
        "ReadRankings",
        "prompt_key",
        "read_hh_demonstrations",
        "read_hh_rlhf",
        "read_rankings",
        "split_by_prompt",
        "write_rankings",
    },
    "pericles.policies.training": {"Recipe", "load_recipe", "train"},
    "pericles.tools": ERRORS
    | {
        "Image",
        "Source",
        "Table",
        "Tool",
        "ToolCall",
        "ToolContext",
        "ToolOutput",
        "ToolRegistry",
        "ToolResult",
        "TurnContext",
        "load_tools",
        "tool",
    },
    "pericles.tools.mcp": {"MCPServer", "build_server", "serve_mcp"},
    "pericles.agent": ERRORS
    | {
        "Agent",
        "ApprovalRequested",
        "Compaction",
        "Decisions",
        "DropToolResults",
        "DropTurns",
        "Entry",
        "Event",
        "GenerationConfig",
        "InMemorySession",
        "Message",
        "MessageCompleted",
        "ReasoningDelta",
        "SQLSession",
        "SQLiteSession",
        "SentenceSupport",
        "Session",
        "SessionInfo",
        "SessionStore",
        "Source",
        "AnswerCorrected",
        "SourcesResolved",
        "Summarize",
        "TextDelta",
        "ToolCall",
        "ToolCallDelta",
        "ToolCallFinished",
        "ToolCallStarted",
        "ToolContext",
        "ToolProgress",
        "ToolResult",
        "Turn",
        "TurnContext",
        "TurnFinished",
        "TurnResult",
        "TurnStarted",
        "TurnStatus",
        "Usage",
        "UsageUpdated",
        "answer_support",
        "judge_support",
    },
    "pericles.evals": {
        "Comparison",
        "Reply",
        "Report",
        "Sample",
        "SampleResult",
        "Score",
        "Scorer",
        "Suite",
        "SuiteResult",
        "compare",
        "evaluate",
        "evaluate_async",
        "find_suites",
        "load_report",
        "read_suite",
        "suite",
        "wilson",
    },
    "pericles.policies": {
        "GenerationConfig",
        "Message",
        "Policy",
        "PolicyEvent",
        "Scoring",
        "ScriptedPolicy",
        "TokenLevel",
        "Usage",
        "load_policy",
    },
    "pericles.policies.engines": {
        "DEFAULT_POLICY",
        "LOOP",
        "CallPiece",
        "CallRead",
        "GenerationConfig",
        "Message",
        "Policy",
        "PolicyEvent",
        "ReasoningPiece",
        "ReplyFinished",
        "Scoring",
        "ScriptedPolicy",
        "TextLevel",
        "TextPiece",
        "TextScore",
        "TokenLevel",
        "TokenLogprob",
        "ToolChoice",
        "Usage",
        "load_policy",
    },
}


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_the_public_names_are_these(module):
    assert set(importlib.import_module(module).__all__) == PUBLIC[module]


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_every_public_name_is_there(module):
    found = importlib.import_module(module)
    assert all(hasattr(found, name) for name in found.__all__)


def test_every_error_is_a_pericles_error():
    import pericles.agent

    assert all(issubclass(getattr(pericles.agent, name), pericles.agent.PericlesError) for name in ERRORS)


def test_the_tree_of_errors_is_as_documented():
    from pericles import agent

    assert issubclass(agent.ContextOverflow, agent.PolicyError)
    assert issubclass(agent.InvalidArguments, agent.ToolError)
    assert issubclass(agent.ToolTimeout, agent.ToolError)
    assert not issubclass(agent.ConfigError, agent.PolicyError)
