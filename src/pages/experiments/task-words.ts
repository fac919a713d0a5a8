import type { Task } from "../../engine/serving-plan.ts";

/** What a task is called, and what it is in a sentence. */
export const TASK_WORDS: Record<Task, { label: string; sentence: string }> = {
  regression: { label: "Regression", sentence: "Predicts a number, such as a price or a delay." },
  binary_classification: {
    label: "Binary classification",
    sentence: "Distinguishes two classes, such as churn and no churn.",
  },
  multiclass_classification: {
    label: "Multiclass classification",
    sentence: "Chooses one of several classes, such as the weather of a day.",
  },
  anomaly_detection: {
    label: "Anomaly detection",
    sentence: "Says how unusual a row is. These models are monitored but have no metrics.",
  },
};
