"""What a drawn pupil's score counts for in every swv: his own, and where it may be copied (I-2)."""

import numpy as np

from lwoopro.kernels.jit import kernel
from lwoopro.kernels.types import Bools, Floats, Int64s

__all__ = ["class_weights", "pupil_weights"]


@kernel
def pupil_weights(
    coefficient: Floats,
    used: Bools,
    in_country: Floats,
    pupil: Int64s,
    unit: Int64s,
    weight: Floats,
    own: Int64s,
    kind: Int64s,
    start: Int64s,
    donor_of: Int64s,
    class_start: Int64s,
    class_unit: Int64s,
    recipients: Floats,
    length: Int64s,
    kinds: int,
) -> int:
    """Weigh every drawn pupil in every swv, and add the weights up by type.

    Parameters
    ----------
    coefficient : float64 array, shape ``(units * kinds, 4)``
        Added to: see `moments.add_types`.
    used : bool array, shape ``(units * kinds,)``
        Set where something is added.
    in_country : float64 array, shape ``(drawn,)``
        Output: weight in all units together.
    pupil, unit, weight : arrays
        Output: every pupil's units in order, with room for all.
    own, kind : int64 array, shape ``(drawn,)``
        Own unit and type.
    start, donor_of : int64 arrays
        The classes that every pupil may be a donor of, in order.
    class_start, class_unit, recipients
        See `moments.add_classes`.
    length : int64 array, shape ``(classes,)``
        Number of possible donors.
    kinds : int
        Number of types.

    Returns
    -------
    int
        Number of weights.
    """
    units = used.shape[0] // max(kinds, 1)
    here = np.zeros(units)
    met = np.zeros(units, np.bool_)
    found = np.empty(units, np.int64)
    end = 0
    for i in range(own.shape[0]):
        many = 1
        found[0] = own[i]
        met[own[i]] = True
        here[own[i]] = 1.0
        for d in range(start[i], start[i + 1]):
            c = donor_of[d]
            for e in range(class_start[c], class_start[c + 1]):
                j = class_unit[e]
                if not met[j]:
                    met[j] = True
                    here[j] = 0.0
                    place = many
                    while place > 0 and found[place - 1] > j:
                        found[place] = found[place - 1]
                        place -= 1
                    found[place] = j
                    many += 1
                here[j] += recipients[e] / length[c]
        everywhere = 0.0
        for n in range(many):
            everywhere += here[found[n]]
        in_country[i] = everywhere
        for n in range(many):
            j = found[n]
            w = here[j]
            met[j] = False
            pupil[end] = i
            unit[end] = j
            weight[end] = w
            end += 1
            at = j * kinds + kind[i]
            used[at] = True
            coefficient[at, 0] += w
            coefficient[at, 1] += w * w
            coefficient[at, 2] += w * everywhere
    return end


@kernel
def class_weights(
    coefficient: Floats,
    used: Bools,
    member_start: Int64s,
    kind: Int64s,
    known: Bools,
    class_start: Int64s,
    class_unit: Int64s,
    recipients: Floats,
    kinds: int,
) -> None:
    """Add what the choice of a donor adds: every candidate, for every unit with recipients.

    Parameters
    ----------
    coefficient, used, class_start, class_unit, recipients, kinds
        See `pupil_weights`.
    member_start : int64 array, shape ``(classes + 1,)``
    kind, known : int64 and bool array
        Type of every member of a class, and whether his score is known.
    """
    for c in range(member_start.shape[0] - 1):
        many = member_start[c + 1] - member_start[c]
        for e in range(class_start[c], class_start[c + 1]):
            donated = recipients[e] / many
            spread = donated / many
            for m in range(member_start[c], member_start[c + 1]):
                at = class_unit[e] * kinds + kind[m]
                used[at] = True
                coefficient[at, 3] += donated
                if known[m]:
                    coefficient[at, 0] += donated
                else:
                    coefficient[at, 1] -= spread
                    coefficient[at, 2] -= spread
