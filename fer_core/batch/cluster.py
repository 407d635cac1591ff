"""A Ray cluster: the connection, and rows that its workers make of rows."""

import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_core.batch import local
from fer_core.errors import BatchError

PASSED_ON = ("FER_MODELS", "FER_YUNET", "FER_CACHE", "DEEPFACE_HOME")
"""Settings of this process that the workers get. The paths must be the same on all computers."""


ANSWERS_WITHIN = 5.0
"""Seconds."""


def stand_in(folder: str) -> None:
    """In a worker: take relative paths as the process that started the work takes them, where its folder is there."""
    if Path(folder).is_dir():
        os.chdir(folder)


def mapped(
    ray: Any,  # noqa: ANN401
    rows: Sequence[Mapping[str, Any]],
    worker: type,
    arguments: tuple[Any, ...],
    workers: int | None,
    gpus: float = 0.0,
    **limits: int,
) -> Iterator[Mapping[str, Any]]:
    """What workers make of rows, as they are done. Ray begins a row again when its worker or computer is lost.

    Args:
        ray: the package, connected.
        rows: each is a piece of work.
        worker: a class whose objects stay loaded; called with columns, it gives columns, `error` among them.
        arguments: of the class.
        workers: how many; None takes as many as the cluster has cores or GPUs.
        gpus: share of a GPU for each.
        limits: how often Ray begins a row again (`max_task_retries`) and a worker (`max_restarts`); else always.

    Raises:
        BatchError: a row has an error, a worker cannot start, or the cluster is lost.
    """
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    made = ray.data.from_items(list(rows), override_num_blocks=len(rows)).map_batches(
        worker,
        fn_constructor_args=arguments,
        batch_size=1,
        batch_format="numpy",
        num_cpus=1,
        num_gpus=gpus or None,
        **limits,
        compute=ray.data.ActorPoolStrategy(**_size(workers, ray, gpus, len(rows))),
        runtime_env={"env_vars": {name: os.environ[name] for name in PASSED_ON if name in os.environ}},
    )
    try:
        for row in made.iter_rows():
            if row["error"]:
                raise BatchError(row["error"])
            yield row
    except ray.exceptions.RayError as error:
        raise BatchError(
            f"The Ray cluster could not finish ({_reason(error)}). Everything written before is whole. "
            "Give the same command again, a batch with --resume."
        ) from error


@contextmanager
def connected(workers: int | None) -> Iterator[Any]:
    """The cluster of RAY_ADDRESS; without it, a small one on this computer for this run.

    Raises:
        BatchError: it does not answer, or does not start.
    """
    import ray
    import ray.data
    import ray.exceptions

    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address := os.environ.get("RAY_ADDRESS"):
            _join(ray, address, quiet)
        else:
            _start_here(ray, workers, quiet)
        yield ray
    finally:
        ray.shutdown()


def _join(ray: Any, address: str, quiet: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Connect to a cluster. Ray would try for minutes where nobody listens, so that is looked at first.

    Raises:
        BatchError: it does not answer.
    """
    host, _, port = address.rpartition(":")
    try:
        if host and port.isdecimal() and "/" not in host:
            socket.create_connection((host, int(port)), timeout=ANSWERS_WITHIN).close()
        ray.init(address=address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        raise BatchError(
            f"There is no Ray cluster at {address} ({_reason(error)}). Start one by `ray start --head`, or unset "
            "RAY_ADDRESS."
        ) from error


def _start_here(ray: Any, workers: int | None, quiet: Mapping[str, Any]) -> None:  # noqa: ANN401
    """A cluster of this computer alone.

    Raises:
        BatchError: it does not start.
    """
    os.environ.setdefault("RAY_agent_register_timeout_ms", "300000")  # 30 s are too few on a busy computer
    try:
        ray.init(address="local", num_cpus=workers or local.cores(), include_dashboard=False, **quiet)
    except Exception as error:  # Ray raises a plain Exception
        raise BatchError(
            f"Ray did not start on this computer ({_reason(error)}). Close other programs and try again, or use "
            "--engine local."
        ) from error


def _size(workers: int | None, ray: Any, gpus: float, parts: int) -> dict[str, int]:  # noqa: ANN401
    """How many workers: a number, or from one up to what the cluster has."""
    if workers:
        return {"size": min(workers, parts)}
    resources = ray.cluster_resources()
    most = int(resources.get("GPU", 0) / gpus) if gpus else int(resources.get("CPU", 1))
    return {"min_size": 1, "max_size": max(1, min(most, parts))}


def _reason(error: BaseException) -> str:
    """The last line of Ray's long message, which names the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
