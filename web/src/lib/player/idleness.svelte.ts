/** Whether nobody has moved for a while, so that controls can go out of the picture. */

const IDLE_AFTER_MS = 3_000;

export class Idleness {
  isIdle = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;

  /** To be called while a component starts. */
  constructor() {
    this.wake();
    $effect(() => () => clearTimeout(this.#timer));
  }

  wake() {
    this.isIdle = false;
    clearTimeout(this.#timer);
    if (!this.#isHeld) this.#timer = setTimeout(() => (this.isIdle = true), IDLE_AFTER_MS);
  }

  /** Stays awake, for as long as a menu is open. */
  hold(isHeld: boolean) {
    this.#isHeld = isHeld;
    this.wake();
  }
}
