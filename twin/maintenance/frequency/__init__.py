"""How often to survey: rates of change, the interval that costs least, budgets and what they buy (MAINTENANCE.md 3)."""

from twin.maintenance.frequency.advice import CAP_YEARS as CAP_YEARS
from twin.maintenance.frequency.advice import LADDER as LADDER
from twin.maintenance.frequency.advice import Advice as Advice
from twin.maintenance.frequency.advice import Step as Step
from twin.maintenance.frequency.advice import advise as advise
from twin.maintenance.frequency.budget import Budgeted as Budgeted
from twin.maintenance.frequency.budget import Fund as Fund
from twin.maintenance.frequency.budget import refresh_for_age as refresh_for_age
from twin.maintenance.frequency.budget import refresh_for_freshness as refresh_for_freshness
from twin.maintenance.frequency.budget import share_out as share_out
from twin.maintenance.frequency.cycle import fresh_share as fresh_share
from twin.maintenance.frequency.cycle import mean_age as mean_age
from twin.maintenance.frequency.cycle import out_of_date as out_of_date
from twin.maintenance.frequency.cycle import stale_share as stale_share
from twin.maintenance.frequency.optimum import Case as Case
from twin.maintenance.frequency.optimum import best_interval as best_interval
from twin.maintenance.frequency.optimum import cost_per_year as cost_per_year
from twin.maintenance.frequency.optimum import interval_for_freshness as interval_for_freshness
from twin.maintenance.frequency.optimum import interval_for_worst as interval_for_worst
from twin.maintenance.frequency.optimum import kappa as kappa
from twin.maintenance.frequency.optimum import quick_interval as quick_interval
from twin.maintenance.frequency.rate import Rate as Rate
from twin.maintenance.frequency.rate import from_deliveries as from_deliveries
from twin.maintenance.frequency.rate import from_events as from_events
