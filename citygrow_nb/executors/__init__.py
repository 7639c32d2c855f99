"""Where jobs run: processes of this machine or a Dask cluster, behind ``concurrent.futures``; retried when lost."""

from citygrow_nb.executors.pool import Pool, WarmUp, WorkerDied, cores
from citygrow_nb.executors.process_pool import ProcessPool
from citygrow_nb.executors.retries import LIMIT, JobRunner

__all__ = ["LIMIT", "JobRunner", "Pool", "ProcessPool", "WarmUp", "WorkerDied", "cores"]
