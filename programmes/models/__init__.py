"""The stored records of the domain, one file per stem."""

from programmes.models.finance import Budget, BudgetCountry, Transaction
from programmes.models.organisations import Instrument, Organisation, ParticipatingOrganisation
from programmes.models.participation import CountryListStatement, Participation
from programmes.models.phases import Phase
from programmes.models.programmes import Alias, Objective, Programme, ProgrammeTheme, Succession
from programmes.models.rates import ExchangeRate
from programmes.models.results import Indicator, Observation, Result
from programmes.models.sources import CITABLE, Citation, Source
from programmes.models.themes import PurposeCode, Theme

__all__ = [
    "CITABLE",
    "Alias",
    "Budget",
    "BudgetCountry",
    "Citation",
    "CountryListStatement",
    "ExchangeRate",
    "Indicator",
    "Instrument",
    "Objective",
    "Observation",
    "Organisation",
    "ParticipatingOrganisation",
    "Participation",
    "Phase",
    "Programme",
    "ProgrammeTheme",
    "PurposeCode",
    "Result",
    "Source",
    "Succession",
    "Theme",
    "Transaction",
]
