from typing import ClassVar

from django.db import migrations

from dirisha.db.sql_migration import run_sql_file


class Migration(migrations.Migration):
    initial = True
    operations: ClassVar = [run_sql_file(__file__, "sql/schema.sql")]
