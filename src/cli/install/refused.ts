/** A client's configuration was not changed. The message says why and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
