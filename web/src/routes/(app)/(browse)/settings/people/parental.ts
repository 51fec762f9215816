import type { PersonParental } from '$lib/api/types';
import { type HoursLine, toLines, toSpans } from '$lib/hours/hours';

/** What somebody is kept from as fields of a form hold it. */
export interface ParentalTexts {
  /** Years once they were typed, empty for no limit. */
  age: string | number | null;
  hidesUnrated: boolean;
  /** Tags with commas between. */
  blocked: string;
  allowed: string;
  hours: HoursLine[];
  /** On a shared device one goes from them only to who has a PIN. */
  leavingNeedsPin: boolean;
}

/** What the fields begin with. */
export const toParentalTexts = (parental: PersonParental | undefined): ParentalTexts => ({
  age: parental?.max_age ?? '',
  hidesUnrated: parental?.hides_unrated ?? false,
  blocked: parental?.blocked_tags?.join(', ') ?? '',
  allowed: parental?.allowed_tags?.join(', ') ?? '',
  hours: toLines(parental?.hours ?? []),
  leavingNeedsPin: parental?.leaving_needs_pin ?? false,
});

/** What the fields say. */
export const toParental = ({
  age,
  hidesUnrated,
  blocked,
  allowed,
  hours,
  leavingNeedsPin,
}: ParentalTexts) => ({
  max_age: age === '' || age === null ? null : Number(age),
  hides_unrated: hidesUnrated,
  blocked_tags: toTags(blocked),
  allowed_tags: toTags(allowed),
  hours: toSpans(hours),
  leaving_needs_pin: leavingNeedsPin,
});

const toTags = (text: string) =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
