"""It changes no table. `manage.py migrate` makes the index of words after it; a server without that is not ready."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("programmes", "0008_orders")]
    operations: ClassVar = []
