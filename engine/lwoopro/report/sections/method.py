"""How it was computed, what is assumed, what may leave the building, how to do it again."""

import json
from typing import Any

from lwoopro.report.blocks import Block, Code, Fold, Items, Note, Pairs, Section
from lwoopro.report.context import Context

__all__ = ["method", "reproduce"]


def method(of: Context) -> Section:
    """Say the method in short, and list every input without a source."""
    t = of.t
    study = of.study
    indicator = study["indicator"]["table"]
    blocks: list[Block] = [
        of.text("method.score", indicator=indicator),
        of.text("method.missing"),
        of.text("method.target"),
        of.text("method.money"),
        of.text("method.sure", draws=t.number(of.draws)),
        of.text("method.errors"),
    ]
    parts: list[tuple[str, list[Block]]] = []
    if of.manifest.assumed:
        lines = [t.translated(line) for line in of.manifest.assumed]
        parts.append((t("method.assumed"), [of.text("method.assumed_how"), Items(lines)]))
    # those of the results may say more: how many of their draws are shown
    said = dict.fromkeys([*of.manifest.notes, *of.results.attrs.get("notes", [])])
    if said:
        parts.append((t("method.notes"), [Items([t.translated(line) for line in said])]))
    parts.append((t("privacy.title"), _privacy(of)))
    return Section("method", t("method.title"), blocks, parts)


def _privacy(of: Context) -> list[Block]:
    t = of.t
    below = of.privacy.below
    own = of.study["pupils"]["source"] == "table"
    blocks: list[Block] = []
    if below:
        hidden = frozenset().union(*of.privacy.scores.values(), of.privacy.pupils)
        blocks.append(of.text("privacy.on", below=below, count=t.number(len(hidden))))
    elif own:
        blocks.append(Note(t("privacy.off")))
    else:
        blocks.append(of.text("privacy.synthetic"))
    blocks.append(
        Pairs(
            [
                ("report.html, tables/", t("privacy.report")),
                ("manifest.json", t("privacy.manifest")),
                ("results.zarr", t("privacy.results")),
            ],
        )
    )
    return blocks


def reproduce(of: Context) -> Section:
    """Study, hashes, versions, command."""
    t = of.t
    manifest = of.manifest
    name = str(of.study["study"]["name"])
    draws = t.number(of.draws)
    unfinished = manifest.results_sha256 is None
    blocks: list[Block] = [of.text("reproduce.how")]
    if unfinished:
        blocks.append(Note(t("reproduce.unfinished", draws=draws, all=t.number(manifest.draws))))
    blocks.append(
        Pairs(
            [
                (t("reproduce.command"), f"lwoopro run {name}.toml --out {_quoted(name)}"),
                (t("reproduce.seed"), str(manifest.seed)),
                (t("reproduce.draws"), str(of.draws)),
                (t("reproduce.results"), manifest.results_sha256 or "–"),
                *(
                    (t("reproduce.input", role=of.word("role", role)), digest)
                    for role, digest in sorted(manifest.inputs.items())
                ),
                (
                    t("reproduce.versions"),
                    ", ".join(f"{k} {v}" for k, v in sorted(manifest.versions.items())),
                ),
                (t("reproduce.machine"), _flat(manifest.machine)),
                (t("reproduce.time"), _flat(manifest.timings)),
            ],
            code=True,
        )
    )
    text = json.dumps(of.study, indent=1, ensure_ascii=False, sort_keys=True)
    blocks.append(Fold("study-file", t("reproduce.study"), [Code(text)]))
    return Section("reproduce", t("reproduce.title"), blocks)


def _quoted(name: str) -> str:
    return f'"results/{name}"' if " " in name else f"results/{name}"


def _flat(values: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in sorted(values.items()) if v is not None)
