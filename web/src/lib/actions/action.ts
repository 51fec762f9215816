import type { Component } from 'svelte';

/** Something a person can do, as a value: the same in toolbars, menus and the palette. */
export interface Action {
  id: string;
  title: string;
  icon: Component<{ class?: string }>;
  /** Key that does it on the page of its noun. */
  shortcut?: string;
  /** Set when the thing is on already; then `run` takes it back. */
  isOn?: boolean;
  visible: boolean;
  href?: string;
  run?: () => void;
}

export const shown = (actions: Action[]): Action[] => actions.filter((it) => it.visible);
