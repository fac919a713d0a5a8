import { z } from "zod";

/** The path parameter of everything below /api/v1/deployments/{d}. */
export const deploymentParams = z.object({ d: z.string().describe("Id or slug of the deployment") });
