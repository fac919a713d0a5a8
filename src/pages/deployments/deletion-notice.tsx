/** What deleting a deployment takes away. */
export function DeletionNotice() {
  return (
    <>
      It stops answering at once: callers, the form and its API keys are refused. Its recorded predictions are deleted
      permanently. Its address is never used again. The experiment and its models stay.
    </>
  );
}
