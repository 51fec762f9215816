/** The pictures of an item, for choosing which it shows. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { ImageRole } from '../types';

export const artworkQuery = (id: string) =>
  queryOptions({
    queryKey: keys.artwork(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/items/{id}/images', { params: { path: { id } }, signal })),
  });

export const chooseImage = (id: string, role: ImageRole, imageId: string) =>
  answer(
    http.PUT('/items/{id}/images/{role}', {
      params: { path: { id, role } },
      body: { image_id: imageId },
    }),
  );

export const uploadImage = (id: string, role: ImageRole, file: File) =>
  answer(
    http.POST('/items/{id}/images/{role}', {
      params: { path: { id, role } },
      headers: { 'Content-Type': file.type || 'application/octet-stream' },
      // The document can only say "bytes"; the browser sends the file as it is.
      body: file as never,
      bodySerializer: () => file,
    }),
  );

export const linkImage = (id: string, role: ImageRole, url: string) =>
  answer(
    http.POST('/items/{id}/images/{role}/link', { params: { path: { id, role } }, body: { url } }),
  );

export const unlockImage = (id: string, role: ImageRole) =>
  answer(http.DELETE('/items/{id}/images/{role}', { params: { path: { id, role } } }));

export const deleteImage = (imageId: string) =>
  done(http.DELETE('/images/{id}', { params: { path: { id: imageId } } }));
