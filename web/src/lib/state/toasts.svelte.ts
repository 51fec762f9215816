/** Short messages that go by themselves. */
import { createContext } from 'svelte';

const SHOWN_MS = 4_000;
/** What one must not miss. */
const WARNING_MS = 20_000;

export class Toasts {
  list = $state.raw<{ id: number; text: string; tone: 'good' | 'bad' }[]>([]);
  #last = 0;

  good(text: string) {
    this.#show(text, 'good');
  }

  bad(text: string) {
    this.#show(text, 'bad');
  }

  warn(text: string) {
    this.#show(text, 'bad', WARNING_MS);
  }

  #show(text: string, tone: 'good' | 'bad', shown = SHOWN_MS) {
    const id = ++this.#last;
    this.list = [...this.list, { id, text, tone }];
    setTimeout(() => (this.list = this.list.filter((it) => it.id !== id)), shown);
  }
}

export const [getToasts, setToasts] = createContext<Toasts>();
