"""The private parts of the SDK (3.0) and of its testing library (1.4) that the oracle stands on.

They may change in any release. ``missing`` names those that are gone; tests/test_oracle.py fails with its answer,
and it also checks by behaviour that writes in each kind of body are seen (``tracing.users_body`` knows the names
of inner functions of the SDK).
"""

from __future__ import annotations

import inspect

from aws_durable_execution_sdk_python import context, execution, lambda_service, state
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner, executor, invoker, token
from aws_durable_execution_sdk_python_testing import execution as stored

from .tracing import DESCRIBED

# (where it is, what it is called there): attributes of modules and classes
NAMES = [
    *((context.DurableContext, name) for name in ("_resolve_step_name", "_peek_next_operation_id", *DESCRIBED)),
    (state, "_STOP_SIGNAL_POLL_SECONDS"),
    (state.ExecutionState, "wrap_user_function"),
    (execution, "InitialExecutionState"),
    (execution.DurableExecutionInvocationInputWithClient, "from_durable_execution_invocation_input"),
    (lambda_service, "CheckpointUpdatedExecutionState"),
    (invoker, "create_test_lambda_context"),
    (invoker.InvokeResponse, "from_output"),
    (token.CheckpointToken, "from_str"),
    *((stored.Execution, name) for name in ("pause", "is_paused", "complete_due_operations")),
    *((executor.Executor, name) for name in ("_finish_invocation", "_resume_execution", "RETRY_BACKOFF_SECONDS")),
    *((executor.Executor, name) for name in ("preflight_chained_invoke", "wait_until_complete")),
]
# attributes of a runner, by their path
RUNNER = [
    "_store.load",
    "_store.save",
    "_invoker.invoke",
    "_scheduler._loop.close",
    "_service_client.checkpoint",
    "_service_client.get_execution_state",
    "_checkpoint_processor.process_checkpoint",
    "_checkpoint_processor.set_chained_invoke_preflight",
    "_checkpoint_processor._clock.now",
]
# parameters that the oracle gives or replaces
PARAMETERS = [
    (state.ExecutionState.wrap_user_function, ["self", "user_function", "operation_identifier"]),
    (context.DurableContext.step, ["self", "func", "name", "config"]),
    (context.DurableContext.map, ["self", "inputs", "func", "name", "config"]),
]


def missing() -> list[str]:
    """What is no longer where the oracle looks for it."""
    gone = [
        f"{getattr(owner, '__qualname__', owner.__name__)}.{name}" for owner, name in NAMES if not hasattr(owner, name)
    ]
    if "_step_id_prefix" not in inspect.getsource(context.DurableContext.__init__):
        gone.append("DurableContext._step_id_prefix")
    for function, expected in PARAMETERS:
        found = list(inspect.signature(function).parameters)[: len(expected)]
        if found != expected:
            gone.append(f"{function.__qualname__}({', '.join(expected)}): it has {found}")
    return gone + _missing_of_runner()


def _missing_of_runner() -> list[str]:
    runner = DurableFunctionTestRunner(lambda event, context: None)
    gone = []
    for path in RUNNER:
        part: object = runner
        for name in path.split("."):
            part = getattr(part, name, None)
        if part is None:
            gone.append(f"DurableFunctionTestRunner.{path}")
    runner.close()
    runner._scheduler._loop.close()
    return gone
