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
    description: "Members of the project, end users among them, and whoever has one of its API keys.",
    icon: "lock",
  },
  instance: {
    label: "Instance",
    description: "Everybody with an account on this Tiltyard, and whoever has one of its API keys.",
    icon: "members",
  },
  public: {
    label: "Public",
    description: "Anybody who has the link, without signing in. What is recorded stays with the project.",
    icon: "deployments",
  },
};

/** What happens to values that do not fit a feature, in words. */
export const TYPE_POLICIES: Record<DeploymentRow["typePolicy"], Words> = {
  best_effort: {
    label: "Best effort",
    description: "Converts what can be converted. The rest counts as missing, and the answer says so in a warning.",
  },
  strict: {
    label: "Strict",
    description: "Refuses values of another type, absent and unknown features, and categories that training never saw.",
  },
};
