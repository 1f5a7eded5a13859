"""The code lists: the standards' own codes where a standard has one, and our few lists where none does."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActivityStatus(models.TextChoices):
    """IATI ActivityStatus."""

    PIPELINE = "1", _("Pipeline/identification")
    IMPLEMENTATION = "2", _("Implementation")
    FINALISATION = "3", _("Finalisation")
    CLOSED = "4", _("Closed")
    CANCELLED = "5", _("Cancelled")
    SUSPENDED = "6", _("Suspended")


class BudgetType(models.TextChoices):
    """IATI BudgetType."""

    ORIGINAL = "1", _("Original")
    REVISED = "2", _("Revised")


class BudgetStatus(models.TextChoices):
    """IATI BudgetStatus."""

    INDICATIVE = "1", _("Indicative")
    COMMITTED = "2", _("Committed")


class TransactionType(models.TextChoices):
    """IATI TransactionType."""

    INCOMING_FUNDS = "1", _("Incoming funds")
    OUTGOING_COMMITMENT = "2", _("Outgoing commitment")
    DISBURSEMENT = "3", _("Disbursement")
    EXPENDITURE = "4", _("Expenditure")
    INTEREST_PAYMENT = "5", _("Interest payment")
    LOAN_REPAYMENT = "6", _("Loan repayment")
    REIMBURSEMENT = "7", _("Reimbursement")
    PURCHASE_OF_EQUITY = "8", _("Purchase of equity")
    SALE_OF_EQUITY = "9", _("Sale of equity")
    CREDIT_GUARANTEE = "10", _("Credit guarantee")
    INCOMING_COMMITMENT = "11", _("Incoming commitment")
    OUTGOING_PLEDGE = "12", _("Outgoing pledge")
    INCOMING_PLEDGE = "13", _("Incoming pledge")


class OrganisationRole(models.TextChoices):
    """IATI OrganisationRole."""

    FUNDING = "1", _("Funding")
    ACCOUNTABLE = "2", _("Accountable")
    EXTENDING = "3", _("Extending")
    IMPLEMENTING = "4", _("Implementing")


class OrganisationType(models.TextChoices):
    """IATI OrganisationType."""

    GOVERNMENT = "10", _("Government")
    LOCAL_GOVERNMENT = "11", _("Local government")
    OTHER_PUBLIC_SECTOR = "15", _("Other public sector")
    INTERNATIONAL_NGO = "21", _("International NGO")
    NATIONAL_NGO = "22", _("National NGO")
    REGIONAL_NGO = "23", _("Regional NGO")
    PARTNER_COUNTRY_NGO = "24", _("Partner country based NGO")
    PUBLIC_PRIVATE_PARTNERSHIP = "30", _("Public private partnership")
    MULTILATERAL = "40", _("Multilateral")
    FOUNDATION = "60", _("Foundation")
    PRIVATE_SECTOR = "70", _("Private sector")
    PRIVATE_SECTOR_PROVIDER = "71", _("Private sector in provider country")
    PRIVATE_SECTOR_RECIPIENT = "72", _("Private sector in aid recipient country")
    PRIVATE_SECTOR_THIRD = "73", _("Private sector in third country")
    ACADEMIC = "80", _("Academic, training and research")
    OTHER = "90", _("Other")


class ResultType(models.TextChoices):
    """IATI ResultType."""

    OUTPUT = "1", _("Output")
    OUTCOME = "2", _("Outcome")
    IMPACT = "3", _("Impact")
    OTHER = "9", _("Other")


class IndicatorMeasure(models.TextChoices):
    """IATI IndicatorMeasure."""

    UNIT = "1", _("Unit")
    PERCENTAGE = "2", _("Percentage")
    NOMINAL = "3", _("Nominal")
    ORDINAL = "4", _("Ordinal")
    QUALITATIVE = "5", _("Qualitative")


class Currency(models.TextChoices):
    """ISO 4217 codes of the currencies in use between the European Union and Latin America and the Caribbean."""

    EUR = "EUR", _("euro")
    USD = "USD", _("US dollar")
    ARS = "ARS", _("Argentine peso")
    BBD = "BBD", _("Barbados dollar")
    BOB = "BOB", _("Bolivian boliviano")
    BRL = "BRL", _("Brazilian real")
    BSD = "BSD", _("Bahamian dollar")
    BZD = "BZD", _("Belize dollar")
    CAD = "CAD", _("Canadian dollar")
    CHF = "CHF", _("Swiss franc")
    CLP = "CLP", _("Chilean peso")
    COP = "COP", _("Colombian peso")
    CRC = "CRC", _("Costa Rican colón")
    CUP = "CUP", _("Cuban peso")
    CZK = "CZK", _("Czech koruna")
    DKK = "DKK", _("Danish krone")
    DOP = "DOP", _("Dominican peso")
    GBP = "GBP", _("pound sterling")
    GTQ = "GTQ", _("Guatemalan quetzal")
    GYD = "GYD", _("Guyana dollar")
    HNL = "HNL", _("Honduran lempira")
    HTG = "HTG", _("Haitian gourde")
    HUF = "HUF", _("Hungarian forint")
    JMD = "JMD", _("Jamaican dollar")
    JPY = "JPY", _("yen")
    MXN = "MXN", _("Mexican peso")
    NIO = "NIO", _("Nicaraguan córdoba")
    NOK = "NOK", _("Norwegian krone")
    PAB = "PAB", _("Panamanian balboa")
    PEN = "PEN", _("Peruvian sol")
    PLN = "PLN", _("Polish złoty")
    PYG = "PYG", _("Paraguayan guaraní")
    RON = "RON", _("Romanian leu")
    SEK = "SEK", _("Swedish krona")
    SRD = "SRD", _("Surinamese dollar")
    TTD = "TTD", _("Trinidad and Tobago dollar")
    UYU = "UYU", _("Uruguayan peso")
    VES = "VES", _("Venezuelan bolívar soberano")
    XCD = "XCD", _("East Caribbean dollar")
    XDR = "XDR", _("IMF special drawing right")


class ProgrammeKind(models.TextChoices):
    """What sort of undertaking a programme is. Our own list."""

    INDICATIVE_PROGRAMME = "indicative_programme", _("indicative programme")
    PROGRAMME = "programme", _("programme")
    PROJECT = "project", _("project")
    MISSION = "mission", _("mission")


class Coverage(models.TextChoices):
    """How far a programme reaches. Our own list, in the words of the field."""

    TRANS_REGIONAL = "trans_regional", _("trans-regional")
    REGIONAL = "regional", _("regional")
    SUB_REGIONAL = "sub_regional", _("sub-regional")
    BILATERAL = "bilateral", _("bilateral")


class Exactness(models.TextChoices):
    """How a stated number is to be read. Our own list."""

    EXACT = "exact", _("exactly")
    AT_LEAST = "at_least", _("at least")
    ABOUT = "about", _("about")
    AT_MOST = "at_most", _("at most")


class NullReason(models.TextChoices):
    """Why there is no number. Our own list."""

    NOT_STATED = "not_stated", _("not stated")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    UNDISCLOSED = "undisclosed", _("undisclosed")


class Basis(models.TextChoices):
    """Whether a source says so, or we concluded it. Our own list."""

    STATED = "stated", _("stated by the source")
    INFERRED = "inferred", _("inferred")


class ParticipationStatus(models.TextChoices):
    """How a country stands to a programme. Our own list."""

    PARTICIPATING = "participating", _("participating")
    EXPECTED = "expected", _("expected")
    FORMER = "former", _("former")


class ParticipationRole(models.TextChoices):
    """As what a country takes part. Our own list; `recipient` is IATI's recipient country."""

    RECIPIENT = "recipient", _("recipient country")
    CONTRIBUTOR = "contributor", _("contributing country")
    HOST = "host", _("host country of a mission")


class OrganisationLocalRole(models.TextChoices):
    """What a source calls an organisation beside its standard role. Our own list."""

    GRANTEE = "grantee", _("grantee")
    PARTNER = "partner", _("partner")


class ObjectiveType(models.TextChoices):
    """What sort of aim it is. Our own list."""

    GENERAL = "general", _("general objective")
    SPECIFIC = "specific", _("specific objective")
    LINE_OF_ACTION = "line_of_action", _("line of action")
    CROSS_CUTTING = "cross_cutting", _("cross-cutting issue")
    COMPONENT = "component", _("component")


class ObservationKind(models.TextChoices):
    """What a value of an indicator stands for: IATI baseline, target, actual."""

    BASELINE = "baseline", _("baseline")
    TARGET = "target", _("target")
    ACTUAL = "actual", _("actual")


class Accumulation(models.TextChoices):
    """Whether an observation counts since the start or within its own period. Our own list."""

    CUMULATIVE = "cumulative", _("cumulative since the start")
    PER_PERIOD = "per_period", _("within its own period")


class Dimension(models.TextChoices):
    """By what a figure is broken down (IATI indicator dimension)."""

    COUNTRY = "country", _("country")
    SEX = "sex", _("sex")
    AGE = "age", _("age")
    SUBSTANCE = "substance", _("substance")
    SECTOR = "sector", _("sector")
    ORGANISATION = "organisation", _("organisation")


class SourceType(models.TextChoices):
    """What sort of document a source is. Our own list."""

    BRIEFING = "briefing", _("briefing")
    REPORT = "report", _("report")
    STRATEGY = "strategy", _("strategy or programming document")
    DECISION = "decision", _("legal act or decision")
    WEBSITE = "website", _("web page")
    DATASET = "dataset", _("data set")
    OTHER = "other", _("other")
