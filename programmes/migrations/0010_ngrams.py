"""Takes away the index of trigrams. `manage.py migrate` makes that of n-grams after it; a server without it is not ready."""

from typing import Any, ClassVar

from django.db import migrations


def take_away(apps: Any, schema_editor: Any) -> None:
    """All of it: what follows has the same names."""
    names = [f"{model._meta.db_table}_search" for model in apps.get_models()]
    if schema_editor.connection.vendor == "postgresql":
        for name in names:
            schema_editor.execute(f"DROP INDEX IF EXISTS public.{name}")
        schema_editor.execute("DROP FUNCTION IF EXISTS public.trigrams(text)")
        return
    for name in names:
        for does in ("added", "changed", "removed"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}_{does}")
        schema_editor.execute(f"DROP TABLE IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programmes", "0009_words")]
    operations: ClassVar = [migrations.RunPython(take_away, migrations.RunPython.noop)]
