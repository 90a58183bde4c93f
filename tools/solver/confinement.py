"""What a worker may not do, told to the kernel: a second wall behind the reader, which evaluates no text anyway.

Bounded memory, processor time and open files, no core dump; and, where the kernel can filter system calls (Linux on
x86-64 and on 64-bit ARM), no network, no new program, no new process, and no change to any file. The list names what
is forbidden rather than what is allowed, because SymPy, NumPy and the C library between them may call anything else.
Elsewhere the limits on resources are all there is: `confine` says so by its result.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from collections.abc import Collection, Mapping
from typing import NamedTuple

MAX_MEMORY = 1 << 30
MAX_FILES = 64

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
# Classic BPF (linux/bpf_common.h) and what a filter may return (linux/seccomp.h).
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_ARGUMENTS = 0, 4, 16
_X32_NUMBERS = 0x40000000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CLONE_THREAD = 0x00010000


class _Calls(NamedTuple):
    """Numbers of system calls on one architecture.

    Args:
        architecture: its AUDIT_ARCH constant.
        refused: calls that fail.
        opens: calls that open a file, with the place of their flags among the arguments.
        clone: the call that makes threads, which are allowed, and processes, which are not.
        absent: calls that fail as if the kernel did not know them, so that the C library takes an older one.
    """

    architecture: int
    refused: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]
    clone: int
    absent: tuple[int, ...] = (435, 437)  # clone3, openat2


_CALLS = {
    "x86_64": _Calls(
        0xC000003E,
        (
            *(41, 42, 43, 49, 50, 53, 288, 425),  # socket connect accept bind listen socketpair accept4 io_uring_setup
            *(57, 58, 59, 322),  # fork vfork execve execveat
            *(62, 101, 310, 311, 321),  # kill ptrace process_vm_readv process_vm_writev bpf
            *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 94, 133),  # truncate rename mkdir ... chmod chown mknod
            *(258, 259, 260, 263, 264, 265, 266, 268, 316),  # the same relative to a folder
            *(155, 161, 165, 166, 272, 308),  # pivot_root chroot mount umount2 unshare setns
        ),
        ((2, 1), (257, 2)),  # open openat
        56,
    ),
    "aarch64": _Calls(
        0xC00000B7,
        (
            *(198, 199, 200, 201, 202, 203, 242, 425),
            *(221, 281),
            *(129, 117, 270, 271, 280),
            *(33, 34, 35, 36, 37, 38, 45, 53, 54, 276),
            *(39, 40, 41, 51, 97, 268),
        ),
        ((56, 2),),
        220,
    ),
}


def limit_resources() -> None:
    """Bound memory, open files and core dumps, and forbid writing files, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in (
        ("RLIMIT_AS", MAX_MEMORY),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", MAX_FILES),
    ):
        # macOS refuses RLIMIT_AS; the limit on time still holds there.
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def limit_processor_time(seconds: float) -> None:
    """End this process when a query takes that much more processor time: the parent should have killed it before."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, where the kernel can (Linux).

    Args:
        parent: process id; if it is no longer the parent's, this process ends at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def confine(only: Mapping[str, Collection[int]] | None = None) -> bool:
    """Take from this process, for good, the network, new programs and processes, and changes to files.

    Args:
        only: for code that is hostile: by machine (`platform.machine()`) the numbers of the system calls that are left,
            and no other.

    Returns:
        Whether the kernel does so. If not, nothing has changed.
    """
    machine = platform.machine()
    calls = _CALLS.get(machine) if sys.platform == "linux" and sys.byteorder == "little" else None
    if calls is None or (only is not None and machine not in only):
        return False
    program = _program(calls, None if only is None else only[machine])
    instructions = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(instructions))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0):
        return False
    return prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header), 0, 0) == 0


def _program(calls: _Calls, only: Collection[int] | None) -> list[bytes]:
    """The filter: a list of instructions (code, jump if true, jump if false, operand)."""
    refuse = _RETURN, 0, 0, _REFUSE | errno.EPERM
    allow = _RETURN, 0, 0, _ALLOW
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, calls.architecture),
        refuse,
        (_LOAD, 0, 0, _OFFSET_NUMBER),
        (_IF_AT_LEAST, 0, 1, _X32_NUMBERS),
        refuse,
    ]
    if only is not None:
        for number in sorted(only):
            steps += [(_IF_EQUAL, 0, 1, number), allow]
        return [struct.pack("HBBI", *step) for step in [*steps, refuse]]
    for number in calls.refused:
        steps += [(_IF_EQUAL, 0, 1, number), refuse]
    for number in calls.absent:
        steps += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    for number, place in calls.opens:
        steps += [(_IF_EQUAL, 0, 4, number), _argument(place), (_IF_ANY_BIT, 0, 1, _WRITING), refuse, allow]
    steps += [(_IF_EQUAL, 0, 4, calls.clone), _argument(0), (_IF_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow]
    return [struct.pack("HBBI", *step) for step in [*steps, allow]]


def _argument(place: int) -> tuple[int, int, int, int]:
    return _LOAD, 0, 0, _OFFSET_ARGUMENTS + 8 * place  # the lower half: the processors above are little-endian
