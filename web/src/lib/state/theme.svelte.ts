/** Dark, light, or as the device says. `static/theme.js` applies the stored choice before the first paint. */
import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

export type ThemeChoice = 'dark' | 'light' | 'system';
const STORED = 'revenge.theme';

export class Theme {
  #choice = $state<ThemeChoice>(stored());
  readonly #deviceIsLight = new MediaQuery('prefers-color-scheme: light');

  get choice(): ThemeChoice {
    return this.#choice;
  }

  readonly isDark = $derived(
    this.#choice === 'dark' || (this.#choice === 'system' && !this.#deviceIsLight.current),
  );

  choose(choice: ThemeChoice) {
    this.#choice = choice;
    localStorage.setItem(STORED, choice);
  }
}

function stored(): ThemeChoice {
  const value = localStorage.getItem(STORED);
  return value === 'light' || value === 'system' ? value : 'dark';
}

export const [getTheme, setTheme] = createContext<Theme>();
