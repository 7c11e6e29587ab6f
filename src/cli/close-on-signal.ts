/** Part of the program that is closed before the process ends. */
export interface Part {
  close(): Promise<unknown>;
  /** True while a write runs, which gets time to finish. */
  readonly isWriting?: boolean | undefined;
}

/** Milliseconds after the last write until the process ends even if something does not close; the longest wait for writes. */
const closeTimeoutMs = 900;
const writeTimeoutMs = 30_000;
const checkIntervalMs = 50;

/**
 * Closes these parts, one after the other, when a signal asks the process to end, and then ends it. A second signal
 * ends it at once. Returns the function that does the same for another reason.
 */
export function closeOnSignal(...parts: readonly Part[]): (exitCode: number) => void {
  let closing = false;
  const end = (exitCode: number) => {
    if (closing) return;
    closing = true;
    const started = performance.now();
    let lastWrite = started;
    setInterval(() => {
      const now = performance.now();
      if (parts.some((part) => part.isWriting)) lastWrite = now;
      if (now - lastWrite > closeTimeoutMs || now - started > writeTimeoutMs) process.exit(exitCode);
    }, checkIntervalMs).unref();
    closeAll(parts).then(
      () => process.exit(exitCode),
      () => process.exit(exitCode),
    );
  };
  let signals = 0;
  const onSignal = () => (++signals === 1 ? end(0) : process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  return end;
}

async function closeAll(parts: readonly Part[]): Promise<void> {
  for (const part of parts) await part.close();
}
