"""What plans need from the city: rates from deliveries, classes to survey, five years ahead of them."""

from twin.planning.deliveries import ALL as ALL
from twin.planning.deliveries import Step as Step
from twin.planning.deliveries import changed_by_class as changed_by_class
from twin.planning.deliveries import delivery_date as delivery_date
from twin.planning.deliveries import rates as rates
from twin.planning.deliveries import unit_counts as unit_counts
from twin.planning.deliveries import usual_rule as usual_rule
from twin.planning.deliveries import years_between as years_between
