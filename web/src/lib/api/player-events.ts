/** What the server tells the players on this page, and nobody keeps. */

interface Told {
  'player.command': {
    play_id: string;
    action: 'pause' | 'resume' | 'seek' | 'next' | 'stop';
    position_ms?: number;
    /** To be shown to the person. */
    message?: string | null;
    /** Whether somebody else asks. */
    by_other?: boolean;
  };
  'group.changed': { group_id: string };
  'hours.ending': { closes_at: string };
}

export type PlayerCommand = Told['player.command'];

export const playerEvents = new EventTarget();

/** Hears of one kind of event until the returned function is called. */
export function onPlayerEvent<Name extends keyof Told>(
  name: Name,
  act: (told: Told[Name]) => void,
): () => void {
  const ear = (event: Event) => act((event as CustomEvent<Told[Name]>).detail);
  playerEvents.addEventListener(name, ear);
  return () => playerEvents.removeEventListener(name, ear);
}
