/** What deleting a deployment takes away. */
export function DeletionNotice() {
  return (
    <>
      From then on nothing of it answers: callers, the form and its API keys are refused at once. Its recorded
      predictions are deleted for good, and its address is never used again. The experiment and its models stay.
    </>
  );
}
