"""`pericles rank`: a person puts replies in order, one candidate after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from ..policies.feedback import read_rankings
from ..policies.feedback.collecting import (
    Asked,
    Candidate,
    RankingLog,
    RankingTask,
    human_rater,
    order,
    queue_file,
    read_candidates,
    write_queue,
)
from ..policies.feedback.collecting.queue import candidate_id
from ..policies.feedback.collecting.ranking_task import write_order
from ..policies.feedback.constitution import load_constitution
from ..policies.feedback.ranking import said_in
from ..tools import ConfigError
from .showing import show_messages, show_turn
from .terminal import printable
from .typing_in import read_line

HELP = """B > A = C   B is best, A and C are equal; BAC and B, A, C do as well
t           all are equal
bad         all are equal and none is good; bad B > A > C: none is good, yet in this order
c TEXT      a comment, which goes with the order that follows; letters mean nothing to those who read it
s           skip this one
u           take the last ranking back and do it again
q           stop (or Ctrl-D); what is ranked is kept, and the same command goes on there
?           this"""


def rank(
    file: Path, *, rater: str | None, out: Path, budget: int | None, judged: Path | None, constitution: str, seed: int,
    consent: bool,
) -> None:  # fmt: skip
    """Asks a person about the candidates of a file, and writes each answer to `out` at once."""
    name = human_rater(rater)
    if out.resolve() == file.resolve():
        raise ConfigError(f"--out is {str(file)!r} itself: rankings go to a file of their own.")
    candidates = read_candidates(file)
    said = read_rankings(judged) if judged is not None else []
    harmlessness = [one.id for one in load_constitution(constitution).principles if one.scope == "harmlessness"]
    queue = order(candidates, budget, judged=said, harmlessness=harmlessness, seed=seed)
    if not queue:
        raise ConfigError(f"{file} has nothing to rank: the replies of each candidate are all the same.")
    log = RankingLog(out)
    _refuse_others(log, candidates, name)
    write_queue(queue_file(out), queue)
    if alike := sum(len(candidate.different) < 2 for candidate in candidates):
        typer.echo(f"{alike} left out: the replies are all the same")
    _Sitting(queue, log, name, seed, consent).run()


def _refuse_others(log: RankingLog, candidates: Sequence[Candidate], rater: str) -> None:
    """Ids tell what is ranked already, so a rankings file must not be of other candidates with the same ids."""
    by_id = {candidate.id: candidate for candidate in candidates}
    for ranking in log.of(rater):
        known = by_id.get(candidate_id(ranking))
        if known is not None and [said_in(known.prompt), *map(said_in, known.replies)] != [
            said_in(ranking.prompt),
            *map(said_in, ranking.replies),
        ]:
            raise ConfigError(
                f"{log.path} has a ranking of another candidate with the id {known.id!r}; name another file with --out."
            )


@dataclass
class _Sitting:
    """What happens between the first candidate and the end.

    Args:
        queue: what is asked, in this order.
        log: where answers go.
        rater: `human:NAME`.
        seed: of the order in which replies are shown.
        consent: whether the answers may be trained on.
    """

    queue: list[Asked]
    log: RankingLog
    rater: str
    seed: int
    consent: bool
    skipped: set[str] = field(default_factory=set[str])

    def run(self) -> None:
        told = "may be used for training (--no-consent says no)" if self.consent else "will not be trained on"
        typer.echo(printable(f"You rank as {self.rater}; what you say {told}. ? shows what you can type."))
        try:
            while (asked := self._next()) is not None:
                if not self._ask(RankingTask(asked.candidate, self.rater, self.seed)):
                    break
        finally:
            self._tell()

    def _next(self) -> Asked | None:
        done = {candidate_id(ranking) for ranking in self.log.of(self.rater)} | self.skipped
        return next((asked for asked in self.queue if asked.candidate.id not in done), None)

    def _ask(self, task: RankingTask) -> bool:
        """One candidate, until it is ranked, skipped or left. Returns whether to go on."""
        self._show(task)
        comment: str | None = None
        while (line := read_line()) is not None:
            word, _, rest = line.strip().partition(" ")
            word, rest = word.lower(), rest.strip()
            try:
                if word in ("q", "quit") and not rest:
                    return False
                if word in ("s", "skip") and not rest:
                    self.skipped.add(task.candidate.id)
                    return True
                if word in ("u", "undo") and not rest:
                    if self._take_back():
                        return True
                elif word in ("?", "help", ""):
                    typer.echo(HELP)
                elif word in ("c", "c:") and not task.looks_like_order(line):
                    comment = rest or None
                    typer.echo("noted; now the order" if comment else "no comment")
                else:
                    self._keep(task, line, comment)
                    return True
            except ConfigError as error:
                typer.echo(printable(str(error)))
        return False

    def _keep(self, task: RankingTask, line: str, comment: str | None) -> None:
        word, _, rest = line.strip().partition(" ")
        bad = word.lower() == "bad"
        text = rest.strip() if bad else line.strip()
        found = task.tie if text.lower() in ("t", "tie") or (bad and not text) else task.read_order(text)
        self.log.add(task.ranking(found, all_bad=bad, comment=comment, consent=self.consent))
        typer.echo(f"{write_order(found)}{', none of them good' if bad else ''}")

    def _take_back(self) -> bool:
        taken = self.log.take_back(self.rater)
        if taken is None:
            typer.echo("there is nothing to take back")
            return False
        id = candidate_id(taken)
        self.skipped.discard(id)
        # It is asked again at once, be it of an earlier sitting with another budget.
        at = next((at for at, asked in enumerate(self.queue) if asked.candidate.id == id), None)
        if at is None:
            typer.echo(printable(f"took back {id!r}, which is not asked about here"))
            return False
        self.queue.insert(0, self.queue.pop(at))
        return True

    def _show(self, task: RankingTask) -> None:
        done = len(self._done()) + 1
        typer.echo(f"\n── {done} of {len(self.queue)} ──")
        show_messages(task.candidate.prompt)
        for letter, reply in task.shown.items():
            typer.echo(f"\n{letter}")
            show_turn(reply)
        typer.echo("")

    def _done(self) -> list[Asked]:
        ranked = {candidate_id(ranking) for ranking in self.log.of(self.rater)}
        return [asked for asked in self.queue if asked.candidate.id in ranked]

    def _tell(self) -> None:
        done = self._done()
        audit = sum(asked.reason == "audit" for asked in done)
        left = len(self.queue) - len(done)
        path = printable(str(self.log.path))
        typer.echo(f"\n{len(done)} ranked ({audit} of the audit slice), {left} left; in {path}")
