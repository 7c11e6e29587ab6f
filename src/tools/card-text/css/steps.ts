/** Maximum number of steps that the styles of one side take. A usual side takes some thousands. */
const maxSteps = 1_000_000;

/** Thrown if the styles of a side take too many steps. */
export class TooManySteps extends Error {
  override readonly name = 'TooManySteps';
}

let left = maxSteps;

/** Starts counting for another side. Styles are evaluated without interruption, so one counter is enough. */
export function restartSteps(): void {
  left = maxSteps;
}

/** Counts steps. Their number does not depend on the speed of the computer, so results repeat. */
export function countSteps(steps: number): void {
  left -= steps;
  if (left < 0) throw new TooManySteps();
}
