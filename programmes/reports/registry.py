"""The reports there are, in the order in which they are listed."""

from programmes.reports.base import Report
from programmes.reports.budget_by import (
    BudgetByCountry,
    BudgetByCoverage,
    BudgetByInstrument,
    BudgetByProgramme,
    BudgetByTheme,
    BudgetByYear,
)
from programmes.reports.budget_lines import BudgetLines
from programmes.reports.coverage import CoverageReport
from programmes.reports.data_gaps import DataGaps
from programmes.reports.disagreements import Disagreements
from programmes.reports.icsp_bilateral import IcspBilateral
from programmes.reports.indicators import Indicators
from programmes.reports.lineage import Lineage
from programmes.reports.observations import Observations
from programmes.reports.organisations import Organisations
from programmes.reports.overlap import Overlap
from programmes.reports.participation_matrix import ParticipationMatrix
from programmes.reports.phases import Phases
from programmes.reports.programmes import Programmes
from programmes.reports.progress import ProgressReport, ProgressRollUps
from programmes.reports.quality import Quality
from programmes.reports.sources import Sources

REPORTS: tuple[type[Report], ...] = (
    Programmes,
    Phases,
    ParticipationMatrix,
    BudgetLines,
    BudgetByProgramme,
    BudgetByCountry,
    BudgetByInstrument,
    BudgetByTheme,
    BudgetByYear,
    BudgetByCoverage,
    IcspBilateral,
    Organisations,
    Indicators,
    Observations,
    Sources,
    DataGaps,
    Quality,
    Disagreements,
    Overlap,
    CoverageReport,
    Lineage,
    ProgressReport,
    ProgressRollUps,
)

BY_ID: dict[str, type[Report]] = {report.id: report for report in REPORTS}
