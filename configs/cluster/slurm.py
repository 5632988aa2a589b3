"""Run a study on workers that are SLURM jobs of their own (needs dask-jobqueue)."""

import argparse
from pathlib import Path
from typing import Any

WORKERS_DO_WITHOUT = Path(__file__).with_name("dask.yaml").absolute()


def cluster_of(given: argparse.Namespace) -> Any:
    """One process of one thread per core: the work is done by threads without Python's lock."""
    from dask_jobqueue import SLURMCluster

    return SLURMCluster(
        cores=given.cores,
        processes=given.cores,
        memory=given.memory,
        walltime=given.time,
        queue=given.partition,
        account=given.account,
        interface=given.interface,
        death_timeout=300,
        worker_extra_args=["--no-dashboard"],
        job_script_prologue=[f"export DASK_CONFIG={WORKERS_DO_WITHOUT}"],
        scheduler_options={"dashboard_address": "127.0.0.1:0"},
    )


def main() -> None:
    """Read the command line, start the jobs, run the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study")
    parser.add_argument("--out")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--cores", type=int, default=16, help="cores of a job")
    parser.add_argument("--memory", default="32GB", help="memory of a job")
    parser.add_argument("--time", default="02:00:00")
    parser.add_argument("--partition")
    parser.add_argument("--account")
    parser.add_argument("--interface", help="network between the machines, such as ib0")
    parser.add_argument("--show", action="store_true", help="print the job script, start nothing")
    given = parser.parse_args()
    with cluster_of(given) as cluster:
        if given.show:
            print(cluster.job_script())
            return
        cluster.scale(jobs=given.jobs)
        from lwoopro import load_study, run

        # an earlier run that was cut short goes on
        run(load_study(given.study), given.out, scheduler=cluster.scheduler_address, resume=True)


if __name__ == "__main__":
    main()
