/** What somebody wants to put into a playlist: any menu says it, one dialog asks for the list. */
import { createContext } from 'svelte';

export interface ToAdd {
  title: string;
  itemIds?: string[];
  collectionId?: string;
}

export class Adding {
  wanted = $state.raw<ToAdd>();

  ask(wanted: ToAdd) {
    this.wanted = wanted;
  }

  end() {
    this.wanted = undefined;
  }
}

export const [getAdding, setAdding] = createContext<Adding>();
