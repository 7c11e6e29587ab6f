/** A client's configuration was left as it is: why, and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
