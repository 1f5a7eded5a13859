import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import simple_history.models
import tracker.partial_dates.fields
import tracker.records.history
import tracker.records.search
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('countries', '0001_initial'), ('countries', '0002_version'), ('countries', '0003_indexes_once')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalCountry',
            fields=[
                ('history_via', models.CharField(blank=True, choices=[('admin', 'admin'), ('api', 'API'), ('import', 'import'), ('fixtures', 'fixtures')], default=tracker.records.history.current_way_in, editable=False, max_length=10, verbose_name='way in')),
                ('superseded_at', models.DateTimeField(editable=False, help_text='When the next version came; empty: it is the last.', null=True, verbose_name='until')),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('modified_at', models.DateTimeField(blank=True, editable=False, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('name_en', models.CharField(max_length=250, verbose_name='name in English')),
                ('name_es', models.CharField(blank=True, max_length=250, verbose_name='name in Spanish')),
                ('name_fr', models.CharField(blank=True, max_length=250, verbose_name='name in French')),
                ('name_pt', models.CharField(blank=True, max_length=250, verbose_name='name in Portuguese')),
                ('search_key', tracker.records.search.SearchKeyField('code', 'name_en', 'name_es', 'name_fr', 'name_pt')),
                ('code', models.CharField(db_index=True, max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Two capital letters, such as PA.', code='invalid_code')], verbose_name='ISO 3166 alpha-2')),
                ('alpha3', models.CharField(db_index=True, max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Three capital letters, such as PAN.', code='invalid_code')], verbose_name='ISO 3166 alpha-3')),
                ('numeric', models.CharField(db_index=True, max_length=3, validators=[django.core.validators.RegexValidator('^[0-9]{3}\\Z', 'Three digits, such as 591.', code='invalid_code')], verbose_name='ISO 3166 numeric')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical country',
                'verbose_name_plural': 'historical countries',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Country',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('modified_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('name_en', models.CharField(max_length=250, verbose_name='name in English')),
                ('name_es', models.CharField(blank=True, max_length=250, verbose_name='name in Spanish')),
                ('name_fr', models.CharField(blank=True, max_length=250, verbose_name='name in French')),
                ('name_pt', models.CharField(blank=True, max_length=250, verbose_name='name in Portuguese')),
                ('search_key', tracker.records.search.SearchKeyField('code', 'name_en', 'name_es', 'name_fr', 'name_pt')),
                ('code', models.CharField(max_length=2, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Two capital letters, such as PA.', code='invalid_code')], verbose_name='ISO 3166 alpha-2')),
                ('alpha3', models.CharField(max_length=3, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Three capital letters, such as PAN.', code='invalid_code')], verbose_name='ISO 3166 alpha-3')),
                ('numeric', models.CharField(max_length=3, unique=True, validators=[django.core.validators.RegexValidator('^[0-9]{3}\\Z', 'Three digits, such as 591.', code='invalid_code')], verbose_name='ISO 3166 numeric')),
            ],
            options={
                'verbose_name': 'country',
                'verbose_name_plural': 'countries',
                'ordering': ['name_en', 'code'],
                'abstract': False,
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalGrouping',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_via', models.CharField(blank=True, choices=[('admin', 'admin'), ('api', 'API'), ('import', 'import'), ('fixtures', 'fixtures')], default=tracker.records.history.current_way_in, editable=False, max_length=10, verbose_name='way in')),
                ('superseded_at', models.DateTimeField(editable=False, help_text='When the next version came; empty: it is the last.', null=True, verbose_name='until')),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('modified_at', models.DateTimeField(blank=True, editable=False, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('name_en', models.CharField(max_length=250, verbose_name='name in English')),
                ('name_es', models.CharField(blank=True, max_length=250, verbose_name='name in Spanish')),
                ('name_fr', models.CharField(blank=True, max_length=250, verbose_name='name in French')),
                ('name_pt', models.CharField(blank=True, max_length=250, verbose_name='name in Portuguese')),
                ('search_key', tracker.records.search.SearchKeyField('code', 'name_en', 'name_es', 'name_fr', 'name_pt')),
                ('code', models.CharField(db_index=True, max_length=60, validators=[django.core.validators.RegexValidator('^[A-Z0-9]+(?:-[A-Z0-9]+)*\\Z', 'Use capital letters, digits and single hyphens, such as EL-PACCTO.', code='invalid_code')], verbose_name='code')),
                ('kind', models.CharField(choices=[('organisation', 'organisation'), ('region', 'region (UN M49)'), ('agreement', 'parties to an agreement'), ('eligibility', 'eligibility list')], max_length=20, verbose_name='kind')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('source', models.TextField(blank=True, verbose_name='source of the memberships')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical grouping',
                'verbose_name_plural': 'historical groupings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Grouping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('modified_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('name_en', models.CharField(max_length=250, verbose_name='name in English')),
                ('name_es', models.CharField(blank=True, max_length=250, verbose_name='name in Spanish')),
                ('name_fr', models.CharField(blank=True, max_length=250, verbose_name='name in French')),
                ('name_pt', models.CharField(blank=True, max_length=250, verbose_name='name in Portuguese')),
                ('search_key', tracker.records.search.SearchKeyField('code', 'name_en', 'name_es', 'name_fr', 'name_pt')),
                ('code', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9]+(?:-[A-Z0-9]+)*\\Z', 'Use capital letters, digits and single hyphens, such as EL-PACCTO.', code='invalid_code')], verbose_name='code')),
                ('kind', models.CharField(choices=[('organisation', 'organisation'), ('region', 'region (UN M49)'), ('agreement', 'parties to an agreement'), ('eligibility', 'eligibility list')], max_length=20, verbose_name='kind')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('source', models.TextField(blank=True, verbose_name='source of the memberships')),
            ],
            options={
                'verbose_name': 'grouping',
                'verbose_name_plural': 'groupings',
                'ordering': ['code'],
                'abstract': False,
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalMembership',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_via', models.CharField(blank=True, choices=[('admin', 'admin'), ('api', 'API'), ('import', 'import'), ('fixtures', 'fixtures')], default=tracker.records.history.current_way_in, editable=False, max_length=10, verbose_name='way in')),
                ('superseded_at', models.DateTimeField(editable=False, help_text='When the next version came; empty: it is the last.', null=True, verbose_name='until')),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('modified_at', models.DateTimeField(blank=True, editable=False, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('start', tracker.partial_dates.fields.PartialDateField(blank=True, help_text='Empty: always, or not known since when.', null=True, verbose_name='from')),
                ('end', tracker.partial_dates.fields.PartialDateField(blank=True, help_text='The last day. Empty: still.', null=True, verbose_name='to')),
                ('status', models.CharField(choices=[('member', 'member'), ('associate', 'associate'), ('suspended', 'suspended'), ('eligible', 'eligible')], default='member', max_length=10, verbose_name='status')),
                ('evidence', models.CharField(choices=[('sourced', 'sourced'), ('year', 'only the year is sourced'), ('memory', 'not sourced: from memory, to be checked'), ('conflict', 'sources disagree')], default='sourced', max_length=10, verbose_name='evidence')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('grouping', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='countries.grouping', verbose_name='grouping')),
                ('country', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='countries.country', verbose_name='country')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical membership',
                'verbose_name_plural': 'historical memberships',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('modified_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveBigIntegerField(default=1, editable=False, verbose_name='version')),
                ('grouping', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='countries.grouping', verbose_name='grouping')),
                ('country', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='countries.country', verbose_name='country')),
                ('start', tracker.partial_dates.fields.PartialDateField(blank=True, help_text='Empty: always, or not known since when.', null=True, verbose_name='from')),
                ('end', tracker.partial_dates.fields.PartialDateField(blank=True, help_text='The last day. Empty: still.', null=True, verbose_name='to')),
                ('status', models.CharField(choices=[('member', 'member'), ('associate', 'associate'), ('suspended', 'suspended'), ('eligible', 'eligible')], default='member', max_length=10, verbose_name='status')),
                ('evidence', models.CharField(choices=[('sourced', 'sourced'), ('year', 'only the year is sourced'), ('memory', 'not sourced: from memory, to be checked'), ('conflict', 'sources disagree')], default='sourced', max_length=10, verbose_name='evidence')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'ordering': ['grouping__code', 'country_id', models.OrderBy(models.F('start'), nulls_first=True)],
                'constraints': [models.UniqueConstraint(models.F('grouping'), models.F('country'), models.F('status'), django.db.models.functions.comparison.Coalesce('start', models.Value('')), name='membership_once_per_start', violation_error_code='country:not_unique', violation_error_message='This country already has a membership of this status from this date.'), models.CheckConstraint(condition=models.Q(('start__isnull', True), ('end__isnull', True), ('end__gte', django.db.models.functions.text.Substr('start', 1, django.db.models.functions.text.Length('end'))), _connector='OR'), name='membership_dates_in_order', violation_error_code='end:before_start', violation_error_message='The end is before the start.')],
                'indexes': [],
            },
        ),

    ]
