"""What is done about how often: figures kept, intervals taken by policies, budgets, where rates come from."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Protocol

from PySide6.QtWidgets import QInputDialog, QWidget

from twin.commands.frequency import with_interval
from twin.errors import TwinError
from twin.maintenance.frequency import Assumption, Rate, Step
from twin.maintenance.frequency.report import step_words
from twin.planning.classes import Held
from twin.records import Policy
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.frequency import FrequencyPanel
from ui.panels.frequency_budget import BudgetDialog, rows_of
from ui.panels.frequency_practice import PracticeDialog
from ui.panels.frequency_rate import RateDialog
from ui.panels.frequency_use import UseDialog, changed_rules
from ui.panels.frequency_words import say


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def frequency_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of how often by action name."""
    return FrequencyHandlers(desk, shell.show_panel, view).table()


class FrequencyHandlers:
    """The functions behind the actions of how often."""

    def __init__(self, desk: Desk, show: Callable[[str], None], view: CityView) -> None:
        self.desk, self.show, self.view = desk, show, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.frequency": lambda: self.show("frequency"),
            "frequency.keep": self.keep,
            "frequency.use": self.use,
            "frequency.budget": self.budget,
            "frequency.rate": self.rate,
            "frequency.practice": lambda: PracticeDialog(self.desk, self.above()).open(),
            "frequency.currency": self.currency,
        }

    def panel(self) -> FrequencyPanel:
        """Return the panel."""
        return next(x for x in self.desk.panels if isinstance(x, FrequencyPanel))

    def above(self) -> QWidget:
        """Return the window that dialogs stand before."""
        return self.panel().window()

    def keep(self, assumed: Assumption) -> None:
        """Keep what is assumed of a class."""
        self.desk.run("frequency.assume", **{k: str(v) for k, v in asdict(assumed).items()})

    def rate(self) -> None:
        """Ask where the rate of the shown class comes from."""
        self.show("frequency")
        panel = self.panel()
        if panel.assumed is None:
            return
        dialog = RateDialog(self.desk, self.above(), panel.chosen().kind)
        dialog.on_use = self._rated
        dialog.open()

    def _rated(self, rate: Rate, words: str) -> None:
        panel = self.panel()
        if panel.assumed is not None:
            high = rate.high if math.isfinite(rate.high) else 0.0
            self.keep(
                replace(
                    panel.assumed, rate=rate.value, source=words, rate_low=rate.low, rate_high=high
                )
            )

    def currency(self) -> None:
        """Ask what the money is called, for every class."""
        panel = self.panel()
        title, question = (say(self.desk, f"panel.currency_{x}") for x in ("of", "ask"))
        text, good = QInputDialog.getText(self.above(), title, question, text=panel.currency)
        if good and panel.assumed is not None:
            self.keep(replace(panel.assumed, currency=text.strip()[:12]))

    # -- intervals into policies ----------------------------------------------------------------

    def use(self) -> None:
        """Offer to let the policy of the shown class take the chosen interval."""
        self.show("frequency")
        panel = self.panel()
        if panel.assumed is None or panel.step is None:
            return
        held, step = panel.chosen(), panel.step
        policy = self._policy_for(held)
        if policy is None:
            self._offer({}, added=(held, step))
        else:
            self._offer({policy.id: step})

    def _policy_for(self, held: Held) -> Policy | None:
        """Return the policy to change: the class's own, or one that names exactly this kind."""
        policies: Mapping[str, Policy] = self.desk.session.twin.records["policies"]
        if not held.kind:
            return policies.get(held.key)
        found = policies.get(held.policy)
        return found if found is not None and found.kind == held.kind else None

    def _offer(self, steps: Mapping[str, Step], added: tuple[Held, Step] | None = None) -> None:
        twin = self.desk.session.twin
        policies: dict[str, Policy] = {}
        words: list[tuple[str, str, str]] = []
        for key, step in steps.items():
            before: Policy = twin.records["policies"][key]
            try:
                policies[key] = with_interval(before, _wanted(step))
            except TwinError as error:
                self.desk.tell(self.desk.error_text(error), "error")
                return
            if policies[key] == before:
                del policies[key]
                continue
            held = next((x for x in self.panel().held if x.key == key), None)
            present = "" if held is None or held.present is None else held.present.duration
            title = f"{key} {before.title}".strip()
            words.append((title, self._words(present), self._words(step.duration)))
        if added is not None:
            made = self._new_policy(*added)
            policies[made.id] = made
            title = say(self.desk, "use.added", kind=self.desk.kind(made.kind))
            words.append((title, "", self._words(added[1].duration)))
        if not words:
            self.desk.tell(say(self.desk, "use.same"), "info")
            return
        dialog = UseDialog(
            self.desk, self.above(), words, changed_rules(self.desk.session.rules, policies)
        )
        dialog.on_use = lambda: self._take(steps, added)
        dialog.open()

    def _words(self, duration: str) -> str:
        """Return an interval in words. Evidence makes an object suspect under every policy, so that the
        cap of what is surveyed as needed is a plain interval."""
        if not duration:
            return say(self.desk, "budget.on_evidence")
        return step_words(duration, self.desk.words.language)

    def _new_policy(self, held: Held, step: Step) -> Policy:
        """Return a policy for one class of objects alone, otherwise as the one that judged it so far."""
        twin = self.desk.session.twin
        before: Policy = twin.records["policies"].get(held.policy, Policy(""))
        named = replace(before, id=f"P-{held.kind}", kind=held.kind, title="")
        return with_interval(named, _wanted(step))

    def _take(self, steps: Mapping[str, Step], added: tuple[Held, Step] | None) -> None:
        if added is not None:
            made = self._new_policy(*added)
            self.desk.run("policy.add", **_said(made))
        if steps:
            words = " ".join(f"{key}={_wanted(step)}" for key, step in steps.items())
            self.desk.run("frequency.use", intervals=words)

    # -- one budget -------------------------------------------------------------------------------

    def budget(self) -> None:
        """Share one budget out over the classes."""
        self.show("frequency")
        panel = self.panel()
        rows = rows_of(panel.held, self.desk.session.twin.records["assumptions"])
        if not rows:
            self.desk.tell(say(self.desk, "panel.empty"), "info")
            return
        dialog = BudgetDialog(self.desk, self.above(), rows, panel.currency)
        dialog.on_assume = self.keep
        dialog.on_use = self._offer
        dialog.open()


def _wanted(step: Step) -> str:
    return step.duration or "asNeeded"


def _said(policy: Policy) -> dict[str, str]:
    """Return a policy as the arguments of ``policy.add``."""
    found = {name: str(getattr(policy, name)) for name in ("id", "kind", "zone", "source", "lod", "loa", "criticality", "frequency", "duration", "severity", "c_min")}  # fmt: skip
    if policy.required_aspects:
        found["required_aspects"] = "|".join(policy.required_aspects)
    return found
