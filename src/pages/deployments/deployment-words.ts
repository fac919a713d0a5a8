import type { IconName } from "../../ui/icon.tsx";
import type { DeploymentRow } from "../../deployments/find-deployment.ts";

interface Words {
  label: string;
  description: string;
  icon?: IconName;
}

/** Who may predict with a deployment, in words, the narrowest first. */
export const ACCESS_LEVELS: Record<DeploymentRow["access"], Words> = {
  project: {
    label: "Project",
    description: "Members of the project, including end users, and anyone with one of its API keys.",
    icon: "lock",
  },
  instance: {
    label: "Instance",
    description: "Everyone with an account on this instance, and anyone with one of its API keys.",
    icon: "members",
  },
  public: {
    label: "Public",
    description: "Anyone with the link, without signing in. Only the project can see the records.",
    icon: "deployments",
  },
};

/** What happens to values that do not fit a feature, in words. */
export const TYPE_POLICIES: Record<DeploymentRow["typePolicy"], Words> = {
  best_effort: {
    label: "Best effort",
    description: "Converts values where possible. Other values count as missing, with a warning in the answer.",
  },
  strict: {
    label: "Strict",
    description:
      "Refuses values of another type, missing and unknown features, and categories that are not in the training data.",
  },
};

const NAMES_SHOWN = 8;

/** Names of features in a sentence: the first ones, and how many more. */
export function namesOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? `${names.slice(0, NAMES_SHOWN).join(", ")} and ${more} more` : names.join(", ");
}
