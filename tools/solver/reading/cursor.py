"""A place in a list of tokens, and the small steps that every part of the grammar takes."""

from __future__ import annotations

from ...errors import ToolError
from .tokens import Token


class Cursor:
    """Walks over tokens.

    Args:
        tokens: closed by a token of kind `end`.
        assumptions: receives a line for each ambiguity and how it was resolved.
    """

    def __init__(self, tokens: list[Token], assumptions: list[str]) -> None:
        self.tokens = tokens
        self.assumptions = assumptions
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def at_op(self, *texts: str) -> bool:
        return self.token.kind == "op" and self.token.text in texts

    def at_words(self, *words: str) -> bool:
        return all(self.ahead(distance).word == word for distance, word in enumerate(words))

    def accept_op(self, *texts: str) -> bool:
        if self.at_op(*texts):
            self.position += 1
            return True
        return False

    def accept_words(self, *words: str) -> bool:
        if self.at_words(*words):
            self.position += len(words)
            return True
        return False

    def assume(self, line: str) -> None:
        if line not in self.assumptions:
            self.assumptions.append(line)

    def expect_op(self, text: str) -> None:
        if not self.accept_op(text):
            raise ToolError(f"expected {text!r} {self.place()}")

    def place(self) -> str:
        """Where reading stands, in words."""
        before = " ".join(token.text for token in self.tokens[max(0, self.position - 4) : self.position])
        found = "the end" if self.token.kind == "end" else repr(self.token.text)
        return f"but found {found} after {before!r}" if before else f"but found {found} at the start"
