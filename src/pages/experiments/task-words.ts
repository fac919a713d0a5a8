import type { Task } from "../../engine/serving-plan.ts";

/** What a task is called, and what it is in a sentence. */
export const TASK_WORDS: Record<Task, { label: string; sentence: string }> = {
  regression: { label: "Regression", sentence: "Predicts a number, such as a price or a delay." },
  binary_classification: {
    label: "Binary classification",
    sentence: "Tells two classes apart, such as churn and no churn.",
  },
  multiclass_classification: {
    label: "Multiclass classification",
    sentence: "Chooses one of several classes, such as the weather of a day.",
  },
  anomaly_detection: {
    label: "Anomaly detection",
    sentence: "Says how unusual a row is. Such models are watched, but have no metrics.",
  },
};
