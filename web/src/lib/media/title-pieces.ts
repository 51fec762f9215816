/** The lines of a card with what was looked for in its title apart; whole, where nothing was. */
import type { ItemCard, TextPiece } from '$lib/api/types';
import type { Messages } from '$lib/i18n/en';
import { headline, subline, titleOf } from './item-text';

/** As `titleOf`. */
export const titlePieces = (
  item: ItemCard,
  pieces: TextPiece[] | undefined,
  t: Messages,
): TextPiece[] => withPieces(titleOf(item, t), pieces);

/** As `headline`; the series that an episode goes by is not its title. */
export const headlinePieces = (
  item: ItemCard,
  pieces: TextPiece[] | undefined,
  t: Messages,
): TextPiece[] => withPieces(headline(item, t), goesBySeries(item) ? undefined : pieces);

/** As `subline`, which is where an episode that goes by its series has its title. */
export const sublinePieces = (
  item: ItemCard,
  pieces: TextPiece[] | undefined,
  t: Messages,
): TextPiece[] => withPieces(subline(item, t), goesBySeries(item) ? pieces : undefined);

const goesBySeries = (item: ItemCard): boolean => item.kind === 'episode' && !!item.series;

/** The text with the title at its end in pieces. A title that is told in the reader's language is not there. */
function withPieces(text: string, pieces: TextPiece[] = []): TextPiece[] {
  const title = pieces.map((it) => it.text).join('');
  if (!title || !text.endsWith(title)) return [{ text, is_match: false }];
  const before = text.slice(0, text.length - title.length);
  return before ? [{ text: before, is_match: false }, ...pieces] : pieces;
}
