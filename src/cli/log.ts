/** Writes a message to stderr: stdout belongs to the protocol, or to the output of the command. */
export const log = (message: string): void => {
  process.stderr.write(`ankiwright: ${message}\n`);
};
