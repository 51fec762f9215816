/** Short messages that go by themselves. */
import { createContext } from 'svelte';

const SHOWN_MS = 4_000;

export class Toasts {
  list = $state.raw<{ id: number; text: string; tone: 'good' | 'bad' }[]>([]);
  #last = 0;

  good(text: string) {
    this.#show(text, 'good');
  }

  bad(text: string) {
    this.#show(text, 'bad');
  }

  #show(text: string, tone: 'good' | 'bad') {
    const id = ++this.#last;
    this.list = [...this.list, { id, text, tone }];
    setTimeout(() => (this.list = this.list.filter((it) => it.id !== id)), SHOWN_MS);
  }
}

export const [getToasts, setToasts] = createContext<Toasts>();
