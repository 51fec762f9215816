/** The chosen language: its messages and how it writes numbers, times and dates. */
import { createContext } from 'svelte';
import { de } from './de';
import { en, type Messages } from './en';

const MESSAGES: Record<string, Messages> = { en, de };
const STORED = 'revenge.language';

export class I18n {
  #language = $state('en');

  constructor(language = preferred()) {
    this.choose(language);
  }

  get language(): string {
    return this.#language;
  }

  /** Every message, by name: `i18n.t.home.continue`. */
  readonly t = $derived(MESSAGES[this.#language] ?? en);

  readonly #relative = $derived(new Intl.RelativeTimeFormat(this.#language, { numeric: 'auto' }));
  readonly #date = $derived(new Intl.DateTimeFormat(this.#language, { dateStyle: 'medium' }));
  readonly #time = $derived(new Intl.DateTimeFormat(this.#language, { timeStyle: 'short' }));
  readonly #weekday = $derived(new Intl.DateTimeFormat(this.#language, { weekday: 'long' }));
  readonly #regions = $derived(new Intl.DisplayNames(this.#language, { type: 'region' }));
  readonly #names = $derived(new Intl.DisplayNames(this.#language, { type: 'language' }));

  /** Uses `language` from now on; a language we do not speak changes nothing. */
  choose(language: string) {
    if (!(language in MESSAGES)) return;
    this.#language = language;
    if (typeof document === 'undefined') return;
    document.documentElement.lang = language;
    localStorage.setItem(STORED, language);
  }

  number(value: number, fraction = 0): string {
    return value.toLocaleString(this.#language, {
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    });
  }

  date(at: string): string {
    return this.#date.format(Date.parse(at));
  }

  clock(at: Date): string {
    return this.#time.format(at);
  }

  weekday(at: Date): string {
    return this.#weekday.format(at);
  }

  /** "5 minutes ago", "yesterday"; a date when it is long gone. */
  ago(at: string, now = Date.now()): string {
    const seconds = (Date.parse(at) - now) / 1000;
    const size = Math.abs(seconds);
    if (size < 60) return this.#relative.format(Math.round(seconds), 'second');
    if (size < 3600) return this.#relative.format(Math.round(seconds / 60), 'minute');
    if (size < 86_400) return this.#relative.format(Math.round(seconds / 3600), 'hour');
    if (size < 14 * 86_400) return this.#relative.format(Math.round(seconds / 86_400), 'day');
    return this.date(at);
  }

  /** The name of a country by its two letters; anything else is a name already. */
  regionName(code: string): string {
    return /^[A-Z]{2}$/.test(code) ? (this.#regions.of(code) ?? code) : code;
  }

  /** The name of a language by its code; the code itself when nobody knows it. */
  languageName(code: string): string {
    try {
      return this.#names.of(code) ?? code;
    } catch {
      return code;
    }
  }
}

function preferred(): string {
  if (typeof localStorage === 'undefined') return 'en';
  const stored = localStorage.getItem(STORED);
  if (stored) return stored;
  const wanted = navigator.languages.map((it) => it.slice(0, 2));
  return wanted.find((it) => it in MESSAGES) ?? 'en';
}

export const [getI18n, setI18n] = createContext<I18n>();
