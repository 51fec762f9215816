import type { Chapter } from '$lib/api/types';

/** The title of the chapter that holds `ms`; empty when it has none. Chapters come in order. */
export function chapterAt(chapters: Chapter[], ms: number): string {
  return chapters.findLast((it) => it.start_ms <= ms)?.title ?? '';
}
