import { DurableObject } from "cloudflare:workers";
export class DeploymentHost extends DurableObject {}
export class ModelTrial extends DurableObject {}
export class IdempotencyLedger extends DurableObject {}
export default { fetch() { return new Response("ok"); } };
