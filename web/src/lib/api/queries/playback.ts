/** Starting a file, and telling the server how far it got. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, GUARD, http } from '../client';
import { ApiError } from '../errors';
import type { ClientProfile, ProgressReport } from '../types';

/** What is played, and of several files and sound tracks, which. */
export interface Wanted {
  itemId: string;
  fileId: string | undefined;
  audio: number | undefined;
}

/** One playing of a file. Never kept: its address is signed for a short while. */
export const playbackQuery = (wanted: Wanted, profile: ClientProfile) =>
  queryOptions({
    queryKey: ['playback', wanted.itemId, wanted.fileId ?? '', wanted.audio ?? ''],
    queryFn: () => startPlayback(wanted, profile),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The server decides by what the browser says it can play, and says why when it must decline. */
const startPlayback = ({ itemId, fileId, audio }: Wanted, profile: ClientProfile) =>
  answer(
    http.POST('/playback', {
      body: { item_id: itemId, file_id: fileId, audio_index: audio, profile },
    }),
  );

/** Outlives the page, so that the position at the moment of closing a tab arrives. */
export async function reportProgress(itemId: string, report: ProgressReport): Promise<void> {
  const response = await fetch(`/api/v1/items/${encodeURIComponent(itemId)}/progress`, {
    method: 'PUT',
    headers: { ...GUARD, 'Content-Type': 'application/json' },
    body: JSON.stringify(report),
    keepalive: true,
  });
  if (!response.ok) throw new ApiError(response.status);
}
