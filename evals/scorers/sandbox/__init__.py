"""What runs in the sandbox; started by `code_sandbox`, never by hand, and without the rest of pericles.

It is two processes, so that a reply cannot write its own verdict. The *candidate* runs the reply's code. The *judge*
runs the asserts on stand-ins for what that code defines: a call travels to the candidate and comes back as plain data,
which the judge compares itself. The candidate never sees the asserts or what they expect, shares neither memory with
the judge nor the pipe of the verdict, and an object that claims to equal everything is not data. Ending early,
replacing built-ins or walking the stack gains it nothing.

Both are confined: by the limits and the filter of `pericles.tools.solver.confinement`, narrowed to the few system calls
that computing needs. No file can be opened, be it to read or to write; no network, process, thread or signal to another
process. Modules that the code imports are imported before that, and only from a list.

Not covered: a hole in the kernel or in the filter; how much a candidate burns inside its limits; and a reply that
guesses from the arguments what is expected of it.
"""
