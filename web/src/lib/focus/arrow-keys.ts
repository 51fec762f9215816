/** Lets arrow keys move focus between everything that can be pressed inside an element. */
import type { Attachment } from 'svelte/attachments';
import { nearest, type Direction } from './spatial';

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

const TARGETS =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), summary, [role="radio"]';

/** Controls that use the arrows themselves. */
const OWN_ARROWS =
  'textarea, select, video, [role="slider"], [role="menuitem"], [role="option"], [contenteditable]';

/** Choices that would go round or open with up and down as well, and let nobody past. */
const TRAPS = '[role="radio"], button[role="combobox"][aria-expanded="false"]';

/** What is open over the page: focus stays in it until it is closed. */
const OVER = '[role="dialog"], [role="alertdialog"]';

export const arrowKeys: Attachment<HTMLElement> = (root) => {
  function onkeydown(event: KeyboardEvent) {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const from = document.activeElement;
    if (from instanceof HTMLElement && usesArrows(from, direction)) return;
    const place = from?.closest<HTMLElement>(OVER) ?? root;
    const next = from && place.contains(from) ? following(place, from, direction) : first(place);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'smooth' });
  }
  function leaveChoices(event: KeyboardEvent) {
    const isAcross = event.key === 'ArrowUp' || event.key === 'ArrowDown';
    if (!isAcross || !document.activeElement?.matches(TRAPS)) return;
    event.stopPropagation();
    onkeydown(event);
  }
  document.addEventListener('keydown', leaveChoices, true);
  document.addEventListener('keydown', onkeydown);
  return () => {
    document.removeEventListener('keydown', leaveChoices, true);
    document.removeEventListener('keydown', onkeydown);
  };
};

function usesArrows(element: HTMLElement, direction: Direction): boolean {
  if (element.closest(OWN_ARROWS)) return true;
  // In a line of text, left and right belong to the caret; in a row of choices they choose.
  const isAlong = direction === 'left' || direction === 'right';
  return isAlong && element.matches('input, [role="radio"]');
}

function following(root: HTMLElement, from: Element, direction: Direction) {
  // Up and down keep to the page or to the navigation beside it as long as there is something.
  const isAcross = direction === 'up' || direction === 'down';
  const region = isAcross && (from.closest<HTMLElement>('main') ?? from.closest('nav'));
  return (region && closest(region, from, direction)) || closest(root, from, direction);
}

function closest(place: HTMLElement, from: Element, direction: Direction) {
  const targets = focusable(place).filter((it) => it !== from);
  const boxes = targets.map((it) => it.getBoundingClientRect());
  return targets[nearest(from.getBoundingClientRect(), boxes, direction)];
}

function first(root: HTMLElement) {
  return focusable(root.querySelector<HTMLElement>('main') ?? root)[0];
}

function focusable(root: HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(TARGETS)].filter(
    (it) => it.tabIndex >= 0 && it.checkVisibility({ visibilityProperty: true }),
  );
}
