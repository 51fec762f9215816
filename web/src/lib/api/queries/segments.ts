/** Intro, recap and credits of a file. For administrators. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { NewSegment } from '../types';

const params = (id: string) => ({ path: { id } });

export const segmentsQuery = (fileId: string) =>
  queryOptions({
    queryKey: keys.segments(fileId),
    queryFn: ({ signal }) =>
      answer(http.GET('/files/{id}/segments', { params: params(fileId), signal })),
  });

/** From then on nothing else changes them. */
export const setSegments = (fileId: string, segments: NewSegment[]) =>
  answer(http.PUT('/files/{id}/segments', { params: params(fileId), body: { segments } }));

/** Forgets what a person said. */
export const resetSegments = (fileId: string) =>
  done(http.DELETE('/files/{id}/segments', { params: params(fileId) }));
