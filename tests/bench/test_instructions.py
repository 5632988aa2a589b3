"""Instructions counted in a kernel's machine code."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from benchmarks.instructions import Code, code_of, perf, table
from llvmlite.binding import get_host_cpu_features

from lwoopro.kernels.jit import COMPILED

X86 = platform.machine() in ("x86_64", "AMD64")

ASSEMBLY = """
	.type	_ZN3our6kernel3addB2v1B4_3d,@function
_ZN3our6kernel3addB2v1B4_3d:
	.cfi_startproc
	xorl	%eax, %eax
.LBB0_1:
	xorl	%ecx, %ecx
	.p2align	4
.LBB0_2:
	vaddpd	(%rsi,%rcx,8), %zmm0, %zmm0  # a comment with %zmm1
	addq	$8, %rcx
	cmpq	%rcx, %rdx
	je	.LBB0_3
	testl	%ecx, %ecx
	jne	.LBB0_2
	jmp	.LBB0_2
.LBB0_3:
	incq	%rax
	cmpq	%rax, %rdi
	jne	.LBB0_1
	retq
.Lfunc_end0:
	.type	_ZN7cpython3our6kernel3addB2v1B4_3d,@function
_ZN7cpython3our6kernel3addB2v1B4_3d:
	retq
.Lfunc_end1:
	.type	NRT_decref,@function
NRT_decref:
	retq
.Lfunc_end2:
	.type	.const.add,@object
.const.add:
	.asciz	"add"
"""


def test_a_loop_reaches_from_its_label_to_the_last_jump_back() -> None:
    # 13 instructions; seven in the inner loop, one of them wide; the outer loop holds it
    assert code_of(ASSEMBLY) == {"add": Code(whole=13, loops=1, inner=7, wide=1)}


def compiled(function: Any, *kinds: Any) -> Code:
    kernel = numba.njit(kinds)(function)
    return code_of(kernel.inspect_asm(kernel.signatures[0]))[function.__name__]


def one(a: Any, b: Any) -> Any:
    x = a[0]
    while x < b:
        x = x * 5 + 1 if x & 4 else x - (x >> 1)
    return x


def one_wider(a: Any, b: Any) -> Any:
    x = a[0]
    y = a[1]
    while x < b:
        x = x * 5 + 1 if x & 4 else x - (x >> 1)
        y = y * 7 + x if y & 2 else y - (x >> 3)
    return x + y


def two(a: Any, b: Any) -> Any:
    x = a[0]
    y = 0
    while y < a[1]:
        x -= b
        while x < b:
            x = x * 5 + 1 if x & 4 else x - (x >> 1)
        y += x
    return x + y


@pytest.mark.skipif(not COMPILED, reason="nothing is compiled")
@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="other names of instructions"
)
def test_loops_of_compiled_kernels() -> None:
    kinds = numba.int64[::1], numba.int64
    single, wider, nested = (compiled(function, *kinds) for function in (one, one_wider, two))
    assert single.loops == wider.loops == nested.loops == 1
    assert 5 <= single.inner < wider.inner < wider.whole
    # only the inner loop of the two counts, whose body is that of the single one
    assert abs(nested.inner - single.inner) <= 2 < nested.whole - single.whole
    assert single.wide == wider.wide == nested.wide == 0


def doubled(a: Any) -> None:
    for i in range(a.shape[0]):
        a[i] = 2.0 * a[i] + 1.0


@pytest.mark.skipif(not COMPILED, reason="nothing is compiled")
@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="other names of instructions"
)
def test_wide_registers_are_found() -> None:
    code = compiled(doubled, numba.float64[::1])
    assert (code.wide > 0) == bool(get_host_cpu_features().get("avx"))
    assert code.wide < code.inner
    assert np.array_equal(_run(doubled), [1.0, 3.0, 5.0])


def _run(function: Any) -> Any:
    values = np.arange(3.0)
    numba.njit((numba.float64[::1],))(function)(values)
    return values


@pytest.mark.parametrize(
    ("says", "counted"),
    [
        ("1234,,instructions:u,5,100.00,,", 1234),
        ("<not supported>,,instructions:u,0,100.00,,", None),
    ],
)
def test_perf_counts_or_does_not(tmp_path: Path, says: str, counted: int | None) -> None:
    script = tmp_path / "perf"
    script.write_text(f"#!/bin/sh\necho '{says}' >&2\n", "utf-8")
    script.chmod(0o755)
    assert (
        perf([sys.executable], {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}) == counted
    )


def test_no_perf_counts_nothing(tmp_path: Path) -> None:
    assert perf([sys.executable], {"PATH": str(tmp_path)}) is None


def test_checkouts_stand_side_by_side() -> None:
    codes = {
        "base": {"count": {"count": [10, 1, 4, 1]}},
        "head": {"count": {"count": [12, 1, 5, 0], "_part": [1000, 2, 50, 25]}, "new": {}},
    }
    least = {"base": {"count": 0.002}, "head": {"new": 0.003, "count": 0.001}}
    rows = [line.split() for line in table(codes, least)[2:]]
    assert rows == [
        ["new", "3.00"],
        ["count", *"2.00 10 1 4 25% 1.00 1,012 3 55 45%".split()],
        ["count", *"10 1 4 25% 12 1 5 0%".split()],
        ["_part", *"1,000 2 50 50%".split()],
    ]
