"""Names for the array types that the kernels take."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bands",
    "Bools",
    "Bytes",
    "Floats",
    "Int16s",
    "Int32s",
    "Int64s",
    "Profiles",
    "Uint16s",
    "Uint32s",
    "Uint64s",
    "Words",
]

Profiles: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Profile numbers: uint16, or uint32 where there are more than 65,536 profiles."""

Bools: TypeAlias = NDArray[np.bool_]
Bands: TypeAlias = NDArray[np.unsignedinteger[Any]]
Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]
Int16s: TypeAlias = NDArray[np.int16]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Uint16s: TypeAlias = NDArray[np.uint16]
Uint32s: TypeAlias = NDArray[np.uint32]
Uint64s: TypeAlias = NDArray[np.uint64]
Words: TypeAlias = NDArray[np.unsignedinteger[Any]]
