/** Starting a file, and telling the server how far it got. */
import { queryOptions } from '@tanstack/svelte-query';
import { contentAddress } from '$lib/adult/area';
import { answer, done, GUARD, http } from '../client';
import { ApiError } from '../errors';
import type { Choice, ClientProfile, GivenUp, NotConverted, ProgressReport } from '../types';

/** What is played, and of several files and sound tracks, which. */
export interface Wanted {
  itemId: string;
  fileId: string | undefined;
  audio: number | undefined;
  /** What the browser tried and made nothing of. */
  givenUp: GivenUp | undefined;
  /** What the server could not convert. */
  unmade: NotConverted[];
}

/** One playing of a file. Never kept: its address is signed for a short while. */
export const playbackQuery = (wanted: Wanted, profile: Promise<ClientProfile>) =>
  queryOptions({
    queryKey: [
      'playback',
      wanted.itemId,
      wanted.fileId ?? '',
      wanted.audio ?? '',
      wanted.givenUp ?? '',
      wanted.unmade,
    ],
    queryFn: () => startPlayback(wanted, profile),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The server decides by what the browser says it can play, and says why when it must decline. */
const startPlayback = async (
  { itemId, fileId, audio, givenUp, unmade }: Wanted,
  profile: Promise<ClientProfile>,
) =>
  answer(
    http.POST('/playback', {
      body: {
        item_id: itemId,
        file_id: fileId,
        audio_index: audio,
        given_up: givenUp,
        not_converted: unmade,
        profile: await profile,
      },
    }),
  );

/** For this film, or all of its series. */
export const rememberChoice = (itemId: string, body: Choice) =>
  done(http.PUT('/items/{id}/choice', { params: { path: { id: itemId } }, body }));

/** Outlives the page, so that the position at the moment of closing a tab arrives. */
export async function reportPlaying(
  playId: string,
  itemId: string,
  isKept: boolean,
  report: ProgressReport,
): Promise<void> {
  const address = contentAddress(`/playback/playing/${encodeURIComponent(playId)}`);
  const response = await fetch(address, {
    method: 'PUT',
    headers: { ...GUARD, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...report, item_id: itemId, is_kept: isKept }),
    keepalive: true,
  });
  if (!response.ok) throw new ApiError(response.status);
}
