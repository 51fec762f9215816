/** By a proxy before it (502, 504), or by itself. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** Whether a server that gives nothing is still waited for. */
export class Absence {
  #since: number | undefined;

  constructor(private readonly patienceMs: number) {}

  /** It gave something. */
  end() {
    this.#since = undefined;
  }

  /**
   * After an answer with this status, or none: whether another try may bring something. A server that starts again, or has
   * too much to do, answers nothing, or that it is not available; what is refused, or broke, stays so.
   */
  mayEnd(status: number | undefined, now: number): boolean {
    if (status && !UNAVAILABLE.has(status)) return false;
    this.#since ??= now;
    return now - this.#since < this.patienceMs;
  }
}
