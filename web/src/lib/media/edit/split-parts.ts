/** What a series can be split by: its folders, and the files that lie in none. Pure. */
import type { SplitFile } from '$lib/api/types';

export interface Part {
  name: string;
  fileIds: string[];
}

/** Of the folders that lead to all files nothing is to be chosen; the first ones below tell the files apart. */
export function partsOf(files: SplitFile[]): Part[] {
  const paths = files.map((it) => it.path.split('/'));
  const [first = []] = paths;
  let depth = 0;
  while (paths.length && paths.every((it) => it.length > depth + 1 && it[depth] === first[depth]))
    depth++;
  const parts = new Map<string, Part>();
  for (const [idx, path] of paths.entries()) {
    const name = path[depth] ?? '';
    const part = parts.get(name) ?? { name, fileIds: [] };
    part.fileIds.push(files[idx]?.id ?? '');
    parts.set(name, part);
  }
  return [...parts.values()];
}
