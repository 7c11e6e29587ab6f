/** Maximum number of steps that can be undone. */
const maxSteps = 200;

/** A value with its earlier states. */
export class History<T> {
  readonly #past: T[] = [];
  #future: T[] = [];
  #present: T;

  constructor(present: T) {
    this.#present = present;
  }

  get present(): T {
    return this.#present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Changes the value. A change that continues the one before is undone together with it. */
  change(value: T, continues = false): void {
    if (!continues || !this.canUndo) this.#past.push(this.#present);
    if (this.#past.length > maxSteps) this.#past.shift();
    this.#future = [];
    this.#present = value;
  }

  undo(): void {
    const value = this.#past.pop();
    if (value === undefined) return;
    this.#future.push(this.#present);
    this.#present = value;
  }

  redo(): void {
    const value = this.#future.pop();
    if (value === undefined) return;
    this.#past.push(this.#present);
    this.#present = value;
  }
}
