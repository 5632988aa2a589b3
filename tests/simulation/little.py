"""A country of four swv, made in no time, for tests that make it again and again.

Under the indicator VO2001 loses about 20 %: in some draws more, in others less.
"""

from pathlib import Path

SWV = """swv,vo,bb,kb,gl,tl,pro,lwoo,q_lwoo_2012,q_pro_2012,region
VO2001,4000,120,90,60,140,100,90,0.131,0.03,
VO2101,3000,80,110,40,90,60,60,0.12,0.02,g4
VO2401,5000,150,70,80,200,90,40,0.08,0.03,
VO2702,2000,60,60,30,70,40,30,0.11,0.04,g4
"""

STUDY = """
[study]
name = "little"
years = [2019, 2020]
draws = 10
seed = 11

[pupils]
source = "synthetic"
population = "little.csv"

[target_group]
shares = [0.15, 0.20]

[[policy]]
name = "current"
kind = "participation"

[[policy]]
name = "indicator-20-school"
kind = "indicator"
share = 0.20

[[policy]]
name = "indicator-15-home"
kind = "indicator"
share = 0.15
attribution = "home"
weight = "cut"
"""


def write_little(folder: Path, text: str = STUDY) -> Path:
    """Write the country and a study of it; returns the study's path."""
    (folder / "little.csv").write_text(SWV, encoding="utf-8")
    path = folder / "little.toml"
    path.write_text(text, encoding="utf-8")
    return path
