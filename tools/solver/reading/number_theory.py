# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about whole numbers: primes, divisors, remainders, congruences, Diophantine equations, digits, sequences."""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .patterns import pattern_reader
from .syntax import Apply, Ask, Node, Request, variables_of

_HINT = (
    r"gcd|prime|composit|divis|factor|totient|phi\b|mod\b|modulo|modular|congru|residue|inverse|fibonacci|lucas|catalan|bell\b|bernoulli|triangular"
    r"|partition|digit|zero|palindrom|perfect|abundant|deficient|coprime|square|cube|collatz|continued|convergent|egyptian|harmonic number"
    r"|denominator|multiple|integer|euclid|bezout|b\u00e9zout|m[o\u00f6]bius|carmichael|legendre|jacobi|root|order|logarithm|\beven\b|\bodd\b|rational|xor|bitwise|shift"
    r"|power of|factorial|<<|>>|divide|pell\b|goldbach|reverse"
)
_NTH = r"{a} ?(?:st|nd|rd|th)"
_NUMBER = r"(?: numbers?| integers?)?"
_SAME = r"(?:equals?|is|=)"
_PATTERNS: list[tuple[str, str]] = [
    ("prime test", rf"(?:is )?{{a}} (?:is )?(?:a )?prime{_NUMBER}(?: or (?:not|composite))?"),
    ("prime test", r"(?:is )?{a} (?:is )?(?:a )?composite(?: number)? or (?:a )?prime(?: number)?"),
    ("prime test", r"(?:primality|prime test)(?: test)?(?: of| for)? {a}"),
    ("prime test:composite", rf"(?:is )?{{a}} (?:is )?(?:a )?composite{_NUMBER}(?: or not)?"),
    ("nth prime", rf"{_NTH} prime{_NUMBER}"),
    ("next prime", r"(?:next|first|smallest|least) prime(?: number)? (?:after|greater than|above|bigger than|larger than|following|over|exceeding|that is (?:greater|larger|bigger) than) {a}"),
    ("previous prime", r"(?:previous|last|largest|greatest|biggest|prior) prime(?: number)? (?:before|less than|below|smaller than|under|preceding|that is (?:less|smaller) than) {a}"),
    ("count primes", rf"(?:how many|number of|count(?: of)?) primes?{_NUMBER}(?: are| is)?(?: there)? (?:between|from) {{a}} (?:and|to) {{b}}"),
    ("count primes", rf"(?:how many|number of|count(?: of)?) primes?{_NUMBER}(?: are| is)?(?: there)? (?:below|under|less than|smaller than) {{a}}"),
    ("count primes:inclusive", rf"(?:how many|number of|count(?: of)?) primes?{_NUMBER}(?: are| is)?(?: there)? (?:up to|at most|not exceeding|no greater than|<=) {{a}}"),
    ("count primes:inclusive", r"prime(?:-| )counting function (?:of|at|for) {a}"),
    ("primes", r"prime(?: numbers|s) (?:between|from|in range) {a} (?:and|to) {b}"),
    ("primes", r"prime(?: numbers|s) (?:below|under|less than|smaller than) {a}"),
    ("primes:inclusive", r"prime(?: numbers|s) (?:up to|at most|not exceeding) {a}"),
    ("first primes", r"first {a} prime(?: numbers|s)"),
    ("sum of primes", r"sum of first {a} prime(?: numbers|s)"),
    ("sum of primes:below", r"sum of primes? (?:numbers )?(?:below|under|less than) {a}"),
    ("prime factors:least", r"(?:smallest|least|lowest) prime (?:factor|divisor) of {a}"),
    ("prime factors:greatest", r"(?:largest|greatest|biggest|highest) prime (?:factor|divisor) of {a}"),
    ("prime pairs", r"twin primes?(?: pairs)? (?:below|under|less than|up to) {a}"),
    ("perfect numbers", r"perfect numbers (?:below|under|less than|up to) {a}"),
    ("prime factors", r"(?:distinct |unique )?prime factors? (?:of|in) {a}"),
    ("factorization", r"prime (?:factori[sz]ation|decomposition)(?: of| for)? {a}"),
    ("factorization", r"(?:factor|factori[sz]e|decompose|write|express) {a} (?:into|as)(?: a)?(?: product of)?(?: its)? prime(?: factors| numbers|s)"),
    ("divisors", r"(?:positive |integer )?(?:divisors|factors) of {a}"),
    ("divisors:proper", r"proper (?:divisors|factors) of {a}"),
    ("count divisors", r"(?:number of|how many)(?: positive)? (?:divisors|factors)(?: are there)? (?:of|in) {a}"),
    ("count divisors", r"how many(?: positive)? (?:divisors|factors) (?:does|has) {a}(?: have)?"),
    ("sum of divisors", r"sum of(?: all)?(?: its)?(?: positive)? (?:divisors|factors) of {a}"),
    ("sum of divisors:proper", r"sum of(?: all)? proper (?:divisors|factors) of {a}"),
    ("kind of number:perfect", r"(?:is )?{a} (?:a )?perfect(?: number)?"),
    ("kind of number:abundant", r"is {a} (?:an )?abundant(?: number)?"),
    ("kind of number:deficient", r"is {a} (?:a )?deficient(?: number)?"),
    ("kind of number", r"(?:is )?{a} (?:an? )?(?:abundant|deficient)(?: number)?(?:,? (?:or )?(?:abundant|deficient|perfect))*"),
    ("common denominator", r"(?:least |lowest |smallest )?common denominator (?:of|for|between) {list}"),
    ("lcm", r"(?:least|lowest|smallest) (?:positive )?common multiple (?:of|for|between) {list}"),
    ("lcm", r"smallest (?:positive )?(?:number|integer)(?: that is)? (?:divisible by|that is a multiple of)(?: both| all of)? {list}"),
    ("gcd", r"(?:greatest|highest|largest|biggest) common (?:divisor|factor|denominator)s? (?:of|for|between) {list}"),
    ("bezout", r"(?:extended )?(?:euclidean|euclid'?s)(?: algorithm)? (?:for|of|on|with) {a} and {b}"),
    ("bezout", r"(?:extended gcd|b[e\u00e9]zout(?:'s)?(?: coefficients| identity| numbers)?)(?: algorithm)? (?:for|of) {a} and {b}"),
    ("modular inverse", r"(?:modular |multiplicative |modular multiplicative )?inverse of {a} (?:\(?mod(?:ulo)?|in mod|under mod(?:ulo)?) {b}\)?"),
    ("modular inverse", r"{a} ?(?:\^ ?\(?-1\)?|\*\*-1|inverse) \(?mod(?:ulo)? {b}\)?"),
    ("multiplicative order", r"(?:multiplicative )?order of {a} \(?mod(?:ulo)? {b}\)?"),
    ("primitive roots", r"primitive roots (?:of|mod(?:ulo)?|for) {a}"),
    ("primitive root", r"(?:a |smallest |least )?primitive root (?:of|mod(?:ulo)?|for) {a}"),
    ("discrete logarithm", r"discrete log(?:arithm)? of {a} (?:to )?base {b} \(?mod(?:ulo)? {c}\)?"),
    ("quadratic residue", r"(?:is )?{a} (?:a )?quadratic residue (?:\(?mod(?:ulo)?|of) {b}\)?"),
    ("quadratic residues", r"quadratic residues (?:mod(?:ulo)?|of) {a}"),
    ("jacobi", r"(?:legendre|jacobi|kronecker) symbol(?: of)? ?\(? ?{a} ?(?:/|\||over|,|and) ?{b} ?\)?"),
    ("totient", r"(?:euler'?s? ?)?totient(?: function)?(?: of| for| at)? ?\(?{a}\)?"),
    ("totient", r"euler'?s? ?phi(?: function)?(?: of| for| at)? ?\(?{a}\)?"),
    ("totient", r"phi(?: function of |\()(?P<a>\d+)\)?"),
    ("mobius", r"m[o\u00f6]bius(?: mu)?(?: function)?(?: of| for| at)? \(?{a}\)?"),
    ("carmichael", r"carmichael(?:'s)?(?: lambda)?(?: function)?(?: of| for| at)? \(?{a}\)?"),
    ("two squares", r"(?:write |express )?{a} as (?:a |the )?sum of (?:two|2) (?:perfect )?squares"),
    ("continued fraction", r"(?:simple )?continued fraction(?: expansion| representation| form)?(?: of| for) {a}"),
    ("continued fraction", r"{a} as a(?: simple)? continued fraction"),
    ("convergents", r"(?:continued fraction )?convergents (?:of|for|to) {a}"),
    ("egyptian", r"egyptian fraction(?: representation| expansion)?(?: of| for) {a}"),
    ("egyptian", r"{a} as an? (?:egyptian fraction|sum of unit fractions)"),
    ("sequence:fibonacci", rf"{_NTH} fibonacci(?: number| term)?"),
    ("sequence:fibonacci", r"fibonacci(?: number)?(?: of)? \(?{a}\)?"),
    ("first of sequence:fibonacci", r"first {a} (?:fibonacci numbers|numbers (?:of|in) (?:the )?fibonacci sequence|terms of (?:the )?fibonacci sequence)"),
    *((f"sequence:{name}", rf"{_NTH} {name}(?: number)?") for name in ("lucas", "catalan", "bell", "bernoulli", "triangular", "harmonic", "pentagonal", "hexagonal", "square", "tribonacci", "mersenne prime", "perfect")),
    *((f"sequence:{name}", rf"{name} number(?: of)? {{a}}") for name in ("lucas", "catalan", "bell", "bernoulli", "triangular", "harmonic")),
    *((f"first of sequence:{name}", rf"first {{a}} {name} numbers") for name in ("lucas", "catalan", "bell", "triangular", "square", "pentagonal", "perfect")),
    ("partitions", r"(?:how many|number of)(?: integer)? partitions (?:does|of|are there of)(?: the integer| the number)? {a}(?: have)?"),
    ("partitions", r"integer partitions of {a}"),
    ("digit sum", r"(?:sum of(?: all)?(?: its)? digits|digit(?:al)? sum|sum of the digits) (?:of|in)(?: the number)? {a}"),
    ("digit product", r"product of(?: all)? digits (?:of|in) {a}"),
    ("digital root", r"digital root of {a}"),
    ("count digits", r"(?:number of|how many)(?: decimal)? digits(?: are| is)?(?: there)? (?:of|in) {a}"),
    ("count digits", r"how many(?: decimal)? digits (?:does|has) {a}(?: have| contain)?"),
    ("trailing zeros", r"(?:how many|number of)(?: trailing)? zero(?:s|es)(?: are there| are)? (?:at (?:the )?end of|in|does) {a}(?: end (?:with|in)| have)?"),
    ("trailing zeros", r"trailing zero(?:s|es) (?:of|in) {a}"),
    ("trailing zeros", r"how many (?:trailing )?zero(?:s|es) does {a} (?:end (?:with|in)|have)(?: at (?:the )?end)?"),
    ("last digits", r"last {b} digits? (?:of|in) {a}"),
    ("last digits", r"(?:last|final|units|unit's|ones|unit) digit (?:of|in) {a}"),
    ("first digits", r"first {b} digits? (?:of|in) {a}"),
    ("first digits", r"(?:first|leading) digit (?:of|in) {a}"),
    ("reversed", r"(?:reverse (?:the )?digits of|digits reversed of) {a}"),
    ("palindrome", r"(?:is )?{a} (?:a )?palindrom(?:e|ic)(?: number)?"),
    ("square test", r"(?:is )?{a} (?:a )?(?:perfect )?square(?: number)?"),
    ("cube test", r"(?:is )?{a} (?:a )?perfect cube"),
    ("power test", r"(?:is )?{a} (?:a )?perfect power"),
    ("power of test", r"(?:is )?{a} (?:a )?power of {b}"),
    ("parity", r"(?:is )?{a} (?:an? )?(?:even|odd)(?: number)?(?: or (?:even|odd))?"),
    ("coprime", r"(?:are )?{a} and {b} (?:co-?prime|relatively prime|mutually prime)"),
    ("divides", r"(?:is )?{a} (?:a )?(?:factor|divisor) of {b}"),
    ("divides", r"does {a} (?:evenly )?(?:divide|go into) {b}(?: evenly)?"),
    ("divides:multiple", r"(?:is )?{a} (?:a )?multiple of {b}"),
    ("divides:multiple", r"(?:is )?{a} (?:evenly |exactly )?divisible by {b}"),
    ("rational test:rational", r"is {a} (?:a )?rational(?: number)?"),
    ("rational test:irrational", r"is {a} (?:an )?irrational(?: number)?"),
    ("rational test", r"(?:is )?{a} (?:an? )?(?:rational|irrational)(?: number)?(?: or (?:rational|irrational))?"),
    ("member:fibonacci", r"(?:is )?{a} (?:a )?fibonacci number"),
    ("member:triangular", r"(?:is )?{a} (?:a )?triangular number"),
    ("collatz", r"collatz (?:sequence|steps|conjecture|orbit|stopping time)(?: steps)? (?:of|for|from|starting (?:at|from|with)) {a}"),
    ("multiples", r"first {b} (?:positive )?multiples of {a}"),
    ("multiples:below", r"(?:positive )?multiples of {a} (?:below|under|less than|up to) {b}"),
    ("remainder", r"remainder (?:when|of|if|for) {a} (?:is )?(?:divided by|/|\u00f7) {b}"),
    ("goldbach", r"(?:write |express )?{a} as (?:a )?sum of (?:two|2) primes"),
    ("quotient and remainder", r"quotient and remainder (?:when|of|for|if)?(?: dividing)? ?{a} (?:is )?(?:divided )?by {b}"),
    ("bits:xor", r"(?:bitwise )?{a} (?:bitwise )?xor {b}"),
    ("bits:xor", r"(?:bitwise )?(?:xor|exclusive or) (?:of )?{a} (?:and|with) {b}"),
    ("bits:and", r"bitwise and (?:of )?{a} (?:and|with) {b}"),
    ("bits:and", r"{a} bitwise and {b}"),
    ("bits:or", r"bitwise or (?:of )?{a} (?:and|with) {b}"),
    ("bits:or", r"{a} bitwise or {b}"),
    ("bits:left", r"{a} ?<< ?{b}"),
    ("bits:right", r"{a} ?>> ?{b}"),
]  # fmt: skip
_IN_INTEGERS = re.compile(
    r"(?:(?:find|what are|give|list|solve for)\s+)?(?:all\s+|the\s+)*(?:positive\s+|non-?negative\s+)?integer solutions\s+(?:of|to|for)\s+(?:the equation\s+)?(?P<a>.+)"
    r"|(?:find|solve for|what are)\s+(?:all\s+|the\s+)*(?:positive\s+)?integers?\s+(?:[a-z](?:\s*(?:,|and)\s*[a-z])*\s+)?(?:such that|with|so that|satisfying|for which|where)\s+(?P<b>.+)"
    r"|solve\s+(?:the\s+)?(?:diophantine\s+(?:equation\s+)?)?(?P<c>.+?)\s+(?:(?:in|over|for|as)\s+(?:the\s+)?(?:positive\s+)?integers?(?:\s+[a-z](?:\s*(?:,|and)\s*[a-z])*)?|integer solutions|(?:x|for|with)?\s*in whole numbers)"
    r"|(?:solve\s+)?(?:the\s+)?diophantine\s+(?:equation\s+)?:?\s*(?P<d>.+)",
    re.IGNORECASE,
)
_CONGRUENCE = re.compile(
    r"\s*(.+?)\s*(?:\u2261|={1,3}|\bis congruent to\b|\bcongruent to\b|\bis\b)\s*(.+?)\s*[,(]?\s*(?:mod|modulo)\s+([^()]+?)\s*\)?\s*"
)
_SOLVE = re.compile(
    r"(?:(?:solve|find|what is|calculate|is)\s+)?(?:(?:the|a)\s+)?(?:system of\s+|linear\s+|simultaneous\s+)*(?:chinese remainder(?: theorem)?(?: problem| system)?\s*(?:for|of|on|to|with)?\s*:?\s*)?(?:congruences?\s*:?\s*)?(?:(?:for\s+)?[a-z]\s*(?:such that|if|where|with|so that)\s*)?",
    re.IGNORECASE,
)


def read_integer_solutions(text: str, assumptions: list[str]) -> Request | None:
    """`integer solutions of 3x + 5y = 1`; `None` for everything else."""
    if "integer" not in text.lower() and "diophant" not in text.lower() and "whole" not in text.lower():
        return None
    found = _IN_INTEGERS.fullmatch(text)
    if found is None:
        return None
    equation = found["a"] or found["b"] or found["c"] or found["d"]
    positive = ("positive",) if re.search(r"\bpositive\b", text, re.IGNORECASE) else ()
    sides = equation.split("=")
    if len(sides) != 2:
        return None
    try:
        left, right = (read_expression(side, assumptions) for side in sides)
    except ToolError:
        return None
    return Ask("integer solutions", (left, right), positive) if variables_of(left, right) else None


def read_congruences(text: str, assumptions: list[str]) -> Request | None:
    """`solve 3x = 4 mod 7`, `x = 2 mod 3, x = 3 mod 5`; `None` for everything else."""
    if not re.search(r"\bmod(?:ulo)?\b", text) or not re.search(r"=|\u2261|congruent", text):
        return None
    body = re.sub(r"\s+for\s+[a-z]$", "", _SOLVE.sub("", text, count=1))
    args: list[Node] = []
    names: set[str] = set()
    try:
        for part in re.split(r"\s*(?:;|,|\band\b)\s*(?=[^,;]*(?:=|\u2261|congruent))", body):
            found = _CONGRUENCE.fullmatch(part.strip())
            if found is None:
                return None
            nodes = [read_expression(piece, assumptions) for piece in found.groups()]
            names |= set(variables_of(*nodes))
            args += nodes
    except ToolError:
        return None
    if not names and len(args) == 3:
        return Ask("congruent", tuple(args))
    return Ask("congruences", tuple(args)) if len(names) == 1 else None


_read_pattern = pattern_reader(_HINT, _PATTERNS)


def read_fact(text: str, assumptions: list[str]) -> Request | None:
    """All other questions; of a power or factorial whose digits are asked about, the parts, as it may be very long."""
    request = _read_pattern(text, assumptions)
    if not isinstance(request, Ask) or request.name not in ("last digits", "count digits", "trailing zeros"):
        return request
    first = request.args[0]
    if isinstance(first, Apply) and first.name == "^":
        return Ask(request.name, (*first.args, *request.args[1:]), ("power",))
    if isinstance(first, Apply) and first.name in ("!", "factorial"):
        return Ask(request.name, (*first.args, *request.args[1:]), ("factorial",))
    return request


READERS: list[TextReader] = [read_integer_solutions, read_congruences, read_fact]
