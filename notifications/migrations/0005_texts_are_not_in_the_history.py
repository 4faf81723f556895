import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from clee_portal.history.operations import AddTriggers, AtOnce


class Migration(migrations.Migration):
    """Texts of messages are removed after a set time, so the history holds no copy of them."""

    dependencies = [("notifications", "0004_preferences")]

    operations = [
        AtOnce(
            [
                pgtrigger.migrations.RemoveTrigger(model_name="messagetext", name="insert_insert"),
                pgtrigger.migrations.RemoveTrigger(model_name="messagetext", name="update_update"),
            ]
        ),
        migrations.RemoveField(model_name="messagetextevent", name="body"),
        AddTriggers(
            model_name="messagetext",
            triggers=[
                pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "notifications_messagetextevent" ("message_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "template") SELECT new_values."message_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', new_values."message_id", new_values."subject", new_values."template" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='edd491897ce00879ebc00d660c4dab7676555925', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_674bd', referencing='REFERENCING NEW TABLE AS new_values ', table='notifications_messagetext', when='AFTER')),
                pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "notifications_messagetextevent" ("message_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subject", "template") SELECT new_values."message_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', new_values."message_id", new_values."subject", new_values."template" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."message_id") = (new_values."message_id") WHERE (old_values."message_id" IS DISTINCT FROM (new_values."message_id") OR old_values."subject" IS DISTINCT FROM (new_values."subject") OR old_values."template" IS DISTINCT FROM (new_values."template")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='478b8472adf5167e4113b1db95e6a35211972cc6', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_de374', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='notifications_messagetext', when='AFTER')),
            ],
        ),
    ]
