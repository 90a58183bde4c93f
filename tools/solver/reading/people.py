# ruff: noqa: E501  a pattern is read more easily on one line
"""The people of a story and whom `he`, `her` and `they` mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...errors import ToolError
from .names import words
from .story_text import compiled

_KIN_MALE = "father|dad|son|brother|grandfather|grandson|uncle|nephew|husband|boy|man|king"
_KIN_FEMALE = "mother|mom|mum|daughter|sister|grandmother|granddaughter|aunt|niece|wife|girl|woman|queen"
_KIN = f"{_KIN_MALE}|{_KIN_FEMALE}|friend|cousin|dog|cat|child|teacher|twin"
_MALE = frozenset(
    words(
        "john tom bob jim mike peter paul david james robert william mark jack sam ben dan daniel adam alan andrew anthony brian carlos charles"
        " chris christopher dave edward eric frank fred gary george greg harry henry jacob jason jeff jeremy jerry joe joseph josh joshua juan"
        " kevin larry leo liam luis luke martin matt matthew max michael nathan nick noah oliver oscar patrick pedro ray richard rick ron ryan"
        " scott sean simon stephen steve steven ted thomas tim timothy tony victor walter will jose ali ahmed omar raj ravi ram arthur bill billy bobby"
        " tommy johnny jimmy ken kyle miguel rob roger ian ivan hans karl"
    )
)
_FEMALE = frozenset(
    words(
        "mary sue ann anna anne jane alice emma sarah sara susan linda lisa amy beth betty carol carla cathy christina cindy claire diana donna"
        " elena elizabeth ella emily eva grace hannah helen irene isabella jennifer jenny jessica jill joan judy julia julie karen kate katie"
        " kathy kelly laura lena lily lucy maggie margaret maria marie martha megan melissa mia michelle molly monica nancy natalie nicole nina"
        " olivia pam patricia patty rachel rebecca rita rosa rose ruth sally samantha sandra sharon sofia sophia sophie stella susie tina tracy"
        " vera victoria wendy zoe alicia amanda ava barbara brenda debbie dora ellen fatima gina jackie joyce priya lea leah mona sita eve"
    )
)
_NO_NAMES = (
    "is|was|will|be|are|were|am|as|how|what|find|if|and|or|but|now|in|year|years|old|older|younger|than|times|twice|half|double|triple|thrice|age|ages|sum"
    "|of|their|they|he|she|him|her|his|hers|them|ago|when|then|who|each|both|currently|present|presently|current|today|from|after|before|later|who|whose|that|it|many|much"
    "|total|combined|together|difference|product|ratio|same|which|determine|calculate|so|there|has|have|had|to|at|by|with|the|a|an|all|given|suppose|one|other|another|next|last|less|more"
)
PERSON = rf"(?:(?:a|an|the|my|his|her|their|your|our) )?(?:(?!(?:{_NO_NAMES})\b)[a-z]+'s? (?={_KIN}))?(?!(?:{_NO_NAMES})\b)(?:[a-z]+|i)(?![a-z])"
PRONOUN = r"(?:he|she|him|hers|her|his|i|me|my|you)(?![a-z])"
_ME = ("i", "me", "my")


@dataclass
class People:
    """Who was spoken of, in that order."""

    shown: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    _genders: dict[str, str] = field(default_factory=dict)

    def known(self, said: str) -> str:
        """The key of somebody who is named, as `the father` or `John`."""
        bare = re.sub(r"^(?:a|an|the|my|his|her|their|your|our) ", "", said.strip(), flags=re.IGNORECASE)
        key = "i" if bare.lower() in _ME else bare.lower()
        if key not in self.shown:
            kin = key.split()[-1] in _KIN.split("|")
            self.shown[key] = "you" if key == "i" else f"the {key}" if kin and "'" not in key else bare
        return key

    def called(self, key: str) -> str:
        return self.shown[key]

    def gender(self, key: str) -> str:
        last = key.split()[-1]
        if last in _MALE or compiled(rf"(?:{_KIN_MALE})").fullmatch(last):
            return "male"
        if last in _FEMALE or compiled(rf"(?:{_KIN_FEMALE})").fullmatch(last):
            return "female"
        return self._genders.get(key, "")

    def meant(self, said: str, other_than: str = "") -> str:
        """The key of somebody who is named or meant by a pronoun.

        Args:
            said: a name or a pronoun.
            other_than: somebody who is compared with the one that is meant.

        Raises:
            ToolError: if a pronoun could mean several people.
        """
        word = said.strip().lower()
        if word in _ME or not compiled(PRONOUN).fullmatch(word):
            return self.known(said)
        gender = "male" if word in ("he", "him", "his") else "female"
        open_to = [key for key in self.shown if key not in (other_than, "i")]
        sure = [key for key in open_to if self.gender(key) == gender]
        maybe = [key for key in open_to if not self.gender(key)]
        chosen = sure if len(sure) == 1 and not maybe else [key for key in open_to if key in sure or key in maybe]
        if len(chosen) == 2 and not other_than and len(sure) == 1:
            chosen = sure
        if len(chosen) != 1:
            raise ToolError(f"it is not clear whom {said.strip()!r} means; write the name instead")
        self._genders[chosen[0]] = gender
        return chosen[0]
