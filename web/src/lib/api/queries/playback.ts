/** Starting a file, and telling the server how far it got. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, GUARD, http } from '../client';
import { ApiError } from '../errors';
import type { Playback, ProgressReport } from '../types';

/** The browser's own verdict on a MIME string with codecs. */
export type CanPlay = (mime: string) => boolean;

/** One playing of a file. Never kept: its address is signed for a short while. */
export const playbackQuery = (itemId: string, fileId: string | undefined, canPlay: CanPlay) =>
  queryOptions({
    queryKey: ['playback', itemId, fileId ?? ''],
    queryFn: () => startPlayback(itemId, fileId, canPlay),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The server decides by what the browser says it can play, and says why when it must decline. */
async function startPlayback(
  itemId: string,
  fileId: string | undefined,
  canPlay: CanPlay,
): Promise<Playback> {
  const { files } = await answer(
    http.GET('/playback/candidates/{item_id}', { params: { path: { item_id: itemId } } }),
  );
  const supported = [...new Set(files.map((file) => file.mime))].filter(canPlay);
  return answer(http.POST('/playback', { body: { item_id: itemId, file_id: fileId, supported } }));
}

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
