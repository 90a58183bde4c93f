"""What the processes may do and import: the solver's confinement, narrowed to what pure computation needs."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import math
import resource
import sys
from typing import Any

# What a solution may import: pure computation.
MODULES = frozenset(
    (
        *("__future__", "abc", "array", "base64", "binascii", "bisect", "calendar", "cmath", "collections"),
        *("collections.abc", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum"),
        *("fractions", "functools", "hashlib", "heapq", "hmac", "html", "inspect", "io", "itertools", "json"),
        *("keyword", "logging", "math", "numbers", "operator", "os", "os.path", "pprint", "queue", "random", "re"),
        *("secrets", "statistics", "string", "struct", "sys", "textwrap", "threading", "time", "timeit"),
        *("traceback", "types", "typing", "unicodedata", "unittest", "uuid", "warnings", "weakref", "zlib"),
    )
)
# Modules that another one imports only when it is used.
_LATE = {"datetime": ("_strptime",), "time": ("_strptime",), "calendar": ("locale",), "base64": ("binascii",)}

# The system calls of a process that computes and speaks over pipes that are open already; see `man 2 syscalls`.
ALLOWED = {
    "x86_64": frozenset(
        (
            *(0, 1, 3, 7, 8, 19, 20, 23, 270, 271),  # read write close poll lseek readv writev select pselect6 ppoll
            *(9, 10, 11, 12, 25, 28),  # mmap mprotect munmap brk mremap madvise
            *(13, 14, 15, 34, 36, 37, 38, 131, 219),  # its own signals: rt_sig*, pause, timers, sigaltstack, restart
            *(35, 96, 100, 201, 228, 229, 230),  # nanosleep, clocks
            *(24, 39, 63, 79, 98, 99, 102, 104, 107, 108, 110, 186, 204),  # sched_yield, ids, uname getcwd getrusage
            *(202, 218, 273, 324, 334, 318),  # futex set_tid_address set_robust_list membarrier rseq getrandom
            *(60, 61, 231),  # exit wait4 exit_group
        )
    ),
    "aarch64": frozenset(
        (
            *(57, 62, 63, 64, 65, 66, 72, 73),
            *(214, 215, 216, 222, 226, 233),
            *(102, 103, 128, 132, 133, 134, 135, 139),
            *(101, 113, 114, 115, 153, 169),
            *(17, 123, 124, 160, 165, 172, 173, 174, 175, 176, 177, 178, 179),
            *(96, 98, 99, 278, 283, 293),
            *(93, 94, 260),
        )
    ),
}


def import_modules(tree: ast.Module) -> None:
    """Imports what a program imports, as far as it is on the list: later no file can be read."""
    wanted: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted.add(node.module)
    for name in sorted(wanted & MODULES):
        for module in (name, *_LATE.get(name, ())):
            importlib.import_module(module)


def load_confinement(path: str) -> Any:
    """Loads the solver's confinement from its file, without the packages around it."""
    spec = importlib.util.spec_from_file_location("confinement", path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules["confinement"] = module
    spec.loader.exec_module(module)
    return module


def limit(confinement: Any, seconds: float, memory: int) -> None:
    """Bounds this process: processor time (seconds), address space (bytes), and what the solver bounds."""
    confinement.limit_resources()
    # The first limit sends a signal that can be ignored, the second cannot.
    whole = max(1, math.ceil(seconds))
    for name, limits in ((resource.RLIMIT_CPU, (whole, whole + 1)), (resource.RLIMIT_AS, (memory, memory))):
        try:
            resource.setrlimit(name, limits)
        except (ValueError, OSError):  # macOS refuses RLIMIT_AS
            continue
