/** Whether a server that gives nothing is still waited for. */
export class Absence {
  #since: number | undefined;

  constructor(private readonly patienceMs: number) {}

  /** It gave something. */
  end() {
    this.#since = undefined;
  }

  /**
   * After an answer with this status, or none: whether another try may bring something. What is refused (4xx) stays so; a
   * server that starts again, or has too much to do, does not.
   */
  mayEnd(status: number | undefined, now: number): boolean {
    if (status && status >= 400 && status < 500) return false;
    this.#since ??= now;
    return now - this.#since < this.patienceMs;
  }
}
