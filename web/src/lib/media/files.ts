/** Reading a file's streams. Pure. */
import type { FileView, StreamView } from '$lib/api/types';

export const mainFiles = (files: FileView[]): FileView[] =>
  files.filter((it) => it.role === 'main');

export const streamsOf = (file: FileView, kind: StreamView['kind']): StreamView[] =>
  file.streams.filter((it) => it.kind === kind);

/** `4K`, `1080p`, ... by the smaller of what height and width say, so that a cropped film keeps its class. */
export function resolution(stream: StreamView): string | undefined {
  const { width, height } = stream;
  if (!width || !height) return undefined;
  const classes = [
    ['8K', 7000, 4000],
    ['4K', 3400, 1900],
    ['1080p', 1800, 960],
    ['720p', 1200, 640],
    ['576p', 1000, 560],
    ['480p', 600, 440],
  ] as const;
  return classes.find(([, w, h]) => width >= w || height >= h)?.[0] ?? `${height}p`;
}

const HDR_NAMES: Record<string, string> = {
  hdr10: 'HDR10',
  hdr10_plus: 'HDR10+',
  hlg: 'HLG',
  dolby_vision: 'Dolby Vision',
};

/** The few marks that tell how good a film looks and sounds. */
export function qualityMarks(file: FileView | undefined): string[] {
  if (!file) return [];
  const [video] = streamsOf(file, 'video');
  const channels = Math.max(0, ...streamsOf(file, 'audio').map((it) => it.channels ?? 0));
  return [
    video && resolution(video),
    video?.hdr && (HDR_NAMES[video.hdr] ?? video.hdr.toUpperCase()),
    channels >= 8 ? '7.1' : channels >= 6 ? '5.1' : undefined,
  ].filter((it) => it !== undefined && it !== null && it !== '') as string[];
}

/** Whether a film lies in several files of which one is played after the other. */
export const areParts = (files: FileView[]): boolean =>
  files.length > 1 && files.every((it) => it.part);

/** How each file of an item is called in a list of them: as short as tells it from the others. */
export function fileLabels(files: FileView[], partName: (part: number) => string): string[] {
  const names: ((file: FileView) => string)[] = areParts(files)
    ? [
        (it) => partName(it.part ?? 1),
        (it) => `${versionName(it)} · ${partName(it.part ?? 1)}`,
        (it) => it.name,
      ]
    : [versionName, (it) => it.name];
  const isAlone = (name: (file: FileView) => string, file: FileView) =>
    files.filter((it) => name(it) === name(file)).length === 1;
  return files.map((file) => (names.find((it) => isAlone(it, file)) ?? versionName)(file));
}

function versionName(file: FileView): string {
  const [video] = streamsOf(file, 'video');
  return file.version || (video && resolution(video)) || file.name;
}
