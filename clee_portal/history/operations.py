"""Migration operations that do together what would otherwise render the models anew at each step."""

from django.db.migrations import operations
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger, RemoveTrigger, TriggerOperationMixin, _add_trigger, _remove_trigger

TRIGGERS = (AddTrigger, RemoveTrigger)


class AddTriggers(TriggerOperationMixin, Operation):
    """Install several triggers on a model.

    The same as one pgtrigger `AddTrigger` each, but the migration's model state is not rendered anew for every trigger
    (triggers do not change how a model is rendered).
    """

    reduces_to_sql = True

    def __init__(self, model_name: str, triggers: list):
        self.model_name = model_name
        self.triggers = triggers

    def state_forwards(self, app_label, state):
        """Note the triggers on the model's state."""
        options = state.models[app_label, self.model_name.lower()].options
        options["triggers"] = [*options.get("triggers", []), *self.triggers]

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Install them."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model_trigger(schema_editor, model):
            for trigger in self.triggers:
                _add_trigger(schema_editor, model, trigger)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Remove them."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model_trigger(schema_editor, model):
            for trigger in self.triggers:
                _remove_trigger(schema_editor, model, trigger)

    def describe(self):
        """For the people who watch a migration."""
        return f"Install {len(self.triggers)} triggers on {self.model_name}"

    def deconstruct(self):
        """For the migration writer."""
        return (type(self).__name__, [], {"model_name": self.model_name, "triggers": self.triggers})


class AtOnce(Operation):
    """Several steps of one migration, with the models rendered once for all of them.

    Django renders a model and all that are related to it, here nearly every model, anew for each step; that was most of
    the time of a first start. A generated migration is wrapped as it is: `operations = [AtOnce([...])]`. A table made
    here is made as it stands after all steps, so what later steps add to it is there already; everything else is done
    step by step, in the order given. Backwards each step is taken back as Django would.

    Raises TypeError for a step that has to see the models as they are in between (a rename, RunPython): such a step
    stands beside it, or in a migration of its own.
    """

    PARTS = (operations.AddField, operations.AlterField, operations.AddConstraint, operations.AddIndex)
    OTHERS = (operations.RemoveConstraint, operations.RemoveIndex, operations.RunSQL, AddTriggers, *TRIGGERS)

    def __init__(self, steps: list):
        for step in steps:
            if not isinstance(step, (operations.CreateModel, *self.PARTS, *self.OTHERS)):
                raise TypeError(f"{type(step).__name__} has to see the models in between: put it outside of AtOnce.")
        self.steps = steps

    @property
    def reduces_to_sql(self):
        """Whether `sqlmigrate` can show all of it."""
        return all(step.reduces_to_sql for step in self.steps)

    @property
    def reversible(self):
        """Whether every step can be taken back."""
        return all(step.reversible for step in self.steps)

    def state_forwards(self, app_label, state):
        """Note all steps on the state; it is rendered when it is next asked for."""
        state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Make the tables whole, and do the other steps in their order."""
        made = {step.name_lower for step in self.steps if isinstance(step, operations.CreateModel)}
        for step in self.steps:
            if not (isinstance(step, self.PARTS) and step.model_name_lower in made):
                step.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Take each step back, from the state after it to the state before it."""
        states = [to_state]
        for step in self.steps:
            states.append(states[-1].clone())
            step.state_forwards(app_label, states[-1])
        for number, step in reversed(list(enumerate(self.steps))):
            step.database_backwards(app_label, schema_editor, states[number + 1], states[number])

    def describe(self):
        """For the people who watch a migration."""
        return f"{len(self.steps)} steps at once"

    def deconstruct(self):
        """For the migration writer."""
        return (type(self).__name__, [self.steps], {})
