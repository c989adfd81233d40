"""How many more occurrences an undecided claim should wait for."""

import math
from statistics import NormalDist

from workbench.core.evidence import Evidence
from workbench.core.registration import Claim

POWER = 0.80


def occurrences_needed(claim: Claim, evidence: Evidence) -> int:
    """Occurrences still to be seen before the claim is likely to be decided.

    The sample size at which an effect `smallest_effect` away from the margin would be
    found with 80 % power, ((z(1 - alpha/2) + z(power)) * sd / effect)^2, less those
    counted; sd is the standard error times the root of the count, so clusters are in
    it. The registered effect is used, never the observed one: power computed from what
    was observed is the p-value again (Hoenig and Heisey 2001). Without a standard error
    the registered plan is the number, and it is never less than the plan. Zero when as
    many were seen: then the truth lies too near the margin for the study to tell.
    """
    total = 0.0
    if evidence.se and evidence.n:
        normal = NormalDist()
        reach = normal.inv_cdf(1 - claim.alpha / 2) + normal.inv_cdf(POWER)
        sd = evidence.se * math.sqrt(evidence.n)
        total = (reach * sd / claim.smallest_effect) ** 2
    return max(0, max(math.ceil(total), claim.planned_occurrences) - evidence.n)
