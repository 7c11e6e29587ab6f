/** Milliseconds until the process ends even if something does not close. */
const closeTimeoutMs = 900;

/**
 * Closes these parts when a signal asks the process to end, and then ends it.
 * Returns the function that does the same for another reason.
 */
export function closeOnSignal(
  ...parts: readonly { close(): Promise<unknown> }[]
): (exitCode: number) => void {
  let closing = false;
  const end = (exitCode: number) => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(exitCode), closeTimeoutMs).unref();
    Promise.all(parts.map((part) => part.close())).then(
      () => process.exit(exitCode),
      () => process.exit(exitCode),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => end(0));
  return end;
}
