/** What is played now, and groups that watch together. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { GroupMove, MemberReport, PlayerOrder } from '../types';

/** Events tell of changes; only that a player went silent tells nobody. */
const SILENCE_POLL_MS = 30_000;

export const playingQuery = () =>
  queryOptions({
    queryKey: keys.playing,
    queryFn: ({ signal }) => answer(http.GET('/playback/playing', { signal })),
    refetchInterval: SILENCE_POLL_MS,
  });

export const commandPlaying = (playId: string, body: PlayerOrder) =>
  done(
    http.POST('/playback/playing/{play_id}/commands', {
      params: { path: { play_id: playId } },
      body,
    }),
  );

export const groupsQuery = () =>
  queryOptions({
    queryKey: keys.groups,
    queryFn: ({ signal }) => answer(http.GET('/playback/groups', { signal })),
  });

export const createGroup = (
  itemId: string,
  playId: string,
  positionMs: number,
  isPlaying: boolean,
) =>
  answer(
    http.POST('/playback/groups', {
      body: {
        item_id: itemId,
        play_id: playId,
        position_ms: Math.round(positionMs),
        is_playing: isPlaying,
      },
    }),
  );

const member = (id: string, playId: string) => ({ params: { path: { id, play_id: playId } } });

export const reportToGroup = (id: string, playId: string, body: MemberReport) =>
  answer(http.PUT('/playback/groups/{id}/members/{play_id}', { ...member(id, playId), body }));

export const leaveGroup = (id: string, playId: string) =>
  done(http.DELETE('/playback/groups/{id}/members/{play_id}', member(id, playId)));

export const moveGroup = (id: string, body: GroupMove) =>
  answer(http.POST('/playback/groups/{id}/moves', { params: { path: { id } }, body }));
