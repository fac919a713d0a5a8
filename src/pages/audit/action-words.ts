/** Actions whose words are not those that `<kind>.<verb>` gives by itself. */
const WORDS: Record<string, string> = {
  "project.update": "changed the project",
  "member.set": "gave a role to",
  "member.remove": "removed from the project",
  "session.open": "signed in",
  "user.accept_invitation": "accepted the invitation of",
  "user.change_password": "changed the password of",
  "version.create": "added the data of",
  "deployment.create": "deployed",
  "deployment.add_version": "switched the models of",
  "deployment.rollback": "rolled back",
  "deployment.promote": "promoted the challenger of",
  "run.create": "started a run of",
  "run.cancel": "cancelled a run of",
  "run.retry": "retried a run of",
};

const VERBS: Record<string, string> = {
  create: "created",
  add: "added",
  set: "set",
  update: "changed",
  delete: "deleted",
  remove: "removed",
  revoke: "revoked",
  invite: "invited",
  accept: "accepted",
  deactivate: "deactivated",
  reactivate: "reactivated",
  run: "ran",
  cancel: "cancelled",
};

/** What the log of projects and experiments may say, for suggestions; other domains write more. */
export const COMMON_ACTIONS = [
  "project.create",
  "project.update",
  "project.delete",
  "member.set",
  "member.remove",
  "experiment.create",
  "experiment.delete",
  "version.create",
  "model.add",
  "model.delete",
  "deployment.create",
  "deployment.delete",
  "connection.create",
  "connection.delete",
  "dataset.create",
  "dataset.delete",
  "pipeline.create",
  "pipeline.update",
  "pipeline.delete",
  "run.create",
  "run.cancel",
  "run.retry",
] as const;

/** An action as people say it, to stand between who did it and the name of what it was done to: `created the experiment`. */
export function actionWords(action: string): string {
  const present = WORDS[action];
  if (present !== undefined) return present;
  const [kind = "", verb = ""] = action.split(".");
  return `${VERBS[verb] ?? verb.replaceAll("_", " ")} the ${kind.replaceAll("_", " ")}`;
}

/** One field that has changed; a side that it did not have is null. */
export interface FieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

/** The fields of both sides of an entry, each once, as texts. */
export function fieldChanges(before: object | null, after: object | null): FieldChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields].map((field) => ({ field, before: textOf(before, field), after: textOf(after, field) }));
}

function textOf(side: object | null, field: string): string | null {
  const value: unknown = side === null ? undefined : Reflect.get(side, field);
  if (value === undefined) return null;
  // A field that says "none" is no text of its own.
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
