/** Shows the password once more where the server asks for it, and goes on with what was begun. */
import { ApiError } from '$lib/api/errors';

export class Confirming {
  isOpen = $state(false);
  #settle: ((isConfirmed: boolean) => void) | undefined;

  /** What `act` gives, after the password where it is asked for; `undefined` for who would rather not. */
  async run<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'accounts.confirm_first')) throw error;
    }
    return (await this.#ask()) ? act() : undefined;
  }

  settle(isConfirmed: boolean) {
    this.isOpen = false;
    this.#settle?.(isConfirmed);
    this.#settle = undefined;
  }

  #ask(): Promise<boolean> {
    this.settle(false);
    this.isOpen = true;
    return new Promise((resolve) => (this.#settle = resolve));
  }
}
