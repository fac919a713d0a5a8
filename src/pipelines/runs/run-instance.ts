/** The workflow of one attempt at a run: an id that is used once. */
export interface RunAttempt {
  id: string;
  attempt: number;
}

function instanceId({ id, attempt }: RunAttempt): string {
  return `${id}-${attempt}`;
}

/** Begins the workflow of a run that is stored as queued. Repeating is safe. */
export async function startRun(env: Pick<Env, "RUN_WORKFLOW">, run: RunAttempt): Promise<void> {
  const id = instanceId(run);
  try {
    await env.RUN_WORKFLOW.create({ id, params: { runId: run.id } });
  } catch (error) {
    // An id is taken once: whoever was first has started it.
    if ((await findInstance(env, id)) === null) throw error;
  }
}

/** How the workflow of a run stands; null: there is none. */
export async function runStatus(
  env: Pick<Env, "RUN_WORKFLOW">,
  run: RunAttempt,
): Promise<InstanceStatus["status"] | null> {
  const instance = await findInstance(env, instanceId(run));
  return instance && (await instance.status()).status;
}

/** Ends the workflow of a run where it stands; what it has under way outside may still come to its end. Repeating is safe. */
export async function stopRun(env: Pick<Env, "RUN_WORKFLOW">, run: RunAttempt): Promise<void> {
  const instance = await findInstance(env, instanceId(run));
  if (instance && !hasEnded((await instance.status()).status)) await instance.terminate();
}

/** Has a workflow that was cut off go on, or begins it where that had not been done. Harmless where it is going on already. */
export async function wakeRun(env: Pick<Env, "RUN_WORKFLOW">, run: RunAttempt): Promise<void> {
  const instance = await findInstance(env, instanceId(run));
  if (!instance) return startRun(env, run);
  if (hasEnded((await instance.status()).status)) return;
  await instance.pause();
  await instance.resume();
}

function hasEnded(status: InstanceStatus["status"]): boolean {
  return status === "complete" || status === "errored" || status === "terminated";
}

async function findInstance(env: Pick<Env, "RUN_WORKFLOW">, id: string): Promise<WorkflowInstance | null> {
  try {
    return await env.RUN_WORKFLOW.get(id);
  } catch (error) {
    if (error instanceof Error && /not.?found/i.test(error.message)) return null;
    throw error;
  }
}
