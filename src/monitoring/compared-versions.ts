import type { Database } from "../db.ts";
import { type DeploymentVersion, listDeploymentVersions } from "../deployments/queries.ts";
import type { Monitored } from "./monitored.ts";
import type { TimeSpan } from "./time-span.ts";

/** Versions of a deployment with one pair of models, and how these stand to the pair that is compared. */
export interface ComparedVersions {
  numbers: number[];
  main: DeploymentVersion["main"];
  challenger: DeploymentVersion["challenger"];
  /** Same: of the pair itself. Swapped: the other way round, as before a promotion. Other: of other models. */
  pair: "same" | "swapped" | "other";
}

/**
 * The versions whose rows a comparison is about: those of the pair of models, in either role; with `isAll` those of other models
 * besides; or the one that is asked for.
 */
export async function comparedVersions(
  db: Database,
  { deployment, main, challenger }: Monitored,
  { version, isAll = false }: Pick<TimeSpan, "version" | "isAll">,
): Promise<ComparedVersions[]> {
  const versions = await listDeploymentVersions(db, deployment.id);
  const wanted = versions.filter(({ number }) => version === null || number === version);
  const groups = Map.groupBy(wanted, (one) => `${one.main.id} ${one.challenger?.id ?? ""}`);
  return [...groups.values()].flatMap((group): ComparedVersions[] => {
    const [first] = group;
    if (!first) return [];
    const ids = [first.main.id, first.challenger?.id ?? null];
    const isSame = ids[0] === main.id && ids[1] === (challenger?.id ?? null);
    const isSwapped = challenger !== null && ids[0] === challenger.id && ids[1] === main.id;
    const pair = isSame ? "same" : isSwapped ? "swapped" : "other";
    if (pair === "other" && !isAll) return [];
    return [{ numbers: group.map(({ number }) => number), main: first.main, challenger: first.challenger, pair }];
  });
}

/** The numbers of versions of the compared pair, in either role. */
export function pairNumbers(compared: readonly ComparedVersions[]): number[] {
  return compared.filter(({ pair }) => pair !== "other").flatMap(({ numbers }) => numbers);
}

/** The versions as the API names them, newest first: whose answers stand for main and challenger, and whose reference theirs was. */
export function comparedJson(compared: readonly ComparedVersions[]) {
  return compared
    .flatMap(({ numbers, main, challenger, pair }) =>
      numbers.map((number) => ({
        number,
        main: { model_id: main.id, name: main.name },
        challenger: challenger && { model_id: challenger.id, name: challenger.name },
        reference: main.version,
        pair,
      })),
    )
    .toSorted((one, other) => other.number - one.number);
}
