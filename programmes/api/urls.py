"""The addresses below /api/v1/."""

from rest_framework.routers import DefaultRouter, Route

from countries.api import GroupingViewSet, MembershipViewSet
from programmes.api import reports
from programmes.api.coverage import CoverageViewSet
from programmes.api.disagreements import DisagreementsViewSet
from programmes.api.figures import FiguresViewSet
from programmes.api.finance import BudgetCountryViewSet, BudgetViewSet, TransactionViewSet
from programmes.api.gaps import GapsViewSet
from programmes.api.lineage import LineageViewSet
from programmes.api.organisations import InstrumentViewSet, OrganisationViewSet, ParticipatingOrganisationViewSet
from programmes.api.overlap import OverlapViewSet
from programmes.api.participation import CountryListStatementViewSet, CountryViewSet, ParticipationViewSet
from programmes.api.phases import PhaseViewSet
from programmes.api.programmes import AliasViewSet, ObjectiveViewSet, ProgrammeViewSet, SuccessionViewSet
from programmes.api.progress import ProgressRollUpViewSet, ProgressViewSet
from programmes.api.rates import ExchangeRateViewSet
from programmes.api.results import IndicatorViewSet, ObservationViewSet, ResultViewSet
from programmes.api.sources import CitationViewSet, SourceViewSet
from programmes.api.themes import ProgrammeThemeViewSet, PurposeCodeViewSet, ThemeViewSet
from programmes.api.totals import TotalsViewSet
from tracker.api.tokens import TokenViewSet
from tracker.api.views import RootView


class Router(DefaultRouter):
    """Lists the resources at its root; no endings such as .json."""

    APIRootView = RootView
    include_format_suffixes = False
    routes = [
        route._replace(mapping={**route.mapping, "patch": "change_many", "delete": "destroy_many"})
        if isinstance(route, Route) and not route.detail
        else route
        for route in DefaultRouter.routes
    ]


router = Router()
router.register("programmes", ProgrammeViewSet)
router.register("aliases", AliasViewSet)
router.register("objectives", ObjectiveViewSet)
router.register("successions", SuccessionViewSet)
router.register("phases", PhaseViewSet)
router.register("budgets", BudgetViewSet)
router.register("budget-countries", BudgetCountryViewSet)
router.register("transactions", TransactionViewSet)
router.register("exchange-rates", ExchangeRateViewSet)
router.register("participations", ParticipationViewSet)
router.register("country-list-statements", CountryListStatementViewSet)
router.register("participating-organisations", ParticipatingOrganisationViewSet)
router.register("organisations", OrganisationViewSet)
router.register("instruments", InstrumentViewSet)
router.register("results", ResultViewSet)
router.register("indicators", IndicatorViewSet)
router.register("observations", ObservationViewSet)
router.register("themes", ThemeViewSet)
router.register("programme-themes", ProgrammeThemeViewSet)
router.register("purpose-codes", PurposeCodeViewSet)
router.register("sources", SourceViewSet)
router.register("citations", CitationViewSet)
router.register("countries", CountryViewSet)
router.register("groupings", GroupingViewSet)
router.register("memberships", MembershipViewSet)

router.register("totals", TotalsViewSet, basename="totals")
router.register("overlap", OverlapViewSet, basename="overlap")
router.register("coverage", CoverageViewSet, basename="coverage")
router.register("lineage", LineageViewSet, basename="lineage")
router.register("progress", ProgressViewSet, basename="progress")
router.register("progress-roll-ups", ProgressRollUpViewSet, basename="progress-roll-ups")
router.register("gaps", GapsViewSet, basename="gaps")
router.register("disagreements", DisagreementsViewSet, basename="disagreements")
router.register("figures", FiguresViewSet, basename="figures")
router.register("reports", reports.ReportViewSet, basename="report")
router.register("tokens", TokenViewSet, basename="token")

urlpatterns = [*router.urls, *reports.urlpatterns]
