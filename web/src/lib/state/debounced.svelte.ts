/** A value that follows another one after it has been still for a while. */
export class Debounced<T> {
  #current: T = $state.raw() as T;

  /** To be called while a component starts. */
  constructor(source: () => T, delayMs: number) {
    this.#current = source();
    // A timer is outside of what can be derived.
    $effect(() => {
      const value = source();
      const timer = setTimeout(() => (this.#current = value), delayMs);
      return () => clearTimeout(timer);
    });
  }

  get current(): T {
    return this.#current;
  }
}
